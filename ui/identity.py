"""Who is asking: a signed value, in the path or in a cookie, that names a session of the server's own table.

Knows nothing of pages. An anonymous learner per browser is made when a page is opened for the first time; a frame in
another site's page goes to the widget's entry first, which finds out what the browser lets it keep.
"""

import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from itsdangerous import BadSignature, Signer

from tutor.errors import SettingsError
from tutor.learner import Learner
from tutor.settings import Settings
from tutor.store import Store, end_web_session, find_web_session, start_web_session
from ui.cookies import COOKIE, FRAME_COOKIE, LIFETIME, cookie_of, set_cookie, set_frame_cookie
from ui.embedding import in_frame
from ui.frame import page
from ui.limits import Buckets, address_of, refuse_for_now
from ui.path_token import outer_root, token_of
from ui.texts import text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANONYMOUS = "anon:"
"""How the principal of a learner begins of whom nothing is known."""
PATH_LIFETIME = timedelta(hours=12)
"""How long a path token is good: an address is seen, copied and kept more easily than a cookie."""
REMEMBERED = 30.0
"""Seconds for which a session once found is not looked up again."""
MOST_REMEMBERED = 4096


def signing_key(settings: Settings) -> bytes:
    """The keys that sign the cookie, separated by blanks, the newest last: the setting's, or one made once and kept.

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
        self._signer = Signer(key.split(), salt="tutor.session")
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, Learner]] = OrderedDict()
        self._forgotten = 0

    def find(self, cookie: str) -> Learner | None:
        """The learner whose cookie or path token this is; None when it is forged, unknown or expired.

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
        forgotten = self._forgotten
        learner = find_web_session(self._store, token, self._clock())
        # What was looked up while a learner was deleted may be gone already.
        if learner is not None and forgotten == self._forgotten:
            self._remember(token, learner)
        return learner

    def forget(self, learner: Learner) -> None:
        """Remember no session of a learner, so that one that was deleted ends at once."""
        self._forgotten += 1
        for token, (_, known) in list(self._seen.items()):
            if (known.principal, known.tenant) == (learner.principal, learner.tenant):
                self._seen.pop(token, None)

    def start(
        self, learner: Learner | None = None, source: str = "anonymous", lifetime: timedelta = LIFETIME
    ) -> tuple[Learner, str]:
        """Sign a learner in; returns the learner and a value for a cookie or for ``path_of``.

        Args:
            learner: The identity that the server verified; None makes an anonymous one.
            source: How it was proved: ``anonymous``, ``frame``, ``embed``, ``lti``, ``oidc``, ``owner``.
            lifetime: How long the value is good; ``PATH_LIFETIME`` for one that goes into the path.

        Raises:
            StoreError: The database failed.

        Example:
            >>> learner, value = sessions.start(learner, "lti", PATH_LIFETIME)  # doctest: +SKIP
            >>> RedirectResponse(f"{root}{path_of(value)}/ask", 303)  # doctest: +SKIP
        """
        learner = learner or Learner(principal=f"{ANONYMOUS}{secrets.token_hex(16)}")
        token = start_web_session(self._store, learner, source, lifetime, now=self._clock())
        self._remember(token, learner)
        return learner, self._signer.sign(token).decode("ascii")

    def renewed(self, cookie: str) -> str:
        """The value of a good cookie signed with the newest key; empty when it is signed so already."""
        try:
            fresh = self._signer.sign(self._signer.unsign(cookie)).decode("ascii")
        except BadSignature:  # another cookie told who it is
            return ""
        return "" if fresh == cookie else fresh

    def end(self, cookie: str) -> None:
        """Sign out: the cookie is worth nothing from now on; a forged one changes nothing.

        Raises:
            StoreError: The database failed; the session goes on.
        """
        try:
            token = self._signer.unsign(cookie).decode("ascii")
        except (BadSignature, UnicodeError):
            return
        end_web_session(self._store, token)
        self._seen.pop(token, None)

    def _remember(self, token: str, learner: Learner) -> None:
        self._seen[token] = (time.monotonic(), learner)
        self._seen.move_to_end(token)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)


class Identity:
    """Pure ASGI middleware: puts the verified learner into ``request.state.learner`` (None without a session)."""

    def __init__(
        self,
        app: "ASGIApp",
        sessions: Sessions,
        pages: frozenset[str],
        starts: Buckets | None = None,
        closed: bool = False,
    ) -> None:
        """Wrap an application.

        Args:
            app: What needs to know who asks.
            sessions: Where identities are found.
            pages: Paths, without the root path, that start an anonymous session when opened.
            starts: How many sessions an address may still start; None for any number.
            closed: Nobody is anonymous: such sessions are neither started nor known.
        """
        self.app = app
        self.starts = starts
        self.closed = closed
        self.sessions = sessions
        self.pages = pages

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = token_of(scope)
        learner = self.sessions.find(token) if token else by_cookie(self.sessions, scope)
        if token and learner is None:
            await _ended(scope, send)
            return
        if self.closed and learner is not None and learner.principal.startswith(ANONYMOUS):
            learner = None
        fresh = ""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if learner is None and scope["method"] == "GET" and path in self.pages:
            if in_frame(_headers(scope)):
                await _enter(scope, send, path)
                return
            if not self.closed:
                if wait := self.starts.take(address_of(scope)) if self.starts else 0.0:
                    await refuse_for_now(send, wait)
                    return
                learner, fresh = self.sessions.start()
        elif learner is not None and path in self.pages and not token:
            fresh = self.sessions.renewed(cookie_of(scope))
        scope.setdefault("state", {})["learner"] = learner
        await self.app(scope, receive, _with_cookie(send, set_cookie(fresh, scope)) if fresh else send)


def by_cookie(sessions: Sessions, scope: "Scope") -> Learner | None:
    """The learner of a request's cookies.

    The browser's own cookie goes before the frame's: other sites' frames never send it, and where a frame's site is
    also the tutor's both are sent, so that who signed in there is signed in here.
    """
    for name in (COOKIE, FRAME_COOKIE):
        value = cookie_of(scope, name)
        learner = sessions.find(value) if value else None
        if learner is not None:
            return learner
    return None


def _with_cookie(send: "Send", cookie: str) -> "Send":
    header = (b"set-cookie", cookie.encode("latin-1"))

    async def sending(message: "Message") -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), header]
        await send(message)

    return sending


async def _enter(scope: "Scope", send: "Send", path: str) -> None:
    query = scope.get("query_string", b"").decode("latin-1")
    to = quote(path.lstrip("/") + (f"?{query}" if query else ""), safe="")
    location = f"{scope.get('root_path', '')}/widget?to={to}".encode("latin-1")
    await send({"type": "http.response.start", "status": 303, "headers": [(b"location", location)]})
    await send({"type": "http.response.body", "body": b""})


async def _ended(scope: "Scope", send: "Send") -> None:
    html = "text/html" in _headers(scope).get("accept", "")
    root = outer_root(scope)
    words = page("ended.html", title=text("ended.title"), root=root) if html else text("ended.more")
    kind = b"text/html; charset=utf-8" if html else b"text/plain; charset=utf-8"
    await send({"type": "http.response.start", "status": 401, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": words.encode()})


def _headers(scope: "Scope") -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def ending(sessions: Sessions, scope: "Scope", learner: Learner) -> list[str]:
    """The Set-Cookie headers that take a learner's cookies out of the browser; another one's stay."""
    makers = ((COOKIE, set_cookie), (FRAME_COOKIE, set_frame_cookie))
    return [make("", scope) for name, make in makers if (v := cookie_of(scope, name)) and sessions.find(v) == learner]
