"""What one answer, hint or skip makes happen, as events: the rules of practice, without a store.

Knows nothing of where events are kept, of words or of how an answer is graded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tutor.history import FRESH, apply
from tutor.item import Item
from tutor.mastery import chances, predicted
from tutor.progress import Outcome, Place, Progress, Purpose, Showing, Standing
from tutor.review import Rating, new_card, rating, reviewed

MOST_ATTEMPTS = 2
"""Answers to one showing: the first counts, the second is a chance to use the feedback; then the key is shown."""
TEST_OUT = ("test_out", "probe")
TEST = (*TEST_OUT, "quiz")
"""Purposes for which there are no hints and one try."""


@dataclass(frozen=True)
class Happening:
    """An event that is not stored yet: its kind and its payload."""

    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """An answer with its grade, as it is kept.

    Args:
        correct: Whether it was right; None when the grader was not sure.
        record: The answer and the grade as JSON.
        choice: Index of the option of a single choice; None otherwise.
    """

    correct: bool | None
    record: Mapping[str, Any]
    choice: int | None = None


def after(progress: Progress, happenings: Sequence[Happening], now: datetime) -> Progress:
    """The progress after happenings."""
    for each in happenings:
        progress = apply(progress, each.kind, now, each.payload)
    return progress


def show(
    progress: Progress, item: Item, order: Sequence[int], purpose: Purpose, place: Place, name: str, talk: str = ""
) -> list[Happening]:
    """Put an item in front of the learner; one that is open already is left.

    Args:
        progress: Before.
        item: The item.
        order: Indices of its options as they are displayed.
        purpose: Why it is shown.
        place: Where it is shown.
        name: Unique id of this showing.
        talk: Id of the conversation it stands in; empty elsewhere.
    """
    left = [closed(progress.open, "left")] if progress.open else []
    payload = {
        "id": name, "item": item.id, "objective": item.objective, "skill": item.skill, "content": item.content_hash,
        "kind": item.kind, "options": len(item.options), "order": list(order), "constructed": item.constructed,
        "purpose": purpose, "place": place, "conversation": talk,
    }  # fmt: skip
    return [*left, Happening("shown", payload)]


def closed(showing: Showing, outcome: Outcome) -> Happening:
    """The end of a showing."""
    payload = {"showing": showing.id, "item": showing.item, "objective": showing.objective, "outcome": outcome}
    return Happening("closed", payload)


def hint(showing: Showing, level: int) -> list[Happening]:
    """A hint of a level was given; at level 4, the answer, the showing ends."""
    payload = {"showing": showing.id, "item": showing.item, "objective": showing.objective, "level": level}
    given = [Happening("hinted", payload)]
    return [*given, closed(showing, "shown")] if level >= 4 else given


def attempt(progress: Progress, given: Given, now: datetime) -> list[Happening]:
    """An answer to the open item: what it counts for, what it rates, whether the showing ends.

    Args:
        progress: Before; an item is open.
        given: The answer and its grade.
        now: When; aware.
    """
    showing = progress.open
    assert showing is not None
    standing = progress.standing(showing.objective)
    counted = given.correct is not None and showing.attempts == 0 and not _counted_lately(progress, showing.item, now)
    rates = counted and standing.card is not None and standing.rated != _day(now)
    payload = _payload(showing, given, standing) | {
        "counted": counted,
        "lapse": rates and not given.correct,
    }
    made = [Happening("attempted", payload)]
    made += _ratings(after(progress, made, now), standing, given, rates, now)
    made = _passed(progress, [*made, *_tests(progress, given)], now)
    outcome = _outcome(showing, given)
    return [*made, closed(showing, outcome)] if outcome else made


def _payload(showing: Showing, given: Given, standing: Standing) -> dict[str, Any]:
    ruled_out = set(showing.ruled_out)
    if given.choice is not None and given.correct is False:
        ruled_out.add(given.choice)
    chance = predicted(standing.known, chances(showing.kind, showing.options))
    names = ("item", "objective", "skill", "content", "kind", "options", "constructed", "purpose")
    kept: dict[str, Any] = {name: getattr(showing, name) for name in names}
    return kept | {
        "showing": showing.id, "order": list(showing.order), "number": showing.attempts + 1,
        "hint_level": showing.level, "predicted": round(chance, 6), "correct": given.correct,
        "answer": dict(given.record), "ruled_out": sorted(ruled_out),
    }  # fmt: skip


def _counted_lately(progress: Progress, item: str, now: datetime) -> bool:
    seen = progress.items.get(item)
    # A clock that went back makes the time negative: still the same answer, still counted once.
    return seen is not None and seen.counted is not None and now - seen.counted < FRESH


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _ratings(progress: Progress, before: Standing, given: Given, rates: bool, now: datetime) -> list[Happening]:
    """The review that an answer was: a card is made when its objective is learned, and rated once a day after that."""
    showing = progress.open
    assert showing is not None
    if before.card is None and progress.standing(showing.objective).learned is not None:
        return [first_card(showing.objective, now)]
    if not rates or before.card is None or given.correct is None:
        return []
    rated: Rating = rating(given.correct, showing.level)
    card, log = reviewed(before.card, rated, now)
    payload = {"objective": showing.objective, "rating": rated, "card": card, "log": log, "day": _day(now)}
    return [Happening("reviewed", payload)]


def first_card(objective: str, now: datetime) -> Happening:
    """The card of an objective that was learned just now."""
    payload = {"objective": objective, "rating": "good", "card": new_card(objective, now), "day": _day(now)}
    return Happening("reviewed", payload)


def _tests(progress: Progress, given: Given) -> list[Happening]:
    """How a test-out goes on: two unseen items right, one of them written, and the objective is learned."""
    showing, testing = progress.open, progress.testing
    if showing is None or testing is None or showing.purpose not in TEST_OUT or showing.objective != testing.objective:
        return []
    if not given.correct or showing.level:
        return [Happening("tested", {"objective": testing.objective, "state": "failed"})]
    right = (*testing.right, showing.item)
    constructed = testing.constructed or showing.constructed
    state = "passed" if len(right) >= 2 and constructed else "going"
    return [
        Happening(
            "tested",
            {"objective": testing.objective, "state": state, "right": list(right), "constructed": constructed},
        )
    ]


def _outcome(showing: Showing, given: Given) -> Outcome | None:
    if given.correct:
        return "right"
    if given.correct is None:
        return "unsure"
    last = showing.attempts + 1 >= MOST_ATTEMPTS or showing.purpose in TEST
    # With two options the second answer is no answer.
    return "wrong" if last or (showing.kind == "single" and showing.options - len(showing.ruled_out) <= 2) else None


def begin_test_out(objective: str) -> Happening:
    """The learner says "I know this"."""
    return Happening("tested", {"objective": objective, "state": "going", "right": [], "constructed": False})


def _passed(progress: Progress, happenings: Sequence[Happening], now: datetime) -> list[Happening]:
    """The happenings, and the first card of an objective whose test-out was passed by them."""
    made = list(happenings)
    for each in happenings:
        if each.kind == "tested" and each.payload["state"] == "passed":
            objective = str(each.payload["objective"])
            if after(progress, made, now).standing(objective).card is None:
                made.append(first_card(objective, now))
    return made
