"""What a learner wrote, made plain: one normal form, sentences, clauses, and whether it is a text at all.

Knows nothing of items or of what is right.
"""

import re
import unicodedata
from itertools import pairwise

from tutor.terms import NEGATIONS, STOP_WORDS, words

# Where one thought ends and another begins. What denies or adds a condition stays with the thought that follows.
_CUT = re.compile(
    r"[;:]|(?<!\d),(?!\d)|\s[-–—]+\s|[()]|=>|->|→"
    r"|\b(?:and|but|so|because|since|while|whereas|although|therefore|hence|then|however|which)\b"
    r"|(?=\b(?:rather than|instead of|not only|and not|but not|or not|if|when|unless)\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\s(?=(?:[-*•]|\d{1,2}[.)])\s)")
_BULLET = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s+")
_SPACES = "\t\n\r\v\f"
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}

SMALL_WORDS = 0.22
"""Share of function words under which a text is a list of terms; running English has about a half."""
SMALL_WORDS_IN_SHORT = 0.4
"""The same where the pieces between commas are short."""
SHORT_PIECE = 3.0
"""Words between two commas, on average, up to which a list is one of terms rather than of thoughts."""


def normal(text: str) -> str:
    r"""Compatibility forms, no control or invisible characters, one space between words; idempotent.

    Example:
        >>> normal("  a\u200bb \n  ｃ ")
        'ab c'
    """
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    seen = (" " if char in _SPACES else char for char in text if char in _SPACES or _visible(char))
    return unicodedata.normalize("NFKC", " ".join("".join(seen).split()))


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in _UNSEEN


def sentences(text: str) -> list[str]:
    """The sentences and list entries of a normal text, verbatim."""
    found = [_BULLET.sub("", part, count=1) if _BULLET.match(part) else part for part in _SENTENCE.split(text)]
    return [part.strip() for part in found if part.strip()]


def spans(sentence: str) -> list[tuple[int, int]]:
    """Where the thoughts of a sentence begin and end, cut at commas and joining words."""
    edges = [0, *(edge for cut in _CUT.finditer(sentence) for edge in cut.span()), len(sentence)]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if re.search(r"\w", sentence[a:b])]


def clauses(sentence: str) -> list[str]:
    """The thoughts of a sentence, verbatim.

    Example:
        >>> clauses("Split by patient, not by photo, because photos repeat.")
        ['Split by patient', 'not by photo', 'photos repeat']
    """
    return [sentence[a:b].strip(" .!?") for a, b in spans(sentence)]


def units(text: str) -> list[str]:
    """All pieces of a normal text that may make a point: sentences, clauses and neighbouring clauses, verbatim."""
    found: dict[str, None] = {}
    for sentence in sentences(text):
        places = spans(sentence)
        pairs = [(a, b) for (a, _), (_, b) in pairwise(places)]
        found.update(dict.fromkeys([sentence, *(sentence[a:b].strip(" .!?") for a, b in [*places, *pairs])]))
    return list(found)


def bare_list(text: str) -> bool:
    """Whether a text is a row of terms without the small words that sentences are made of.

    Example:
        >>> bare_list("attention, query, key, value, parcel")
        True
        >>> bare_list("The query of it fits the key of parcel.")
        False
    """
    said = words(text)
    if len(said) < 3:
        return False
    small = sum(word in STOP_WORDS or word in NEGATIONS for word in said) / len(said)
    pieces = [piece for piece in re.split(r"[,;]", text) if re.search(r"\w", piece)]
    short = len(pieces) >= 4 and len(said) <= SHORT_PIECE * len(pieces)
    return small < SMALL_WORDS or (short and small < SMALL_WORDS_IN_SHORT)
