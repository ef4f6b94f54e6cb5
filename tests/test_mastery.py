"""Knowledge tracing against cases computed by hand, and what holds for every sequence of answers."""

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from tutor.item import KINDS
from tutor.mastery import (
    LEARNED,
    START,
    Chances,
    chances,
    given,
    predicted,
    right_answers_to_learn,
    updated,
    within,
)

KNOWN = st.floats(0.001, 0.999)
ITEM = st.builds(chances, st.sampled_from(KINDS), st.integers(2, 8))
SINGLE = Chances(0.25, 0.10)
NUMERIC = Chances(0.05, 0.10)
FREE = Chances(0.15, 0.15)


# By hand: q = p(1-S) / (p(1-S) + (1-p)G) or pS / (pS + (1-p)(1-G)), then p' = q + .15 (1-q).
@pytest.mark.parametrize(
    ("known", "correct", "item", "after"),
    [
        (0.25, True, SINGLE, 0.6136364),  # .225 / .4125 = .5454545
        (0.25, False, SINGLE, 0.1861702),  # .025 / .5875 = .0425532
        (0.25, True, NUMERIC, 0.8785714),  # .225 / .2625 = .8571429
        (0.25, False, NUMERIC, 0.1788136),  # .025 / .7375 = .0338983
        (0.25, True, FREE, 0.7057692),  # .2125 / .325 = .6538462
        (0.95, False, SINGLE, 0.7594340),  # .095 / .1325 = .7169811
        (0.80, True, NUMERIC, 0.9883562),  # .72 / .73 = .9863014
    ],
)  # fmt: skip
def test_one_answer_moves_the_estimate_as_computed_by_hand(
    known: float, correct: bool, item: Chances, after: float
) -> None:
    assert updated(known, correct, item) == pytest.approx(after, abs=1e-7)


def test_a_sequence_of_answers_as_computed_by_hand() -> None:
    known = START
    for correct, item, after in [
        (True, SINGLE, 0.6136364),
        (False, SINGLE, 0.2985437),  # .0613636 / (.0613636 + .2897727) = .1747573
        (True, NUMERIC, 0.9018577),  # .2686893 / (.2686893 + .0350728) = .8845385
        (True, SINGLE, 0.9750597),  # .8116720 / (.8116720 + .0245356) = .9706585
    ]:
        known = updated(known, correct, item)
        assert known == pytest.approx(after, abs=1e-6)
    assert known >= LEARNED


@pytest.mark.parametrize(
    ("kind", "options", "guess", "slip"),
    [
        ("single", 4, 0.25, 0.10), ("single", 3, 1 / 3, 0.10), ("single", 2, 0.5, 0.10),
        ("multiple", 4, 0.0625, 0.10), ("multiple", 6, 0.05, 0.10), ("multiple", 3, 0.125, 0.10),
        ("numeric", 0, 0.05, 0.10), ("accepted", 0, 0.05, 0.10), ("free", 0, 0.15, 0.15),
    ],
)  # fmt: skip
def test_guess_and_slip_follow_from_the_kind(kind: object, options: int, guess: float, slip: float) -> None:
    assert chances(kind, options) == Chances(pytest.approx(guess), slip)  # type: ignore[arg-type]


def test_the_prediction_is_a_known_answer_without_a_slip_or_a_guess() -> None:
    assert predicted(0.25, SINGLE) == pytest.approx(0.25 * 0.9 + 0.75 * 0.25)
    assert predicted(0.95, NUMERIC) == pytest.approx(0.8575)


def test_two_written_answers_or_three_choices_bring_a_beginner_to_learned() -> None:
    assert right_answers_to_learn(START, NUMERIC) == 2
    assert right_answers_to_learn(START, SINGLE) == 3
    assert right_answers_to_learn(START, FREE) == 3
    assert right_answers_to_learn(0.96, SINGLE) == 0
    assert right_answers_to_learn(0.01, Chances(0.9, 0.9), most=3) == 3


@drawn(st.lists(st.tuples(st.booleans(), ITEM), max_size=200), st.floats(0, 1))
def test_an_estimate_stays_between_0_and_1_whatever_is_answered(
    answers: list[tuple[bool, Chances]], known: float
) -> None:
    known = within(known)
    for correct, item in answers:
        known = updated(known, correct, item)
        assert 0 < known < 1


@drawn(st.integers(0, 1000), ITEM)
def test_however_many_right_answers_came_before_wrong_ones_can_still_lower_it(count: int, item: Chances) -> None:
    known = START
    for _ in range(count):
        known = updated(known, True, item)
    before, known = known, updated(known, False, item)
    assert known < before
    for _ in range(60):
        known = updated(known, False, item)
    assert known < LEARNED


@drawn(KNOWN, ITEM)
def test_a_right_answer_never_lowers_and_a_wrong_one_never_raises_what_bayes_makes_of_it(
    known: float, item: Chances
) -> None:
    assert given(known, True, item) >= known
    assert given(known, False, item) <= known
    assert updated(known, True, item) >= known
    assert updated(known, False, item) <= updated(known, True, item)


@drawn(KNOWN, KNOWN, ITEM, st.booleans())
def test_who_knew_more_before_knows_more_after(one: float, other: float, item: Chances, correct: bool) -> None:
    low, high = sorted((one, other))
    assert updated(low, correct, item) <= updated(high, correct, item) + 1e-12
    assert predicted(low, item) <= predicted(high, item) + 1e-12


@drawn(KNOWN, ITEM)
def test_the_two_outcomes_weighted_by_the_prediction_give_back_the_estimate(known: float, item: Chances) -> None:
    chance = predicted(known, item)
    mixed = chance * given(known, True, item) + (1 - chance) * given(known, False, item)
    assert mixed == pytest.approx(known, abs=1e-9)
