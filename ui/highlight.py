"""Find a sentence in HTML by its words and put a mark around them, over tags in between.

Knows nothing of lessons or of why the sentence matters.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_PIECES = re.compile(r"(<[^>]*>)")
_WORD = re.compile(r"\w+|[^\w\s]")
_SKIPPED = re.compile(r'<(pre|math|a(?= class="cite"))\b')


@dataclass(frozen=True)
class _Word:
    """A word and where it stands: which piece, from and to which character of its unescaped text."""

    text: str
    piece: int
    start: int
    end: int


def wrap(fragment: str, sentence: str, opening: str, closing: str, after: str = "") -> tuple[str, bool]:
    """Put marks around a sentence.

    Words are compared without case, white space and inline tags, because the sentence comes from markdown or plain
    text. Code blocks, formulas and citation numbers are stepped over.

    Args:
        fragment: Well-formed HTML.
        sentence: Plain words.
        opening: Tag put before each marked run of text, such as ``<mark>``.
        closing: Tag put after it.
        after: HTML put behind the last marked run.

    Returns:
        The HTML and whether the sentence was found; unchanged HTML when not.
    """
    pieces = _PIECES.split(fragment)
    words = _words(pieces)
    wanted = [match[0].lower() for match in _WORD.finditer(sentence)]
    found = _find([word.text for word in words], wanted)
    if found is None:
        return fragment, False
    spans: dict[int, tuple[int, int]] = {}
    for word in words[found : found + len(wanted)]:
        start, _ = spans.get(word.piece, (word.start, word.end))
        spans[word.piece] = (start, word.end)
    for piece, (start, end) in spans.items():
        text = html.unescape(pieces[piece])
        before, inner, rest = (html.escape(part, quote=False) for part in (text[:start], text[start:end], text[end:]))
        last = after if piece == max(spans) else ""
        pieces[piece] = f"{before}{opening}{inner}{closing}{last}{rest}"
    return "".join(pieces), True


def _words(pieces: list[str]) -> list[_Word]:
    words: list[_Word] = []
    for index in texts(pieces, _SKIPPED):
        for match in _WORD.finditer(html.unescape(pieces[index])):
            words.append(_Word(match[0].lower(), index, match.start(), match.end()))
    return words


def texts(pieces: Sequence[str], skipped: re.Pattern[str]) -> Iterator[int]:
    """Which pieces of HTML cut at its tags are text, those within the skipped elements left out.

    Args:
        pieces: Text and tags in turn.
        skipped: Matches the opening tag of an element to leave out; its first group is the element's name.
    """
    until = ""
    for index, piece in enumerate(pieces):
        if index % 2:
            opening = skipped.match(piece)
            if opening and not until:
                until = f"</{opening[1]}>"
            elif piece == until:
                until = ""
        elif not until:
            yield index


def _find(words: list[str], wanted: list[str]) -> int | None:
    if not wanted:
        return None
    last = len(words) - len(wanted)
    return next((start for start in range(last + 1) if words[start : start + len(wanted)] == wanted), None)
