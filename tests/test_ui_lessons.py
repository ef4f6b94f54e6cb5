"""The lesson reader, Today and the list of conversations as HTML."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tutor.curriculum import Curriculum, load
from tutor.errors import NotFound
from tutor.outline import outline_of
from tutor.policy import next_activity
from tutor.progress import Progress
from tutor.settings import shipped_curricula
from tutor.step import Step
from tutor.store import Conversation
from tutor.suggestions import beginners_questions
from tutor.terms import sentences
from ui.conversations import conversations_page, title_of
from ui.frame import ago, ask_address, read_address
from ui.lessons import (
    follow_from,
    lesson_page,
    panel,
    picture_file,
    picture_from,
    section_view,
    skill_page,
)
from ui.today import today_page

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def curriculum() -> Curriculum:
    return load([shipped_curricula()])


def talk(title: str) -> Conversation:
    return Conversation("c1", "anon:1", "local", "local", title, "", NOW, NOW - timedelta(hours=3))


def test_every_lesson_can_be_shown(curriculum: Curriculum) -> None:
    for skill in curriculum.skills:
        assert skill.title in skill_page(curriculum, skill.id).replace("&amp;", "&")
        for lesson in skill.lessons:
            html = lesson_page(curriculum, f"{lesson.skill}/{lesson.id}")
            assert f"{lesson.minutes} minutes" in html
            anchors = re.findall(r'<h2 id="([^"]+)"', html)
            assert {section.anchor for section in lesson.sections} <= set(anchors)
            assert len(anchors) == len(set(anchors))
            assert 'href="' in html
            assert not re.search(r'href="(?!http)[^"]*\.md', html), lesson.id


def test_the_first_sentence_of_every_section_is_found_again(curriculum: Curriculum) -> None:
    lost = []
    for section in curriculum.sections():
        first = sentences(section.text.split("\n\n")[0])[0]
        if not section_view(curriculum, section, first).quoted and "$" not in first and "```" not in first:
            lost.append((section.anchor, first))
    assert lost == []


def test_links_between_lessons_lead_to_the_reader(curriculum: Curriculum) -> None:
    follow = follow_from(curriculum.addresses, "nlp")
    assert follow("02-tokenization.md#x") == "read?lesson=nlp/02-tokenization&section=x#x"
    assert follow("../model-tuning/02-learning-rate.md") == "read?lesson=model-tuning/02-learning-rate"
    assert follow("99-none.md") is None
    assert follow("../../../etc/passwd") is None
    assert follow("javascript:x") is None
    assert follow("#here") == "#here"
    assert follow("https://a.org/x.md") == "https://a.org/x.md"


def test_a_quotation_that_is_gone_is_told(curriculum: Curriculum) -> None:
    section = curriculum.lesson("model-tuning", "02-learning-rate").sections[0]
    html = panel(curriculum, "model-tuning/02-learning-rate", section.anchor, "This was never written here.")
    assert "is not there any more" in html
    assert "<mark>" not in html


@pytest.mark.parametrize("address", ["", "nlp", "nlp/none", "../x/y", "none/none"])
def test_a_lesson_that_is_not_there_is_a_plain_error(curriculum: Curriculum, address: str) -> None:
    with pytest.raises(NotFound):
        lesson_page(curriculum, address)


def a_today(curriculum: Curriculum, last: Conversation | None) -> str:
    outline, progress = outline_of(curriculum), Progress()
    step = Step(progress, next_activity(progress, outline, NOW))
    return today_page(curriculum, outline, step, last, NOW)


def test_the_first_visit_shows_three_questions_and_no_form(curriculum: Curriculum) -> None:
    html = a_today(curriculum, None)
    assert html.count("data-ask=") == 3
    assert html.count('class="skill"') == len(curriculum.skills)
    assert "Welcome back" not in html


def test_a_later_visit_leads_on(curriculum: Curriculum) -> None:
    html = a_today(curriculum, talk("<b>Rates</b>"))
    assert "Welcome back" in html
    assert "&lt;b&gt;Rates" in html
    assert 'href="ask?c=c1"' in html


def test_beginners_questions_come_from_different_skills(curriculum: Curriculum) -> None:
    assert len(set(beginners_questions(curriculum))) == 3


def test_titles_of_learners_are_never_html() -> None:
    html = conversations_page([talk('"><script>x</script>')], NOW)
    assert "<script>x" not in html


@pytest.mark.parametrize(
    ("words", "title"), [("  a\n b ", "a b"), ("", "Untitled"), (" ", "Untitled"), ("x" * 300, "x" * 119 + "…")]
)
def test_a_title_is_one_short_line(words: str, title: str) -> None:
    assert title_of(words) == title


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "a moment ago"),
        (5, "5 minutes ago"),
        (70, "an hour ago"),
        (26 * 60, "yesterday"),
        (60 * 24 * 40, "on 15 October 2026"),
    ],
)
def test_how_long_ago(minutes: int, words: str) -> None:
    assert ago(NOW - timedelta(minutes=minutes), NOW) == words


def test_addresses_are_escaped() -> None:
    assert read_address("a&b", "c d", "e#f", 'q"?') == "read?lesson=a%26b/c%20d&section=e%23f&quote=q%22%3F#e%23f"
    assert ask_address("a&b=c") == "ask?q=a%26b%3Dc"
    assert ask_address() == "ask"


def test_an_image_of_a_lesson_has_an_address_of_our_own() -> None:
    picture = picture_from("pytorch")
    assert picture("images/loss-curve.png") == "picture?of=pytorch/loss-curve.png"
    assert picture("../nlp/images/map.svg") == "picture?of=nlp/map.svg"
    for strange in (
        "https://a.org/images/x.png",
        "//a.org/images/x.png",
        "images/../../x.png",
        "images/x.html",
        "x.png",
        "",
    ):
        assert picture(strange) is None, strange


def test_every_image_that_a_lesson_shows_is_found(curriculum: Curriculum) -> None:
    shown = 0
    for section in curriculum.sections():
        html = str(section_view(curriculum, section).body)
        for of in re.findall(r'<img src="picture\?of=([^"]+)"', html):
            shown += 1
            path = picture_file(curriculum, of)
            assert path.stat().st_size < 100_000, path
        assert len(
            re.findall(r"!\[[^\]]*\]\(images/", re.sub(r"```.*?```", "", section.text, flags=re.DOTALL))
        ) == html.count("<img ")
    assert shown >= 20


@pytest.mark.parametrize(
    "of", ["", "nlp", "nlp/../skill.yaml", "nlp/none.png", "nobody/x.png", "nlp/x.png/..", "../nlp/x.png"]
)
def test_no_other_file_is_an_image(curriculum: Curriculum, of: str) -> None:
    with pytest.raises(NotFound):
        picture_file(curriculum, of)
