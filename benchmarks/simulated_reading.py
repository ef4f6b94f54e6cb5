"""What the tables of simulated courses say, in sentences that are computed from the same courses.

Knows nothing of how courses are made.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.simulated_course import AFTER_DAYS, WAYS, Course
from benchmarks.simulated_figures import RULES, after_a_pause, brier, by_rule, false_share, margin, mean
from benchmarks.simulated_sorts import SORTS

MARKS = (100, 200, 300)
"""Numbers of answers after which courses are compared."""
Runs = Mapping[tuple[str, str], Sequence[Course]]
"""Courses by kind of learner and way of choosing; the same learners, in the same order, under each way."""


def differences(runs: Runs, figure: Callable[[Course], float]) -> dict[str, list[str]]:
    """Kinds of learners for which the tutor is better, worse or not clearly different from each way, pairwise."""
    found: dict[str, list[str]] = {}
    for way in WAYS:
        if way == "tutor":
            continue
        for sort in SORTS:
            pairs = zip(runs[sort, "tutor"], runs[sort, way], strict=True)
            gaps = [gap for mine, other in pairs if not math.isnan(gap := figure(mine) - figure(other))]
            if len(gaps) < 2:
                continue
            verdict = "better" if mean(gaps) > margin(gaps) else "worse" if mean(gaps) < -margin(gaps) else "open"
            found.setdefault(f"{verdict} {way}", []).append(sort)
    return found


def verdict(runs: Runs, what: str, figure: Callable[[Course], float]) -> list[str]:
    """Sentences about one figure: better, worse, open against each other way."""
    found = differences(runs, figure)
    lines = []
    for way in WAYS:
        if way == "tutor":
            continue
        parts = [
            f"{word} for {', '.join(found[f'{word} {way}'])}" if word != "open" else f"not clearly different for {', '.join(found[f'open {way}'])}"
            for word in ("better", "worse", "open")
            if f"{word} {way}" in found
        ]  # fmt: skip
        lines.append(f"- {what}, against {way}: {'; '.join(parts)}.")
    return lines


GUESSES = (
    "What may be behind it (guesses, not measured): the policy stays at one objective until it is learned, so memories that "
    "fade within a day are crammed first and reviewed later, where random order spreads them from the start. The estimate "
    "knows nothing of forgetting or of items that are harder than others, and two written answers are enough for it; who "
    "gains skill in small steps is declared learned early, and only the later answer that masters an objective corrects that. "
    "At equal numbers of things done the tutor's readings cost it part of its lead, most where nobody learns from them."
)


def reading(runs: Runs) -> str:
    """What the tables say, computed from the same courses."""
    lines = [
        "## In short",
        "",
        "Differences within one kind of learner, the same learners under both; better and worse mean that the 95 percent "
        "interval of the difference leaves out zero.",
        "",
        *verdict(
            runs, f"Truly mastered after {MARKS[0]} answers", lambda course: course.share_at.get(MARKS[0], math.nan)
        ),
        *verdict(
            runs, f"Truly mastered after {MARKS[-1]} answers", lambda course: course.share_at.get(MARKS[-1], math.nan)
        ),
        *verdict(
            runs,
            f"Truly mastered after {MARKS[1]} answers and readings",
            lambda course: course.share_after.get(MARKS[1], math.nan),
        ),
        *verdict(runs, f"Ability {AFTER_DAYS} days later", after_a_pause),
        *_worst(runs),
    ]
    return "\n".join(lines) + "\n"


def _worst(runs: Runs) -> list[str]:
    """Where the tutor's own claims hold least."""
    false = {sort: mean(_clean(false_share(course, "learned") for course in runs[sort, "tutor"])) for sort in SORTS}
    kept = {sort: mean(_clean(false_share(course, "mastered") for course in runs[sort, "tutor"])) for sort in SORTS}
    scores = {sort: brier([each for course in runs[sort, "tutor"] for each in course.told]) for sort in SORTS}
    poor = [sort for sort, (score, base) in scores.items() if score > base]
    high = sorted(false, key=lambda sort: -false[sort])
    listed = ", ".join(f"{sort} {false[sort]:.0%} (mastered {kept[sort]:.0%})" for sort in high)
    told = f"worse than the base rate for {', '.join(poor)}" if poor else "better than the base rate for every kind"
    return [
        f"- Declared learned though it was not true: {listed}.",
        f"- {_bound(runs)}",
        f"- Predictions: Brier score {told}.",
    ]


def _bound(runs: Runs) -> str:
    """What a higher bound would have said of the same answers, over all kinds."""
    courses = [course for sort in SORTS for course in runs[sort, "tutor"]]
    parts = []
    for name in ("p ≥ .95 (built)", "p ≥ .98", "and 3 right, one written"):
        found = [by_rule(course, RULES[name]) for course in courses]
        false, taken = (mean(_clean(each[column] for each in found)) for column in (0, 1))
        parts.append(f"{name}: {false:.0%} after {taken:.1f} answers")
    return f"Other rules for learned on the same answers, falsely declared over all kinds: {'; '.join(parts)}."


def _clean(values: Iterable[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]
