"""The hint ladder: its order, what each level gives, and that no level below the answer gives the key away."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.curriculum import Curriculum
from tutor.errors import TutorError
from tutor.hints import LEVELS, answer_text, help_for, next_level
from tutor.item import Item
from tutor.key import key_of
from tutor.leaks import leaks, states
from tutor.masking import GAP, masked, states_key
from tutor.parts import blocks, parts, without_label
from tutor.terms import sentences
from tutor.wording import wording


def test_the_order_of_the_ladder() -> None:
    assert [next_level(0, 0), next_level(1, 0), next_level(2, 0), next_level(3, 0)] == [1, 2, None, None]
    assert [next_level(2, 1), next_level(3, 2), next_level(4, 0)] == [3, 4, 4]
    for level, attempts in ((-1, 0), (5, 0), (1, -1)):
        with pytest.raises(TutorError):
            next_level(level, attempts)


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=30))
def test_no_way_to_the_answer_without_two_attempts(moves: list[bool]) -> None:
    """True asks for help, False is an attempt."""
    level = since = after_second = 0
    for asks in moves:
        given_level = next_level(level, since) if asks else None
        if given_level is not None:
            assert given_level <= level + 1
            level, since = given_level, 0
        elif not asks:
            since += 1
            after_second += level >= 2
    assert level < 3 or after_second >= 1
    assert level < 4 or after_second >= 2


@pytest.fixture(scope="module")
def some(shipped: Curriculum) -> list[Item]:
    return list(shipped.items)[::47]


def test_no_help_below_the_answer_states_the_key(shipped: Curriculum, some: list[Item]) -> None:
    sections = list(shipped.sections())
    for item in some:
        key = key_of(item)
        for level in range(1, LEVELS):
            given_help = help_for(item, level, sections)
            assert given_help.level == level
            assert given_help.text.strip()
            if given_help.kind != "hint":
                assert leaks(given_help.text, key) == "", (item.id, level)
                assert given_help.section is not None
                section = shipped.section(*given_help.section)
                assert item.objective in section.objectives
                assert section.teaching


def test_what_each_level_gives(shipped: Curriculum, some: list[Item]) -> None:
    sections = list(shipped.sections())
    for item in some:
        first, second, third, fourth = (help_for(item, level, sections) for level in range(1, 5))
        assert (first.kind, first.text) == ("hint", item.hints[0])
        assert second.kind == ("hint" if len(item.hints) > 1 else "passage")
        assert third.kind in {"example", "passage"}
        assert fourth.kind == "answer"
        assert item.why in fourth.text
        for option in item.keys:
            assert option.text in fourth.text


def test_the_last_step_of_an_example_is_open(shipped: Curriculum, some: list[Item]) -> None:
    for item in some:
        third = help_for(item, 3, list(shipped.sections()))
        if third.kind != "example" or third.section is None:
            continue
        assert GAP in third.text
        shown = [part for part in parts(shipped.section(*third.section).text) if part.kind == "example"]
        last = [block for part in shown for block in part.blocks if block.kind != "image"][-1]
        ending = sentences(last.markdown)[-1] if last.kind == "paragraph" else last.markdown
        assert ending not in third.text


def test_without_lessons_the_authors_hint_comes_again_and_says_so(some: list[Item]) -> None:
    item = next(item for item in some if len(item.hints) == 1)
    for level in (2, 3):
        again = help_for(item, level, [])
        assert again.kind == "hint"
        assert again.section is None
        assert again.text != item.hints[0]
        assert again.text.endswith(item.hints[0])
    bare = replace(item, hints=())
    assert help_for(bare, 1, []).text
    with pytest.raises(TutorError):
        help_for(item, 5, [])


def test_the_answer_of_each_kind(shipped: Curriculum) -> None:
    seen = {item.kind: item for item in shipped.items}
    assert set(seen) == {"single", "multiple", "numeric", "accepted", "free"}
    assert seen["accepted"].accepted[0] in answer_text(seen["accepted"])
    assert all(point.text in answer_text(seen["free"]) for point in seen["free"].points)
    number = replace(seen["numeric"], value=36_000_000.0)
    assert "36000000" in answer_text(number)


def test_masked_passages_keep_what_gives_nothing_away(shipped: Curriculum, some: list[Item]) -> None:
    kept = total = 0
    for item in some:
        key = key_of(item)
        for section in shipped.sections():
            if item.objective in section.objectives:
                text = masked(section.text, key)
                assert states(wording(text), key) == ""
                prose = [block for block in blocks(text) if block.kind == "paragraph"]
                said = [sentence for block in prose for sentence in sentences(without_label(block.markdown))]
                assert not any(states_key(sentence, key) for sentence in said if GAP not in sentence)
                kept, total = kept + len(text), total + len(section.text)
    assert kept > 0.8 * total
