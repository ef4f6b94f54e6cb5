"""An OpenID Connect provider that says whatever a test wants: a test fixture only.

The real conversation is tested with oidc-provider-mock, which nobody here wrote; this one lies.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT, SECRET = "tutor", "a-client-secret-of-some-length-0123456789"
RSA = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
UNKNOWN = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "three"})


@dataclass
class Lies:
    """What the provider does wrong; nothing by default."""

    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    header: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: RSA)
    metadata: dict[str, Any] = field(default_factory=dict)
    token: Any = None
    status: int = 200


@dataclass
class Provider:
    """The running provider."""

    issuer: str = ""
    nonce: str = ""
    lies: Lies = field(default_factory=Lies)
    asked: list[dict[str, str]] = field(default_factory=list)

    def id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "4711", "iat": now, "exp": now + 300, "nonce": self.nonce}
        claims = {
            name: value for name, value in {**claims, **self.lies.claims}.items() if name not in self.lies.without
        }
        header = {"alg": "RS256", "kid": "one", **self.lies.header}
        if header["alg"] == "none":
            return jwt.encode(header, claims, OctKey.import_key("x"), algorithms=["none"])
        return jwt.encode(header, claims, self.lies.key, algorithms=[header["alg"]])

    def said(self, path: str) -> Any:
        if path.endswith("/openid-configuration"):
            return {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks", **self.lies.metadata,
            }  # fmt: skip
        if path.endswith("/jwks"):
            return {"keys": [RSA.as_dict(private=False)]}
        if self.lies.token is not None:
            return self.lies.token
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token()}


@contextmanager
def lying() -> Iterator[Provider]:
    """Run it on a free port of this machine."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(200)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            provider.asked.append({name: value[0] for name, value in parse_qs(body).items()})
            self._say(provider.lies.status)

        def _say(self, status: int) -> None:
            found = provider.said(self.path)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *ignored: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
