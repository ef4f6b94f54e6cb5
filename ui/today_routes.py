"""The routes of a learner's day: the first page, the plan, the reviews as a calendar, and how many are due.

Knows nothing of how a page looks or of how the next step is chosen.
"""

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from tutor import wishes
from tutor.learner import Learner
from tutor.policy import due_topics
from tutor.practice import Practice
from tutor.store import conversations
from ui.access import learner_of
from ui.calendar import calendar
from ui.today import today_page

if TYPE_CHECKING:
    from tutor.session import Tutor


def add_today(app: FastAPI, tutor: "Tutor", practice: Practice) -> None:
    """Add the first page, the plan's form and the calendar of reviews.

    Args:
        app: The application.
        tutor: Whose lessons and conversations the first page shows.
        practice: Where learners stand.
    """

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


def due_count(practice: Practice, learner: Learner) -> int:
    """How many reviews a learner has due now."""
    progress = practice.progress(learner)
    return len(due_topics(progress, practice.outline(progress).topics, practice.clock()))
