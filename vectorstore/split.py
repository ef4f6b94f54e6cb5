"""A section's markdown to chunks that are small enough to embed: cut between blocks, never through a table or code.

Knows nothing of embeddings or of where chunks are kept. Chunks are exact slices: joined, they are the section again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter
    from markdown_it import MarkdownIt

VERSION = 3
"""Raised whenever the same section would be cut or worded differently, so that indexes are made anew."""

CHUNK_TOKENS = 180
"""Most tokens of a chunk, as `tokens` estimates them; leaves room for the context in the model's 256."""

_WHOLE = {"fence", "code_block", "table_open", "html_block"}
_BLOCKS = _WHOLE | {"paragraph_open", "heading_open", "hr"}
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")  # as markdown-it counts them; str.splitlines knows more
_WORD = re.compile(r"\w+|[^\w\s]")
_SENTENCES = ["\n\n", ". ", "? ", "! ", "; ", "\n", ", ", " ", ""]


@dataclass(frozen=True)
class Chunk:
    """A slice of a section, or a question the section answers (its heading, or one it lists).

    Args:
        kind: ``text`` or ``ask``.
        text: The slice word for word, or the question.
        embedded: What the embedding model reads: the text with its lesson and heading before it.
    """

    kind: str
    text: str
    embedded: str


@dataclass(frozen=True)
class _Block:
    text: str
    kind: str  # "heading", "whole" or "prose"

    @property
    def opens(self) -> bool:
        """Whether the block begins with words in bold, as a labelled paragraph does: it opens a chunk of its own."""
        return self.kind == "prose" and self.text.lstrip().startswith("**")

    @property
    def leads(self) -> bool:
        """Whether the block is nothing without the next one: a heading, or a line that announces an example."""
        return self.kind == "heading" or (self.kind == "prose" and self.text.rstrip().endswith(":"))


def chunks(page_content: str, metadata: Mapping[str, Any]) -> list[Chunk]:
    """Cut one section and add its questions.

    Args:
        page_content: The section: its heading, an empty line, its markdown.
        metadata: `lesson_title`, `section` (the heading) and `asks` (questions in learners' words) are used.

    Returns:
        The text chunks in order, at least one, then one chunk for each question.
    """
    heading = str(metadata.get("section", ""))
    place = ": ".join(part for part in (str(metadata.get("lesson_title", "")), heading) if part)
    texts = [Chunk("text", piece, _in_context(place, heading, piece)) for piece in split(page_content)]
    return texts + [Chunk("ask", question, question) for question in questions(metadata)]


def questions(metadata: Mapping[str, Any]) -> list[str]:
    """The questions of a section: its heading if it is one, then those that it lists."""
    heading = str(metadata.get("section", ""))
    return [*([heading] if heading.endswith("?") else []), *map(str, metadata.get("asks") or ())]


def split(markdown: str, limit: int = CHUNK_TOKENS) -> list[str]:
    r"""Cut markdown into slices of at most `limit` estimated tokens.

    A paragraph that begins in bold opens a slice of its own. Tables and code stay whole even when they are longer;
    a heading, or a line that ends with a colon, stays with what follows it. `"".join(split(text)) == text`.

    Example:
        >>> split("# One\n\nText.\n")
        ['# One\n\nText.\n']
    """
    pieces: list[str] = []
    size = limit
    groups = _groups([part for block in _blocks(markdown) for part in _fitting(block, limit)])
    for group in groups:
        text = "".join(block.text for block in group)
        cost = tokens(text)
        if pieces and group[0].kind != "heading" and not group[0].opens and size + cost <= limit:
            pieces[-1] += text
            size += cost
        else:
            pieces.append(text)
            size = cost
    return pieces or [markdown]


@cache
def _long_word(length: int) -> int:
    return 1 + max(0, length - 4) // 4


def tokens(text: str) -> int:
    """Estimate the model's tokens without its vocabulary: one a mark, one for about each four letters over four."""
    return sum(_long_word(len(word)) for word in _WORD.findall(text))


def _in_context(place: str, heading: str, piece: str) -> str:
    body = piece.strip()
    if heading and body.startswith(heading):
        body = body.removeprefix(heading).lstrip()
    return f"{place}\n{body}" if place else body


def _groups(blocks: list[_Block]) -> list[list[_Block]]:
    """Blocks that must stay together: each that leads, with the one it leads to."""
    groups: list[list[_Block]] = []
    for block in blocks:
        if groups and groups[-1][-1].leads:
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def _fitting(block: _Block, limit: int) -> list[_Block]:
    if block.kind != "prose" or tokens(block.text) <= limit:
        return [block]
    return [_Block(text, "prose") for text in _sentences(limit).split_text(block.text)]


def _blocks(markdown: str) -> list[_Block]:
    """Cut at the first line of each innermost block; what lies between belongs to the block before."""
    lines = _LINE.findall(markdown)
    kinds = {0: "prose"}
    for token in _parser().parse(markdown):
        if token.map and token.type in _BLOCKS:
            kinds[token.map[0]] = {"heading_open": "heading"}.get(
                token.type, "whole" if token.type in _WHOLE else "prose"
            )
    starts = [start for start in sorted(kinds) if start < len(lines)]
    return [
        _Block("".join(lines[start:end]), kinds[start]) for start, end in pairwise([*starts, len(lines)]) if start < end
    ]


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable("table")


@cache
def _sentences(limit: int) -> "RecursiveCharacterTextSplitter":
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        _SENTENCES,
        chunk_size=limit,
        chunk_overlap=0,
        length_function=lambda text: max(1, tokens(text)),  # a piece that costs nothing would be repeated as overlap
        keep_separator="end",
        is_separator_regex=False,
        strip_whitespace=False,
    )
