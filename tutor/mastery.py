"""How well a learner knows an objective: Bayesian knowledge tracing, one probability an objective.

Knows nothing of items, of time or of what is done with the estimate. After Corbett and Anderson, "Knowledge tracing:
Modeling the acquisition of procedural knowledge" (1995); the parameters are those of docs/learning.md.
"""

from dataclasses import dataclass

from tutor.item import Kind

START = 0.25
"""P(known) before the first answer."""
TRANSIT = 0.15
"""P(not known becomes known) at each opportunity."""
SLIP = 0.10
"""P(wrong | known)."""
JUDGED_SLIP = 0.15
"""SLIP of a free text, whose judge errs too."""
JUDGED_GUESS = 0.15
CONSTRUCTED_GUESS = 0.05
LEARNED = 0.95
"""P(known) from which an objective counts as learned."""
LAPSED = 0.80
"""Most that P(known) may be after a failed review."""
UNSURE = 1e-6
"""Least distance of P(known) from 0 and 1: a dozen right answers would round to exactly 1, which no answer lowers."""


@dataclass(frozen=True)
class Chances:
    """How much one item tells.

    Args:
        guess: P(right | not known), above 0 and below 1.
        slip: P(wrong | known), above 0 and below 1.
    """

    guess: float
    slip: float


def chances(kind: Kind, options: int = 0) -> Chances:
    """Guess and slip of an item.

    Args:
        kind: Kind of the item.
        options: Number of options of a choice; 0 for the others.

    Example:
        >>> chances("single", 4)
        Chances(guess=0.25, slip=0.1)
    """
    if kind == "single":
        return Chances(1 / max(2, options), SLIP)
    if kind == "multiple":
        return Chances(max(CONSTRUCTED_GUESS, 0.5 ** max(1, options)), SLIP)
    if kind == "free":
        return Chances(JUDGED_GUESS, JUDGED_SLIP)
    return Chances(CONSTRUCTED_GUESS, SLIP)


def predicted(known: float, item: Chances) -> float:
    """P(right) of the next answer: known and no slip, or not known and a guess.

    Example:
        >>> round(predicted(0.25, Chances(0.25, 0.10)), 4)
        0.4125
    """
    return known * (1 - item.slip) + (1 - known) * item.guess


def given(known: float, correct: bool, item: Chances) -> float:
    """P(known) in the light of one answer (Bayes), before anything is learned from it."""
    if correct:
        joint = known * (1 - item.slip)
        return joint / (joint + (1 - known) * item.guess)
    joint = known * item.slip
    return joint / (joint + (1 - known) * (1 - item.guess))


def updated(known: float, correct: bool, item: Chances) -> float:
    """P(known) after one answer and what was learned from it.

    Args:
        known: P(known) before, from 0 to 1.
        correct: Whether the answer was right.
        item: What the item tells.

    Example:
        >>> round(updated(0.25, True, Chances(0.25, 0.10)), 4)
        0.6136
    """
    after = given(known, correct, item)
    return within(after + (1 - after) * TRANSIT)


def within(known: float) -> float:
    """An estimate that answers can still move: at least UNSURE away from 0 and from 1."""
    return min(max(known, UNSURE), 1 - UNSURE)


def right_answers_to_learn(known: float, item: Chances, most: int = 20) -> int:
    """How many right answers in a row bring P(known) to LEARNED; at most ``most``."""
    needed = 0
    while known < LEARNED and needed < most:
        known = updated(known, True, item)
        needed += 1
    return needed
