"""The class table of an instructor's own course: the page and the CSV file.

Knows nothing of how learners are found or of what platforms answer.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from tutor.class_table import ClassRow, as_csv, class_table
from tutor.history import STANDING, fold
from tutor.learner import Learner
from tutor.outline import Topic, outline_of
from tutor.store.classes import enrolled
from tutor.store.lti_links import link_of
from tutor.store.lti_platforms import platform
from ui.access import require
from ui.data_routes import attached
from ui.frame import day, page
from ui.lti.refusal import ServiceFailed
from ui.texts import text

if TYPE_CHECKING:
    from tutor.session import Tutor
    from ui.lti.services import Services


def add_class(app: FastAPI, tutor: "Tutor", services: Callable[[], "Services"]) -> None:
    """Add /class and /class.csv.

    Args:
        app: Where; a middleware has put the verified learner into ``request.state``.
        tutor: Whose store and lessons.
        services: Gives what asks a platform who is in the course.
    """

    @app.get("/class", response_class=HTMLResponse)
    def shown(request: Request, skill: str = "") -> str:
        learner = require(request.state.learner, "instructor")
        rows, trouble = _table(tutor, services, learner)
        topics = outline_of(tutor.curriculum).topics
        skills = [(each.id, str(each.title)) for each in tutor.curriculum.skills]
        chosen = skill if skill in dict(skills) else _busiest(rows, topics, skills)
        return class_page(rows, [topic for topic in topics if topic.skill == chosen], topics, skills, chosen, trouble)

    @app.get("/class.csv")
    def exported(request: Request) -> Response:
        rows, _ = _table(tutor, services, require(request.state.learner, "instructor"))
        words = as_csv(rows, outline_of(tutor.curriculum).topics)
        # Spreadsheets read UTF-8 as such only after this mark.
        return Response(f"\ufeff{words}", media_type="text/csv; charset=utf-8", headers=attached("class.csv"))


def _table(tutor: "Tutor", services: Callable[[], "Services"], learner: Learner) -> tuple[list[ClassRow], str]:
    assert tutor.store is not None  # create_app refuses a tutor without one
    names, trouble = _names(tutor, services, learner)
    return class_table(enrolled(tutor.store, learner, STANDING, fold), names), trouble


def _names(tutor: "Tutor", services: Callable[[], "Services"], learner: Learner) -> tuple[dict[str, str], str]:
    """Names by the platform's ids, asked for anew each time, and why there are none."""
    assert tutor.store is not None
    link = link_of(tutor.store, learner)
    if link is None or not link.roster_url:
        return {}, ""
    try:
        members = services().roster(platform(tutor.store, link.platform), link)
    except ServiceFailed as failure:
        return {}, str(failure)
    return {member.subject: member.name for member in members}, ""


def _busiest(rows: Sequence[ClassRow], topics: Sequence[Topic], skills: Sequence[tuple[str, str]]) -> str:
    """The skill of which the class has learned most objectives; the first when it has learned none."""
    by_skill = {skill: [topic for topic in topics if topic.skill == skill] for skill, _ in skills}
    return max(by_skill, key=lambda skill: sum(row.count(by_skill[skill]) for row in rows), default="")


def class_page(
    rows: Sequence[ClassRow],
    columns: Sequence[Topic],
    topics: Sequence[Topic],
    skills: Sequence[tuple[str, str]],
    chosen: str,
    trouble: str,
) -> str:
    """The table as a page.

    Args:
        rows: Who learns here.
        columns: The objectives that have a column.
        topics: All objectives, for the totals.
        skills: Ids and titles of all skills.
        chosen: Id of the skill whose objectives are the columns.
        trouble: Why the platform gave no names; empty when it did or was not asked.
    """
    shown = [
        (row.name, day(row.last.date()), row.count(topics), row.count(topics, mastered=True),
         [row.standings.get(topic.id, "") for topic in columns])
        for row in rows
    ]  # fmt: skip
    return page(
        "class.html", title=text("class.title"), rows=shown, columns=[topic.title for topic in columns],
        every=len(topics), skills=skills, chosen=chosen, trouble=trouble,
    )  # fmt: skip
