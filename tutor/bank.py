"""Rules for an item bank: enough items of each sort, and no pattern that answers them without knowledge.

Knows nothing of files or of the wording of one item (tutor.lint).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from tutor.fault import Fault
from tutor.item import BLOOM, Item
from tutor.lint import question
from tutor.terms import jaccard, terms

ITEMS = 8
"""Items an objective needs: the mastery model reaches its bounds with eight."""
POSITION_P = 0.01
SAME_STEM = 0.8
ADVANTAGE = 0.10
FEWEST = 10
"""Single-choice items below which a guessing baseline is noise and is not reported."""

Guess = Callable[[Item], list[float]]


def bank(items: Sequence[Item], objectives: Iterable[str], file: Path) -> list[Fault]:
    """All faults of the bank of one skill.

    Args:
        items: Items of the skill.
        objectives: Ids of its objectives, each of which needs items.
        file: Where a fault is shown that belongs to no item: the skill's skill.yaml.
    """
    faults = [fault for objective in objectives for fault in _objective(items, objective, file)]
    singles = [item for item in items if item.kind == "single"]
    return faults + list(_positions(singles)) + list(_guessing(singles))


def near_duplicates(items: Sequence[Item]) -> Iterator[Fault]:
    """Pairs of items, of one or of several skills, whose stems nearly repeat each other."""
    stems = [(item, frozenset(terms(question(item)))) for item in items]
    for (first, one), (second, other) in combinations(stems, 2):
        small, large = sorted((len(one), len(other)))
        if small > SAME_STEM * large and jaccard(one, other) > SAME_STEM:
            message = f"item {second.id}: the stem nearly repeats that of {first.id} ({first.path}:{first.line})."
            yield Fault(second.path, second.line, "B005", message)


def _objective(items: Sequence[Item], objective: str, file: Path) -> Iterator[Fault]:
    own = [item for item in items if item.objective == objective]
    path, line = (own[0].path, own[0].line) if own else (file, 1)
    if len(own) < ITEMS:
        yield Fault(path, line, "B002", f"objective {objective} has {len(own)} items; {ITEMS} are needed.")
    if not own:
        return
    constructed = sum(item.constructed for item in own)
    if 3 * constructed < len(own):
        message = (
            f"objective {objective} has {constructed} constructed responses among {len(own)} items; a third is needed."
        )
        yield Fault(path, line, "B003", message)
    if all(BLOOM.index(item.bloom) <= BLOOM.index("apply") for item in own):
        yield Fault(path, line, "B004", f"objective {objective} has no item above apply (analyse, evaluate, create).")


def _positions(singles: Sequence[Item]) -> Iterator[Fault]:
    """Whether keys stand at each position equally often, over all numbers of options together."""
    groups: dict[int, list[int]] = defaultdict(list)
    for item in singles:
        groups[len(item.options)].append(_key(item))
    statistic, freedom = 0.0, 0
    for size, places in groups.items():
        if len(places) >= 2 * size:
            expected, counts = len(places) / size, Counter(places)
            statistic += sum((counts[place] - expected) ** 2 / expected for place in range(size))
            freedom += size - 1
    if freedom and (p := chi_square_tail(statistic, freedom)) < POSITION_P:
        counts = Counter(_key(item) + 1 for item in singles)
        listed = ", ".join(f"{place}: {counts[place]}" for place in sorted(counts))
        message = f"keys stand unevenly over the positions ({listed}; p = {p:.2g})."
        yield Fault(singles[0].path, singles[0].line, "B001", message)


def chi_square_tail(statistic: float, freedom: int) -> float:
    """P(X > statistic) of the chi-square distribution (Abramowitz and Stegun 26.4.4 and 26.4.5).

    Example:
        >>> round(chi_square_tail(11.345, 3), 4)
        0.01
    """
    half = statistic / 2
    tail, degrees = (math.exp(-half), 2) if freedom % 2 == 0 else (math.erfc(math.sqrt(half)), 1)
    while degrees < freedom:
        tail += math.exp(degrees / 2 * math.log(half) - half - math.lgamma(degrees / 2 + 1)) if half else 0.0
        degrees += 2
    return min(tail, 1.0)


def _key(item: Item) -> int:
    return next(place for place, option in enumerate(item.options) if option.correct)


def _overlap(item: Item) -> list[float]:
    asked = set(terms(question(item)))
    return [len(asked & set(terms(option.text))) for option in item.options]


GUESSES: tuple[tuple[str, str, Guess], ...] = (
    ("B006", "the longest option", lambda item: [len(option.text) for option in item.options]),
    ("B010", "the shortest option", lambda item: [-len(option.text) for option in item.options]),
    ("B007", "the option that shares most words with the stem", _overlap),
    ("B008", "the first option", lambda item: [-place for place in range(len(item.options))]),
    ("B009", "the last option", lambda item: [place for place in range(len(item.options))]),
)


def share_right(singles: Sequence[Item], guess: Guess) -> float:
    """Share of single-choice items that a rule without knowledge gets right; a tie counts as a fair draw."""
    right = 0.0
    for item in singles:
        scores = guess(item)
        best = max(scores)
        right += (scores[_key(item)] == best) / scores.count(best)
    return right / len(singles)


def _guessing(singles: Sequence[Item]) -> Iterator[Fault]:
    if len(singles) < FEWEST:
        return
    chance = sum(1 / len(item.options) for item in singles) / len(singles)
    for code, name, guess in GUESSES:
        share = share_right(singles, guess)
        if share > chance + ADVANTAGE:
            message = f"always choosing {name} gets {share:.0%} of {len(singles)} items right; chance is {chance:.0%}."
            yield Fault(singles[0].path, singles[0].line, code, message)
