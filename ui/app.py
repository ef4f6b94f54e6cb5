"""The web application: its pages put together, the files they load, and the layers every request passes.

Knows nothing of what a page shows or of how the server is started.
"""

import math
import re
from functools import partial
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from tutor.answer import Sources
from tutor.errors import StoreError
from tutor.grader import practice_of
from tutor.settings import Settings
from tutor.store import Store
from tutor.store.lti_scores import waiting
from ui.about import add_about
from ui.access import checked
from ui.assets import Assets
from ui.chat import AskPage
from ui.class_routes import add_class
from ui.conversation_routes import add_conversations, add_reports
from ui.data_routes import add_data
from ui.frame import STATIC
from ui.gradio_guard import GradioGuard
from ui.gradio_mount import add_gradio
from ui.identity import Identity, Sessions, signing_key
from ui.late import Late
from ui.lesson_routes import add_lessons
from ui.limits import BodyLimit, Buckets, RateLimit
from ui.logs import RequestLog
from ui.lti.frames import Frames, PlatformOrigins
from ui.lti.routes import CROSSING, add_lti
from ui.lti.scores import scoring
from ui.metrics import Metrics
from ui.operations import add_operations, life
from ui.owner import OwnerKey, add_owner
from ui.path_token import PathToken
from ui.portfolio_routes import add_portfolio
from ui.practice import PractisePage
from ui.progress_routes import add_progress
from ui.refusals import add_refusals
from ui.runs import AT_ONCE, Desk
from ui.security import Security
from ui.sign_in import add_sign_in
from ui.today_routes import add_today, due_count
from ui.widget import SCRIPT, add_widget

if TYPE_CHECKING:
    from tutor.session import Tutor
    from ui.lti.tool import Tool

ASK = "/ask"
PRACTISE = "/practise"
PAGES = frozenset(
    {"/", "/ask", "/practise", "/progress", "/paths", "/read", "/lessons", "/conversations", "/glossary", "/about"}
    | {"/data", "/portfolio", "/write"}
)


def create_app(tutor: "Tutor", settings: Settings, owner: OwnerKey | None = None) -> FastAPI:
    """The whole web application around a tutor.

    Args:
        tutor: Answers questions; its curriculum may be replaced while it runs.
        settings: Where data lies and how the session cookie is signed.
        owner: Opens the one-time link that makes the person at the console an instructor; None for no such link.

    Raises:
        TutorError: The signing key cannot be kept.
    """
    metrics = Metrics()
    desk = Desk(metrics.answer, AT_ONCE, until=None if tutor.model is None else Sources)
    metrics.watch_open(desk.__len__)
    app = _empty(tutor, settings, metrics, desk)
    key = signing_key(settings)
    sessions = Sessions(tutor.store, key)
    practice = app.state.practice = tutor.practice = practice_of(tutor)
    practice.after = scoring(practice)
    add_operations(app, tutor, settings, metrics)
    add_today(app, tutor, practice)
    add_lessons(app, tutor, practice)
    add_about(app, tutor, settings)
    add_progress(app, tutor, practice)
    add_conversations(app, tutor)
    add_data(app, tutor, settings, sessions, desk)
    add_portfolio(app, tutor, settings)
    add_reports(app, tutor)
    _add_files(app)
    add_gradio(app, ASK, AskPage(tutor, practice, desk).blocks, "ask")
    add_gradio(app, PRACTISE, PractisePage(practice).blocks, "practise")
    add_widget(app, tutor.store, sessions, settings, PAGES, due=partial(due_count, practice))
    if settings.oidc_issuer:
        add_sign_in(app, sessions, tutor.store, settings, PAGES)
    if owner is not None:
        add_owner(app, sessions, owner)
    tool = Late(partial(_tool, tutor, settings, sessions, key))
    add_lti(app, tutor.store, tool)
    metrics.watch_outbox(partial(waiting_scores, tutor.store))
    add_class(app, tutor, lambda: tool().services)
    add_refusals(app)
    _add_layers(app, tutor, sessions, settings, metrics)
    return app


def _empty(tutor: "Tutor", settings: Settings, metrics: Metrics, desk: Desk) -> FastAPI:
    """The application without a page."""
    app = FastAPI(
        title="genai-tutor",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(checked)],
        lifespan=life(desk, tutor.store, settings),
    )
    app.state.closed, app.state.signs_in = not settings.anonymous, bool(settings.oidc_issuer)
    app.state.metrics = metrics
    return app


def _tool(tutor: "Tutor", settings: Settings, sessions: Sessions, key: bytes) -> "Tool":
    """What answers platforms."""
    from ui.lti.tool import Tool

    return Tool(tutor, settings, sessions, key)


def _add_layers(app: FastAPI, tutor: "Tutor", sessions: Sessions, settings: Settings, metrics: Metrics) -> None:
    """What every request passes before it reaches a route: the one added last is passed first."""
    app.add_middleware(GradioGuard, ASK, PRACTISE)
    app.add_middleware(RateLimit, per_minute=settings.writes_per_minute)
    starts = Buckets(settings.sessions_per_hour, 3600.0)
    app.add_middleware(Frames, store=tutor.store)
    app.add_middleware(Identity, sessions=sessions, pages=PAGES, starts=starts, closed=not settings.anonymous)
    app.add_middleware(BodyLimit)
    app.add_middleware(Assets)
    app.add_middleware(
        Security,
        evaluating=frozenset({ASK, PRACTISE}),
        shared=frozenset({SCRIPT}),
        crossing=CROSSING,
        embedders=lambda: settings.embed_origins,
        guests=PlatformOrigins(tutor.store),
    )
    app.add_middleware(PathToken)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(RequestLog, observe=metrics.request)


def _add_files(app: FastAPI) -> None:
    @app.get("/static/{name}")
    def static(name: str) -> Response:
        path = STATIC / name
        if not re.fullmatch(r"[a-z]+\.(css|js|svg)", name) or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, headers={"cache-control": "public, max-age=31536000, immutable"})

    @app.get("/assets/{name:path}")
    def asset(request: Request, name: str) -> Response:
        # Gradio's loader resolves the style sheets of later parts against the page instead of against itself.
        if not re.fullmatch(r"[\w.-]+", name):
            raise HTTPException(404)
        return RedirectResponse(f"{request.scope.get('root_path', '')}{ASK}/assets/{name}", 308)


def waiting_scores(store: Store) -> float:
    """How many scores wait for their platform; no number while the database fails: the rest is still told."""
    try:
        return waiting(store)[0]
    except StoreError:
        return math.nan
