"""Serve the demo pages as another site would, and a tutor that lets them show it: python -m docs.demo.

Knows nothing of the tutor's code: it stands where a team's own web server stands. The pages lie on localhost and the
tutor on 127.0.0.1, which browsers take for two sites.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
WRITTEN = "http://127.0.0.1:7860"
"""Where the pages, as they lie in the folder, look for the tutor."""
KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8"}


def mint(secret: str, site: str, visitor: str) -> str:
    """A token that says who the visitor of a site is, as docs/embed.md explains it."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"iss": site, "sub": visitor, "aud": "genai-tutor", "iat": now, "exp": now + 300}
    claims["jti"] = secrets.token_hex(16)
    body = ".".join(part(json.dumps(each).encode()) for each in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{body}.{part(hmac.digest(secret.encode(), body.encode(), hashlib.sha256))}"


class Page(SimpleHTTPRequestHandler):
    """One request for a page of the demo."""

    def __init__(self, *given: object, tutor: str, secret: str, policy: Callable[[str], str]) -> None:
        self.tutor = tutor
        self.secret = secret
        self.policy = policy
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a page, its style or a signed token."""
        name = self.path.partition("?")[0].lstrip("/") or "demo.html"
        path = HERE / name
        if name == "token" and self.secret:
            host = self.headers["host"]
            self.answer(mint(self.secret, f"http://{host}", "visitor-1").encode(), "text/plain")
        elif name.startswith("demo") and path.suffix in KINDS and path.parent == HERE and path.is_file():
            self.answer(path.read_bytes().replace(WRITTEN.encode(), self.tutor.encode()), KINDS[path.suffix])
        else:
            self.send_error(404)

    def answer(self, body: bytes, kind: str) -> None:
        """Send a body under the page's strict policy."""
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("cache-control", "no-store")
        self.send_header("content-security-policy", self.policy(self.tutor))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


def strict(tutor: str) -> str:
    """The policy of a careful page: what the widget needs and nothing else."""
    return f"default-src 'none'; style-src 'self'; connect-src 'self'; script-src {tutor}; frame-src {tutor}"


def site(port: int, tutor: str, secret: str = "", policy: Callable[[str], str] = strict) -> ThreadingHTTPServer:
    """The team's web server, ready to be run.

    Args:
        port: Where it listens; 0 takes a free port.
        tutor: Address of the tutor, without a slash at its end.
        secret: What it signs its visitors with; empty for no sign-in.
        policy: Its Content-Security-Policy, given the tutor's address.
    """
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Page, tutor=tutor, secret=secret, policy=policy))


def main() -> None:
    """Run the pages and a tutor until Ctrl+C."""
    given = argparse.ArgumentParser(description="The widget in another site's page.")
    given.add_argument("--port", type=int, default=7870, help="port of the demo pages (default 7870)")
    given.add_argument("--tutor-port", type=int, default=7860, help="port of the tutor (default 7860)")
    ports = given.parse_args()
    secret = secrets.token_hex(32)
    pages = site(ports.port, f"http://127.0.0.1:{ports.tutor_port}", secret)
    allowed = {"TUTOR_EMBED_ORIGINS": f"http://localhost:{ports.port}", "TUTOR_EMBED_SECRET": secret}
    command = [sys.executable, "-m", "tutor", "serve", "--port", str(ports.tutor_port)]
    tutor = subprocess.Popen(command, env={**os.environ, **allowed})
    print(f"Demo page on http://localhost:{ports.port}/ - Ctrl+C stops it and the tutor.", flush=True)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    try:
        sys.exit(tutor.wait())
    except KeyboardInterrupt:
        tutor.wait(30)


if __name__ == "__main__":
    main()
