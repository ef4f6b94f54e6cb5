"""What a learner's past adds up to."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.outline import ItemOutline, Outline, Topic
from tutor.progress import Progress, Standing
from tutor.report import (
    Answered,
    answered,
    calibration,
    evidence,
    forgetting,
    totals,
    weeks,
)
from tutor.review import due, new_card, retrievability

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday
ITEM = ItemOutline("i", "single", 1, 4, False)


def answer(at: datetime = NOW, predicted: float = 0.5, correct: bool = True, assisted: bool = False) -> Answered:
    return Answered(at, predicted, correct, assisted)


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
answers = st.lists(st.builds(Answered, moments, st.floats(0, 1), st.booleans(), st.booleans()), max_size=60)


def test_only_answers_that_counted_are_evidence() -> None:
    payload = {"predicted": 0.41, "correct": False, "hint_level": 1, "counted": True}
    second = payload | {"counted": False}
    unsure = payload | {"counted": False, "correct": None}
    assert answered([(NOW, payload), (NOW, second), (NOW, unsure)]) == [Answered(NOW, 0.41, False, True)]


def test_a_week_runs_from_monday_to_sunday() -> None:
    monday = datetime(2026, 3, 16, 0, 0, tzinfo=UTC)
    found = weeks([answer(monday), answer(monday - timedelta(seconds=1), correct=False)], NOW)
    assert [week.begins for week in found[-2:]] == [date(2026, 3, 9), date(2026, 3, 16)]
    assert [(week.right, week.wrong) for week in found[-2:]] == [(0, 1), (1, 0)]
    assert len(found) == 12 and found[0].begins == date(2025, 12, 29)


@settings(deadline=None)
@given(answers, moments, st.integers(1, 60))
def test_weeks_follow_each_other_and_count_every_answer_in_them_once(
    past: list[Answered], now: datetime, count: int
) -> None:
    found = weeks(past, now, count)
    assert len(found) == count
    assert all(b.begins - a.begins == timedelta(days=7) for a, b in pairwise(found))
    begin, end = found[0].begins, found[-1].begins + timedelta(days=7)
    inside = [each for each in past if begin <= each.at.date() < end]
    assert sum(week.answers for week in found) == len(inside)
    assert sum(week.right for week in found) == sum(each.correct for each in inside)


def test_brier_score_by_hand() -> None:
    found = calibration([answer(predicted=0.9), answer(predicted=0.6, correct=False), answer(predicted=0.7)])
    assert found.brier == pytest.approx((0.01 + 0.36 + 0.09) / 3)
    assert found.base_rate == pytest.approx(2 / 3)
    assert found.base_brier == pytest.approx(2 / 9)
    assert [(each.count, each.right) for each in found.bins] == [(0, 0), (0, 0), (0, 0), (2, 1), (1, 1)]


def test_an_answer_after_a_hint_is_no_test_of_a_prediction() -> None:
    assert calibration([answer(assisted=True)]).count == 0


@settings(deadline=None)
@given(answers, st.integers(1, 12))
def test_bins_hold_every_answer_without_help_once(past: list[Answered], bins: int) -> None:
    alone = [each for each in past if not each.assisted]
    found = calibration(past, bins)
    assert sum(each.count for each in found.bins) == found.count == len(alone)
    assert sum(each.right for each in found.bins) == found.right
    assert 0 <= found.brier <= 1
    for each in found.bins:
        assert 0 <= each.right <= each.count
        if each.count:
            assert each.low - 1e-9 <= each.predicted <= each.high + 1e-9


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.floats(0, 1))
def test_no_single_number_scores_better_than_the_base_rate(outcomes: list[bool], guess: float) -> None:
    found = calibration([answer(predicted=guess, correct=each) for each in outcomes])
    assert found.base_brier <= found.brier + 1e-8
    same = calibration([answer(predicted=found.base_rate, correct=each) for each in outcomes])
    assert same.brier == pytest.approx(found.base_brier, abs=1e-8)


@pytest.fixture
def outline() -> Outline:
    names = ("fresh", "begun", "known", "kept", "waiting")
    return Outline(tuple(Topic(name, "s", name.title(), (), (ITEM,), ()) for name in names), ("s",))


@pytest.fixture
def standing() -> Progress:
    before = NOW - timedelta(days=30)
    card, old = new_card("kept", NOW - timedelta(hours=2)), new_card("waiting", before)
    return Progress(
        objectives={
            "begun": Standing(0.6, 3, 1, before, 2),
            "known": Standing(0.8, 5, 4, NOW, 0, before, "i"),
            "kept": Standing(0.97, 6, 6, NOW, 0, before, "i", NOW, card),
            "waiting": Standing(0.97, 6, 6, before, 0, before, "i", before, old),
            "withdrawn": Standing(0.97, 6, 6, before, 0, before, "i", before, old),
        }
    )


def test_every_topic_has_a_state_with_its_evidence(outline: Outline, standing: Progress) -> None:
    found = evidence(standing, outline, NOW)
    assert [each.state for each in found] == ["new", "started", "learned", "mastered", "due"]
    assert [each.learned for each in found] == [False, False, True, True, True]
    assert [each.slipped for each in found] == [False, False, True, False, False]
    assert (found[1].right, found[1].answers) == (1, 3)
    assert found[0].last is None and found[0].due is None and found[0].recall is None
    assert found[3].due is not None and found[3].due > NOW
    assert found[3].recall is not None and found[4].recall is not None and found[4].recall < found[3].recall


def test_totals_count_a_due_objective_as_learned_and_mastered_too(outline: Outline, standing: Progress) -> None:
    counts = totals(standing, evidence(standing, outline, NOW))
    assert (counts.objectives, counts.learned, counts.mastered, counts.due) == (5, 3, 2, 1)


@settings(deadline=None)
@given(st.integers(0, 400))
def test_a_forgetting_curve_falls_and_holds_today_and_the_due_day(days: int) -> None:
    card = new_card("o", NOW)
    now = NOW + timedelta(days=days)
    found = forgetting(card, now)
    assert found.recall[0] == pytest.approx(1.0)
    assert list(found.recall) == sorted(found.recall, reverse=True)
    assert 0 <= found.today < len(found.recall) and 0 <= found.due < len(found.recall)
    assert found.recall[found.today] == pytest.approx(retrievability(card, now))
    assert found.due == (due(card) - NOW).days


def test_a_clock_that_went_back_is_day_0() -> None:
    assert forgetting(new_card("o", NOW), NOW - timedelta(days=3)).today == 0
