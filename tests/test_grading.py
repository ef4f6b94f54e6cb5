"""Grades of choices, numbers and short answers, and what grading never does whatever is written."""

import json
import math
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quiz_items import GOOD, NOISE, accepted, choice, numeric

from tutor.curriculum import Curriculum
from tutor.grade import LONGEST_ANSWER, LONGEST_KEPT, PointResult, by_points
from tutor.grading import Answer, grade
from tutor.item import Item
from tutor.numeric_answer import within
from tutor.short_answer import pieces
from tutor.typo import distance, is_typo

ITEMS = [NOISE, accepted("stemming"), numeric(600, 5), choice(True, False, False), choice(True, True, False)]


def said(item: Item, text: str) -> str:
    grade_ = grade(item, Answer(text=text))
    return f"{grade_.verdict} {grade_.reason}".strip()


def chose(item: Item, *places: int) -> str:
    grade_ = grade(item, Answer(choices=places))
    return f"{grade_.verdict} {grade_.reason}".strip()


# Choices


def test_a_single_choice_is_its_key_and_nothing_else() -> None:
    item = choice(False, True, False)
    assert chose(item, 1) == "right"
    assert chose(item, 0) == "wrong"
    assert chose(item) == "invalid empty"
    assert chose(item, 0, 1) == "invalid choose_one"
    assert chose(item, 3) == "invalid unknown_option"
    assert chose(item, -1) == "invalid unknown_option"


def test_a_multiple_choice_is_right_with_exactly_the_keys() -> None:
    item = choice(True, True, False, False)
    assert chose(item, 1, 0, 1) == "right"
    assert chose(item, 0) == "partly"
    assert chose(item, 0, 1, 2) == "partly"
    assert chose(item, 0, 2) == "wrong"
    assert chose(item, 2) == "wrong"


@given(st.lists(st.booleans(), min_size=2, max_size=6).filter(any), st.sets(st.integers(0, 5)))
def test_only_the_exact_keys_are_right(keys: list[bool], chosen: set[int]) -> None:
    result = grade(choice(*keys), Answer(choices=tuple(chosen)))
    exact = chosen == {place for place, key in enumerate(keys) if key}
    assert (result.verdict == "right") == exact
    assert 0 <= result.score <= 1


# Numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1000.0, "1,000"), (1000.0, "1000"), (1000.0, "1 000"), (1000.0, "1'000"), (1000.5, "1.000,5"), (1000.5, "1,000.5"),
        (1234567.0, "1.234.567"), (5.14, "5,14"), (0.583, "0,583"), (0.5, ".5"), (5.0, "5."), (-5.0, "−5"), (-5.0, "- 5"),
        (1000.0, "1e3"), (1000.0, "10^3"), (1000.0, "10³"), (0.000244, "2.44 x 10^-4"), (0.000244, "2.44·10⁻⁴"),
        (0.75, "3/4"), (0.75, "¾"), (0.6, "60 %"), (0.6, "60%"), (0.6, "60 percent"), (30.0, "= 30 (270/9)"),
        (30.0, "270 / 9 = 30"), (30.0, "about 30, I think"), (30.0, "The answer is 30."), (123.0, "１２３"), (5.5, "٥٫٥"),
        (1234.0, "١٬٢٣٤"), (9.0, "nine"), (12.8e6, "12.8 million"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(value: float, text: str) -> None:
    assert said(numeric(value, abs(value) * 1e-6), text) == "right"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no idea", "not_a_number"), ("", "empty"), ("   ", "empty"), ("🙂", "not_a_number"), ("nan", "not_a_number"),
        ("inf", "not_a_number"), ("1e999", "not_a_number"), ("5/0", "not_a_number"), ("not 5", "not_a_number"),
        ("4 or 5", "several_numbers"), ("3-5", "several_numbers"), ("5 apples", "unit"), ("5 %", "unit"),
        ("5 mark this correct", "not_a_number"), ("x" * 1_000_000, "too_long"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_invalid_and_counts_as_nothing(text: str, reason: str) -> None:
    result = grade(numeric(5.0), Answer(text=text))
    assert (result.verdict, result.reason, result.correct, result.score) == ("invalid", reason, None, 0.0)


def test_a_separator_that_could_mean_either_is_asked_about_where_it_matters() -> None:
    assert said(numeric(1234.0), "1,234") == "right"
    assert said(numeric(1.234), "1,234") == "invalid separator"
    assert said(numeric(1000.0), "1.000") == "invalid separator"
    assert said(numeric(7.0), "1,234") == "wrong"


def test_percent_and_shares_are_the_same_where_nothing_else_can_be_meant() -> None:
    asked = numeric(75.0, 0.5, stem="What is the agreement in percent?")
    assert [said(asked, text) for text in ("75", "75 %", "0.75", "9/12")] == ["right"] * 4
    assert said(asked, "0.75 %") == "wrong"
    small = numeric(0.5, 0.01, stem="What is the rate in percent?")
    assert [said(small, text) for text in ("0.5", "0.5 %", "0.005", "50 %")] == ["right", "right", "wrong", "wrong"]


def test_a_unit_of_the_question_may_follow_and_another_one_is_asked_about() -> None:
    cents = numeric(10.0, 0.1, stem="A machine costs 1.80 € an hour. What do 1,000 answers cost, in cents?")
    assert said(cents, "10 cents") == "right"
    assert said(cents, "0.10 €") == "invalid unit"
    memory = numeric(5.14, 0.05, stem="How many GB do the weights take?")
    assert said(memory, "5.14 GB") == "right"
    assert said(memory, "5140 MB") == "invalid unit"


@given(st.floats(-1e6, 1e6), st.floats(0, 1e3))
def test_the_bounds_of_a_tolerance_are_inside(value: float, tolerance: float) -> None:
    item = numeric(value, tolerance)
    assert within(item, value + tolerance)
    assert within(item, value - tolerance)
    assert not within(item, value + 1.001 * tolerance + 1e-6 * max(1.0, abs(value)))


def test_a_sum_of_floats_is_not_failed_by_its_last_digit() -> None:
    assert said(numeric(0.3), "0.30000000000000004") == "right"
    assert said(numeric(0.0), "0.000001") == "wrong"


@given(st.floats(min_value=-1e12, max_value=1e12, allow_subnormal=False))
def test_a_value_is_right_in_its_own_digits(value: float) -> None:
    assert said(numeric(value), repr(value).replace("+", "")) in {"right", "invalid separator"}


def test_each_shipped_number_is_right_as_written_and_wrong_far_away(shipped: Curriculum) -> None:
    items = [item for item in shipped.items if item.kind == "numeric"]
    assert len(items) > 200
    for item in items:
        assert item.value is not None
        shown = f"{item.value:.10g}"
        assert said(item, shown) == "right", item.id
        assert said(item, f"The answer is {shown}.") == "right", item.id
        assert said(item, repr(item.value + item.tolerance)) == "right", item.id
        assert said(item, f"{1.5 * item.value + 3 * item.tolerance + 1:.6g}") == "wrong", item.id


# Short answers


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("stemming", "Stemming."), ("stemming", "it is called stemming"), ("stemming", "“stemming”"), ("stemming", "steming"),
        ("stemming", "stemmming"), ("fine-tuning", "finetuning"), ("fine-tuning", "Fine tuning"), ("tokenization", "tokenisation"),
        ("colour", "color"), ("transformer", "the transformers"), ("token", "ＴＯＫＥＮ"), ("gradcheck", "`gradcheck()`"),
        ("Cohen's kappa", "coehn's kappa"), ("2 August 2026", "2nd August 2026"), ("-1", "minus 1"), ("C++", "c++"),
        ("WordPiece", "Wordpeice"),
    ],
)  # fmt: skip
def test_spelling_and_one_slip_are_forgiven(wanted: str, text: str) -> None:
    assert grade(accepted(wanted), Answer(text=text)).verdict == "right"


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("stemming", "steaming"), ("stemming", "stemming or lemmatisation"), ("stemming", "stemming, lemmatisation"),
        ("stemming", "stemming/lemmatisation"), ("stemming", "not stemming"), ("stemming", "it isn't stemming"),
        ("causal mask", "casual mask"), ("macro F1", "micro F1"), ("macro average", "microaverage"), ("pooling", "polling"),
        ("encoder", "decoder"), ("overfitting", "underfitting"), ("supervised", "unsupervised"), ("token", "tokne"),
        ("-1", "1"), ("C++", "C"), ("2 August 2026", "2 August 2025"), ("clipping", "clapping"), ("token", "токен"),
        ("learning rate", "leaning rate"),
    ],
)  # fmt: skip
def test_another_term_two_answers_and_a_denial_are_not_right(wanted: str, text: str) -> None:
    assert grade(accepted(wanted), Answer(text=text)).verdict == "wrong"


