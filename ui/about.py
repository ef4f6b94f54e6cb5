"""The About page: what the tutor is, who answers and what is kept.

Knows nothing of how an answer is made; it reads from the settings who makes it.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

import tutor as product
from tutor.curriculum import Curriculum
from tutor.learner import Learner
from tutor.models import DEFAULT_MODEL
from tutor.settings import Settings
from ui.access import learner_of
from ui.frame import page
from ui.identity import ANONYMOUS
from ui.texts import text

if TYPE_CHECKING:
    from tutor.session import Tutor


def add_about(app: FastAPI, tutor: "Tutor", settings: Settings) -> None:
    """Add the About page."""

    @app.get("/about", response_class=HTMLResponse)
    def about(request: Request) -> str:
        return about_page(tutor.curriculum, settings, learner_of(request))


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
