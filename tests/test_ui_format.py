"""Answers as HTML."""

import re
from dataclasses import replace

import pytest

from tests.scripted_tutor import first_sentence
from tutor.answer import Answer, Citation, Passage, Status, Suggestion
from tutor.curriculum import Curriculum, load
from tutor.settings import shipped_curricula
from ui.format import Writing, answer_body, failed_html, finished_html, live_html, notices, source_links


@pytest.fixture(scope="module")
def curriculum() -> Curriculum:
    return load([shipped_curricula()])


@pytest.fixture
def answer(curriculum: Curriculum) -> Answer:
    section = curriculum.lesson("model-tuning", "02-learning-rate").sections[0]
    first = Citation(1, section.skill, section.lesson, section.heading, section.anchor, first_sentence(section.text))
    second = replace(first, quote="Another sentence.")
    passage = Passage(
        section.skill, section.lesson, section.heading, section.anchor, section.objectives, 0.9, section.text
    )
    return Answer("Why?", "Why?", "One thing.[1] Another thing.[1]", (first, second), (passage,))


def test_each_occurrence_of_a_number_leads_to_its_own_sentence(curriculum: Curriculum, answer: Answer) -> None:
    quotes = re.findall(r"quote=([^\"#&]+)", answer_body(curriculum, answer))
    assert len(quotes) == 2
    assert quotes[0] != quotes[1]


def test_sources_are_listed_once_by_number(curriculum: Curriculum, answer: Answer) -> None:
    assert [link.n for link in source_links(curriculum, answer.citations)] == [1]


def test_an_unsupported_sentence_is_marked_with_words(curriculum: Curriculum, answer: Answer) -> None:
    html = answer_body(curriculum, replace(answer, unsupported=("Another thing.[1]",)))
    assert '<span class="unverified">Another thing.</span>' in html
    assert html.count("not verified in the lessons") == 1


def test_a_lesson_that_is_gone_keeps_the_answer_readable(curriculum: Curriculum, answer: Answer) -> None:
    gone = replace(answer, citations=tuple(replace(c, lesson="99-gone") for c in answer.citations))
    assert "model-tuning/99-gone" in finished_html(curriculum, gone, "c", "m")


def test_what_the_learner_wrote_is_never_html(curriculum: Curriculum, answer: Answer) -> None:
    nasty = '<script>alert(1)</script>" onload=x'
    for html in (
        finished_html(curriculum, replace(answer, question=nasty), "c", "m"),
        failed_html(nasty, nasty),
        live_html(nasty, Status("thinking"), "", "c"),
    ):
        assert "<script" not in html
        assert '" onload' not in html


def test_only_the_newest_turn_can_be_tried_again_and_offers_steps(curriculum: Curriculum, answer: Answer) -> None:
    offered = replace(answer, suggestions=(Suggestion("why", "Why it matters", "Why does it matter?"),))
    assert "data-retry" in finished_html(curriculum, offered, "c", "m", last=True)
    assert "Why it matters" in finished_html(curriculum, offered, "c", "m", last=True)
    assert "data-ask" not in finished_html(curriculum, offered, "c", "m", last=False)


def test_an_answer_that_was_not_stored_cannot_be_reported(curriculum: Curriculum, answer: Answer) -> None:
    assert "data-report" not in finished_html(curriculum, answer)


def test_notices_name_what_happened(answer: Answer) -> None:
    assert notices(answer) == []
    assert "busy" in notices(replace(answer, notice="model_busy"))[0]
    assert notices(replace(answer, notice="a_new_code"))
    assert "2 numbers" in notices(replace(answer, removed=2))[0]
    assert "kept" in notices(replace(answer, status="stopped"))[0]
    assert "before anything" in notices(replace(answer, status="stopped", text=""))[0]


@pytest.mark.parametrize(
    ("status", "writing", "words"),
    [
        (Status("thinking"), False, "Thinking"),
        (Status("reading", {"sections": 4}), False, "Reading 4 sections"),
        (Status("reading", {"sections": 1}), False, "Reading 1 section<"),
        (Status("reading", {"sections": 4}), True, "Writing"),
        (Status("waiting", {"seconds": 9}), True, "9 s"),
        (Status("fallback", {"reason": "model_busy"}), False, "built-in tutor"),
        (Status("something new"), False, "Thinking"),
    ],
)
def test_the_status_says_what_the_tutor_is_doing(status: Status, writing: bool, words: str) -> None:
    assert words in live_html("q", status, "<p>x</p>" if writing else "", "c")


def test_a_text_that_grows_ends_as_if_rendered_at_once(curriculum: Curriculum) -> None:
    text = "One.[1]\n\n- a\n- b\n\n  more of b\n\n```python\nx = 1\n\ny = 2\n```\n\n1. one\n\n2. two\n\nEnd $x^2$."
    writing, html = Writing(), ""
    for end in range(1, len(text) + 1):
        html = writing.html(curriculum, text[:end], ())
    assert re.sub(r"\s+", "", html) == re.sub(r"\s+", "", Writing().html(curriculum, text, ()))
    assert writing.html(curriculum, "Anew", ()).strip() == "<p>Anew</p>"
