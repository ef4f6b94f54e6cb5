"""Whole sentences with their number, none of them twice."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tutor.curriculum import Curriculum
from tutor.drafting import Draft, plain, said_before, written
from tutor.parts import Block, Part, blocks, parts

CODE = '```python no-run="needs weights"\nprint(1)\n```'
EXAMPLE = f"**Example.** We print a number. It is this one:\n\n{CODE}\n\n```output\n1\n```\n\nThat was it."


def draft(n: int = 1) -> Draft:
    return Draft(n, set())


def only(markdown: str) -> Part:
    (part,) = parts(markdown)
    return part


def test_each_sentence_carries_its_number() -> None:
    made = draft(2)
    assert made.add(only("One thing. Another thing."), code=False)
    assert made.text == "One thing. [2] Another thing. [2]"


def test_code_comes_with_its_output_and_without_the_reason_why_it_is_not_run() -> None:
    made = draft()
    made.add(only(EXAMPLE), code=True)
    assert made.text == (
        "**Example.** We print a number. [1] It is this one: [1]\n\n```python\nprint(1)\n```\n\n```text\n1\n```\n\n"
        "That was it. [1]"
    )


def test_without_code_nothing_announces_it_and_nothing_refers_to_it() -> None:
    made = draft()
    made.add(only(EXAMPLE), code=False)
    assert made.text == "**Example.** We print a number. [1]"


def test_what_was_said_is_not_said_again() -> None:
    made = draft()
    made.add(only("One thing. Another thing."), code=False)
    assert not made.add(only("One thing."), code=False)
    assert made.add(only("Another thing. A third."), code=False)
    assert made.text.count("Another thing.") == 1


def test_an_answer_read_back_counts_as_said_with_its_code_output_and_tables() -> None:
    section = f"A lead. It goes on.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n\n{EXAMPLE}\n\n"
    section += "**Common mistake.** Wrong: no."
    first = draft()
    for part in parts(section):
        assert first.add(part, code=True)
    again = Draft(1, said_before([first.text]))
    assert not any(again.add(part, code=True) for part in parts(section))


def test_a_block_never_stands_on_the_line_of_its_label() -> None:
    made = Draft(1, said_before(["We print a number. [1] It is this one: [1]"]))
    assert made.add(only(EXAMPLE), code=True)
    assert "**Example.**\n\n```python" in made.text
    assert [block.kind for block in blocks(made.text)][:3] == ["paragraph", "code", "code"]


def test_a_limit_takes_whole_sentences_and_at_least_one() -> None:
    part = only("One two three four. Five six seven eight. Nine ten.")
    assert written(part, 1, set(), False, 8) == ["One two three four. [1] Five six seven eight. [1]"]
    assert written(part, 1, set(), False, 1) == ["One two three four. [1]"]


def test_a_correction_is_whole_or_left_out() -> None:
    mistake = only("**Common mistake.** Believing that it learns: it does not. Its weights stay.")
    made = draft()
    assert not made.add(mistake, code=False, limit=5)
    assert made.text == ""
    assert made.add(mistake, code=False, limit=50)
    assert "Its weights stay." in made.text


def test_plain_forgets_marks_and_numbers_only() -> None:
    assert plain("**A token** is *not* a word. [1]") == plain("A token is not a word.")
    assert plain("A token is a word.") != plain("A token is not a word.")


SENTENCE = st.sampled_from(["One thing.", "Two things.", "Is it so?", "A `b. c` d.", "Costs 2.5 cents, e.g. for mail."])
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=5).map(" ".join)


@given(st.lists(st.lists(PARAGRAPH, min_size=1, max_size=3), max_size=5), st.one_of(st.none(), st.integers(0, 20)))
def test_a_draft_never_repeats_a_sentence_between_parts(paragraphs: list[list[str]], limit: int | None) -> None:
    made = draft()
    shown: list[set[str]] = []
    for held in paragraphs:
        before = len(made.paragraphs)
        made.add(Part("body", tuple(Block("paragraph", text) for text in held)), code=False, limit=limit)
        shown += [{plain(s) for s in re.split(r"(?<=\])\s+", text)} for text in made.paragraphs[before:]]
    for i, one in enumerate(shown):
        assert all(one.isdisjoint(other) for other in shown[:i])


def test_all_of_every_shipped_section_is_said_once(shipped: Curriculum) -> None:
    for section in shipped.sections():
        made = draft()
        for part in parts(section.text):
            made.add(part, code=True)
        again = Draft(1, said_before([made.text]))
        assert not any(again.add(part, code=True) for part in parts(section.text)), (section.lesson, again.text)


def test_an_image_comes_with_the_code_that_made_it_and_is_found_from_anywhere() -> None:
    (part,) = parts("**Example.** A curve:\n\n```python\nplot()\n```\n\n![It falls](images/curve.png)\n")
    shown, hidden = Draft(1, set(), skill="nlp"), Draft(1, set(), skill="nlp")
    assert shown.add(part, code=True)
    assert "![It falls](../nlp/images/curve.png)" in shown.text
    hidden.add(part, code=False)
    assert "curve.png" not in hidden.text
