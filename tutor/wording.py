"""A text in the form in which two texts are compared: plain words, numbers in digits, marks of sentences.

Knows nothing of answers or of who says them. Case, punctuation, markdown, compatibility forms and invisible characters
make no difference.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape

from tutor.number_words import Word, in_digits, shortest

_UNSEEN = frozenset(["Cf", "Cc", "Mn", "Me"])
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
ARTICLES = frozenset(["a", "an", "the"])
_CITATION = re.compile(r"\[\d{1,3}\](?!\()")
_LINK = re.compile(r"\[([^\]\n]{0,400})\]\([^)\n]{0,400}\)")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’‘](?=[^\W\d_])")
_POWER = re.compile(
    r"(?<![\d.])(\d+(?:\.\d+)?)\s*(?:[x×*·]\s*10\s*\^?\s*|e)\s*([-−–+]?\d{1,2})(?![\d.])", re.IGNORECASE
)
# A space groups digits only where no third number stands beside: "55 800", but not "32 128 256".
_GROUPED = re.compile(
    r"(?<![\d.,])[1-9]\d{0,2}(?:[,'’_]\d{3})+(?:\.\d+)?(?!\d|,\d)"
    r"|(?<![\d.,])(?<!\d )\d{1,3} \d{3}(?:\.\d+)?(?! ?\d|,\d)"
)
_COMMA = re.compile(r"(?<![\d.,])\d+(?:\.\d{3})*,\d+(?![\d,.])")
_LIST_MARK = re.compile(r"(?m)^[ \t]*(?:[-*+•]|\d{1,2}[.)]|>)[ \t]+(?=\S)")
_PIECE = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+\d*|[^\s\w]|\n|_")
_SCALED = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "1000": 1e3, "1000000": 1e6}
MARKS = frozenset(".!?:;,()=→⇒\n✓✔✅☑%–—>-")
_ENDS = frozenset(".!?;\n")


def visible(text: str) -> str:
    """Compatibility forms folded, invisible characters out; line breaks stay."""
    text = unescape(text).replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return _CONTROL.sub("", text)
    text = unicodedata.normalize("NFKC", text)
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cf", "Cc", "Mn", "Me"}
    )


def unmarked(text: str) -> str:
    """A visible text without markdown, citation numbers and the marks of lists."""
    text = _LINK.sub(r"\1", _CITATION.sub(" ", visible(text)))
    text = re.sub(r"[\"“”„«»|]|</?[a-zA-Z][^<>\n]{0,80}>", " ", text)
    text = re.sub(r"[*`~#]+|(?<!\w)_+|_+(?!\w)", "", text)
    return _LIST_MARK.sub("", text)


@dataclass(frozen=True)
class Wording:
    """A text as words and marks.

    Args:
        pieces: Words in lower case, numbers in digits, and the marks that structure sentences.
    """

    pieces: tuple[Word, ...]

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words alone, without articles unless nothing else is there."""
        all_words = tuple(piece for piece in self.pieces if piece.text not in MARKS)
        return tuple(word for word in all_words if word.text not in ARTICLES) or all_words

    @cached_property
    def flat(self) -> str:
        """The words with one space around each."""
        return f" {' '.join(word.text for word in self.words)} "

    @cached_property
    def marked(self) -> str:
        """Words and marks with one space around each; a line break is a mark."""
        return f" {' '.join(piece.text for piece in self.pieces)} "

    @cached_property
    def compact(self) -> str:
        """The letters and digits alone."""
        return "".join(re.findall(r"[^\W_]", "".join(word.text for word in self.words)))

    @cached_property
    def sentences(self) -> tuple[tuple[str, ...], ...]:
        """The words of each sentence or line, without articles."""
        made: list[list[str]] = [[]]
        for piece in self.pieces:
            if piece.text in _ENDS:
                made.append([])
            elif piece.text not in MARKS and piece.text not in ARTICLES:
                made[-1].append(piece.text)
        return tuple(tuple(sentence) for sentence in made if sentence)

    @cached_property
    def numbers(self) -> tuple[tuple[float, str, bool], ...]:
        """Each number: its value, its piece as written in ``marked``, whether it was said in words.

        A number before "percent" counts as its hundredth, too; one before "thousand" as its thousandfold.
        """
        found = []
        for place, piece in enumerate(self.pieces):
            if not piece.text[0].isdigit():
                continue
            value = float(piece.text)
            found.append((value, piece.text, piece.worded))
            following = [word.text for word in self.pieces[place + 1 : place + 3]]
            if following[:1] in (["%"], ["percent"]) or following == ["per", "cent"]:
                found.append((value / 100, piece.text, piece.worded))
            if following and following[0] in _SCALED and not following[0].isdigit():
                found.append((value * _SCALED[following[0]], piece.text, piece.worded))
        return tuple(found)


@lru_cache(maxsize=4096)
def wording(text: str) -> Wording:
    """The comparable form of a text.

    Example:
        >>> wording("The **answer** is: twenty-five percent.").flat
        ' answer is 25 percent '
    """
    text = _APOSTROPHE.sub("", unmarked(text).casefold())
    text = _POWER.sub(lambda match: _plain_number(f"{match[1]}e{match[2].replace('−', '-').replace('–', '-')}"), text)
    text = _GROUPED.sub(lambda match: re.sub(r"[,'’_ ]", "", match[0]), text)
    text = re.sub(r"(?<![\w.])\.(?=\d)", "0.", text)
    text = _COMMA.sub(lambda match: match[0].replace(".", "").replace(",", "."), text)
    raw = [piece for piece in _PIECE.findall(text) if piece[0].isalnum() or piece in MARKS]
    return Wording(tuple(_said(raw)))


def _plain_number(text: str) -> str:
    value = float(text)
    return shortest(value) if abs(value) < 1e12 else text


def _said(raw: list[str]) -> list[Word]:
    """Runs of words with their numbers in digits; a hyphen inside a number said in words is no mark."""
    joined = [
        piece
        for place, piece in enumerate(raw)
        if not (piece == "-" and 0 < place < len(raw) - 1 and raw[place - 1].isalpha() and raw[place + 1].isalpha())
    ]
    return [_digits(word) for word in in_digits(joined)]


def _digits(word: Word) -> Word:
    if not word.text[0].isdigit():
        return word
    head, _, tail = word.text.partition(".")
    tail = tail.rstrip("0")
    return Word((head.lstrip("0") or "0") + (f".{tail}" if tail else ""), word.worded)