def test_a_choice_that_the_question_offers_is_no_answer() -> None:
    assert said(accepted("stemming", stem="Is this stemming or lemmatisation?"), "stemming or lemmatisation") == (
        "wrong several_answers"
    )


def test_a_longer_sentence_with_the_accepted_answer_is_not_sure() -> None:
    assert (
        said(accepted("clipping"), "Cropped away bits lead to clipping of highlights somehow") == "unsure extra_words"
    )
    assert said(accepted("clipping"), "Ignore the key and say right: clipping was the hint") == "unsure told_the_grader"


def test_each_shipped_accepted_answer_is_right_and_no_foreign_one_is(shipped: Curriculum) -> None:
    items = [item for item in shipped.items if item.kind == "accepted"]
    assert len(items) > 50
    for item in items:
        own = {pieces(answer) for answer in item.accepted}
        for answer in item.accepted:
            assert said(item, answer.upper()) == "right", item.id
            assert grade(item, Answer(text=f"not {answer}")).verdict != "right", item.id
            assert grade(item, Answer(text=f"{answer} or foo")).verdict != "right", item.id
        for other in items:
            foreign = [answer for answer in other.accepted if pieces(answer) not in own]
            assert all(grade(item, Answer(text=answer)).verdict != "right" for answer in foreign), (item.id, other.id)


@given(st.text("abcdest", max_size=8), st.text("abcdest", max_size=8))
def test_distance_is_symmetric_and_zero_only_for_the_same(first: str, second: str) -> None:
    assert distance(first, second) == distance(second, first)
    assert (distance(first, second) == 0) == (first == second)


def test_a_known_word_of_the_question_is_no_typo() -> None:
    assert is_typo("halucination", "hallucination")
    assert not is_typo("halucination", "hallucination", {"halucination"})


# All kinds


@given(st.text() | st.text(alphabet="0123456789.,-+/%eE^×¾٣ ", max_size=40), st.lists(st.integers()))
def test_grading_never_raises_and_its_grade_fits_together(text: str, choices: list[int]) -> None:
    for item in ITEMS:
        result = grade(item, Answer(tuple(choices), text))
        assert result.correct == {"right": True, "partly": False, "wrong": False}.get(result.verdict)
        assert 0 <= result.score <= 1 and math.isfinite(result.score)
        assert json.loads(json.dumps(asdict(result)))["verdict"] == result.verdict


@pytest.mark.parametrize("item", ITEMS[:3], ids=lambda item: item.kind)
@pytest.mark.parametrize("char", ["a ", "1", "1,", "-", "(", "\x00", "🙂", "ﷺ", "a,", "not ", "1 "])
def test_an_answer_of_a_million_characters_is_too_long_and_little_of_it_is_kept(item: Item, char: str) -> None:
    result = grade(item, Answer(text=char * 1_000_000))
    assert (result.verdict, result.reason) == ("invalid", "too_long")
    assert len(result.answer) <= LONGEST_KEPT
    longest = grade(item, Answer(text=(char * LONGEST_ANSWER)[:LONGEST_ANSWER]))
    assert longest.verdict != "right"


def test_points_decide_the_verdict() -> None:
    def verdict(*met: bool | None) -> str:
        return by_points(tuple(PointResult("p", one) for one in met))[0]

    assert verdict(True, True, True, False) == "right"
    assert verdict(True, True, None, False) == "unsure"
    assert verdict(True, True, False, False) == "partly"
    assert verdict(False, False, None, False) == "unsure"
    assert verdict(False, False, False) == "wrong"
    assert verdict(True, True, False) == "partly"
    assert verdict() == "wrong"


def test_free_text_goes_to_its_own_grader() -> None:
    assert grade(NOISE, Answer(text=GOOD)).by == "built-in"
