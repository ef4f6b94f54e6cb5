"""The web application: pages, the Ask page, health, and the layers every request passes.

Knows nothing of how the server is started.
"""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import urlsplit

import gradio as gr
from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

import tutor as product
from tutor.curriculum import Curriculum
from tutor.errors import NotFound, StoreError, TutorError
from tutor.learner import Learner
from tutor.models import DEFAULT_MODEL
from tutor.settings import Settings
from tutor.store import conversations, delete_conversation, rename_conversation
from ui import lessons
from ui.chat import AskPage
from ui.conversations import conversations_page, title_of
from ui.document import framed, gradio_document
from ui.frame import STATIC, page
from ui.glossary import glossary_page
from ui.gradio_guard import GradioGuard
from ui.identity import Identity, Sessions, signing_key
from ui.lti.frames import Frames
from ui.lti.routes import CROSSING, Tool, add_lti
from ui.runs import Desk
from ui.security import Security
from ui.texts import text
from ui.theme import theme
from ui.today import today_page

if TYPE_CHECKING:
    from tutor.session import Tutor

ASK = "/ask"
PAGES = frozenset({"/", "/ask", "/read", "/lessons", "/conversations", "/glossary", "/about"})
LONGEST_QUOTE = 2000


def create_app(tutor: "Tutor", settings: Settings) -> FastAPI:
    """The whole web application around a tutor.

    Args:
        tutor: Answers questions; its curriculum may be replaced while it runs.
        settings: Where data lies and how the session cookie is signed.

    Raises:
        TutorError: The signing key cannot be kept.
    """
    app = FastAPI(title="genai-tutor", docs_url=None, redoc_url=None, openapi_url=None)
    key = signing_key(settings)
    sessions = Sessions(tutor.store, key)
    _add_pages(app, tutor, settings)
    _add_conversations(app, tutor)
    _add_reports(app, tutor)
    _add_ask(app, tutor)
    add_lti(app, Tool(tutor, settings, sessions, key))
    _add_errors(app)
    app.add_middleware(GradioGuard, prefix=ASK)
    app.add_middleware(Frames, store=tutor.store)
    app.add_middleware(Identity, sessions=sessions, pages=PAGES)
    app.add_middleware(Security, evaluating=frozenset({ASK}), crossing=CROSSING)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    return app


def _add_pages(app: FastAPI, tutor: "Tutor", settings: Settings) -> None:
    @app.get("/", response_class=HTMLResponse)
    def today(request: Request) -> str:
        newest = conversations(tutor.store, _learner(request), limit=1)
        return today_page(tutor.curriculum, newest[0] if newest else None, datetime.now(UTC))

    @app.get("/lessons", response_class=HTMLResponse)
    def skill(skill: str = "") -> str:
        return lessons.skill_page(tutor.curriculum, skill)

    @app.get("/read", response_class=HTMLResponse)
    def read(lesson: str = "", section: str = "", quote: str = "", panel: str = "") -> str:
        if panel:
            return lessons.panel(tutor.curriculum, lesson, section, quote[:LONGEST_QUOTE])
        return lessons.lesson_page(tutor.curriculum, lesson, section, quote[:LONGEST_QUOTE])

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
    def about() -> str:
        return about_page(tutor.curriculum, settings)

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

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
        return conversations_page(conversations(tutor.store, _learner(request)), datetime.now(UTC), notice)

    @app.post("/conversations")
    def changed(
        request: Request, id: Annotated[str, Form()], act: Annotated[str, Form()], title: Annotated[str, Form()] = ""
    ) -> Response:
        learner = _learner(request)
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
        tutor.report(_learner(request), message, reason, note)
        return JSONResponse({"thanks": text("wrong.thanks")})


def _add_ask(app: FastAPI, tutor: "Tutor") -> None:
    gradio: list[Any] = []

    @app.get("/assets/{name:path}")
    def asset(name: str) -> Response:
        # Gradio's loader resolves the style sheets of later parts against the page instead of against itself.
        return RedirectResponse(f"..{ASK}/assets/{name}", 308)

    @app.get(ASK, response_class=HTMLResponse)
    async def ask(request: Request) -> str:
        document = await gradio_document(gradio[0], request.scope, ASK)
        return framed(document, request.state.nonce, ASK.strip("/"))

    blocks = AskPage(tutor, Desk()).blocks()
    gr.mount_gradio_app(
        app,
        blocks,
        ASK,
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
    gradio.append(blocks.app)


def _add_errors(app: FastAPI) -> None:
    def answer(request: Request, error: Exception, status: int, message: str) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"error": message}, status)
        root = request.scope.get("root_path", "")
        html = page("error.html", title=text("error.title"), message=message, base=f"{root}/", itself=request.url.path)
        return HTMLResponse(html, status)

    @app.exception_handler(TutorError)
    def told(request: Request, error: TutorError) -> Response:
        status = 404 if isinstance(error, NotFound) else 503 if isinstance(error, StoreError) else 400
        return answer(request, error, status, str(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        missing = error.status_code in {404, 405}
        return answer(request, error, error.status_code, text("error.missing") if missing else text("error.title"))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        # Starlette logs it with its traceback after this answer.
        return answer(request, error, 500, text("error.internal"))


def _learner(request: Request) -> Learner:
    learner = request.state.learner
    if learner is None:
        raise TutorError(text("error.session"), "session")
    return cast(Learner, learner)


def about_page(curriculum: Curriculum, settings: Settings) -> str:
    """What the tutor is, who answers and what is kept."""
    if settings.base_url or settings.openai_api_key.get_secret_value():
        host = urlsplit(settings.base_url).netloc or "api.openai.com"
        answers = text("about.model.remote", model=settings.model or DEFAULT_MODEL, host=host)
    else:
        answers = text("about.model.builtin")
    return page(
        "about.html",
        title=text("about.title"),
        answers=answers,
        lessons=sum(len(skill.lessons) for skill in curriculum.skills),
        skills=len(curriculum.skills),
        version=product.__version__,
    )
