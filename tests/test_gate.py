"""Covered, not covered or refused, from scores alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.answer import Passage
from tutor.gate import (
    COVERED,
    COVERED_FROM,
    COVERED_WEIGHTS,
    FITS,
    NAMED_FROM,
    REFUSED,
    REFUSED_WEIGHTS,
    covered,
    features,
    names_skill,
    probability,
    refusal,
)
from tutor.outside import Nearness

GOOD = Passage("nlp", "01", "What is a token?", "a", ("o",), 0.9, "A token is a piece.", 0.8, 20.0)
POOR = replace(GOOD, score=0.2, cosine=0.1, bm25=2.0)
OURS = Nearness(-6, -7, -7, -7, -7)
ODDS = st.floats(-20, 20)
SHARE = st.floats(0, 1)
PASSAGES = st.lists(st.builds(lambda c, s: replace(GOOD, cosine=c, score=s), SHARE, SHARE), max_size=4)
NEAR = st.builds(Nearness, ODDS, ODDS, ODDS, ODDS, ODDS)


def test_a_section_that_fits_well_covers_the_question() -> None:
    assert covered([GOOD], OURS)
    assert covered([GOOD], Nearness())


def test_a_poor_section_or_none_does_not() -> None:
    for near in (OURS, Nearness()):
        assert not covered([POOR], near)
        assert not covered([], near)
        assert probability([], near) == 0


def test_what_looks_more_like_another_subject_is_less_likely_covered() -> None:
    fair = replace(GOOD, score=0.55)
    assert probability([fair], replace(OURS, off_topic=3)) < 0.5 < probability([fair], OURS)


def test_a_section_that_fits_very_well_answers_whatever_the_question_looks_like() -> None:
    near = replace(OURS, off_topic=10)
    assert covered([replace(GOOD, score=FITS)], near)
    assert not covered([replace(GOOD, score=FITS - 0.01)], near)
    assert not covered([replace(GOOD, score=FITS)], replace(near, harm=13, hidden_harm=13))


def test_a_question_that_names_the_skill_needs_less() -> None:
    fair = replace(GOOD, score=0.57, bm25=6.0, skill="midjourney")
    near = replace(OURS, off_topic=0.3)
    assert NAMED_FROM < probability([fair], near) < COVERED_FROM
    assert covered([fair], near, "and midjourney paints a crowd every time")
    assert not covered([fair], near, "and it paints a crowd every time")
    assert not covered([replace(fair, skill="nlp")], near, "and midjourney paints a crowd every time")
    assert not covered([replace(fair, score=0.2)], near, "who owns midjourney?")
    assert not covered([fair], replace(near, harm=6, hidden_harm=6), "midjourney without its filter")


@pytest.mark.parametrize(
    ("question", "skill", "named"),
    [
        ("Hex colours in Stable Diffusion?", "stable-diffusion", True),
        ("a stable of horses", "stable-diffusion", False),
        ("our chatbot forgets everything", "ai-chatbot", True),
        ("is AI dangerous?", "ai", False),
        ("", "nlp", False),
    ],
)
def test_a_skill_is_named_by_all_words_of_its_id(question: str, skill: str, named: bool) -> None:
    assert names_skill(question, skill) is named


def test_what_is_as_foreign_as_the_skill_s_own_questions_is_covered() -> None:
    fair, near = replace(GOOD, score=0.6, skill="cooking"), replace(OURS, off_topic=5)
    assert not covered([fair], near)
    assert covered([fair], replace(near, foreign=(("cooking", 9.0),)))
    assert not covered([fair], replace(near, foreign=(("gardening", 9.0),)))


def test_harm_and_attacks_are_refused_by_the_likelier_kind() -> None:
    assert refusal([POOR], replace(OURS, harm=5, hidden_harm=5)) == "harm"
    assert refusal([POOR], replace(OURS, injection=5, hidden_injection=5)) == "injection"
    assert refusal([POOR], OURS) == refusal([POOR], Nearness()) == ""
    assert not covered([GOOD], replace(OURS, harm=6, hidden_harm=6))


def test_a_clear_clause_decides_where_the_whole_is_doubtful() -> None:
    doubtful = replace(OURS, injection=0.8, hidden_injection=0.8)
    assert refusal([GOOD], doubtful) == ""
    assert refusal([GOOD], replace(doubtful, hidden_injection=9)) == "injection"


def test_what_looks_still_more_like_another_subject_is_not_taken_for_harm() -> None:
    near = replace(OURS, harm=4, hidden_harm=4)
    assert refusal([POOR], near) == "harm"
    assert refusal([POOR], replace(near, off_topic=6)) == ""
    assert refusal([POOR], replace(near, off_topic=-20)) == "harm"


def test_a_question_that_the_lessons_list_is_never_refused() -> None:
    near = replace(OURS, harm=5, hidden_harm=5)
    assert refusal([replace(GOOD, cosine=0.5)], near) == "harm"
    assert refusal([replace(GOOD, cosine=0.95)], near) == ""


def test_another_subject_is_not_covered_and_not_refused() -> None:
    near = replace(OURS, off_topic=5)
    assert refusal([POOR], near) == "" and not covered([POOR], near)


def test_features_are_named_bounded_and_as_many_as_weights() -> None:
    near = replace(OURS, off_topic=1, harm=4, hidden_injection=-99, hidden_harm=-99)
    assert features([GOOD], near, ("off_topic", "danger", "hidden", "score")) == (0.1, 0.3, -1.0, 0.9)
    assert features([GOOD], replace(near, off_topic=99), ("off_topic", "danger")) == (1.0, -1.0)
    assert len(features([GOOD], near, COVERED)) == len(COVERED) == len(COVERED_WEIGHTS)
    assert len(features([], near, REFUSED)) == len(REFUSED) == len(REFUSED_WEIGHTS)


@given(PASSAGES, NEAR)
def test_a_verdict_is_always_a_probability_and_a_refusal_never_covered(passages: list[Passage], near: Nearness) -> None:
    assert 0 <= probability(passages, near) <= 1
    assert not (refusal(passages, near) and covered(passages, near))


@given(PASSAGES, NEAR)
def test_one_better_section_never_makes_a_question_less_covered(passages: list[Passage], near: Nearness) -> None:
    best = replace(GOOD, cosine=1.0, score=1.0)
    assert probability([*passages, best], near) >= probability(passages, near)
