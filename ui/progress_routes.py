"""The addresses of the Progress page and of the learning paths.

Knows nothing of what the pages look like or of the rules of practice.
"""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from tutor import wishes
from tutor.errors import NotFound
from tutor.item_choice import can_test_out
from tutor.learner import Learner
from tutor.practice import Practice
from tutor.report import answered
from tutor.store import events
from ui.access import learner_of
from ui.paths import paths_page
from ui.progress import CORRECTED, notice_words, progress_page
from ui.texts import text

if TYPE_CHECKING:
    from tutor.session import Tutor


def add_progress(app: FastAPI, tutor: "Tutor", practice: Practice) -> None:
    """Add the pages /progress and /paths to an application.

    Args:
        app: Where; a middleware has put the verified learner into ``request.state``.
        tutor: Whose store and lessons.
        practice: Knows where a learner stands.
    """

    @app.get("/progress", response_class=HTMLResponse)
    def shown(request: Request, objective: str = "", skill: str = "", done: str = "", of: str = "") -> str:
        learner = learner_of(request)
        progress = practice.progress(learner)
        outline = practice.outline(progress)
        happened = events(tutor.store, learner.principal, {"attempted"}, tenant=learner.tenant)
        answers = answered((event.at, event.payload) for event in happened)
        notice = notice_words(outline, done, of)
        return progress_page(
            tutor.curriculum, outline, progress, answers, practice.clock(), objective=objective, skill=skill,
            notice=notice,
        )  # fmt: skip

    @app.post("/progress")
    def changed(request: Request, act: Annotated[str, Form()], objective: Annotated[str, Form()]) -> Response:
        return RedirectResponse(_done(practice, learner_of(request), act, objective), 303)

    @app.get("/paths", response_class=HTMLResponse)
    def paths(request: Request) -> str:
        progress = practice.progress(learner_of(request))
        return paths_page(tutor.curriculum, practice.outline(progress), progress, practice.clock())


def _done(practice: Practice, learner: Learner, act: str, objective: str) -> str:
    """Do what a button says and give the address to go on at."""
    if act == "know":
        progress = practice.progress(learner)
        topic = practice.outline(progress).by_id.get(objective)
        if topic is not None and not can_test_out(progress, topic):
            return _address("untested", objective)
        wishes.begin_test_out(practice, learner, objective)
        return f"practise?{urlencode({'objective': objective})}"
    if act == "reset":
        wishes.reset(practice, learner, objective)
        return _address("reset", objective)
    if act == "correct":
        wishes.correct(practice, learner, objective, CORRECTED)
        return _address("corrected", objective)
    raise NotFound(text("error.missing"))


def _address(done: str, objective: str) -> str:
    return f"progress?{urlencode({'done': done, 'of': objective})}"
