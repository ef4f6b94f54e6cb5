"""Who may use what: one table of every route and every handler, and the check that each request passes.

Knows nothing of how an identity was proved. What is not in the table is for admins only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import cast

from fastapi import Request

from tutor.errors import Forbidden, SignInNeeded
from tutor.learner import Learner
from ui.frame import account, teaches
from ui.logs import path_of
from ui.texts import text

ROLES = ("learner", "instructor", "admin")
"""From the one that may least to the one that may most."""


class Level(Enum):
    """Who a route or handler is for."""

    PUBLIC = "anybody, signed in or not; it shows nothing of anybody"
    LESSONS = "anybody, but only learners where anonymous use is closed"
    OWN = "a learner, for data of their own"
    INSTRUCTOR = "an instructor, for the own course"
    ADMIN = "an admin"


@dataclass(frozen=True)
class Rule:
    """What is known of one route or handler.

    Args:
        level: Who it is for.
        ids: Its parameters that name somebody's data.
        plain: Its other parameters.
    """

    level: Level
    ids: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()


ROUTES: Mapping[str, Rule] = {
    "GET /": Rule(Level.OWN),
    "GET /ask": Rule(Level.OWN),
    "GET /conversations": Rule(Level.OWN, plain=("done",)),
    "POST /conversations": Rule(Level.OWN, ids=("id",), plain=("act", "title")),
    "POST /report": Rule(Level.OWN, ids=("message",), plain=("reason", "note")),
    "POST /plan": Rule(Level.OWN, plain=("act", "path", "goal", "minutes", "back")),
    "GET /reviews.ics": Rule(Level.OWN),
    "GET /practise": Rule(Level.OWN),
    "GET /progress": Rule(Level.OWN, plain=("skill", "objective", "done", "of")),
    "POST /progress": Rule(Level.OWN, plain=("act", "objective")),
    "GET /paths": Rule(Level.OWN),
    "GET /data": Rule(Level.OWN),
    "GET /data.json": Rule(Level.OWN),
    "GET /data.html": Rule(Level.OWN),
    "POST /data": Rule(Level.OWN, plain=("sure",)),
    "GET /deleted": Rule(Level.PUBLIC, plain=("rest",)),
    "GET /write": Rule(Level.OWN, ids=("id",), plain=("lesson", "section")),
    # It answers nobody too: with the words that were typed, so that a lost session does not cost them.
    "POST /write": Rule(Level.PUBLIC, ids=("id",), plain=("lesson", "section", "words", "met")),
    "GET /portfolio": Rule(Level.OWN, plain=("done", "of")),
    "POST /portfolio": Rule(Level.OWN, ids=("id",), plain=("act",)),
    "GET /portfolio.html": Rule(Level.OWN),
    "POST /read": Rule(Level.OWN, plain=("lesson",)),
    "GET /widget.js": Rule(Level.PUBLIC),
    "GET /widget": Rule(Level.PUBLIC, plain=("to",)),
    "POST /widget/session": Rule(Level.PUBLIC),
    "GET /widget/state": Rule(Level.OWN),
    # Platforms come here; each checks what it was sent: ui/lti.
    "GET /lti/login": Rule(Level.PUBLIC),
    "POST /lti/login": Rule(Level.PUBLIC),
    "POST /lti/launch": Rule(Level.PUBLIC),
    "POST /lti/links": Rule(Level.PUBLIC),
    "GET /lti/register": Rule(Level.PUBLIC),
    "GET /lti/jwks": Rule(Level.PUBLIC),
    "GET /class": Rule(Level.INSTRUCTOR, plain=("skill",)),
    "GET /class.csv": Rule(Level.INSTRUCTOR),
    "GET /lti/course": Rule(Level.INSTRUCTOR, plain=("people",)),
    "GET /lessons": Rule(Level.LESSONS, plain=("skill",)),
    "GET /read": Rule(Level.LESSONS, plain=("lesson", "section", "quote", "panel")),
    "GET /picture": Rule(Level.LESSONS, plain=("of",)),
    "GET /glossary": Rule(Level.LESSONS),
    "GET /about": Rule(Level.PUBLIC),
    "GET /static/{name}": Rule(Level.PUBLIC, plain=("name",)),
    "GET /assets/{name:path}": Rule(Level.PUBLIC, plain=("name",)),
    "GET /healthz": Rule(Level.PUBLIC),
    "GET /readyz": Rule(Level.PUBLIC),
    # Its own rule decides: ui/metrics.py.
    "GET /metrics": Rule(Level.PUBLIC),
    "GET /login": Rule(Level.PUBLIC, plain=("next",)),
    "GET /callback": Rule(Level.PUBLIC, plain=("code", "state", "error")),
    "POST /logout": Rule(Level.PUBLIC),
    "GET /keep": Rule(Level.OWN),
    "POST /keep": Rule(Level.OWN, plain=("act",)),
    # The one-time link of the console.
    "GET /own": Rule(Level.PUBLIC, plain=("key",)),
}
"""Method and path of every route of the application."""

HANDLERS: Mapping[str, Rule] = {
    "open": Rule(Level.OWN, ids=("c",)),
    "ask": Rule(Level.OWN, ids=("conversation", "wish"), plain=("question", "scope")),
    "stop": Rule(Level.OWN, ids=("conversation",)),
    "begin": Rule(Level.OWN, plain=("skill", "objective", "done", "link")),
    "act": Rule(Level.OWN, ids=("wish",)),
}
"""Function name of every Gradio handler; its inputs by their elem_id, and what it takes from the address."""


def require(learner: Learner | None, role: str) -> Learner:
    """The learner, when they have at least a role in their context.

    Args:
        learner: The verified identity; None when nobody is signed in.
        role: ``learner``, ``instructor`` or ``admin``.

    Raises:
        SignInNeeded: Nobody is signed in.
        Forbidden: The role is not enough.
    """
    if learner is None:
        raise SignInNeeded(text("error.session"))
    if learner.role not in ROLES or ROLES.index(learner.role) < ROLES.index(role):
        raise Forbidden(text("error.forbidden"))
    return learner


def allow(rule: Rule | None, learner: Learner | None, closed: bool) -> None:
    """Do nothing when somebody may use what a rule is about.

    Args:
        rule: The table's; None for what is not in it.
        learner: Who asks; None when nobody is signed in.
        closed: Whether anonymous use is closed.

    Raises:
        SignInNeeded: Nobody is signed in.
        Forbidden: The role is not enough.
    """
    level = rule.level if rule else Level.ADMIN
    if level is Level.PUBLIC or (level is Level.LESSONS and not closed):
        return
    need = {Level.LESSONS: "learner", Level.OWN: "learner", Level.INSTRUCTOR: "instructor", Level.ADMIN: "admin"}
    require(learner, need[level])


async def checked(request: Request) -> None:
    """The dependency of every route: looks the route up in the table and asks whether this learner may.

    Raises:
        SignInNeeded: Nobody is signed in.
        Forbidden: The role is not enough.
    """
    rule, learner = ROUTES.get(f"{request.method} {path_of(request.scope)}"), request.state.learner
    allow(rule, learner, bool(request.app.state.closed))
    teaches.set(learner is not None and learner.role in ROLES[1:])
    if request.app.state.signs_in:
        kind = learner.principal.partition(":")[0] if learner is not None else "anon"
        account.set({"oidc": "out", "anon": "in"}.get(kind, ""))


def learner_of(request: Request) -> Learner:
    """The learner whom the server verified for this request.

    Raises:
        SignInNeeded: Nobody is signed in.
    """
    return require(cast(Learner | None, request.state.learner), "learner")
