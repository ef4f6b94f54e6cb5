"""What a learner's past adds up to: activity a week, how good the predictions were, where each objective stands.

Knows nothing of the store, of pages or of words. Pure: the events, the progress and the moment are given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from tutor.mastery import LEARNED
from tutor.outline import Outline, Topic
from tutor.policy import due_topics
from tutor.progress import Progress
from tutor.review import curve, due, retrievability

State = Literal["new", "started", "learned", "mastered", "due"]
"""A status, or that its review is due."""
WEEKS = 12
BINS = 5
ENOUGH = 10
"""Answers below which a share says too little to be drawn."""
SHORTEST_CURVE = 7
"""Days that a forgetting curve shows at least."""


@dataclass(frozen=True)
class Answered:
    """One counted first answer.

    Args:
        at: When; aware.
        predicted: P(right) as it was stored before the answer, from 0 to 1.
        correct: Whether it was right.
        assisted: Whether a hint was taken before it.
    """

    at: datetime
    predicted: float
    correct: bool
    assisted: bool = False


def answered(happened: Iterable[tuple[datetime, Mapping[str, Any]]]) -> list[Answered]:
    """The counted answers among ``attempted`` events.

    Args:
        happened: Moment and payload of each. Second tries and answers without a grade are left out.
    """
    return [
        Answered(at, float(each["predicted"]), bool(each["correct"]), bool(each["hint_level"]))
        for at, each in happened
        if each["counted"]
    ]


@dataclass(frozen=True)
class Week:
    """The answers of one week, Monday to Sunday in UTC."""

    begins: date
    right: int = 0
    wrong: int = 0

    @property
    def answers(self) -> int:
        """All of them."""
        return self.right + self.wrong


def weeks(answers: Iterable[Answered], now: datetime, count: int = WEEKS) -> tuple[Week, ...]:
    """Activity in each of the last weeks, the present one last; weeks without an answer are there too.

    Args:
        answers: In any order; older and future ones are left out.
        now: The present moment; aware.
        count: How many weeks, at least 1.
    """
    last = _monday(now)
    found: dict[date, list[int]] = {last - timedelta(weeks=back): [0, 0] for back in reversed(range(count))}
    for each in answers:
        if (monday := _monday(each.at)) in found:
            found[monday][0 if each.correct else 1] += 1
    return tuple(Week(begins, right, wrong) for begins, (right, wrong) in found.items())


def _monday(moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Bin:
    """The answers whose predicted P(right) lies in one range.

    Args:
        low: Where it begins, from 0 to 1, included.
        high: Where it ends, left out; 1 is in the last one.
        count: How many answers.
        predicted: Their mean prediction; 0 without an answer.
        right: How many of them were right.
    """

    low: float
    high: float
    count: int = 0
    predicted: float = 0.0
    right: int = 0

    @property
    def actual(self) -> float:
        """The share that was right; 0 without an answer."""
        return self.right / self.count if self.count else 0.0


@dataclass(frozen=True)
class Calibration:
    """Predicted against actual success.

    Args:
        bins: By predicted P(right), rising.
        count: Answers in all bins.
        right: Right ones among them.
        brier: Mean squared distance of prediction and outcome (Brier 1950); 0 is perfect, 0.25 is a coin.
    """

    bins: tuple[Bin, ...]
    count: int
    right: int
    brier: float

    @property
    def base_rate(self) -> float:
        """The share of right answers; 0 without an answer."""
        return self.right / self.count if self.count else 0.0

    @property
    def base_brier(self) -> float:
        """Brier score of always saying ``base_rate``: the best that one number can do on these very answers."""
        return self.base_rate * (1 - self.base_rate)


def calibration(answers: Iterable[Answered], bins: int = BINS) -> Calibration:
    """How well the stored predictions fit what happened.

    A prediction is of an answer without help, so answers after a hint are left out.

    Args:
        answers: In any order.
        bins: Number of ranges of equal width.

    Example:
        >>> calibration([Answered(datetime.now(UTC), 0.9, True), Answered(datetime.now(UTC), 0.9, False)]).brier
        0.41
    """
    alone = [each for each in answers if not each.assisted]
    held: list[list[Answered]] = [[] for _ in range(bins)]
    for each in alone:
        held[min(int(each.predicted * bins), bins - 1)].append(each)
    made = tuple(_bin(place / bins, (place + 1) / bins, each) for place, each in enumerate(held))
    squares = sum((each.predicted - each.correct) ** 2 for each in alone)
    brier = round(squares / len(alone), 9) if alone else 0.0
    return Calibration(made, len(alone), sum(each.correct for each in alone), brier)


def _bin(low: float, high: float, held: Sequence[Answered]) -> Bin:
    if not held:
        return Bin(low, high)
    mean = sum(each.predicted for each in held) / len(held)
    return Bin(low, high, len(held), mean, sum(each.correct for each in held))


@dataclass(frozen=True)
class Evidence:
    """Where a learner stands with one objective, and why the tutor thinks so.

    Args:
        topic: The objective.
        state: In a word.
        known: P(known), from 0 to 1.
        right: Right first answers.
        answers: Counted first answers.
        last: When the last one was given; None before the first.
        due: When its review is due; None without a card.
        recall: P(recalled now) by the forgetting curve; None without a card.
        slipped: It was learned, and the answers since have lowered the estimate.
    """

    topic: Topic
    state: State
    known: float
    right: int
    answers: int
    last: datetime | None
    due: datetime | None
    recall: float | None
    slipped: bool

    @property
    def learned(self) -> bool:
        """Whether it was learned, a due review or not."""
        return self.state in {"learned", "mastered", "due"}


def evidence(progress: Progress, outline: Outline, now: datetime) -> tuple[Evidence, ...]:
    """The standing of every topic, in the order of the outline.

    Args:
        progress: Where the learner stands.
        outline: The topics.
        now: The present moment; aware.
    """
    waiting = {topic.id for topic, _ in due_topics(progress, outline.topics, now)}
    return tuple(_evidence(progress, topic, topic.id in waiting, now) for topic in outline.topics)


def _evidence(progress: Progress, topic: Topic, waiting: bool, now: datetime) -> Evidence:
    standing = progress.standing(topic.id)
    card = standing.card
    return Evidence(
        topic,
        "due" if waiting else standing.status,
        standing.known,
        standing.right,
        standing.answers,
        standing.last,
        due(card) if card else None,
        retrievability(card, now) if card else None,
        standing.learned is not None and standing.known < LEARNED,
    )


@dataclass(frozen=True)
class Totals:
    """How many objectives there are, are learned, are mastered, are due."""

    objectives: int
    learned: int
    mastered: int
    due: int


def totals(progress: Progress, found: Sequence[Evidence]) -> Totals:
    """The counts over some topics; mastered and due ones are among the learned.

    Args:
        progress: Where the learner stands.
        found: The evidence of these topics.
    """
    mastered = sum(progress.standing(each.topic.id).mastered is not None for each in found)
    waiting = sum(each.state == "due" for each in found)
    return Totals(len(found), sum(each.learned for each in found), mastered, waiting)


@dataclass(frozen=True)
class Forgetting:
    """The forgetting curve of one objective.

    Args:
        recall: P(recalled) on each day from 0, the day of the last review.
        today: Day of the present moment, at most the last day.
        due: Day on which the review is due.
    """

    recall: tuple[float, ...]
    today: int
    due: int


def forgetting(card: Mapping[str, Any], now: datetime) -> Forgetting:
    """The curve from the last review until twice the time to the next one, or until today when that is later.

    Args:
        card: The FSRS card as JSON.
        now: The present moment; aware. Before the last review it counts as day 0.
    """
    begun = datetime.fromisoformat(card["last_review"]) if card.get("last_review") else due(card)
    today, waiting = max(0, (now - begun).days), max(0, (due(card) - begun).days)
    days = max(SHORTEST_CURVE, 2 * waiting, min(today, 2 * 365))
    return Forgetting(tuple(curve(card, days)), min(today, days), waiting)
