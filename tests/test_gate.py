"""Covered, not covered or refused, from scores alone."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tutor.answer import Passage
from tutor.gate import COVERED, COVERED_WEIGHTS, REFUSED, REFUSED_WEIGHTS, covered, features, probability, refusal
from tutor.outside import Nearness

GOOD = Passage("nlp", "01", "What is a token?", "a", ("o",), 0.9, "A token is a piece.", 0.8)
POOR = replace(GOOD, score=0.2, cosine=0.1)
COSINE = st.floats(-1, 1)
PASSAGES = st.lists(st.builds(lambda c, s: replace(GOOD, cosine=c, score=s), COSINE, st.floats(0, 1)), max_size=4)
NEAR = st.builds(Nearness, COSINE, COSINE, COSINE, COSINE, COSINE, COSINE)


def test_a_section_that_fits_well_covers_the_question() -> None:
    assert covered([GOOD], Nearness())


def test_a_poor_section_or_none_does_not() -> None:
    assert not covered([POOR], Nearness())
    assert not covered([], Nearness())
    assert probability([], Nearness()) == 0


def test_what_comes_nearer_to_another_subject_is_less_likely_covered() -> None:
    assert probability([GOOD], Nearness(off_topic=0.9)) < probability([GOOD], Nearness(off_topic=0.1))


def test_harm_and_attacks_are_refused_by_the_nearer_kind() -> None:
    assert refusal([POOR], Nearness(harm=0.9, injection=0.6, hidden_harm=0.9, hidden_injection=0.6)) == "harm"
    assert refusal([POOR], Nearness(harm=0.6, injection=0.9, hidden_harm=0.6, hidden_injection=0.9)) == "injection"
    assert refusal([POOR], Nearness()) == ""
    assert not covered([GOOD], Nearness(harm=0.95, hidden_harm=0.95, lean_harm=0.9))


def test_a_question_about_an_attack_that_the_lessons_treat_is_not_refused() -> None:
    assert refusal([replace(GOOD, cosine=0.9)], Nearness(injection=0.6, hidden_injection=0.6)) == ""


def test_the_order_of_passages_does_not_matter() -> None:
    assert features([GOOD, POOR], Nearness(), REFUSED) == features([POOR, GOOD], Nearness(), REFUSED)
    assert len(features([GOOD], Nearness(), COVERED)) == len(COVERED) == len(COVERED_WEIGHTS)
    assert len(features([], Nearness(), REFUSED)) == len(REFUSED) == len(REFUSED_WEIGHTS)


def test_what_is_nearest_to_another_subject_is_not_covered_but_not_refused() -> None:
    near = Nearness(off_topic=0.8, harm=0.7, hidden_harm=0.7)
    assert refusal([POOR], near) == "" and not covered([POOR], near)


def test_alarming_words_of_a_question_for_the_lessons_are_no_reason_to_refuse() -> None:
    fair = replace(GOOD, score=0.5, cosine=0.45)
    assert refusal([fair], Nearness(harm=0.7, hidden_harm=0.7, lean_harm=0.5)) == "harm"
    assert refusal([fair], Nearness(harm=0.7, inside=0.7, hidden_harm=0.7, lean_harm=0.2)) == ""


@given(PASSAGES, NEAR)
def test_a_verdict_is_always_a_probability_and_a_refusal_never_covered(passages: list[Passage], near: Nearness) -> None:
    assert 0 <= probability(passages, near) <= 1
    assert not (refusal(passages, near) and covered(passages, near))


@given(PASSAGES, NEAR)
def test_one_better_section_never_makes_a_question_less_covered(passages: list[Passage], near: Nearness) -> None:
    best = replace(GOOD, cosine=1.0, score=1.0)
    assert probability([*passages, best], near) >= probability(passages, near)


def test_a_question_that_the_lessons_list_is_never_refused() -> None:
    near = Nearness(harm=0.7, hidden_harm=0.7, lean_harm=0.6)
    assert refusal([replace(GOOD, score=0.5, cosine=0.5)], near) == "harm"
    assert refusal([replace(GOOD, score=0.9, cosine=0.95)], near) == ""
