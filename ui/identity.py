"""Who is asking: a signed cookie that names a session of the server's own table.

Knows nothing of pages. An anonymous learner per browser is made when a page is opened for the first time.
"""

import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, Signer

from tutor.errors import SettingsError
from tutor.learner import Learner
from tutor.settings import Settings
from tutor.store import Store, find_web_session, start_web_session

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "tutor_session"
LIFETIME = timedelta(days=365)
REMEMBERED = 30.0
"""Seconds for which a session once found is not looked up again."""
MOST_REMEMBERED = 4096


def signing_key(settings: Settings) -> bytes:
    """The key that signs the cookie: the setting's, or one made once and kept in the data folder.

    Raises:
        SettingsError: The key file cannot be read or written.
    """
    if secret := settings.secret.get_secret_value():
        return secret.encode()
    path = settings.data / "signing-key"
    try:
        return path.read_bytes() if path.exists() else _new_key(path)
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(
            f"{path}: {reason}. Make the folder writable, or choose another with TUTOR_DATA."
        ) from error


def _new_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_hex(32).encode()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(key)
    try:
        # A link, not a rename: when two servers start at once, the first key stays.
        os.link(draft, path)
    except FileExistsError:
        return path.read_bytes()
    finally:
        draft.unlink()
    return key


class Sessions:
    """The server's sessions behind signed cookie values, the ones seen lately in memory."""

    def __init__(self, store: Store, key: bytes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._signer = Signer(key, salt="tutor.session")
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, Learner]] = OrderedDict()

    def find(self, cookie: str) -> Learner | None:
        """The learner whose cookie this is; None when it is forged, unknown or expired.

        Raises:
            StoreError: The database failed.
        """
        try:
            token = self._signer.unsign(cookie).decode("ascii")
        except (BadSignature, UnicodeError):
            return None
        remembered = self._seen.get(token)
        if remembered and time.monotonic() - remembered[0] < REMEMBERED:
            return remembered[1]
        learner = find_web_session(self._store, token, self._clock())
        if learner is not None:
            self._remember(token, learner)
        return learner

    def start(self) -> tuple[Learner, str]:
        """Make an anonymous learner; returns it and the value of its cookie.

        Raises:
            StoreError: The database failed.
        """
        learner = Learner(principal=f"anon:{secrets.token_hex(16)}")
        token = start_web_session(self._store, learner, "anonymous", LIFETIME, now=self._clock())
        self._remember(token, learner)
        return learner, self.signed(token)

    def signed(self, token: str) -> str:
        """The cookie value for a session's token."""
        return self._signer.sign(token).decode("ascii")

    def _remember(self, token: str, learner: Learner) -> None:
        self._seen[token] = (time.monotonic(), learner)
        self._seen.move_to_end(token)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)


class Identity:
    """Pure ASGI middleware: puts the verified learner into ``request.state.learner`` (None without a session)."""

    def __init__(self, app: "ASGIApp", sessions: Sessions, pages: frozenset[str]) -> None:
        """Wrap an application.

        Args:
            app: What needs to know who asks.
            sessions: Where identities are found.
            pages: Paths, without the root path, that start an anonymous session when opened.
        """
        self.app = app
        self.sessions = sessions
        self.pages = pages

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookie = cookie_of(scope)
        learner = self.sessions.find(cookie) if cookie else None
        fresh = ""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if learner is None and scope["method"] == "GET" and path in self.pages:
            learner, fresh = self.sessions.start()
        scope.setdefault("state", {})["learner"] = learner
        if not fresh:
            await self.app(scope, receive, send)
            return
        header = (b"set-cookie", set_cookie(fresh, scope).encode("latin-1"))

        async def send_with_cookie(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), header]
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def cookie_of(scope: "Scope") -> str:
    """The session cookie's value; empty when there is none."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                return ""
            return morsel.value if morsel else ""
    return ""


def set_cookie(value: str, scope: "Scope") -> str:
    """The Set-Cookie header for a session."""
    root = scope.get("root_path", "") or "/"
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    age = int(LIFETIME.total_seconds())
    return f"{COOKIE}={value}; Path={root}; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"
