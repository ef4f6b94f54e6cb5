"""A section's markdown as typed parts."""

from hypothesis import given
from hypothesis import strategies as st

from tutor.curriculum import Curriculum
from tutor.parts import LABELS, blocks, parts

SECTION = """A token is a piece of text. It has a number.

More on that, see [the next lesson](03-stop-words.md#why) and [the paper](https://example.org/p).

| a | b |
|---|---|
| 1 | 2 |

**Why it matters.** Prices count tokens.

**Example.** A cut text:

```python no-run="needs a key"
print(1)
```

```output
1
```

That was one.

- first
- second

**Common mistake.** Believing that a token is a word: it is not.

**Think of it as.** Stamps.

**Compare.** A byte is smaller.
"""


def test_the_first_paragraph_is_the_direct_answer() -> None:
    lead = parts(SECTION)[0]
    assert lead.kind == "lead"
    assert lead.sentences[:2] == ("A token is a piece of text.", "It has a number.")


def test_each_label_begins_a_part_and_is_not_repeated_in_it() -> None:
    held = parts(SECTION)
    assert [part.kind for part in held] == ["lead", "body", "why", "example", "mistake", "analogy", "compare"]
    assert not any(part.prose.startswith("**") for part in held)
    assert set(LABELS.values()) <= {part.kind for part in held}


def test_code_output_and_lists_belong_to_the_part_above_them() -> None:
    example = next(part for part in parts(SECTION) if part.kind == "example")
    assert [block.kind for block in example.blocks] == ["paragraph", "code", "output", "paragraph", "list"]
    assert example.has_code
    assert example.blocks[1].language == "python"
    assert example.sentences == ("A cut text:", "That was one.")


def test_links_inside_the_curriculum_become_words_and_others_stay() -> None:
    body = next(part for part in parts(SECTION) if part.kind == "body")
    assert "see the next lesson and [the paper](https://example.org/p)" in body.prose


def test_blocks_are_told_apart() -> None:
    markdown = "Text.\n\n$$\nx\n$$\n\n> quote\n\n1. one\n\n---\n\n<!-- hidden -->\n\n### Small"
    assert [block.kind for block in blocks(markdown)] == ["paragraph", "maths", "other", "list", "other"]


def test_a_section_without_a_paragraph_first_has_a_body() -> None:
    assert [part.kind for part in parts("- a\n- b\n\nThen text.")] == ["body"]
    assert parts("") == ()


@given(st.lists(st.sampled_from([*"ab \n`*|-#>$1.", "**Example.** ", "```", "\n\n"])).map("".join))
def test_any_markdown_has_parts_and_none_is_empty(markdown: str) -> None:
    assert all(part.blocks for part in parts(markdown))


def test_every_shipped_section_has_a_direct_answer_first(shipped: Curriculum) -> None:
    for section in shipped.sections():
        first = parts(section.text)[0]
        assert first.kind == "lead", (section.skill, section.lesson, section.anchor)
        assert first.sentences


def test_no_shipped_section_loses_a_paragraph_on_the_way_to_its_parts(shipped: Curriculum) -> None:
    for section in shipped.sections():
        held = sum(len(part.blocks) for part in parts(section.text))
        bare_labels = sum(block.markdown.lower().strip("*. ") in LABELS for block in blocks(section.text))
        assert held == len(blocks(section.text)) - bare_labels, (section.lesson, section.anchor)
