"""The web application: pages, the Ask page, health, and the layers every request passes.

Knows nothing of how the server is started.
"""

import logging
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit

import gradio as gr
from fastapi import Depends, FastAPI, Form, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount

import tutor as product
from tutor import wishes
from tutor.curriculum import Curriculum
from tutor.errors import Forbidden, NotFound, SignInNeeded, StoreError, TutorError
from tutor.grader import practice_of
from tutor.learner import Learner
from tutor.models import DEFAULT_MODEL
from tutor.policy import due_topics
from tutor.practice import Practice
from tutor.settings import Settings
from tutor.store import Store, conversations, delete_conversation, rename_conversation
from tutor.store.lti_scores import waiting
from ui import lessons
from ui.access import checked, learner_of
from ui.assets import Assets
from ui.calendar import calendar
from ui.chat import AskPage
from ui.class_routes import add_class
from ui.conversations import conversations_page, title_of
from ui.data_routes import add_data
from ui.document import framed, gradio_document
from ui.frame import STATIC, page
from ui.glossary import glossary_page
from ui.gradio_guard import GradioGuard
from ui.gradio_import import only_layout, remember_signatures
from ui.identity import ANONYMOUS, Identity, Sessions, signing_key
from ui.limits import BodyLimit, Buckets, RateLimit
from ui.logs import RequestLog
from ui.lti.frames import Frames, PlatformOrigins
from ui.lti.routes import CROSSING, Tool, add_lti
from ui.lti.scores import scoring
from ui.metrics import Metrics
from ui.operations import add_operations, life
from ui.owner import OwnerKey, add_owner
from ui.path_token import PathToken
from ui.portfolio_routes import add_portfolio
from ui.practice import PractisePage
from ui.progress_routes import add_progress
from ui.runs import AT_ONCE, Desk
from ui.security import Security
from ui.sign_in import add_sign_in, login_address
from ui.texts import text
from ui.theme import theme
from ui.today import today_page
from ui.widget import SCRIPT, add_widget

if TYPE_CHECKING:
    from tutor.session import Tutor

log = logging.getLogger(__name__)
ASK = "/ask"
PRACTISE = "/practise"
PAGES = frozenset(
    {"/", "/ask", "/practise", "/progress", "/paths", "/read", "/lessons", "/conversations", "/glossary", "/about"}
    | {"/data", "/portfolio", "/write"}
)
LONGEST_QUOTE = 2000
STATUS = {NotFound: 404, Forbidden: 403, StoreError: 503}


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
    desk = Desk(metrics.answer, AT_ONCE if tutor.model is None else None)
    metrics.watch_open(desk.__len__)
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
    key = signing_key(settings)
    sessions = Sessions(tutor.store, key)
    practice = app.state.practice = tutor.practice = practice_of(tutor)
    practice.after = scoring(practice)
    add_operations(app, tutor, settings, metrics)
    _add_pages(app, tutor, practice, settings)
    add_progress(app, tutor, practice)
    _add_conversations(app, tutor)
    add_data(app, tutor, settings, sessions, desk)
    add_portfolio(app, tutor, settings)
    _add_reports(app, tutor)
    _add_assets(app)
    _add_gradio(app, ASK, AskPage(tutor, practice, desk).blocks, "ask")
    _add_gradio(app, PRACTISE, PractisePage(practice).blocks, "practise")
    add_widget(app, tutor.store, sessions, settings, PAGES, due=partial(due_count, practice))
    if settings.oidc_issuer:
        add_sign_in(app, sessions, tutor.store, settings, PAGES)
    if owner is not None:
        add_owner(app, sessions, owner)
    tool = Tool(tutor, settings, sessions, key)
    add_lti(app, tool)
    metrics.watch_outbox(partial(waiting_scores, tutor.store))
    add_class(app, tutor, tool.services)
    _add_errors(app)
    _add_layers(app, tutor, sessions, settings, metrics)
    return app


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


