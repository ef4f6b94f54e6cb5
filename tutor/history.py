"""What happened, folded into where a learner stands: one event after the other, nothing else.

Knows nothing of the store, of lessons or of what comes next. ``apply`` needs only what an event's payload holds, so
that a progress can be rebuilt after items were edited or removed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from pydantic import TypeAdapter

from tutor.learning import added, attempted
from tutor.mastery import LEARNED, within
from tutor.progress import Closed, Plan, Progress, Quiz, Seen, Showing, TestOut, from_json, to_json

FRESH = timedelta(hours=24)
"""Only the first answer to an item in this time counts."""
AWAY = timedelta(days=21)
"""An absence after which the first session is a short one."""


class Happened(Protocol):
    """What an event has that matters here."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def at(self) -> datetime:
        """Its moment; aware."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """Its payload."""


def fold(state: Mapping[str, Any], events: Iterable[Happened]) -> Mapping[str, Any]:
    """A progress as JSON after more events, in their order; an empty one is the beginning."""
    progress = from_json(state)
    for event in events:
        progress = apply(progress, event.kind, event.at, event.payload)
    return to_json(progress)


def rebuilt(events: Iterable[tuple[str, datetime, Mapping[str, Any]]]) -> Progress:
    """The progress after all events, in the order in which they were stored.

    Args:
        events: Kind, moment and payload of each.
    """
    progress = Progress()
    for kind, at, payload in events:
        progress = apply(progress, kind, at, payload)
    return progress


def apply(progress: Progress, kind: str, at: datetime, payload: Mapping[str, Any]) -> Progress:
    """The progress after one more event; a kind that changes nothing changes nothing.

    Args:
        progress: Before.
        kind: The event's kind, one of KINDS.
        at: The event's moment; aware.
        payload: The event's payload.
    """
    if kind not in KINDS:
        return progress
    last = progress.active or at
    changed = KINDS[kind](progress, at, payload)
    return replace(changed, active=max(at, last), returned=at if at - last >= AWAY else changed.returned)


@cache
def _showing() -> TypeAdapter[Showing]:
    return TypeAdapter(Showing)


def _shown(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    showing = _showing().validate_python({**payload, "shown": at})
    before = progress.items.get(showing.item)
    seen = Seen(at, before.counted if before else None)
    return replace(progress, open=showing, items={**progress.items, showing.item: seen})


def _hinted(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    showing = progress.open
    if showing is None or showing.id != payload["showing"]:
        return progress
    return replace(progress, open=replace(showing, level=int(payload["level"]), attempts_at_level=showing.attempts))


def _reviewed(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    objective = payload["objective"]
    standing = replace(progress.standing(objective), card=dict(payload["card"]), rated=payload["day"])
    return replace(progress, objectives={**progress.objectives, objective: standing})


def _closed(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    showing = progress.open
    if showing is None or showing.id != payload["showing"]:
        return progress
    ended = Closed(showing, payload["outcome"])
    progress = _asked_in_quiz(progress, showing, payload["outcome"])
    return replace(progress, open=None, closed=ended, reviewed_last=showing.purpose == "review")


def _asked_in_quiz(progress: Progress, showing: Showing, outcome: str) -> Progress:
    """The progress after a question of a quiz: one that its author changed or took out is replaced by another."""
    quiz = progress.quizzes.get(showing.link)
    if quiz is None or not quiz.items or outcome in {"changed", "withdrawn"}:
        return progress
    quiz = replace(quiz, asked=(*quiz.asked, showing.item), right=quiz.right + (outcome == "right"))
    if len(quiz.asked) >= quiz.items:
        quiz = _quiz_ended(quiz)
    return replace(progress, quizzes={**progress.quizzes, showing.link: quiz})


def _quiz_ended(quiz: Quiz) -> Quiz:
    share = quiz.right / quiz.items
    return replace(quiz, finished=quiz.finished + 1, best=max(quiz.best, share), last=share, items=0)


def _quizzed(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    link = payload["link"]
    quiz = progress.quizzes.get(link) or Quiz()
    if payload["state"] == "begun":
        items, chat = int(payload["items"]), bool(payload["chat"])
        quiz = replace(quiz, taken=quiz.taken + 1, items=items, asked=(), right=0, begun=at, chat=chat)
    elif quiz.items:
        quiz = _quiz_ended(quiz)
    return replace(progress, quizzes={**progress.quizzes, link: quiz})


def _tested(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    state, objective = payload["state"], payload["objective"]
    if state == "going":
        going = TestOut(objective, tuple(payload.get("right", ())), bool(payload.get("constructed")))
        return replace(progress, testing=going)
    progress = replace(progress, testing=None)
    if state != "passed":
        return progress
    before = progress.standing(objective)
    after = replace(before, known=max(before.known, LEARNED), learned=before.learned or at)
    return replace(progress, objectives={**progress.objectives, objective: after})


def _offered(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    return replace(progress, probed=added(progress.probed, payload["skill"], True))


def _opened(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    address = f"{payload['skill']}/{payload['lesson']}#{payload['section']}"
    # What was read after wrong answers has been answered for: the row begins anew, whatever the clock says.
    served = {
        name: replace(progress.objectives[name], wrong_in_row=0)
        for name in payload.get("objectives", ())
        if name in progress.objectives
    }
    return replace(
        progress,
        read={**progress.read, address: at},
        objectives={**progress.objectives, **served},
        reviewed_last=progress.reviewed_last and progress.open is not None,
    )


def _finished(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    return replace(progress, finished={**progress.finished, f"{payload['skill']}/{payload['lesson']}": at})


def _corrected(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    """A learner's own lower estimate: below LEARNED, what was learned is open again."""
    objective = payload["objective"]
    before = progress.standing(objective)
    known = within(float(payload["known"]))
    if known >= before.known:
        return progress
    after = replace(before, known=known)
    if known < LEARNED:
        after = replace(after, learned=None, learned_by="", mastered=None, card=None, rated="")
    return replace(progress, objectives={**progress.objectives, objective: after})


def _reset(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    kept = {name: standing for name, standing in progress.objectives.items() if name != payload["objective"]}
    testing = progress.testing
    ended = testing is not None and testing.objective == payload["objective"]
    return replace(progress, objectives=kept, testing=None if ended else testing)


def _planned(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    plan = Plan(payload.get("path", ""), payload.get("goal", ""), int(payload.get("minutes", 0)), True)
    return replace(progress, plan=plan)


def _asked(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    return replace(progress, asked=progress.asked + 1)


Apply = Callable[[Progress, datetime, Mapping[str, Any]], Progress]

KINDS: Mapping[str, Apply] = {
    "shown": _shown,
    "hinted": _hinted,
    "attempted": attempted,
    "reviewed": _reviewed,
    "closed": _closed,
    "tested": _tested,
    "offered": _offered,
    "opened": _opened,
    "finished": _finished,
    "corrected": _corrected,
    "reset": _reset,
    "planned": _planned,
    "asked": _asked,
    "quizzed": _quizzed,
}
"""Kinds of events that change a progress, and how. Others, such as ``disputed`` and ``wrote``, are kept for reports."""

STANDING = ("attempted", "tested", "corrected", "reset")
"""The kinds that decide alone what of an objective is learned and mastered: the others change nothing of it."""
