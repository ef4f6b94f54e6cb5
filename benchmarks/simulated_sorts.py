"""The kinds of simulated learners, each with what it breaks of the tutor's own assumptions.

Knows nothing of courses.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.simulated_learners import Growing, Habit, Performance, SimulatedLearner, Traced
from benchmarks.simulated_memory import Activation, HalfLife
from tutor.outline import Outline

Make = Callable[[random.Random, Outline], SimulatedLearner]


@dataclass(frozen=True)
class Sort:
    """A kind of learner: how one is made, and what it breaks."""

    make: Make
    about: str


def _traced(habit: Habit) -> Make:
    return lambda rng, outline: Traced(rng, outline, habit)


SORTS: Mapping[str, Sort] = {
    "as assumed": Sort(_traced(Habit()), "the tutor's own model and parameters (Corbett and Anderson 1995), for reference"),
    "quick": Sort(_traced(Habit(0.35, 0.30, 0.06, 1.2)), "the same model: knows more, learns twice as fast, slips less"),
    "slow": Sort(_traced(Habit(0.10, 0.05, 0.12)), "the same model: knows little, needs 20 opportunities in the mean"),
    "guesser": Sort(
        _traced(Habit(0.10, 0.10, 0.10, 1.8, 0.12, 0.0)),
        "rules out options (1.8 times chance), guesses a written answer in 12 percent, opens sections unread (Baker et al. 2004)",
    ),
    "careless": Sort(
        _traced(Habit(0.30, 0.20, 0.28)), "knows and still answers 28 percent wrong (Baker, Corbett, Aleven 2008)"
    ),
    "hint taker": Sort(
        _traced(Habit(0.20, 0.15, 0.10, hints=0.6)),
        "takes a hint first in 60 percent of what it does not know, and learns half from it (Aleven et al. 2006)",
    ),
    "performance": Sort(
        lambda rng, outline: Performance(rng, outline), "performance factors (Pavlik, Cen, Koedinger 2009)"
    ),
    "growing": Sort(lambda rng, outline: Growing(rng, outline), "item response theory with growth (Embretson 1991)"),
    "half-life": Sort(
        lambda rng, outline: HalfLife(rng, outline, Habit(0.2, 0.2, 0.06)),
        "forgets exponentially, less after each spaced recall (Settles and Meeder 2016)",
    ),
    "power law": Sort(
        lambda rng, outline: Activation(rng, outline),
        "forgets by a power law, faster what was crammed (Pavlik and Anderson 2005)",
    ),
}  # fmt: skip
