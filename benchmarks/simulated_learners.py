"""Simulated learners: what each knows of an objective, how it answers, learns and forgets.

Knows nothing of the tutor's own estimates. Only the first kind is drawn from the model that the tutor assumes; the
others break one assumption each, after learner models of the literature.
"""

import math
import random
import zlib
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from tutor.outline import ItemOutline, Outline, Topic

TRULY = 0.8
"""Chance of recalling and using an objective a day later, guesses and slips apart, from which it is truly mastered."""
UNREADY = 0.4
"""How much slower an objective is learned while one that it requires is not known (after Kaeser et al. 2014)."""


class SimulatedLearner(Protocol):
    """One learner; times are days since the first session."""

    def ability(self, topic: str, now: float) -> float:
        """Chance of recalling and using the objective now, guesses and slips apart."""

    def chance(self, topic: Topic, item: ItemOutline, now: float) -> float:
        """Chance of a right first answer without a hint."""

    def wants_hint(self, topic: Topic, now: float) -> bool:
        """Whether the learner takes a hint before the first answer."""
        return False

    def practised(self, topic: Topic, correct: bool, hinted: bool, now: float) -> None:
        """An item was answered and its feedback read."""

    def read(self, topic: Topic, now: float) -> None:
        """A section of the objective was read."""


@dataclass(frozen=True)
class Habit:
    """Parameters of a knowledge-tracing learner.

    Args:
        start: Share of objectives known from the beginning.
        transit: Chance to learn at an opportunity.
        slip: Chance of a wrong answer though it is known.
        lucky: Factor on the chance of guessing a choice.
        written: Chance of guessing a written answer.
        reads: Learning by reading, relative to answering.
        hints: Chance of a hint before answering what is not known; a sixth of it for what is known.
    """

    start: float = 0.25
    transit: float = 0.15
    slip: float = 0.10
    lucky: float = 1.0
    written: float = 0.05
    reads: float = 1.0
    hints: float = 0.0


def guessed(item: ItemOutline, lucky: float = 1.0, written: float = 0.05) -> float:
    """Chance of answering an item right without knowledge."""
    if item.kind == "single":
        return min(0.9, lucky / max(2, item.options))
    if item.kind == "multiple":
        return min(0.9, lucky * max(0.05, 0.5 ** max(1, item.options)))
    return written if item.kind != "free" else max(written, 0.15)


class Traced(SimulatedLearner):
    """Knows an objective or not, learns it at once, never forgets (Corbett and Anderson 1995)."""

    def __init__(self, rng: random.Random, outline: Outline, habit: Habit) -> None:
        self.rng, self.outline, self.habit = rng, outline, habit
        self.known = {topic.id: rng.random() < habit.start for topic in outline.topics}

    @override
    def ability(self, topic: str, now: float) -> float:
        return float(self.known[topic])

    @override
    def chance(self, topic: Topic, item: ItemOutline, now: float) -> float:
        able = self.ability(topic.id, now)
        guess = guessed(item, self.habit.lucky, self.habit.written)
        return able * (1 - self.habit.slip) + (1 - able) * guess

    @override
    def wants_hint(self, topic: Topic, now: float) -> bool:
        share = self.habit.hints * (1 / 6 if self.known[topic.id] else 1)
        return self.rng.random() < share

    @override
    def practised(self, topic: Topic, correct: bool, hinted: bool, now: float) -> None:
        self._learn(topic, (0.5 if hinted else 1.0), now)

    @override
    def read(self, topic: Topic, now: float) -> None:
        self._learn(topic, self.habit.reads, now)

    def _learn(self, topic: Topic, times: float, now: float) -> None:
        if not self.known[topic.id] and self.rng.random() < times * self.habit.transit * self.ready(topic):
            self.known[topic.id] = True

    def ready(self, topic: Topic) -> float:
        """1 when all that the objective requires is known, else UNREADY."""
        return 1.0 if all(self.known.get(name, True) for name in topic.requires) else UNREADY


class Performance(SimulatedLearner):
    """Performance factors: right and wrong answers both raise the odds, right ones more (Pavlik, Cen, Koedinger 2009)."""

    RIGHT, WRONG, READ = 0.45, 0.15, 0.15

    def __init__(self, rng: random.Random, outline: Outline) -> None:
        self.rng = rng
        self.logit = {topic.id: rng.gauss(-0.9, 0.5) for topic in outline.topics}

    @override
    def ability(self, topic: str, now: float) -> float:
        return logistic(self.logit[topic])

    @override
    def chance(self, topic: Topic, item: ItemOutline, now: float) -> float:
        return logistic(self.logit[topic.id] + easiness(item) + (0.0 if item.constructed else 0.4))

    @override
    def practised(self, topic: Topic, correct: bool, hinted: bool, now: float) -> None:
        self.logit[topic.id] += self.RIGHT if correct else self.WRONG

    @override
    def read(self, topic: Topic, now: float) -> None:
        self.logit[topic.id] += self.READ


class Growing(SimulatedLearner):
    """An ability per objective that grows in ever smaller steps; items differ in difficulty, and choices are guessed.

    Item response theory with growth: Embretson 1991; steps that shrink with practice: Newell and Rosenbloom 1981.
    """

    SLOPE, STEP, SHRINK = 1.3, 0.5, 0.12

    def __init__(self, rng: random.Random, outline: Outline) -> None:
        self.rng = rng
        own = rng.gauss(-0.6, 0.5)
        self.level = {topic.id: rng.gauss(own, 0.6) for topic in outline.topics}
        self.times = dict.fromkeys(self.level, 0)

    @override
    def ability(self, topic: str, now: float) -> float:
        return logistic(self.SLOPE * self.level[topic])

    @override
    def chance(self, topic: Topic, item: ItemOutline, now: float) -> float:
        guess = guessed(item)
        return guess + (1 - guess) * logistic(self.SLOPE * self.level[topic.id] + easiness(item))

    @override
    def practised(self, topic: Topic, correct: bool, hinted: bool, now: float) -> None:
        self.level[topic.id] += self.STEP / (1 + self.SHRINK * self.times[topic.id])
        self.times[topic.id] += 1

    @override
    def read(self, topic: Topic, now: float) -> None:
        self.practised(topic, False, False, now)


def logistic(value: float) -> float:
    """The logistic function."""
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


def easiness(item: ItemOutline) -> float:
    """Logits by which an item is easier than the middle one: by Bloom level, and by its own (from its id)."""
    own = zlib.crc32(item.id.encode()) / 2**32 - 0.5
    return 0.3 * (2 - item.bloom) + 1.2 * own
