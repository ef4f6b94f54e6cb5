"""When an objective is due again."""

import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.review import LONGEST_DAYS, Rating, curve, due, new_card, rating, retrievability, reviewed

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
RATINGS: list[Rating] = ["again", "hard", "good"]


@pytest.mark.parametrize(
    ("correct", "level", "rated"),
    [
        (True, 0, "good"),
        (True, 1, "hard"),
        (True, 2, "again"),
        (True, 4, "again"),
        (False, 0, "again"),
        (False, 3, "again"),
    ],
)
def test_an_answer_rates_by_whether_it_was_right_and_by_its_hints(correct: bool, level: int, rated: str) -> None:
    assert rating(correct, level) == rated


def test_what_was_just_learned_is_due_in_about_two_days() -> None:
    assert timedelta(days=1) < due(new_card("nlp-tok", NOW)) - NOW < timedelta(days=4)


def test_a_good_review_on_time_lengthens_and_a_failed_one_shortens_the_interval() -> None:
    card = new_card("nlp-tok", NOW)
    at = due(card)
    intervals = {given: due(reviewed(card, given, at)[0]) - at for given in RATINGS}
    assert intervals["good"] > due(card) - NOW
    assert intervals["again"] < intervals["hard"] <= intervals["good"]
    assert intervals["again"] == timedelta(days=1)


def test_the_card_of_an_objective_has_one_number() -> None:
    assert new_card("nlp-tok", NOW)["card_id"] == new_card("nlp-tok", NOW + timedelta(days=3))["card_id"]
    assert new_card("nlp-tok", NOW)["card_id"] != new_card("nlp-pre", NOW)["card_id"]


@given(st.lists(st.tuples(st.sampled_from(RATINGS), st.integers(0, 60 * 24 * 40)), max_size=12))
@settings(max_examples=50, deadline=None)
def test_any_history_stays_json_in_utc_within_the_longest_interval(history: list[tuple[Rating, int]]) -> None:
    card, at = new_card("x", NOW), NOW
    for given_rating, minutes in history:
        at += timedelta(minutes=minutes)
        card, log = reviewed(card, given_rating, at)
        assert json.loads(json.dumps(card)) == card
        assert json.loads(json.dumps(log)) == log
        assert log["card_id"] == card["card_id"]
        assert timedelta(days=1) <= due(card) - at <= timedelta(days=LONGEST_DAYS)
    assert due(card).utcoffset() == timedelta()
    assert datetime.fromisoformat(card["last_review"]) == at


def test_a_clock_that_went_back_counts_as_the_moment_of_the_last_review() -> None:
    card = new_card("x", NOW)
    assert reviewed(card, "good", NOW - timedelta(days=9)) == reviewed(card, "good", NOW)
    assert retrievability(card, NOW - timedelta(days=9)) == 1


def test_moments_of_other_time_zones_are_the_same_moments() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    card = new_card("x", there)
    assert card == new_card("x", NOW)
    assert reviewed(card, "good", there + timedelta(days=2)) == reviewed(card, "good", NOW + timedelta(days=2))
    assert retrievability(card, there + timedelta(days=2)) == retrievability(card, NOW + timedelta(days=2))


def test_what_was_learned_is_forgotten_day_by_day() -> None:
    card = new_card("x", NOW)
    known = curve(card, 60)
    assert len(known) == 61
    assert known[0] == 1
    assert all(later < earlier for earlier, later in pairwise(known))
    assert known[10] == pytest.approx(retrievability(card, NOW + timedelta(days=10)))
    assert 0 < known[60] < 0.9


def test_on_the_day_it_is_due_nine_in_ten_are_recalled() -> None:
    card = new_card("x", NOW)
    for _ in range(2):
        card, _ = reviewed(card, "good", due(card))
    assert retrievability(card, due(card)) == pytest.approx(0.9, abs=0.01)


def test_the_curve_begins_at_the_last_review() -> None:
    card, _ = reviewed(new_card("x", NOW), "good", NOW + timedelta(days=2))
    assert curve(card, 3)[0] == 1
    assert curve(card, 30)[30] > curve(new_card("x", NOW), 30)[30]
