"""All that is stored of a learner as one JSON value of a stable layout (docs/privacy.md describes it).

Knows nothing of the database or of pages: it is given what is stored. What is missing in the answer to an open question
stays out until the question is closed: it is the question's key, not the learner's data.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from tutor.learner import Learner
from tutor.portfolio import pieces_from
from tutor.store import Event, Kept

FORMAT = "genai-tutor-export"
VERSION = 1
"""Goes up when a field changes its meaning or goes away; new fields may come without."""

FEEDBACK = ("reported", "disputed", "graded")
"""Kinds of events in which a learner says what is wrong or compares an answer by themselves."""


def as_json(kept: Kept, learner: Learner, made: datetime, product: str) -> dict[str, Any]:
    """The export.

    Args:
        kept: All that is stored, after ``guarded``.
        learner: Whose it is.
        made: The present moment; aware.
        product: Version of the tutor.

    Returns:
        A value of JSON types; moments are ISO 8601 in UTC.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "made": made.isoformat(),
        "product": product,
        "learner": {"tenant": learner.tenant, "principal": learner.principal},
        "events": [_event(event) for event in kept.events],
        "conversations": [
            {**_plain(talk, "principal", "tenant"), "messages": [_plain(line, "conversation") for line in said]}
            for talk, said in kept.conversations
        ],
        "progress": dict(kept.state),
        "sessions": [_plain(session) for session in kept.sessions],
        "courses": [_plain(visit) for visit in kept.visits],
        "feedback": [_event(event) for event in kept.events if event.kind in FEEDBACK],
        "portfolio": [_plain(piece, "version") for piece in pieces_from(kept.events)],
    }


def guarded(kept: Kept) -> Kept:
    """What is stored without the key points that the answer to the open question lacks."""
    showing = (kept.state.get("open") or {}).get("id")
    if showing is None:
        return kept
    events = tuple(
        replace(event, payload=_met_only(event.payload)) if event.payload.get("showing") == showing else event
        for event in kept.events
    )
    return replace(kept, events=events, state={**kept.state, "open": _met_only(kept.state["open"])})


def _met_only(payload: Mapping[str, Any]) -> dict[str, Any]:
    answer = payload.get("answer")
    if not isinstance(answer, Mapping) or "points" not in answer:
        return dict(payload)
    return {**payload, "answer": {**answer, "points": [each for each in answer["points"] if each.get("met")]}}


def _event(event: Event) -> dict[str, Any]:
    return _plain(event, "principal", "tenant", "idempotency_key")


def _plain(value: Any, *without: str) -> dict[str, Any]:
    """A dataclass as JSON types, without what the export says elsewhere."""
    return {name: _json(each) for name, each in asdict(value).items() if name not in without}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return value
