"""What every response may do and which requests are refused: CSP with a nonce, headers, cross-origin writes.

Knows nothing of learners or pages.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ui.embedding import ancestors, stranger
from ui.path_token import token_of
from ui.texts import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = b"cross-origin-resource-policy"
ANYONES = ((_POLICY, b"cross-origin"), (b"access-control-allow-origin", b"*"))
"""Headers of a file that every site may load, those included that isolate themselves."""
OURS = ((_POLICY, b"same-origin"),)
"""Headers of everything else."""


def policy(nonce: str, evaluates: bool, embedders: Collection[str] = (), sends_to: Iterable[str] = ()) -> str:
    """The Content-Security-Policy of a document.

    Args:
        nonce: Marks the document's own scripts.
        evaluates: Whether the page needs ``eval`` and inline styles: Gradio's does, ours do not.
        embedders: Origins whose pages may show the document in a frame.
        sends_to: Other origins that its forms may go to.
    """
    scripts, styles = f"script-src 'self' 'nonce-{nonce}'", "style-src 'self'"
    if evaluates:
        scripts, styles = f"{scripts} 'unsafe-eval'", f"{styles} 'unsafe-inline'"
    return "; ".join(
        [
            "default-src 'self'",
            scripts,
            styles,
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "base-uri 'self'",
            "object-src 'none'",
            " ".join(["form-action 'self'", *sends_to]),
            ancestors(embedders),
        ]
    )


def crosses_origin(method: str, headers: dict[str, str], scheme: str) -> bool:
    """Whether a request is another site's doing.

    A write must come from our own pages; a read may also be a link that a person followed from elsewhere.
    Programs without a browser send neither header and carry no one's cookie, so they pass.

    Args:
        method: HTTP method.
        headers: Header names in lower case.
        scheme: ``http`` or ``https``, as the server saw it.
    """
    site = headers.get("sec-fetch-site", "")
    if method in SAFE_METHODS:
        return site in {"cross-site", "same-site"} and headers.get("sec-fetch-mode") != "navigate"
    if site:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin", "")
    return bool(origin) and not _same_host(origin, headers.get("host", ""), scheme)


def _same_host(origin: str, host: str, scheme: str) -> bool:
    parts = urlsplit(origin)
    # Behind a proxy that ends TLS the scheme seen here is http: only an upgrade is let through.
    return parts.netloc == host and (parts.scheme == scheme or parts.scheme == "https")


class Security:
    """Pure ASGI middleware: refuses other sites' requests, sets the headers of every response."""

    def __init__(
        self,
        app: "ASGIApp",
        evaluating: frozenset[str] = frozenset(),
        shared: frozenset[str] = frozenset(),
        embedders: Callable[[], Collection[str]] = tuple,
        crossing: frozenset[str] = frozenset(),
        guests: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """Wrap an application.

        Args:
            app: What is protected.
            evaluating: Paths, without the root path, of documents that need ``eval``.
            shared: Paths, without the root path, of files that any site may load.
            embedders: Gives the origins whose pages may show ours in a frame; asked anew with each request.
            crossing: Paths that other sites may post to, because what they post proves itself: LTI launches.
            guests: Gives the origins whose frames may ask for pages, each for its own people only: platforms. What
                they may show is said by ``state.frame_ancestors``.
        """
        self.app = app
        self.evaluating = evaluating
        self.shared = shared
        self.embedders = embedders
        self.crossing = crossing
        self.guests = guests

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        embedders = self.embedders()
        secret_address, shared = bool(token_of(scope)), path in self.shared
        if secret_address and headers.get("origin") == "null":
            # A form of a page that sends no referrer names no origin either. Who knows the address is no stranger.
            del headers["origin"]
        crossing = path in self.crossing
        if not (shared or crossing) and crosses_origin(scope["method"], headers, scope.get("scheme", "http")):
            scope.setdefault("state", {})["refusal"] = "cross_origin"
            await refuse(send, 403, text("error.cross_origin").encode())
            return
        if not crossing and stranger(headers, [*embedders, *self.guests()]):
            scope.setdefault("state", {})["refusal"] = "framed"
            await refuse(send, 403, text("error.framed").encode())
            return
        nonce = secrets.token_urlsafe(16)
        state = scope.setdefault("state", {})
        state["nonce"] = nonce

        async def send_guarded(message: "Message") -> None:
            if message["type"] == "http.response.start":
                # Who may show the page, and where its forms go, is known only once the request was served.
                origins = {*embedders, *state.get("frame_ancestors", ())}
                content_policy = policy(nonce, path in self.evaluating, origins, state.get("form_action", ()))
                opener = state.get("opener_policy", "same-origin")
                guarded = _guarded(message.get("headers", []), content_policy, secret_address, opener)
                message["headers"] = [*guarded, *(ANYONES if shared else OURS)]
            await send(message)

        await self.app(scope, receive, send_guarded)


def _guarded(
    headers: list[tuple[bytes, bytes]], content_policy: str, secret_address: bool, opener: str
) -> list[tuple[bytes, bytes]]:
    # Gradio reflects any Origin with credentials on hosts other than localhost; no other site may read us.
    kept = [(name, value) for name, value in headers if not name.lower().startswith((b"access-control-", _POLICY))]
    kind = next((value for name, value in kept if name.lower() == b"content-type"), b"")
    kept.append((b"x-content-type-options", b"nosniff"))
    kept.append((b"referrer-policy", b"no-referrer" if secret_address else b"same-origin"))
    kept.append((b"cross-origin-opener-policy", opener.encode()))
    kept.append((b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"))
    if kind.startswith(b"text/html"):
        kept.append((b"content-security-policy", content_policy.encode()))
        if not any(name.lower() == b"cache-control" for name, _ in kept):
            kept.append((b"cache-control", b"no-store"))
    if kind.startswith(b"text/event-stream"):
        kept.append((b"x-accel-buffering", b"no"))
    return kept


async def refuse(send: "Send", status: int, words: bytes, more: "Sequence[tuple[bytes, bytes]]" = ()) -> None:
    """Answer with one plain sentence, and with more headers if there are any."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(words)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
