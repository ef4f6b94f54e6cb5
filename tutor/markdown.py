"""Markdown to its headings with their anchors, its comments, its links and its text without markup.

Knows nothing of files, of faults or of what a lesson or an item is made of.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True)
class Link:
    """A link or image: its target as written and its line."""

    target: str
    line: int
    image: bool = False


@cache
def commonmark() -> MarkdownIt:
    """The one parser for lessons and items: CommonMark with tables."""
    return MarkdownIt("commonmark").enable("table")


def slug(heading: str) -> str:
    """GitHub's anchor of a heading.

    Example:
        >>> slug("What's a token?")
        'whats-a-token'
    """
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def headings_of(tokens: list[Token]) -> Iterator[tuple[int, int, int, str, str]]:
    """Top-level headings: (level, first line, line after, text, anchor), lines from 0 in the body."""
    seen: dict[str, int] = {}
    for i, token in enumerate(tokens):
        if token.type != "heading_open" or token.map is None or token.level != 0:
            continue
        title = plain_inline(tokens[i + 1])
        anchor = slug(title)
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        yield int(token.tag[1]), token.map[0], token.map[1], title, f"{anchor}-{count}" if count else anchor


def plain_inline(token: Token) -> str:
    """The text of an inline token without its markup."""
    return "".join(
        child.content if child.type in {"text", "code_inline"} else " " if "break" in child.type else ""
        for child in token.children or []
    ).strip()


def anchors(text: str) -> frozenset[str]:
    """All anchors of a markdown file, front matter included or not."""
    return frozenset(anchor for _, _, _, _, anchor in headings_of(commonmark().parse(text)))


def notes_of(tokens: list[Token]) -> Iterator[tuple[int, str, str]]:
    """The `<!-- name: value -->` comments that are blocks of their own: (line from 0 in the body, name, value)."""
    for token in tokens:
        if token.type == "html_block" and token.map:
            for comment in comments(token.content):
                name, _, value = comment.partition(":")
                yield token.map[0], name.strip().lower(), value.strip()


def comments(markdown: str) -> Iterator[str]:
    """What stands between `<!--` and `-->`, in time linear in the text however many are left open."""
    for piece in markdown.split("-->")[:-1]:
        _, opened, inside = piece.partition("<!--")
        if opened:
            yield inside


def uncommented(markdown: str) -> str:
    """Markdown without comments; code fences keep theirs."""
    parts = re.split(r"(^```.*?^```[^\n]*$)", markdown, flags=re.DOTALL | re.MULTILINE)
    kept = "".join(part if i % 2 else _without_comments(part) for i, part in enumerate(parts))
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def _without_comments(markdown: str) -> str:
    *pieces, last = markdown.split("-->")
    kept = [piece.partition("<!--")[0] if "<!--" in piece else f"{piece}-->" for piece in pieces]
    return "".join([*kept, last])


def links_of(tokens: list[Token], offset: int) -> Iterator[Link]:
    """Links and images of parsed markdown; an image without alt text gives a second one with an empty target.

    Args:
        tokens: Of the whole text or a part of it.
        offset: Lines of the file before the parsed text.
    """
    for token in tokens:
        for child in token.children or []:
            line = offset + (token.map[0] if token.map else 0) + 1
            if child.type == "link_open":
                yield Link(str(child.attrs.get("href", "")), line)
            elif child.type == "image":
                yield Link(str(child.attrs.get("src", "")), line, image=True)
                if not child.content.strip():
                    yield Link("", line, image=True)
