"""What a link in a course tells the tutor: which part to open, how to score, what is allowed.

Knows nothing of LTI messages: a link's settings travel as custom parameters, text to text.

Example:
    >>> LinkSettings("quiz", "nlp", items=5).to_custom()["tutor_items"]
    '5'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tutor.errors import TutorError

KINDS = ("tutor", "skill", "lesson", "quiz")
SCORES = ("completion", "best", "learned", "mastered", "none")
MOST_ITEMS = 50
MOST_ATTEMPTS = 100

_TARGETS = {"tutor": r"", "skill": r"[\w-]{1,80}", "lesson": r"[\w-]{1,80}/[\w-]{1,120}", "quiz": r"[\w-]{1,80}"}
_DUE = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)"


@dataclass(frozen=True)
class LinkSettings:
    """What an instructor chose for one link.

    Args:
        kind: ``tutor``, ``skill``, ``lesson`` or ``quiz``.
        target: Id of the skill (also of a quiz), ``skill/lesson`` of a lesson, empty for the whole tutor.
        items: How many items a quiz has; 0 otherwise.
        score: What is sent to the gradebook: ``completion``, ``best`` quiz result, share ``learned``, share
            ``mastered``, or ``none``.
        scope: Ids of the skills the chat may use; empty for all.
        attempts: How often the quiz may be taken; 0 without a limit.
        due: Until when; None without a limit; UTC.
        chat_open: Whether the chat answers while a quiz is open.
    """

    kind: str = "tutor"
    target: str = ""
    items: int = 0
    score: str = "completion"
    scope: tuple[str, ...] = ()
    attempts: int = 0
    due: datetime | None = None
    chat_open: bool = True

    def to_custom(self) -> dict[str, str]:
        """The settings as custom parameters; what is not limited is left out."""
        named = {
            "tutor_open": self.kind,
            "tutor_target": self.target,
            "tutor_items": str(self.items or ""),
            "tutor_score": self.score,
            "tutor_scope": ",".join(self.scope),
            "tutor_attempts": str(self.attempts or ""),
            "tutor_due": f"{self.due:%Y-%m-%dT%H:%M:%SZ}" if self.due else "",
            "tutor_chat": "" if self.chat_open else "off",
        }
        return {name: value for name, value in named.items() if value}


def from_custom(custom: Mapping[str, object]) -> LinkSettings:
    """Read a link's settings; parameters of others are ignored, an unfilled ``$Variable`` counts as empty.

    Raises:
        TutorError: A parameter has a value that is not allowed; the message names it.
    """
    given = {name.lower(): str(value).strip() for name, value in custom.items()}

    def value(name: str, allowed: str, otherwise: str, pattern: str) -> str:
        found = given.get(f"tutor_{name}", "")
        if not found or found.startswith("$"):
            return otherwise
        if not re.fullmatch(pattern, found):
            raise TutorError(
                f"This link's setting tutor_{name} is “{found[:60]}”; allowed is {allowed}. Ask whoever made the link "
                "to choose the content again.",
                "lti_link",
            )
        return found

    kind = value("open", _listed(KINDS), "tutor", "|".join(KINDS))
    target = value("target", f"what a link to a {kind} needs", "", _TARGETS[kind])
    if kind != "tutor" and not target:
        raise TutorError(f"This link opens a {kind} but its setting tutor_target names none.", "lti_link")
    number = r"\d{1,3}"
    items = _within(value("items", "a number", "", number), "items", MOST_ITEMS)
    scope = value("scope", "ids of skills with commas between", "", r"[\w-]{1,80}(\s*,\s*[\w-]{1,80}){0,30}")
    due = value("due", "a time such as 2026-12-01T12:00:00Z", "", _DUE)
    return LinkSettings(
        kind=kind,
        target=target,
        items=(items or 10) if kind == "quiz" else 0,
        score=value("score", _listed(SCORES), "completion", "|".join(SCORES)),
        scope=tuple(dict.fromkeys(part.strip() for part in scope.split(","))) if scope else (),
        attempts=_within(value("attempts", "a number", "", number), "attempts", MOST_ATTEMPTS),
        due=_moment(due),
        chat_open=value("chat", "on or off", "on", "on|off") == "on",
    )


def _listed(values: tuple[str, ...]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"


def _within(number: str, name: str, most: int) -> int:
    found = int(number or 0)
    if found > most:
        raise TutorError(f"This link's setting tutor_{name} is {found}; at most {most} is allowed.", "lti_link")
    return found


def _moment(written: str) -> datetime | None:
    if not written:
        return None
    try:
        return datetime.fromisoformat(written.replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise TutorError(f"This link's setting tutor_due is “{written}”, which is no moment.", "lti_link") from error
