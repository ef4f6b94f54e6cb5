"""The simulated learners and what is computed of them; what came out is told in docs/simulation.md."""

import math
import random
from collections.abc import Mapping

import pytest

from benchmarks.simulate_learners import path_outline, simulate
from benchmarks.simulated_course import IN_ROW, WAYS, Course, Told, take
from benchmarks.simulated_figures import area, brier, by_rule, false_share, windows
from benchmarks.simulated_learners import Habit, Traced
from benchmarks.simulated_memory import Activation, HalfLife
from benchmarks.simulated_reviews import log_loss
from benchmarks.simulated_sorts import SORTS
from tests.small_outline import ITEMS, OUTLINE
from tutor.item import Item
from tutor.outline import Outline


@pytest.fixture(scope="module")
def real() -> tuple[Outline, Mapping[str, Item]]:
    return path_outline()


def course(habit: Habit, outline: Outline = OUTLINE, items: Mapping[str, Item] = ITEMS) -> Course:
    return Course(Traced(random.Random(1), outline, habit), outline, items, random.Random(2))


def told(correct: bool, predicted: float = 0.5, known: float = 0.5, constructed: bool = False) -> Told:
    return Told("a1", predicted, correct, False, constructed, known, True)


@pytest.mark.parametrize("sort", SORTS)
def test_every_learner_answers_by_a_chance_and_gets_better_by_practice(sort: str) -> None:
    topic = OUTLINE.by_id["a1"]
    before, after = [], []
    for seed in range(40):
        learner = SORTS[sort].make(random.Random(seed), OUTLINE)
        before.append(learner.ability("a1", 0.0))
        for n in range(12):
            for item in topic.items:
                assert 0 <= learner.chance(topic, item, n / 100) <= 1
            learner.practised(topic, n % 2 == 0, False, n / 100)
        after.append(learner.ability("a1", 0.13))
        assert 0 <= after[-1] <= 1
    assert sum(after) > sum(before)
    assert (SORTS[sort].make(random.Random(0), OUTLINE).ability("a1", 0) >= 0) is True


def test_the_forgetful_forget_and_spaced_recall_keeps_longer() -> None:
    for made in (HalfLife, Activation):
        kept = []
        for days in ((0.0, 0.001, 0.002, 0.003), (0.0, 2.0, 5.0, 10.0)):
            learner = (
                made(random.Random(1), OUTLINE, Habit(start=1.0))
                if made is HalfLife
                else Activation(random.Random(1), OUTLINE)
            )  # type: ignore[arg-type]
            for day in days:
                learner.practised(OUTLINE.by_id["a1"], True, False, day)
            assert learner.ability("a1", days[-1] + 30) < learner.ability("a1", days[-1] + 1)
            kept.append(learner.ability("a1", days[-1] + 30))
        assert kept[1] > kept[0]


def test_who_knows_everything_is_never_declared_falsely_and_masters_everything(
    real: tuple[Outline, Mapping[str, Item]],
) -> None:
    done = take(course(Habit(start=1.0, slip=0.0), *real), WAYS["tutor"], 200, ())
    assert set(done.declared["mastered"]) == set(real[0].by_id)
    assert false_share(done, "learned") == false_share(done, "mastered") == 0


def test_who_never_learns_is_declared_falsely_or_not_at_all() -> None:
    done = take(course(Habit(start=0.0, transit=0.0)), WAYS["three in a row"], 150, ())
    assert all(not true for verdicts in done.declared.values() for true in verdicts.values())
    assert done.share() == 0
    assert len(done.told) <= done.answers == 150


def test_three_in_a_row_stays_at_an_objective_until_it_was_three_times_right() -> None:
    done = take(course(Habit(start=1.0, slip=0.0, transit=0.0)), WAYS["three in a row"], 3 * IN_ROW, ())
    assert done.on_topic == {"a1": IN_ROW, "a2": IN_ROW, "a3": IN_ROW}
    assert list(done.declared["in a row"]) == ["a1", "a2", "a3"]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_as_many_answers_as_wanted_and_the_same_ones_again(way: str) -> None:
    runs = [take(course(Habit()), WAYS[way], 60, (30, 60)) for _ in range(2)]
    assert runs[0].answers == 60 and set(runs[0].share_at) == {30, 60}
    assert runs[0].told == runs[1].told


def test_all_kinds_run_on_the_shipped_path(real: tuple[Outline, Mapping[str, Item]]) -> None:
    runs = simulate(*real, learners=1, answers=20)
    assert set(runs) == {(sort, way) for sort in SORTS for way in WAYS}
    assert all(each.answers == 20 for courses in runs.values() for each in courses)


def test_figures_as_computed_by_hand() -> None:
    some = [told(True, 0.9), told(False, 0.6), told(True, 0.6), told(False, 0.1)]
    score, base = brier(some)
    assert score == pytest.approx((0.01 + 0.36 + 0.16 + 0.01) / 4)
    assert base == 0.25
    assert area(some) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert math.isnan(area([told(True)]))
    assert log_loss([(0.5, True), (0.25, False)]) == pytest.approx((math.log(2) - math.log(0.75)) / 2)


def test_windows_and_rules_as_computed_by_hand() -> None:
    done = course(Habit())
    done.told = [told(n > 2) for n in range(11)]  # three wrong, then eight right
    assert windows(done) == (0.0, 1.0, 0.0)
    done.told = [told(True, known=0.9), told(True, known=0.96), told(True, known=0.97, constructed=True)]
    assert by_rule(done, lambda own: own[-1].known >= 0.95) == (0.0, 2.0)
    assert by_rule(done, lambda own: own[-1].constructed) == (0.0, 3.0)
