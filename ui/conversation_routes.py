"""The routes of a learner's conversations: listed, renamed, deleted, and an answer in one of them reported.

Knows nothing of how the list looks or of how questions are answered.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from tutor.store import conversations, delete_conversation, rename_conversation
from ui.access import learner_of
from ui.conversations import conversations_page, title_of
from ui.texts import text

if TYPE_CHECKING:
    from tutor.session import Tutor


def add_conversations(app: FastAPI, tutor: "Tutor") -> None:
    """Add the list of conversations and the form that changes one."""

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


def add_reports(app: FastAPI, tutor: "Tutor") -> None:
    """Add the form that says what is wrong with an answer."""

    @app.post("/report")
    def report(
        request: Request,
        message: Annotated[str, Form()],
        reason: Annotated[str, Form()],
        note: Annotated[str, Form()] = "",
    ) -> Response:
        tutor.report(learner_of(request), message, reason, note)
        return JSONResponse({"thanks": text("wrong.thanks")})
