"""The routes of the lessons: a skill, a lesson or a section of it, pictures, and the glossary.

Knows nothing of how a page looks or of how lessons are found in files.
"""

import logging
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from tutor import wishes
from tutor.errors import StoreError
from tutor.learner import Learner
from tutor.practice import Practice
from ui import lessons
from ui.access import learner_of
from ui.glossary import glossary_page

if TYPE_CHECKING:
    from tutor.session import Tutor

log = logging.getLogger(__name__)
LONGEST_QUOTE = 2000


def add_lessons(app: FastAPI, tutor: "Tutor", practice: Practice) -> None:
    """Add the pages that lessons are read on.

    Args:
        app: The application.
        tutor: Whose lessons are shown.
        practice: Keeps what was opened and read to its end.
    """

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
