"""What simulated courses come to: shares, intervals, Brier scores, and what other rules would have declared.

Knows nothing of tables or of how courses are made.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.simulated_course import AFTER_DAYS, IN_ROW, Course, Told
from tutor.mastery import LEARNED

WINDOW = 10


def mean(values: Sequence[float]) -> float:
    """The mean; nan of nothing."""
    return sum(values) / len(values) if values else math.nan


def margin(values: Sequence[float]) -> float:
    """Half of the 95 percent confidence interval of the mean (normal)."""
    if len(values) < 2:
        return math.nan
    middle = mean(values)
    return 1.96 * math.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1) / len(values))


def percent(values: Iterable[float]) -> str:
    """Mean and margin in percent; a dash when there is nothing."""
    kept = [value for value in values if not math.isnan(value)]
    return f"{100 * mean(kept):.0f} ± {100 * margin(kept):.0f}" if len(kept) > 1 else "-"


def number(values: Iterable[float], digits: int = 1) -> str:
    """Mean and margin; a dash when there is nothing."""
    kept = [value for value in values if not math.isnan(value)]
    return f"{mean(kept):.{digits}f} ± {margin(kept):.{digits}f}" if len(kept) > 1 else "-"


def false_share(course: Course, declared: str) -> float:
    """Share of the objectives declared so that were not truly mastered when they were."""
    verdicts = course.declared.get(declared, {})
    return 1 - mean(list(map(float, verdicts.values()))) if verdicts else math.nan


def to_mastery(course: Course) -> float:
    """Answers that an objective took until it was truly mastered, over those that were not so from the beginning."""
    return mean([float(count) for count in course.reached.values() if count])


def after_a_pause(course: Course) -> float:
    """Mean ability over all objectives, AFTER_DAYS without practice later."""
    day = course.day + AFTER_DAYS
    return mean([course.learner.ability(topic.id, day) for topic in course.outline.topics])


def brier(told: Sequence[Told]) -> tuple[float, float]:
    """Brier score of the stored predictions, and of always saying the share that was right."""
    rate = mean([float(each.correct) for each in told])
    return mean([(each.predicted - each.correct) ** 2 for each in told]), rate * (1 - rate)


def area(told: Sequence[Told]) -> float:
    """AUC: chance that a right answer was given a higher prediction than a wrong one; ties count half."""
    ordered = sorted(told, key=lambda each: each.predicted)
    ranks, place = 0.0, 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end].predicted == ordered[place].predicted:
            end += 1
        ranks += sum(each.correct for each in ordered[place:end]) * (place + end + 1) / 2
        place = end
    right = sum(each.correct for each in told)
    wrong = len(told) - right
    return (ranks - right * (right + 1) / 2) / (right * wrong) if right and wrong else math.nan


def windows(course: Course) -> tuple[float, float, float]:
    """Share of runs of ten counted answers with under 70, 70 to 90, and over 90 percent right."""
    right = [each.correct for each in course.told]
    sums = [sum(right[at : at + WINDOW]) for at in range(len(right) - WINDOW + 1)]
    return (
        mean([float(total < 7) for total in sums]),
        mean([float(7 <= total <= 9) for total in sums]),
        mean([float(total > 9) for total in sums]),
    )


# Other rules for "learned", on the answers as the tutor's policy brought them

RULES: Mapping[str, Callable[[Sequence[Told]], bool]] = {
    "p ≥ .95 (built)": lambda told: told[-1].known >= LEARNED,
    "p ≥ .98": lambda told: told[-1].known >= 0.98,
    "and 3 answers": lambda told: told[-1].known >= LEARNED and len(told) >= 3,
    "and one written right": lambda told: told[-1].known >= LEARNED and any(_alone(each, True) for each in told),
    "and 3 right, one written": lambda told: (
        told[-1].known >= LEARNED
        and any(_alone(each, True) for each in told)
        and sum(_alone(each) for each in told) >= IN_ROW
    ),
}


def _alone(told: Told, constructed: bool = False) -> bool:
    return told.correct and not told.hinted and (told.constructed or not constructed)


def by_rule(course: Course, rule: Callable[[Sequence[Told]], bool]) -> tuple[float, float]:
    """Share of objectives that a rule declares learned falsely, and the answers it takes."""
    so_far: dict[str, list[Told]] = {}
    false, taken, done = [], [], set()
    for each in course.told:
        own = so_far.setdefault(each.topic, [])
        own.append(each)
        if each.topic not in done and rule(own):
            done.add(each.topic)
            false.append(float(not each.true))
            taken.append(float(len(own)))
    return mean(false), mean(taken)
