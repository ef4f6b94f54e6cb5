"""A small learning platform on loopback with a real key, for launches that are as wrong as a test wants them.

A test fixture only. What real platforms do is tested in tests/platforms.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


class LocalPlatform:
    """Keys, claims and services of one platform.

    Args:
        port: Where it listens.
    """

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self._first = new_key()
        self.reset()

    def reset(self) -> None:
        """Forget everything but the first key."""
        vars(self).pop("get", None)
        self.keys = {"first": self._first}
        self.kid = "first"
        self.down = False
        self.requests: list[tuple[str, str]] = []
        self.line_items: list[dict[str, Any]] = []
        self.scores: list[dict[str, Any]] = []
        self.members: list[dict[str, Any]] = []
        self.page = 2
        self.tokens: list[dict[str, Any]] = []
        self.refuse_tokens: set[str] = set()
        self.configuration: dict[str, Any] = {}
        self.registered: list[dict[str, Any]] = []

    def rotate(self, kid: str) -> None:
        self.keys = {kid: new_key()}
        self.kid = kid

    def jwks(self) -> dict[str, Any]:
        keys = []
        for kid, key in self.keys.items():
            jwk = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
            keys.append({"kty": "RSA", "n": jwk["n"], "e": jwk["e"], "alg": "RS256", "use": "sig", "kid": kid})
        return {"keys": keys}

    def claims(self, client_id: str, nonce: str, target: str, role: str = "Learner", **more: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": client_id,
            "sub": "anna",
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            f"{CLAIM}deployment_id": "1",
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}message_type": "LtiResourceLinkRequest",
            f"{CLAIM}target_link_uri": target,
            f"{CLAIM}roles": [f"{MEMBERSHIP}#{role}"],
            f"{CLAIM}context": {"id": "course-1", "title": "Language models"},
            f"{CLAIM}resource_link": {"id": "link-1", "title": "The tutor"},
            AGS: {
                "scope": [f"{SCOPE}lineitem", f"{SCOPE}score"],
                "lineitems": f"{self.issuer}/lineitems",
            },
            NRPS: {"context_memberships_url": f"{self.issuer}/members", "service_versions": ["2.0"]},
        }
        return {name: value for name, value in (claims | more).items() if value is not None}

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        kid = header.pop("kid", self.kid)
        return jwt.encode(dict(claims), self.keys[self.kid], algorithm="RS256", headers={"kid": kid, **header})

    def linking(self, **more: Any) -> dict[str, Any]:
        settings = {
            "deep_link_return_url": f"{self.issuer}/chosen",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe"],
            "data": "opaque-to-tools",
        }
        return {
            f"{CLAIM}message_type": "LtiDeepLinkingRequest",
            f"{CLAIM}resource_link": None,
            LINKING: settings | more,
        }

    # The services.

    def get(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, Any, dict[str, str]]:
        if path == "/keys":
            return 200, self.jwks(), {}
        if path == "/lineitems":
            return 200, self.line_items, {}
        if path == "/members":
            first = int(query.get("from", ["0"])[0])
            rest = self.members[first : first + self.page]
            more = first + self.page < len(self.members)
            link = {"Link": f'<{self.issuer}/members?from={first + self.page}>; rel="next"'} if more else {}
            return 200, {"id": path, "context": {"id": "course-1"}, "members": rest}, link
        if path == "/openid":
            return 200, self.configuration, {}
        return 404, {}, {}

    def post(self, path: str, body: bytes, authorization: str) -> tuple[int, Any, dict[str, str]]:
        if path == "/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            header = jwt.get_unverified_header(form["client_assertion"])
            claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
            token = f"token-{len(self.tokens)}-for-{claims['iss']}"
            self.tokens.append({**form, "token": token, "client": claims["iss"], "kid": header["kid"]})
            return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}, {}
        if path == "/register":
            self.registered.append(json.loads(body))
            return 200, {**json.loads(body), "client_id": "made-by-platform", TOOL: {"deployment_id": "7"}}, {}
        if authorization.removeprefix("Bearer ") in self.refuse_tokens or not authorization:
            return 401, {}, {}
        if path == "/lineitems":
            made = {**json.loads(body), "id": f"{self.issuer}/lineitems/{len(self.line_items) + 1}"}
            self.line_items.append(made)
            return 201, made, {}
        if path.startswith("/lineitems/") and path.endswith("/scores"):
            if not any(each["id"].endswith(path.removesuffix("/scores")) for each in self.line_items):
                return 404, {}, {}
            self.scores.append({**json.loads(body), "at": path, "by": authorization.rpartition("-")[2]})
            return 204, None, {}
        return 404, {}, {}


@contextmanager
def local_platform() -> Iterator[LocalPlatform]:
    """A platform that listens on loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._answer(*platform.get(parts.path, parse_qs(parts.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self._answer(*platform.post(urlsplit(self.path).path, body, self.headers.get("authorization", "")))

        def _answer(self, status: int, found: Any, headers: dict[str, str]) -> None:
            platform.requests.append((self.command, self.path))
            if platform.down:
                status, found, headers = 503, {}, {}
            body = b"" if found is None else json.dumps(found).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    platform = LocalPlatform(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
