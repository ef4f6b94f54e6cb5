"""The routes of signing in and out, and of keeping what was done before.

Knows nothing of how the provider's word is verified.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from tutor.errors import TutorError
from tutor.learner import Learner
from tutor.settings import Settings
from tutor.store import Store, adopt, may_adopt
from ui.access import learner_of
from ui.cookies import COOKIE, cookie_of, set_cookie
from ui.frame import page
from ui.identity import Sessions, signing_key
from ui.oidc import COOKIE as STARTED
from ui.oidc import LIFETIMES, SECONDS, Provider, safe_page
from ui.texts import text

BEFORE = "tutor_before"
"""Cookie with the anonymous session that a learner had before signing in, until they say whether to keep its work."""


def add_sign_in(app: FastAPI, sessions: Sessions, store: Store, settings: Settings, pages: frozenset[str]) -> None:
    """Add the routes around the provider that the settings name.

    Args:
        app: Gets the routes.
        sessions: Where sessions begin and end.
        store: Where work is kept.
        settings: With the provider.
        pages: Paths to which one may come back.
    """
    provider = Provider(settings, signing_key(settings))

    @app.get("/login")
    async def login(request: Request, next: str = "") -> Response:
        root = request.scope.get("root_path", "")
        callback = f"{request.url.scheme}://{request.url.netloc}{root}/callback"
        started = await provider.begin(callback, safe_page(next, pages))
        answer = RedirectResponse(started.address, 303)
        _keep(answer, request, STARTED, started.cookie)
        return answer

    @app.get("/callback")
    async def callback(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        if error:
            raise TutorError(text("error.sign_in"), "sign_in_refused")
        finished = await provider.finish(cookie_of(request.scope, STARTED), state, code)
        return signed_in(request, finished.learner, finished.following)

    def signed_in(request: Request, learner: Learner, following: str) -> Response:
        value = cookie_of(request.scope)
        before = sessions.find(value) if value else None
        keeps = before is not None and is_anonymous(before) and may_adopt(store, before, learner)
        _, cookie = sessions.start(learner, "oidc", LIFETIMES[learner.role])
        answer = RedirectResponse("keep" if keeps else following, 303)
        answer.headers.append("set-cookie", set_cookie(cookie, request.scope))
        _drop(answer, request, STARTED)
        if keeps:
            _keep(answer, request, BEFORE, value)
        elif value:
            sessions.end(value)
        return answer

    _add_keep(app, sessions, store)
    _add_logout(app, sessions)


def _add_keep(app: FastAPI, sessions: Sessions, store: Store) -> None:
    @app.get("/keep", response_class=HTMLResponse)
    def ask() -> str:
        return page("keep.html", title=text("keep.title"))

    @app.post("/keep")
    def keep(request: Request, act: Annotated[str, Form()]) -> Response:
        value = cookie_of(request.scope, BEFORE)
        before = sessions.find(value) if value else None
        if act == "keep" and before is not None and is_anonymous(before):
            adopt(store, before, learner_of(request))
        if value:
            sessions.end(value)
        answer = RedirectResponse("./", 303)
        _drop(answer, request, BEFORE)
        return answer


def _add_logout(app: FastAPI, sessions: Sessions) -> None:
    @app.post("/logout")
    def logout(request: Request) -> Response:
        for name in (COOKIE, BEFORE):
            if value := cookie_of(request.scope, name):
                sessions.end(value)
        answer = HTMLResponse(page("signed_out.html", title=text("logout.title")))
        for name in (COOKIE, BEFORE):
            _drop(answer, request, name)
        return answer


def is_anonymous(learner: Learner) -> bool:
    """Whether a learner never signed in."""
    return learner.principal.startswith("anon:")


def login_address(request: Request) -> str:
    """Where to sign in and come back to the page of a request."""
    root = request.scope.get("root_path", "")
    here = request.url.path.removeprefix(root).lstrip("/")
    return str(request.url.replace(path=f"{root}/login", query="").include_query_params(next=_relative(here, request)))


def _relative(here: str, request: Request) -> str:
    query = urlsplit(str(request.url)).query
    return f"{here}?{query}" if query else here


def _keep(answer: Response, request: Request, name: str, value: str) -> None:
    # Lax: the browser sends it when the provider sends the person back, and not with other sites' requests.
    answer.set_cookie(name, value, max_age=SECONDS, path=_root(request), secure=_secure(request), httponly=True)


def _drop(answer: Response, request: Request, name: str) -> None:
    answer.delete_cookie(name, path=_root(request), secure=_secure(request), httponly=True)


def _root(request: Request) -> str:
    return request.scope.get("root_path", "") or "/"


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"
