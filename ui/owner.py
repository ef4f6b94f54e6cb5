"""The one-time link on the console that makes the person who started the server an instructor.

Knows nothing of what instructors may do. Only a hash of its key is kept, in memory: it ends with its use or the server.
"""

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import timedelta

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from tutor.errors import Forbidden
from ui.cookies import cookie_of, set_cookie
from ui.identity import Sessions
from ui.texts import text

LIFETIME = timedelta(days=30)


class OwnerKey:
    """A key that opens once."""

    def __init__(self) -> None:
        self._hash = b""

    def make(self) -> str:
        """A new key; the one before it is worth nothing any more."""
        key = secrets.token_urlsafe(32)
        self._hash = hashlib.sha256(key.encode()).digest()
        return key

    def use(self, key: str) -> bool:
        """Whether this is the key; it is worth nothing afterwards."""
        right = bool(self._hash) and hmac.compare_digest(hashlib.sha256(key.encode()).digest(), self._hash)
        if right:
            self._hash = b""
        return right


def add_owner(app: FastAPI, sessions: Sessions, owner: OwnerKey) -> None:
    """Add the link's route.

    Args:
        app: Gets the route.
        sessions: Where the owner's session begins.
        owner: Knows the key.
    """

    @app.get("/own")
    def own(request: Request, key: str = "") -> Response:
        if not owner.use(key):
            raise Forbidden(text("error.own"), "own")
        value = cookie_of(request.scope)
        before = request.state.learner
        learner, _ = (before, value) if before is not None else sessions.start()
        _, cookie = sessions.start(replace(learner, role="instructor"), "owner", LIFETIME)
        if value:
            # A new session, not a changed one: who knew the old cookie does not become an instructor with it.
            sessions.end(value)
        answer = RedirectResponse("./", 303)
        answer.headers.append("set-cookie", set_cookie(cookie, request.scope))
        return answer
