"""Simulated learners who forget: by an exponential and by a power law.

Knows nothing of FSRS, whose forgetting curve neither of them follows.
"""

import math
import random

from typing_extensions import override

from benchmarks.simulated_learners import Habit, SimulatedLearner, Traced, guessed, logistic
from tutor.outline import ItemOutline, Outline, Topic


class HalfLife(Traced):
    """Learns as Traced and forgets exponentially; the half-life grows most with a recall that was nearly lost.

    Half-life regression: Settles and Meeder 2016; desirable difficulty: Bjork 1994. Parameters are chosen, not fitted:
    four days after learning, up to three times as long after a recall, shorter by a third after a failure.
    """

    FIRST, GROWTH, MOST, FAILED, LEAST = 4.0, 8.0, 3.0, 2 / 3, 2.0

    def __init__(self, rng: random.Random, outline: Outline, habit: Habit) -> None:
        super().__init__(rng, outline, habit)
        self.half = {topic.id: 10 * self.FIRST for topic in outline.topics}
        self.last = {topic.id: 0.0 for topic in outline.topics}

    @override
    def ability(self, topic: str, now: float) -> float:
        return 2.0 ** (-(now - self.last[topic]) / self.half[topic]) if self.known[topic] else 0.0

    @override
    def practised(self, topic: Topic, correct: bool, hinted: bool, now: float) -> None:
        name = topic.id
        if not self.known[name]:
            self._learn(topic, 0.5 if hinted else 1.0, now)
            return
        recalled = self.ability(name, now)
        growth = min(self.MOST, 1 + self.GROWTH * (1 - recalled)) if correct else self.FAILED
        self.half[name] = max(self.LEAST, self.half[name] * growth)
        self.last[name] = now

    def _learn(self, topic: Topic, times: float, now: float) -> None:
        name = topic.id
        if self.known[name]:
            self.last[name] = now
            return
        super()._learn(topic, times, now)
        if self.known[name]:
            self.half[name], self.last[name] = self.FIRST, now


class Activation(SimulatedLearner):
    """Power-law forgetting: each encounter leaves a trace that decays faster when it came too soon.

    Pavlik and Anderson 2005, with their published parameters for paired associates; a day between sessions counts as
    BETWEEN of a day.
    """

    A, C, THRESHOLD, NOISE, BETWEEN = 0.177, 0.217, -0.704, 0.255, 0.025

    def __init__(self, rng: random.Random, outline: Outline, slip: float = 0.05) -> None:
        self.rng, self.slip = rng, slip
        self.traces: dict[str, list[tuple[float, float]]] = {topic.id: [] for topic in outline.topics}

    def _activation(self, topic: str, now: float) -> float:
        total = 0.0
        for at, decay in self.traces[topic]:
            days = now - at
            inside = min(days, 0.1)
            total += max(20.0, 86400 * (inside + self.BETWEEN * (days - inside))) ** -decay
        return math.log(total) if total else -math.inf

    @override
    def ability(self, topic: str, now: float) -> float:
        activation = self._activation(topic, now)
        return 0.0 if activation == -math.inf else logistic((activation - self.THRESHOLD) / self.NOISE)

    @override
    def chance(self, topic: Topic, item: ItemOutline, now: float) -> float:
        able = self.ability(topic.id, now)
        return able * (1 - self.slip) + (1 - able) * guessed(item)

    @override
    def practised(self, topic: Topic, correct: bool, hinted: bool, now: float) -> None:
        self.read(topic, now)

    @override
    def read(self, topic: Topic, now: float) -> None:
        activation = self._activation(topic.id, now)
        self.traces[topic.id].append((now, self.A + (self.C * math.exp(activation) if activation > -math.inf else 0.0)))
