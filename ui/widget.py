"""The tutor in other sites' pages: its script, the way in from a frame, the count of what is due.

Knows nothing of how questions are answered. docs/embed.md tells the whole of it for those who embed.
"""

import asyncio
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from tutor.learner import Learner
from tutor.settings import Settings
from tutor.store import Store, conversations, use_once
from ui.cookies import set_frame_cookie
from ui.embed_token import TokenRefused, verify
from ui.frame import STATIC, page
from ui.identity import ANONYMOUS, PATH_LIFETIME, Sessions
from ui.texts import text

SCRIPT = "/widget.js"
LARGEST_REQUEST = 16_384
"""Bytes of a request for a session: a token has 4,096 characters at most."""
REMEMBERED = timedelta(days=30)
"""A conversation touched since then is opened again when the widget is."""

Due = Callable[[Learner], int]
"""How many reviews are due for a learner now."""


@dataclass(frozen=True)
class Wish:
    """What a frame brings when it asks who it is.

    Args:
        token: Signed by the site around the frame; empty for none.
        kept: A session's value that the frame keeps because no cookie came back.
        path: The path token of last time, to be used again; kept by the page around where the frame can keep nothing.
    """

    token: str = ""
    kept: str = ""
    path: str = ""


def add_widget(
    app: FastAPI, store: Store, sessions: Sessions, settings: Settings, pages: Collection[str], due: Due | None = None
) -> None:
    """Add the widget's routes to an application.

    Args:
        app: The application.
        store: Where conversations and used-up tokens are kept.
        sessions: Where identities are found and made.
        settings: Which sites may embed, and the secret they sign with.
        pages: Paths, without the root path, that the way in may lead to.
        due: How many reviews are due; None while there is nothing to review, then no count is shown anywhere.
    """

    @app.get(SCRIPT)
    def script() -> Response:
        return Response(widget_script(), media_type="text/javascript", headers={"cache-control": "public, max-age=600"})

    @app.get("/widget", response_class=HTMLResponse)
    def entry(to: str = "") -> str:
        return page("widget.html", title=text("product"), to=inner_address(to, pages))

    @app.post("/widget/session")
    async def session(request: Request) -> Response:
        known: Learner | None = request.state.learner
        try:
            wish = wish_of(await read_body(request))
            answer, value = await asyncio.to_thread(open_session, wish, known, store, sessions, settings)
        except TokenRefused as error:
            request.state.refusal = f"embed_{error.reason}"
            status = 413 if error.reason == "oversized" else 404 if error.reason == "off" else 401
            return JSONResponse({"error": str(error)}, status)
        headers = {"cache-control": "no-store"} | (
            {"set-cookie": set_frame_cookie(value, request.scope)} if value else {}
        )
        return JSONResponse(answer, headers=headers)

    @app.get("/widget/state")
    def state(request: Request) -> Response:
        learner = request.state.learner
        if learner is None:
            return JSONResponse({"error": text("error.session")}, 401)
        return JSONResponse({"due": due(learner) if due else None}, headers={"cache-control": "no-store"})


def widget_script() -> str:
    """The script for other sites' pages, its words filled in."""
    words = {
        "title": text("widget.title"),
        "open": text("widget.open"),
        "close": text("widget.close"),
        "loading": text("widget.loading"),
        "failed": text("widget.failed"),
        "retry": text("widget.retry"),
        "tab": text("widget.tab"),
        "due": text("widget.due", count="#"),
        "due1": text("widget.due", count=1),
    }
    source = (STATIC / "widget.js").read_text(encoding="utf-8")
    filled = source.replace("const words = {};", f"const words = {json.dumps(words)};", 1)
    return filled


def inner_address(to: str, pages: Collection[str]) -> str:
    """Where to go after the way in: one of our pages with its query, or empty.

    Example:
        >>> inner_address("read?lesson=nlp/02-tokenization", {"/read"})
        'read?lesson=nlp/02-tokenization'
        >>> inner_address("javascript:alert(1)", {"/read"})
        ''
    """
    path = to.partition("?")[0]
    return to if path and f"/{path}" in pages and re.fullmatch(r"[a-z]+(\?[^#\\\s]*)?", to) else ""


async def read_body(request: Request) -> bytes:
    """A request's body, unless it is too large.

    Raises:
        TokenRefused: It is too large.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_REQUEST:
            raise TokenRefused("oversized")
    return body


def wish_of(body: bytes) -> Wish:
    """What a request for a session says.

    Raises:
        TokenRefused: It is no JSON object of texts.
    """
    try:
        told: Any = json.loads(body)
        wish = Wish(**{name: told.get(name) or "" for name in Wish.__dataclass_fields__})
    except (ValueError, AttributeError, RecursionError) as error:
        raise TokenRefused("malformed") from error
    if not all(isinstance(value, str) for value in vars(wish).values()):
        raise TokenRefused("malformed")
    return wish


def open_session(
    wish: Wish, known: Learner | None, store: Store, sessions: Sessions, settings: Settings
) -> tuple[dict[str, Any], str]:
    """Decide who a frame is, and what carries that from now on.

    A signed token goes first; its identity is carried by a path token alone, so that it ends with the visit and no
    cookie of this browser changes. Then the browser's cookies. Then what the frame kept itself. Then a new anonymous
    learner, whose cookie is tried: the value in the answer is for a second request, in case it does not come back.

    Args:
        wish: What the frame brings.
        known: The learner of the request's cookies.
        store: Where conversations and used-up tokens are kept.
        sessions: Where identities are found and made.
        settings: Which sites may embed, and the secret they sign with.

    Returns:
        The answer (``path``: a path token or empty, ``seconds`` it is good for, ``conversation`` to go on with,
        ``value`` of a cookie that is tried) and the value of a cookie to set, or nothing.

    Raises:
        TokenRefused: The signed token is not taken.
        StoreError: The database failed.
    """
    now = datetime.now(UTC)
    if wish.token:
        signed = verify(wish.token, settings.embed_secret.get_secret_value(), settings.embed_origins, now)
        if not use_once(store, signed.once, signed.until, now=now):
            raise TokenRefused("used")
        return _by_path(signed.learner, "embed", wish, store, sessions), ""
    if known is not None:
        return {"path": "", "conversation": newest(store, known)}, ""
    learner = sessions.find(wish.kept) or sessions.find(wish.path)
    # A signed visitor whom the site does not sign again has left it: the next person at this browser is somebody else.
    if learner is not None and learner.principal.startswith(ANONYMOUS):
        return _by_path(learner, "frame", wish, store, sessions), ""
    _, value = sessions.start(source="frame")
    return {"path": "", "value": value}, value


def _by_path(learner: Learner, source: str, wish: Wish, store: Store, sessions: Sessions) -> dict[str, Any]:
    # The same address again means that the browser has the page's files already.
    again = bool(wish.path) and sessions.find(wish.path) == learner
    path = wish.path if again else sessions.start(learner, source, PATH_LIFETIME)[1]
    answer = {"path": path, "conversation": newest(store, learner)}
    return answer if again else {**answer, "seconds": int(PATH_LIFETIME.total_seconds())}


def newest(store: Store, learner: Learner) -> str:
    """Id of the conversation to go on with; empty when there is none of late.

    Raises:
        StoreError: The database failed.
    """
    found = conversations(store, learner, limit=1)
    return found[0].id if found and datetime.now(UTC) - found[0].updated < REMEMBERED else ""
