"""When an objective is due again: one FSRS card an objective, kept as its JSON.

Knows nothing of mastery or of items. The scheduler is py-fsrs (FSRS-6) with the parameters it ships.
"""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

Rating = Literal["again", "hard", "good"]
RETENTION = 0.9
"""Share of reviews that are to succeed."""
LONGEST_DAYS = 180
MOST_IN_SESSION = 10


@cache
def scheduler() -> "Scheduler":
    """The scheduler: no steps inside a day, nothing random."""
    from fsrs import Scheduler

    return Scheduler(
        desired_retention=RETENTION,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=LONGEST_DAYS,
        enable_fuzzing=False,
    )


def rating(correct: bool, hint_level: int) -> Rating:
    """How a first answer of the day rates: right alone Good, after one hint Hard, else Again; Easy never."""
    if not correct or hint_level >= 2:
        return "again"
    return "hard" if hint_level == 1 else "good"


def new_card(objective: str, now: datetime) -> dict[str, Any]:
    """The card of an objective that was learned just now, rated Good at once.

    Args:
        objective: Its id, from which the card's number follows.
        now: When; aware.

    Returns:
        The card as JSON; first due after about two days.
    """
    from fsrs import Card

    card = Card(card_id=zlib.crc32(objective.encode()), due=now.astimezone(UTC))
    return _rated(card, "good", now)[0]


def reviewed(card: Mapping[str, Any], given: Rating, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card after a review, and FSRS's log entry of it.

    Args:
        card: The card as JSON.
        given: The rating.
        now: When; aware. A clock that went back counts as the moment of the last review.
    """
    return _rated(_card(card), given, now)


def _rated(card: "Card", given: Rating, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    from fsrs import Rating as Grade

    moment = now.astimezone(UTC)
    if card.last_review is not None:
        moment = max(moment, card.last_review)
    changed, log = scheduler().review_card(card, Grade[given.capitalize()], moment)
    return dict(changed.to_dict()), dict(log.to_dict())


def due(card: Mapping[str, Any]) -> datetime:
    """When the card is due; aware."""
    return datetime.fromisoformat(card["due"])


def retrievability(card: Mapping[str, Any], now: datetime) -> float:
    """P(recalled now), from 0 to 1, by FSRS's forgetting curve."""
    return float(scheduler().get_card_retrievability(_card(card), now.astimezone(UTC)))


def curve(card: Mapping[str, Any], days: int) -> list[float]:
    """The forgetting curve: P(recalled) on each of the days 0 to ``days`` after the last review."""
    from datetime import timedelta

    start = _card(card).last_review or due(card)
    return [retrievability(card, start + timedelta(days=day)) for day in range(days + 1)]


def _card(card: Mapping[str, Any]) -> "Card":
    from fsrs import Card

    return Card.from_dict({**card})  # type: ignore[typeddict-item]
