"""One item as HTML: nothing tells the key while it is open, and everything explains it afterwards."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from tutor.curriculum import Curriculum
from tutor.item import Item
from tutor.progress import Showing, Standing
from tutor.step import Question
from ui.item import item_card, reason_words, standing_words
from ui.lessons import picture_file
from ui.pressed import pressed_of

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def showing(item: Item, **values: object) -> Showing:
    order = tuple(range(len(item.options)))[::-1]
    made = Showing(
        "s1", item.id, item.objective, item.skill, item.content_hash, item.kind, len(item.options), order,
        item.constructed, "practice", "practise", NOW,
    )  # fmt: skip
    return replace(made, **values)  # type: ignore[arg-type]


def card(curriculum: Curriculum, item: Item, outcome: str = "", **values: object) -> str:
    return item_card(curriculum, Question(item, showing(item, **values), outcome), Standing())


def with_other_keys(item: Item) -> Item:
    options = tuple(replace(option, correct=not option.correct, feedback="Other feedback.") for option in item.options)
    points = tuple(replace(point, text="Another point.") for point in item.points)
    value = None if item.value is None else item.value + 17
    return replace(
        item, options=options, points=points, value=value, accepted=("other",) * bool(item.accepted), why="Other."
    )


def test_open_card_of_every_item_is_the_same_whatever_its_key(shipped: Curriculum) -> None:
    # What does not change with the key cannot tell it.
    assert len(shipped.items) > 1000
    for item in shipped.items:
        assert card(shipped, item) == card(shipped, with_other_keys(item)), item.id


def test_card_after_the_answer_shows_the_key_the_misconception_and_why(shipped: Curriculum) -> None:
    item = next(item for item in shipped.items if item.kind == "single" and item.options[0].feedback)
    wrong = next(n for n, option in enumerate(item.options) if not option.correct)
    html = card(shipped, item, "wrong", attempts=2, answer={"choices": [wrong], "verdict": "wrong"})
    assert html.count('class="opt good"') == 1
    assert html.count('class="opt bad"') == 1
    assert "Not quite. Here is the answer, and why." in html
    assert 'data-act="next"' in html
    assert 'data-act="hint"' not in html


def test_card_after_a_first_wrong_answer_rules_out_only_what_was_chosen(shipped: Curriculum) -> None:
    item = next(item for item in shipped.items if item.kind == "single" and len(item.options) == 4)
    wrong = next(n for n, option in enumerate(item.options) if not option.correct)
    html = card(shipped, item, attempts=1, ruled_out=(wrong,), answer={"choices": [wrong], "verdict": "wrong"})
    assert html.count('class="opt bad"') == 1
    assert "opt good" not in html
    assert len(re.findall(r'<input type="radio"', html)) == 3


def test_links_of_an_explanation_open_the_reader(shipped: Curriculum) -> None:
    linked = [item for item in shipped.items if ".md#" in item.why]
    assert len(linked) > 500
    for item in linked[::10]:
        assert 'href="read?lesson=' in card(shipped, item, "right", attempts=1), item.id


def test_the_picture_of_a_case_is_shown_from_our_own_address_with_its_description(shipped: Curriculum) -> None:
    pictured = [item for item in shipped.items if "![" in item.body]
    assert len(pictured) >= 12
    for item in pictured:
        (told,) = re.findall(r"!\[([^\]]+)\]\(", item.body)
        for html in (
            card(shipped, item),
            card(shipped, item, "wrong", attempts=2, answer={"choices": [], "points": []}),
        ):
            ((of, described),) = re.findall(r'<img src="picture\?of=([^"]+)" alt="([^"]+)"', html)
            assert picture_file(shipped, of).parent.parent.name == item.skill, item.id
            assert unescape(described) == " ".join(told.split()), item.id
            assert "![" not in html and "images/" not in html, item.id


@pytest.mark.parametrize(
    ("file", "target", "address"),
    [
        ("quiz.md", "images/a.png", "picture?of=nlp/a.png"),
        ("quiz/nlp-tok.md", "../images/a.png", "picture?of=nlp/a.png"),
        ("quiz/nlp-tok.md", "../../pytorch/images/a.png", "picture?of=pytorch/a.png"),
        ("quiz/nlp-tok.md", "https://a.org/images/a.png", ""),
    ],
)
def test_the_address_of_a_picture_follows_from_the_file_of_its_item(
    shipped: Curriculum, file: str, target: str, address: str
) -> None:
    item = next(item for item in shipped.items if item.skill == "nlp")
    html = card(shipped, replace(item, path=item.path.parent.parent / file, body=f"![A curve]({target})"))
    assert re.findall(r'<img src="([^"]+)"', html) == ([address] if address else [])
    assert "A curve" in html and "a.org" not in html


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</textarea><b>x", '" onfocus="alert(1)']
)
def test_what_a_learner_wrote_is_text(shipped: Curriculum, hostile: str) -> None:
    for kind in ("free", "numeric"):
        item = next(item for item in shipped.items if item.kind == kind)
        answer = {"text": hostile, "verdict": "wrong", "points": []}
        for html in (
            card(shipped, item, attempts=1, answer=answer),
            card(shipped, item, "wrong", attempts=2, answer=answer),
        ):
            assert hostile not in html
            assert "<script" not in html
            assert "onerror=alert" not in html.replace("&lt;img src=x onerror=alert", "")


def test_standing_says_how_far_it_is() -> None:
    assert standing_words(Standing()) == "no answers yet"
    assert standing_words(Standing(known=0.6, answers=3, right=2)).startswith(
        "2 of 3 first answers right · learned after"
    )
    assert standing_words(Standing(known=0.97, answers=4, right=4, learned=NOW)).endswith("learned")
    assert standing_words(Standing(known=0.99, answers=6, right=6, learned=NOW, mastered=NOW)) == "mastered"


def test_every_reason_has_words(shipped: Curriculum) -> None:
    from tutor.policy import Activity

    values: dict[str, int | str] = {
        "topic": "Tokenization",
        "skill": "nlp",
        "days": 3,
        "count": 2,
        "right": 1,
        "answers": 2,
    }
    reasons = [
        "resume",
        "test_out",
        "example",
        "review",
        "probe",
        "lesson",
        "begin",
        "going",
        "lapsed",
        "mixed",
        "tomorrow",
        "nothing",
    ]
    said = {reason: reason_words(shipped, Activity("item", reason=reason, values=dict(values))) for reason in reasons}
    assert all(words.endswith(".") and "{" not in words for words in said.values())
    assert len(set(said.values())) == len(reasons)


@pytest.mark.parametrize(
    "sent",
    [None, 3, "x", [], {}, {"act": None}, {"places": "12"}, {"places": [1, "x", None, 2]}, {"number": -1}, {"number": "9" * 400},
     {"focus": 3}, {"focus": {"skill": 1}}],
)  # fmt: skip
def test_anything_that_a_page_sends_is_read_safely(sent: object) -> None:
    found = pressed_of(json.loads(json.dumps(sent)))
    assert isinstance(found.act, str)
    assert all(isinstance(place, int) for place in found.places)
    assert found.number >= 0
