"""Reviews of simulated memories: how well FSRS foretells them, and what its schedule costs and keeps.

Knows nothing of lessons. No log of real reviews is at hand; the memories follow two forgetting models that are not
FSRS's own (benchmarks.simulated_memory).
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.simulated_learners import Habit, SimulatedLearner
from benchmarks.simulated_memory import Activation, HalfLife
from benchmarks.table import Table
from tutor.outline import Outline, Topic
from tutor.review import due, new_card, rating, retrievability, reviewed

BEGIN = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
CARDS = 300
DAYS = 180
TOPIC = Topic("x", "x", "X", (), (), ())
OUTLINE = Outline((TOPIC,), ("x",))


@dataclass(frozen=True)
class Review:
    """One review: days since the last, what FSRS foretold, whether it was recalled."""

    days: float
    foretold: float
    recalled: bool


def half_life(rng: random.Random) -> SimulatedLearner:
    """A memory that was learned just now and fades exponentially; some last longer than others."""
    learner = HalfLife(rng, OUTLINE, Habit(start=0.0))
    learner.known["x"] = True
    learner.half["x"] = learner.FIRST * math.exp(rng.gauss(0, 0.5))
    return learner


def power_law(rng: random.Random) -> SimulatedLearner:
    """A memory of three to six encounters, just made, that fades by a power law."""
    learner = Activation(rng, OUTLINE)
    for number in range(rng.randint(3, 6)):
        learner.read(TOPIC, (number - 6) * 90 / 86400)
    return learner


MEMORIES: Mapping[str, Callable[[random.Random], SimulatedLearner]] = {"half-life": half_life, "power law": power_law}
Schedule = Callable[[Mapping[str, Any], datetime, random.Random], datetime]


def by_fsrs(card: Mapping[str, Any], now: datetime, rng: random.Random) -> datetime:
    """When FSRS wants it."""
    return due(card)


def around_fsrs(card: Mapping[str, Any], now: datetime, rng: random.Random) -> datetime:
    """Half to twice the interval that FSRS wants, but a day at least, because FSRS counts whole days."""
    return now + max(timedelta(days=1), (due(card) - now) * math.exp(rng.uniform(-0.7, 0.7)))


def every(days: int) -> Schedule:
    """Each so many days, whatever happened."""
    return lambda card, now, rng: now + timedelta(days=days)


def reviews(learner: SimulatedLearner, schedule: Schedule, rng: random.Random) -> Iterator[Review]:
    """The reviews of one memory in DAYS."""
    card, now = new_card("x", BEGIN), BEGIN
    while (after := schedule(card, now, rng)) < BEGIN + timedelta(days=DAYS):
        day = (after - BEGIN) / timedelta(days=1)
        recalled = rng.random() < learner.ability("x", day)
        yield Review((after - now) / timedelta(days=1), retrievability(card, after), recalled)
        learner.practised(TOPIC, recalled, False, day)
        card, now = reviewed(card, rating(recalled, 0), after)[0], after


def log_loss(pairs: Sequence[tuple[float, bool]]) -> float:
    """Mean negative log likelihood of outcomes, in nats."""
    return -sum(math.log(max(1e-6, p if happened else 1 - p)) for p, happened in pairs) / len(pairs)


def foretelling() -> Table:
    """Log loss of FSRS against two baselines that were fitted to other simulated memories."""
    rows = []
    for name, make in MEMORIES.items():
        logs = [list(reviews(make(rng), around_fsrs, rng)) for rng in _generators(name)]
        fit = [review for log in logs[::2] for review in log]
        test = [review for log in logs[1::2] for review in log]
        base = sum(review.recalled for review in fit) / len(fit)
        scale = min((2 ** (n / 4) for n in range(40)), key=lambda scale: log_loss(_curve(fit, scale)))
        fsrs = log_loss([(review.foretold, review.recalled) for review in test])
        right = sum(review.recalled for review in test) / len(test)
        mean = sum(review.foretold for review in test) / len(test)
        rows.append([
            name, f"{len(test):,}", f"{right:.1%}", f"{mean:.1%}", f"{fsrs:.3f}",
            f"{log_loss([(base, review.recalled) for review in test]):.3f}", f"{log_loss(_curve(test, scale)):.3f}",
        ])  # fmt: skip
    return Table(
        "Reviews: what FSRS foretells, on simulated memories",
        f"{CARDS} simulated memories of each kind over {DAYS} days, reviewed at half to twice the interval that FSRS wants; "
        "parameters as shipped. Log loss in nats, lower is better. Both baselines were fitted to one half of the memories "
        "and tested, like FSRS, on the other: always the same chance, and one exponential forgetting curve for all.",
        ["memory", "reviews", "recalled", "FSRS foretold", "log loss: FSRS", "same chance", "one curve"],
        rows,
    )


def _curve(log: Sequence[Review], scale: float) -> list[tuple[float, bool]]:
    return [(min(0.999, math.exp(-review.days / scale)), review.recalled) for review in log]


def _generators(name: str) -> Iterator[random.Random]:
    return (random.Random(f"{name} {number}") for number in range(CARDS))


def schedules() -> Table:
    """What each schedule costs and keeps."""
    rows = []
    for name, make in MEMORIES.items():
        for title, schedule in (
            ("FSRS", by_fsrs),
            ("each 7 days", every(7)),
            ("each 14 days", every(14)),
            ("each 30 days", every(30)),
        ):
            counted, right, last = 0, 0, 0.0
            for rng in _generators(name):
                learner = make(rng)
                log = list(reviews(learner, schedule, rng))
                counted, right = counted + len(log), right + sum(review.recalled for review in log)
                last += learner.ability("x", DAYS + 30)
            rows.append([
                f"{name}, {title}", f"{counted / CARDS:.1f}", f"{right / max(1, counted):.1%}", f"{last / CARDS:.1%}",
            ])  # fmt: skip
    return Table(
        "Reviews: what each schedule costs and keeps, on simulated memories",
        f"The same memories, reviewed for {DAYS} days by each schedule, then left alone for 30 days.",
        ["memory, schedule", "reviews a memory", "recalled when reviewed", "recalled 30 days after the end"],
        rows,
    )


def foretold(table: Table) -> str:
    """The table of log losses in a sentence."""
    found = [
        f"{row[0]}: {row[4]} against {row[5]} for always the same chance and {row[6]} for one curve for all (foretold {row[3]}, recalled {row[2]})"
        for row in table.rows
    ]
    return (
        "- FSRS with the parameters it ships, log loss on simulated memories that do not follow its curve, lower is better: "
        f"{'; '.join(found)}. Whether people are like these memories only real reviews can tell; they are stored for that."
    )