def _add_pages(app: FastAPI, tutor: "Tutor", practice: Practice, settings: Settings) -> None:
    @app.get("/", response_class=HTMLResponse)
    def today(request: Request) -> str:
        learner = learner_of(request)
        newest = conversations(tutor.store, learner, limit=1)
        step = practice.stand(learner)
        outline = practice.outline(step.progress)
        return today_page(tutor.curriculum, outline, step, newest[0] if newest else None, practice.clock())

    @app.post("/plan")
    def planned(
        request: Request,
        act: Annotated[str, Form()] = "save",
        path: Annotated[str, Form()] = "",
        goal: Annotated[str, Form()] = "",
        minutes: Annotated[int, Form()] = 0,
        back: Annotated[str, Form()] = "",
    ) -> Response:
        chosen = (path, goal, minutes) if act == "save" else ("", "", 0)
        wishes.plan(practice, learner_of(request), *chosen)
        return RedirectResponse("progress?done=planned" if back == "progress" else "./", 303)

    @app.get("/reviews.ics")
    def reviews(request: Request) -> Response:
        address = str(request.base_url) + "practise"
        made = calendar(practice.progress(learner_of(request)), address, practice.clock())
        return Response(made, media_type="text/calendar; charset=utf-8")

    @app.get("/lessons", response_class=HTMLResponse)
    def skill(skill: str = "") -> str:
        return lessons.skill_page(tutor.curriculum, skill)

    @app.get("/read", response_class=HTMLResponse)
    def read(request: Request, lesson: str = "", section: str = "", quote: str = "", panel: str = "") -> str:
        show = lessons.panel if panel else lessons.lesson_page
        shown = show(tutor.curriculum, lesson, section, quote[:LONGEST_QUOTE])
        if request.state.learner is not None:
            keep_opened(practice, request.state.learner, lesson, section)
        return shown

    @app.post("/read")
    def read_to_the_end(request: Request, lesson: Annotated[str, Form()]) -> Response:
        skill, found = lessons.find(tutor.curriculum, lesson)
        wishes.finished(practice, learner_of(request), skill.id, found.id)
        return RedirectResponse("./", 303)

    @app.get("/picture")
    def picture(of: str = "") -> Response:
        path = lessons.picture_file(tutor.curriculum, of)
        # A drawing may hold scripts: opened by itself it may do nothing.
        headers = {"cache-control": "public, max-age=3600", "content-security-policy": "sandbox; default-src 'none'"}
        return FileResponse(path, media_type=lessons.KINDS[path.suffix], headers=headers)

    @app.get("/glossary", response_class=HTMLResponse)
    def terms() -> str:
        return glossary_page(tutor.curriculum)

    @app.get("/about", response_class=HTMLResponse)
    def about(request: Request) -> str:
        return about_page(tutor.curriculum, settings, learner_of(request))

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        path = STATIC / name
        if not re.fullmatch(r"[a-z]+\.(css|js|svg)", name) or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, headers={"cache-control": "public, max-age=31536000, immutable"})


def _add_conversations(app: FastAPI, tutor: "Tutor") -> None:
    @app.get("/conversations", response_class=HTMLResponse)
    def listed(request: Request, done: str = "") -> str:
        notice = f"conversations.{done}" if done in {"renamed", "deleted"} else ""
        return conversations_page(conversations(tutor.store, learner_of(request)), datetime.now(UTC), notice)

    @app.post("/conversations")
    def changed(
        request: Request, id: Annotated[str, Form()], act: Annotated[str, Form()], title: Annotated[str, Form()] = ""
    ) -> Response:
        learner = learner_of(request)
        if act == "delete":
            delete_conversation(tutor.store, learner, id)
            return RedirectResponse("conversations?done=deleted", 303)
        rename_conversation(tutor.store, learner, id, title_of(title))
        return RedirectResponse("conversations?done=renamed", 303)


def _add_reports(app: FastAPI, tutor: "Tutor") -> None:
    @app.post("/report")
    def report(
        request: Request,
        message: Annotated[str, Form()],
        reason: Annotated[str, Form()],
        note: Annotated[str, Form()] = "",
    ) -> Response:
        tutor.report(learner_of(request), message, reason, note)
        return JSONResponse({"thanks": text("wrong.thanks")})


