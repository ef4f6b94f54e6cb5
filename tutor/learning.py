"""What an answer changes: what is known of its objective, and the session in which it was given.

Knows nothing of the store, of lessons or of other kinds of events; what counts was decided before (tutor.attempts).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tutor.mastery import LAPSED, LEARNED, chances, updated
from tutor.progress import Progress, Seen, Sitting, Standing

APART = timedelta(hours=20)
"""Time between learning an objective and the right answer that masters it."""
SITTING = timedelta(minutes=30)
"""A pause after which the next answer begins a new session."""
RECENT = 10
"""Counted answers by which the difficulty is held."""


def attempted(progress: Progress, at: datetime, payload: Mapping[str, Any]) -> Progress:
    """The progress after an answer: always its showing's, and the objective's and the session's when it counts.

    Args:
        progress: Before.
        at: The answer's moment; aware.
        payload: The event's payload.
    """
    showing = progress.open
    if showing is not None and showing.id == payload["showing"]:
        wrong = tuple(payload.get("ruled_out", ()))
        progress = replace(
            progress,
            open=replace(showing, attempts=showing.attempts + 1, ruled_out=wrong, answer=dict(payload["answer"])),
        )
    progress = replace(progress, last_objective=payload["objective"])
    if not payload["counted"]:
        return progress
    correct = bool(payload["correct"])
    item, objective = payload["item"], payload["objective"]
    before = progress.standing(objective)
    after = _answered(before, at, payload)
    seen = progress.items.get(item)
    return replace(
        progress,
        objectives={**progress.objectives, objective: after},
        items={**progress.items, item: Seen(seen.shown if seen else at, at)},
        recent=(*progress.recent, correct)[-RECENT:],
        sitting=_sat(progress.sitting, at, payload, before, after),
    )


def _answered(before: Standing, at: datetime, payload: Mapping[str, Any]) -> Standing:
    correct, level = bool(payload["correct"]), int(payload["hint_level"])
    known = before.known
    if not correct or level == 0:  # right after a hint is no evidence
        known = updated(known, correct, chances(payload["kind"], int(payload["options"])))
    if payload.get("lapse"):
        known = min(known, LAPSED)
    after = replace(
        before,
        known=known,
        answers=before.answers + 1,
        right=before.right + correct,
        last=max(at, before.last or at),
        wrong_in_row=0 if correct else before.wrong_in_row + 1,
    )
    if payload.get("lapse"):
        return replace(after, mastered=None, learned=at, learned_by=payload["item"])
    if before.learned is None and known >= LEARNED:
        return replace(after, learned=at, learned_by=payload["item"])
    return replace(after, mastered=at) if _masters(before, after, at, payload) else after


def _masters(before: Standing, after: Standing, at: datetime, payload: Mapping[str, Any]) -> bool:
    return bool(
        payload["correct"]
        and not payload["hint_level"]
        and before.learned is not None
        and before.mastered is None
        and after.known >= LEARNED
        and payload["item"] != before.learned_by
        and at - before.learned >= APART
    )


def _sat(
    sitting: Sitting | None, at: datetime, payload: Mapping[str, Any], before: Standing, after: Standing
) -> Sitting:
    if sitting is None or at - sitting.last > SITTING or at < sitting.begun:
        sitting = Sitting(at, at)
    objective, correct = payload["objective"], bool(payload["correct"])
    learned = before.learned is None and after.learned is not None
    mastered = before.mastered is None and after.mastered is not None
    return replace(
        sitting,
        last=max(at, sitting.last),
        answers=sitting.answers + 1,
        right=sitting.right + correct,
        reviews=sitting.reviews + (payload.get("purpose") == "review"),
        learned=added(sitting.learned, objective, learned),
        mastered=added(sitting.mastered, objective, mastered),
        wrong=added(sitting.wrong, objective, not correct),
    )


def added(names: tuple[str, ...], name: str, wanted: bool) -> tuple[str, ...]:
    """Names with one more, once, if it is wanted."""
    return (*names, name) if wanted and name not in names else names
