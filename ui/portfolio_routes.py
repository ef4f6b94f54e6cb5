"""The addresses of the portfolio: writing a piece, the pieces, the file, a model's look at one.

Knows nothing of what the pages look like or of how things are stored.
"""

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from tutor import portfolio
from tutor.errors import ModelError, NotFound, StoreError, TutorError
from tutor.learner import Learner
from tutor.models import model_name
from tutor.settings import Settings
from tutor.store import new_id
from tutor.tasks import Task, task
from tutor.work_review import looked_at
from ui.access import learner_of
from ui.data_routes import attached
from ui.portfolio import portfolio_file, portfolio_page, write_page
from ui.texts import has, text

if TYPE_CHECKING:
    from tutor.session import Tutor

log = logging.getLogger(__name__)
LOOKS = 4
"""A look reads a whole piece: it may take so many times the time for a first token."""


class Portfolio:
    """What the addresses do.

    Args:
        tutor: Whose store, lessons and model.
        settings: Name the model and its time.
    """

    def __init__(self, tutor: "Tutor", settings: Settings) -> None:
        self.tutor = tutor
        self.model = (model_name(settings) or text("portfolio.model")) if tutor.model is not None else ""
        self.seconds = settings.model_timeout * LOOKS
        self._looking: set[tuple[str, str]] = set()

    def opened(self, learner: Learner, lesson: str, section: str, name: str) -> str:
        """The page to write on: the piece that is named, or the one saved last for this task, or an empty one."""
        wanted = self.task(lesson, section)
        found = portfolio.pieces(self.tutor.store, learner)
        place = (wanted.skill, wanted.lesson, wanted.section)
        mine = [each for each in found if (each.skill, each.lesson, each.section) == place]
        before = next((each for each in mine if each.id == name), mine[0] if mine else None)
        if before is None:
            return write_page(self.tutor.curriculum, wanted, new_id())
        met = {criterion.text for criterion in before.criteria if criterion.met}
        return write_page(self.tutor.curriculum, wanted, before.id, before.text, met, before.saved)

    def task(self, lesson: str, section: str) -> Task:
        """The task of a section, the lesson given as ``skill/lesson``.

        Raises:
            NotFound: There is none.
        """
        skill, _, name = lesson.partition("/")
        return task(self.tutor.curriculum, skill, name, section)

    def saved(self, request: Request, lesson: str, section: str, name: str, words: str, met: list[str]) -> Response:
        """Save a piece; when that fails, the page comes back with all that was written and why."""
        wanted, now = None, datetime.now(UTC)
        try:
            wanted = self.task(lesson, section)
            learner = learner_of(request)
            portfolio.write(self.tutor.store, learner, wanted, name, words, met, now=now)
        except TutorError as error:
            why = text("portfolio.session") if error.code == "session" else str(error)
            again = write_page(self.tutor.curriculum, wanted, name, portfolio.unified(words), met, notice=why)
            status = 404 if isinstance(error, NotFound) else 503 if isinstance(error, StoreError) else 400
            return HTMLResponse(again, status)
        return RedirectResponse("portfolio?done=saved", 303)

    async def look(self, learner: Learner, name: str) -> str:
        """Let the model look at a piece; a code of what to say then.

        Raises:
            NotFound: The piece is not there, or there is no model.
            StoreError: The database failed.
        """
        if self.tutor.model is None:
            raise NotFound(text("error.missing"))
        piece = await asyncio.to_thread(portfolio.piece, self.tutor.store, learner, name)
        if piece.opinion is not None or not piece.criteria:
            return "viewed"
        key = (learner.tenant, learner.principal)
        if key in self._looking:
            return "busy"
        self._looking.add(key)
        try:
            words = [criterion.text for criterion in piece.criteria]
            points = await looked_at(self.tutor.model, self._brief(piece), words, piece.text, self.seconds)
        except ModelError as error:
            log.warning("the model did not look at a piece of work: %s: %s", error.code, error)
            return "failed"
        finally:
            self._looking.discard(key)
        keep, store = portfolio.keep_opinion, self.tutor.store
        await asyncio.to_thread(keep, store, learner, piece, self.model, points, now=datetime.now(UTC))
        return "viewed"

    def _brief(self, piece: portfolio.Piece) -> str:
        try:
            return task(self.tutor.curriculum, piece.skill, piece.lesson, piece.section).text
        except NotFound:
            return piece.title


def add_portfolio(app: FastAPI, tutor: "Tutor", settings: Settings) -> None:
    """Add the pages /write and /portfolio to an application.

    Args:
        app: Where; a middleware has put the verified learner into ``request.state``.
        tutor: Whose store, lessons and model.
        settings: Name the model and its time.
    """
    does = Portfolio(tutor, settings)

    @app.get("/write", response_class=HTMLResponse)
    def write(request: Request, lesson: str = "", section: str = "", id: str = "") -> str:
        return does.opened(learner_of(request), lesson, section, id)

    @app.post("/write", response_class=HTMLResponse)
    def written(
        request: Request,
        lesson: Annotated[str, Form()] = "",
        section: Annotated[str, Form()] = "",
        id: Annotated[str, Form()] = "",
        words: Annotated[str, Form()] = "",
        met: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        return does.saved(request, lesson, section, id, words, met or [])

    @app.get("/portfolio", response_class=HTMLResponse)
    def shown(request: Request, done: str = "", of: str = "") -> str:
        found = portfolio.pieces(tutor.store, learner_of(request))
        notice = text(f"portfolio.done.{done}") if has(f"portfolio.done.{done}") else ""
        good = done in {"saved", "viewed", "removed"}
        return portfolio_page(tutor.curriculum, found, model=does.model, notice=notice, good=good, of=of)

    @app.post("/portfolio")
    async def changed(
        request: Request, act: Annotated[Literal["look", "delete"], Form()], id: Annotated[str, Form()]
    ) -> Response:
        learner = learner_of(request)
        if act == "look":
            return RedirectResponse(f"portfolio?done={await does.look(learner, id)}&of={id}#{id}", 303)
        await asyncio.to_thread(portfolio.remove, tutor.store, learner, id, now=datetime.now(UTC))
        return RedirectResponse("portfolio?done=removed", 303)

    @app.get("/portfolio.html")
    def exported(request: Request) -> Response:
        found = portfolio.pieces(tutor.store, learner_of(request))
        made = portfolio_file(tutor.curriculum, found, datetime.now(UTC))
        return HTMLResponse(made, headers=attached("portfolio.html"))