def _add_gradio(app: FastAPI, path: str, lay_out: Callable[[], gr.Blocks], template: str) -> None:
    """Mount a Gradio page at a path, its document put into our frame."""
    with only_layout():
        blocks = lay_out()
    remember_signatures(blocks)

    @app.get(path, response_class=HTMLResponse)
    async def framed_page(request: Request) -> str:
        document = await gradio_document(blocks.app, request.scope, path)
        return framed(document, request.state.nonce, path.strip("/"), template)

    gr.mount_gradio_app(
        app,
        blocks,
        path,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme(),
    )
    # As when Gradio launches a page by itself: its queue works in the application that is served.
    blocks.app = cast(Mount, app.routes[-1]).app


def _add_assets(app: FastAPI) -> None:
    @app.get("/assets/{name:path}")
    def asset(request: Request, name: str) -> Response:
        # Gradio's loader resolves the style sheets of later parts against the page instead of against itself.
        if not re.fullmatch(r"[\w.-]+", name):
            raise HTTPException(404)
        return RedirectResponse(f"{request.scope.get('root_path', '')}{ASK}/assets/{name}", 308)


def _add_errors(app: FastAPI) -> None:
    def answer(request: Request, error: Exception, status: int, message: str) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"error": message}, status)
        root = request.scope.get("root_path", "")
        html = page("error.html", title=text("error.title"), message=message, base=f"{root}/", itself=request.url.path)
        return HTMLResponse(html, status)

    @app.exception_handler(TutorError)
    def told(request: Request, error: TutorError) -> Response:
        request.state.refusal = error.code
        status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
        return answer(request, error, status, str(error))

    @app.exception_handler(SignInNeeded)
    def nobody(request: Request, error: SignInNeeded) -> Response:
        state = request.app.state
        opens = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        if state.closed and state.signs_in and opens and not request.query_params.get("panel"):
            return RedirectResponse(login_address(request), 303)
        request.state.refusal = error.code
        return answer(request, error, 401, text("error.closed") if state.closed else str(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        missing = error.status_code in {404, 405}
        return answer(request, error, error.status_code, text("error.missing") if missing else text("error.title"))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        # Starlette logs it with its traceback after this answer.
        return answer(request, error, 500, text("error.internal"))


def keep_opened(practice: Practice, learner: Learner, lesson: str, section: str) -> None:
    """Keep that a section was opened; a page that is shown is worth more than the note, so a full disk is no error."""
    skill, found = lessons.find(practice.curriculum(), lesson)
    anchor = section or next((each.anchor for each in found.sections if each.teaching), "")
    if found.section(anchor) is None:
        return
    try:
        wishes.opened(practice, learner, skill.id, found.id, anchor)
    except StoreError as error:
        log.warning("not kept that a section was opened: %s", error)


def waiting_scores(store: Store) -> float:
    """How many scores wait for their platform; no number while the database fails: the rest is still told."""
    try:
        return waiting(store)[0]
    except StoreError:
        return math.nan


def due_count(practice: Practice, learner: Learner) -> int:
    """How many reviews a learner has due now."""
    progress = practice.progress(learner)
    return len(due_topics(progress, practice.outline(progress).topics, practice.clock()))


def about_page(curriculum: Curriculum, settings: Settings, learner: Learner) -> str:
    """What the tutor is, who answers and what is kept."""
    nameless = learner.principal.startswith(ANONYMOUS)
    if settings.base_url or settings.openai_api_key.get_secret_value():
        host = urlsplit(settings.base_url).netloc or "api.openai.com"
        answers = text("about.model.remote", model=settings.model or DEFAULT_MODEL, host=host)
    else:
        answers = text("about.model.builtin")
    return page(
        "about.html",
        title=text("about.title"),
        answers=answers,
        kept=text("about.data") if nameless else text("about.data.signed"),
        lessons=sum(len(skill.lessons) for skill in curriculum.skills),
        skills=len(curriculum.skills),
        version=product.__version__,
    )
