"""Simulate learners under the tutor's policy and three others: python -m benchmarks.simulate_learners [--learners N].

Writes docs/simulation.md. Every figure in it is computed here, in one run, from fixed seeds; nothing of it was observed
with people.
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.process import ROOT
from benchmarks.simulated_course import AFTER_DAYS, IN_ROW, WAYS, Course, take
from benchmarks.simulated_figures import (
    RULES,
    WINDOW,
    after_a_pause,
    area,
    brier,
    by_rule,
    false_share,
    mean,
    number,
    percent,
    to_mastery,
    windows,
)
from benchmarks.simulated_learners import TRULY
from benchmarks.simulated_reading import GUESSES, MARKS, Runs, reading
from benchmarks.simulated_reviews import foretelling, foretold, schedules
from benchmarks.simulated_sorts import SORTS
from benchmarks.table import Table, Target
from tutor.curriculum import load
from tutor.item import Item
from tutor.outline import Outline, outline_of
from tutor.paths import objectives_of
from tutor.settings import shipped_curricula

PAGE = ROOT / "docs" / "simulation.md"
PATH = "data-scientist"
LEARNERS = 16
ANSWERS = 300


def path_outline(path: str = PATH) -> tuple[Outline, Mapping[str, Item]]:
    """The topics of one shipped learning path, in its order, and all items by id."""
    curriculum = load([shipped_curricula()])
    whole = outline_of(curriculum)
    found = next(each for each in curriculum.paths if each.id == path)
    names = objectives_of(found, {skill.id: skill for skill in curriculum.skills})
    topics = tuple(whole.by_id[name] for name in names)
    outline = Outline(topics, tuple(dict.fromkeys(topic.skill for topic in topics)))
    return outline, {item.id: item for item in curriculum.items}


def simulate(outline: Outline, items: Mapping[str, Item], learners: int, answers: int = ANSWERS) -> Runs:
    """All courses, from fixed seeds."""
    runs: dict[tuple[str, str], list[Course]] = {}
    for sort, each in SORTS.items():
        for place in range(learners):
            for way, choose in WAYS.items():
                learner = each.make(random.Random(f"{sort} {place}"), outline)
                course = Course(learner, outline, items, random.Random(f"course {sort} {place}"))
                runs.setdefault((sort, way), []).append(take(course, choose, answers, MARKS))
    return runs


# Tables


def kinds() -> str:
    """Who practises."""
    return "\n".join([
        "## Who practises", "",
        f"Truly mastered means: the chance of recalling and using the objective a day later, guesses and slips apart, is at "
        f"least {TRULY:.0%}; for the first six kinds it is 0 or 1. An objective is learned less than half as fast while one "
        "that it requires is not known. Reading a section teaches as much as an answered item does.",
        "", *(f"- **{name}**: {sort.about}." for name, sort in SORTS.items()),
    ]) + "\n"  # fmt: skip


def compared(
    title: str, note: str, runs: Runs, figure: Callable[[Course], float], show: Callable[[Iterable[float]], str]
) -> Table:
    """One figure by kind of learner and way of choosing."""
    rows = [[sort, *(show(map(figure, runs[sort, way])) for way in WAYS)] for sort in SORTS]
    return Table(title, note, ["learner", *WAYS], rows)


def falsely(runs: Runs) -> Table:
    """False mastery by rule and way."""
    columns = [
        ("tutor", "learned"),
        ("tutor", "mastered"),
        ("random", "learned"),
        ("fixed order", "learned"),
        ("three in a row", "in a row"),
    ]
    rows = [
        [sort, *(percent(false_share(course, declared) for course in runs[sort, way]) for way, declared in columns)]
        for sort in SORTS
    ]
    return Table(
        "Declared but not true",
        "Percent of the objectives declared learned (or mastered) that were not truly mastered at that moment. Under random "
        "and fixed order the tutor's own estimate declares; three in a row declares by its own rule.",
        ["learner", *(f"{way}: {declared}" for way, declared in columns)],
        rows,
    )


def predictions(runs: Runs) -> Table:
    """Brier, base rate and AUC of the stored predictions."""
    rows = []
    for sort in SORTS:
        told = [each for course in runs[sort, "tutor"] for each in course.told]
        score, base = brier(told)
        said, right = mean([each.predicted for each in told]), mean([float(each.correct) for each in told])
        spread = [brier(course.told)[0] - brier(course.told)[1] for course in runs[sort, "tutor"]]
        areas = [area(course.told) for course in runs[sort, "tutor"]]
        rows.append([
            sort, f"{said:.0%}", f"{right:.0%}", f"{score:.3f}", f"{base:.3f}",
            number(spread, 3), number(areas, 2),
        ])  # fmt: skip
    return Table(
        "Predictions",
        "P(right) as stored before each counted answer under the tutor's policy. Brier score, lower is better; always saying "
        "the learners' true share of right answers would give the base rate's. AUC: .5 is chance.",
        ["learner", "predicted", "right", "Brier", "base rate", "difference in a learner", "AUC in a learner"],
        rows,
    )


def success(runs: Runs) -> Table:
    """How hard practice was."""
    rows = []
    for sort in SORTS:
        parts = [windows(course) for course in runs[sort, "tutor"]]
        others = [percent(windows(course)[1] for course in runs[sort, way]) for way in WAYS if way != "tutor"]
        rows.append([sort, *(percent(part[column] for part in parts) for column in range(3)), *others])
    return Table(
        "Success while practising",
        f"Percent of the runs of {WINDOW} counted answers with under 70, 70 to 90 (the aim) and over 90 percent right under "
        "the tutor's policy, and in the aim under the others.",
        ["learner", "tutor: under 70", "tutor: 70 to 90", "tutor: over 90", *(f"{way}: 70 to 90" for way in WAYS if way != "tutor")],
        rows,
    )  # fmt: skip


def other_rules(runs: Runs) -> Table:
    """What other rules for learned would have said of the same answers."""
    rows = []
    for sort in SORTS:
        cells = []
        for rule in RULES.values():
            found = [by_rule(course, rule) for course in runs[sort, "tutor"]]
            cells.append(
                f"{percent(each[0] for each in found)} ({number(each[1] for each in found)})".replace(" ± nan", "")
            )
        rows.append([sort, *cells])
    return Table(
        "Other rules for learned, on the same answers",
        "Percent declared falsely, and in brackets the answers until then, had another rule read the answers that the tutor's "
        "policy brought. Practice would have gone on differently under it, so this only points to what to try.",
        ["learner", *RULES],
        rows,
    )


def tables(runs: Runs) -> list[Table]:
    """All tables about courses."""
    share = "Percent of the objectives that are truly mastered then; mean and 95 percent interval over learners."
    return [
        compared(f"Truly mastered after {MARKS[0]} answers", share, runs, lambda course: course.share_at.get(MARKS[0], math.nan), percent),
        compared(f"Truly mastered after {MARKS[-1]} answers", share, runs, lambda course: course.share_at.get(MARKS[-1], math.nan), percent),
        compared(
            f"Truly mastered after {MARKS[1]} answers and readings together",
            "As above, at equal numbers of things done: the tutor sends learners to read more often than the others do.",
            runs, lambda course: course.share_after.get(MARKS[1], math.nan), percent,
        ),
        compared("Readings", f"Sections read while {ANSWERS} answers were given.", runs, lambda course: float(course.readings), number),
        compared(
            "Answers to true mastery", "Answers that an objective took until it was truly mastered, over the objectives that "
            "got there and were not there from the beginning.", runs, to_mastery, number,
        ),
        falsely(runs),
        compared(
            f"{AFTER_DAYS} days later", f"Mean ability in percent over all objectives, {AFTER_DAYS} days after the last session "
            "without practice. Only the last two kinds forget.", runs, after_a_pause, percent,
        ),
        predictions(runs),
        success(runs),
        other_rules(runs),
    ]  # fmt: skip


def page(runs: Runs, outline: Outline, learners: int, seconds: float) -> str:
    """The whole of docs/simulation.md."""
    items = sum(len(topic.items) for topic in outline.topics)
    head = (
        "# Simulated learners\n\n"
        "`python -m benchmarks.simulate_learners` writes this page. **Nobody took part: these are simulated learners, and what "
        "they show is how the rules behave if people were like them, not what people learn.**\n\n"
        f"{learners} learners of each of {len(SORTS)} kinds give {ANSWERS} answers over several weeks (sessions of 10 to 20 answers, one "
        f"to three days apart) on the shipped path `{PATH}`: {len(outline.topics)} objectives with {items} items. What comes next "
        "is chosen by the tutor (`tutor.policy` and `tutor.attempts` as built), at random, in fixed order, or objective by "
        f"objective until {IN_ROW} answers in a row are right. All read an objective's first section before its first item. "
        f"The parameters of the learners were chosen by hand, not fitted to people. {sum(len(each) for each in runs.values()):,} courses, "
        f"{sum(course.answers for each in runs.values() for course in each):,} answers, {seconds:.0f} seconds of one core.\n"
    )
    foretells = foretelling()
    said = f"{reading(runs)}{foretold(foretells)}\n\n{GUESSES}\n"
    return "\n".join([head, said, kinds(), *map(str, tables(runs)), str(foretells), str(schedules())])


def run(learners: int, goal: Path | None) -> tuple[int, float]:
    """Simulate, write the page, and give back how many answers took how many seconds."""
    outline, items = path_outline()
    begun = time.process_time()
    runs = simulate(outline, items, learners)
    seconds = time.process_time() - begun
    text = page(runs, outline, learners, seconds)
    if goal is not None:
        goal.write_text(text, encoding="utf-8")
        print(f"Written to {goal}", file=sys.stderr)
    else:
        print(text)
    return sum(course.answers for each in runs.values() for course in each), seconds


def measure() -> tuple[list[Table], list[Target]]:
    """For `make bench`: writes docs/simulation.md and tells how long a simulated answer takes."""
    answers, seconds = run(LEARNERS, PAGE)
    note = "Choosing, showing and counting one answer, without a store; what the learners did is told in simulation.md."
    row = [f"{answers:,}", f"{seconds:.0f} s", f"{1000 * seconds / answers:.2f} ms"]
    return [Table("Simulated practice", note, ["answers", "time", "an answer"], [row])], []


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate and write the page."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.simulate_learners", description=str(__doc__).split("\n")[0]
    )
    parser.add_argument("--learners", type=int, default=LEARNERS, help=f"of each kind (default {LEARNERS})")
    parser.add_argument("--print", action="store_true", help="print the page instead of writing docs/simulation.md")
    given = parser.parse_args(arguments)
    run(given.learners, None if given.print else PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
