import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vectorstore.split import CHUNK_TOKENS, chunks, split, tokens

SENTENCE = "A tokenizer cuts text into pieces that the model has numbers for. "
FENCE = "```python\n" + "".join(f"value_{n} = compute({n})\n\n" for n in range(80)) + "```\n"
TABLE = "| Step | Loss |\n| --- | --- |\n" + "".join(f"| {n} | {n / 7:.3f} |\n" for n in range(90))

words = st.text(st.sampled_from("abc déß.?! `*|#-~>$\t\u2028\x0b"), max_size=30)
marks = """```|```python|~~~|~~~~|    code|- item|  ```|> quote|> ```|1. one|# One|### Three|<div>|</div>|---|==="""
lines = st.one_of(words, st.sampled_from(["", *marks.split("|"), "| a | b |", "| - | - |", "| 1 | 2 |", SENTENCE * 9]))
markdown = st.builds(
    lambda parts, end: end.join(parts), st.lists(lines, max_size=40), st.sampled_from(["\n", "\r\n", "\r"])
)


def blocks_that_stay_whole(text):
    """Line ranges, by a parse of the whole text: what the splitter promises not to cut."""
    parser = MarkdownIt("commonmark").enable("table")
    kinds = {"fence", "code_block", "table_open", "html_block"}
    return [token.map for token in parser.parse(text) if token.type in kinds and token.map]


def line_starts(text):
    return [0, *(match.end() for match in re.finditer(r"\r\n?|\n", text))]


def cuts(pieces):
    position, found = 0, []
    for piece in pieces[:-1]:
        position += len(piece)
        found.append(position)
    return found


@settings(deadline=None)
@given(markdown, st.integers(4, 60))
def test_nothing_is_lost_or_moved(text, limit):
    assert "".join(split(text, limit)) == text


@settings(deadline=None)
@given(markdown, st.integers(4, 60))
def test_code_and_tables_are_never_cut(text, limit):
    starts = line_starts(text)
    for cut in cuts(split(text, limit)):
        for first, last in blocks_that_stay_whole(text):
            end = starts[last] if last < len(starts) else len(text)
            assert not starts[first] < cut < end


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_survives(text):
    assert "".join(split(text, 8)) == text


@settings(deadline=None)
@given(markdown, st.integers(4, 60))
def test_splitting_is_the_same_each_time(text, limit):
    assert split(text, limit) == split(text, limit)


def test_a_long_fence_stays_whole():
    pieces = split(f"{SENTENCE * 30}\n\n{FENCE}\n{SENTENCE * 30}")
    assert sum(FENCE in piece for piece in pieces) == 1


def test_a_long_table_stays_whole():
    pieces = split(f"{SENTENCE * 30}\n\n{TABLE}\n{SENTENCE * 30}")
    assert sum(TABLE in piece for piece in pieces) == 1


def test_a_fence_inside_a_list_stays_whole():
    inner = "".join(f"  {line}\n" for line in FENCE.splitlines())
    pieces = split(f"- first\n\n{inner}\n- {SENTENCE * 30}\n")
    assert sum(inner in piece for piece in pieces) == 1


def test_prose_is_cut_between_sentences_within_the_limit():
    pieces = split(SENTENCE * 60)
    assert len(pieces) > 3
    assert all(tokens(piece) <= CHUNK_TOKENS and piece.endswith(". ") for piece in pieces)


def test_a_heading_stays_with_what_follows():
    pieces = split(f"{SENTENCE * 11}\n\n### Merges\n\n{SENTENCE * 11}\n")
    assert any(piece.startswith("### Merges\n\nA tokenizer") for piece in pieces)
    assert not any(piece.rstrip().endswith("### Merges") for piece in pieces)


def test_the_line_that_announces_code_stays_with_it():
    pieces = split(f"{SENTENCE * 11}\n\n**Example.** Two merges:\n\n{FENCE}")
    assert any("Two merges:" in piece and FENCE in piece for piece in pieces)


def test_what_is_embedded_carries_lesson_and_heading_once():
    made = chunks(
        f"What is a token?\n\n{SENTENCE * 40}",
        {"lesson_title": "Tokenization", "section": "What is a token?", "asks": []},
    )
    slices = [chunk for chunk in made if chunk.kind == "text"]
    assert len(slices) > 1
    for chunk in slices:
        assert chunk.embedded.startswith("Tokenization: What is a token?\n")
        assert chunk.embedded.count("What is a token?") == 1
    assert made[0].text.startswith("What is a token?\n\nA tokenizer")


def test_each_question_is_a_chunk_of_its_own():
    made = chunks("H\n\nBody.", {"section": "H", "asks": ["How long is a token?", "Why bytes?"]})
    assert [(chunk.kind, chunk.text, chunk.embedded) for chunk in made[-2:]] == [
        ("ask", "How long is a token?", "How long is a token?"),
        ("ask", "Why bytes?", "Why bytes?"),
    ]


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_section_still_has_a_chunk(text):
    assert [chunk.text for chunk in chunks(text, {"section": "Heading"})] == [text]
