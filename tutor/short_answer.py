"""A short written answer against the accepted ones: spelling, articles, hyphens and one slip are forgiven.

Knows nothing of other kinds of items. Pure. Two answers at once, a denial or a further word are never right.
"""

import re
from collections.abc import Sequence

from tutor.grade import LONGEST_ANSWER, Grade, graded
from tutor.item import Item
from tutor.plain_answer import normal
from tutor.terms import NEGATIONS, STOP_WORDS, words
from tutor.told_grader import told_grader
from tutor.typo import is_typo

Words = tuple[str, ...]

_PIECE = re.compile(r"[^\W\d_]+[+#]*|\d+", re.UNICODE)
_MINUS = re.compile(r"(?<![\w)])[-−–](?=\d)|\bminus\s+(?=\d|one\b)", re.IGNORECASE)
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b", re.IGNORECASE)
_ALTERNATIVE = re.compile(r"\bor\b|\bmaybe\b|\bperhaps\b|\beither\b|/|\||;|,|\?", re.IGNORECASE)
# Words around a short answer that say nothing: "it is called a token".
_AROUND = frozenset(
    words(
        "it its they is are called named the a an this that answer term word name would be i think one calls call of "
        "use uses you as known by with"
    )
)
LONGEST_CONTAINING = 25
"""Words of a longer answer that holds the accepted one and is "unsure" rather than wrong."""
MOST_DROPPED = 8
"""Words at each end that may say nothing."""


def short_answer(item: Item, text: str) -> Grade:
    """Grade an answer of an item with accepted answers.

    Args:
        item: An item of the kind ``accepted``.
        text: What the learner wrote.
    """
    if len(text) > LONGEST_ANSWER:
        return graded("invalid", text, reason="too_long")
    plain = normal(text)
    if not plain:
        return graded("invalid", "", reason="empty")
    if any(plain.casefold() == normal(accepted).casefold() for accepted in item.accepted):
        return graded("right", plain)
    said, wanted = pieces(plain), [pieces(accepted) for accepted in item.accepted]
    if not said:
        return graded("invalid", plain, reason="empty")
    if any(same(core, one) for core in _cores(said, _AROUND) for one in wanted):
        return graded("right", plain)
    if reason := _twofold(plain, said, wanted):
        return graded("wrong", plain, reason=reason)
    return _trimmed(item, plain, said, wanted)


def _trimmed(item: Item, plain: str, said: Words, wanted: Sequence[Words]) -> Grade:
    """The answer without the words around it, and with one slip."""
    asked = frozenset(pieces(item.stem))
    for core in _cores(said, asked | _AROUND):
        if any(same(core, one) for one in wanted):
            return graded("right", plain)
        if any(_slipped(core, one, asked) for one in wanted):
            return graded("right", plain, reason="typo")
    if any(_contains(said, one) for one in wanted) and len(said) <= LONGEST_CONTAINING:
        return graded("unsure", plain, reason="told_the_grader" if told_grader(plain) else "extra_words")
    return graded("wrong", plain)


def pieces(text: str) -> Words:
    """Words and numbers of a short answer in a comparable spelling.

    Example:
        >>> pieces("The Macro-F1"), pieces("`optimiser.zero_grad()`"), pieces("−1"), pieces("2nd August 2026")
        (('the', 'macro', 'f', '1'), ('optimizer', 'zero', 'grad'), ('minus', '1'), ('2', 'august', '2026'))
    """
    plain = _ORDINAL.sub(r"\1", _MINUS.sub("minus ", normal(text).replace("'s ", "s ").casefold()))
    plain = re.sub(r"(?<=\w)'(?=\w)", "", plain)
    return tuple(_spelled(piece) for piece in _PIECE.findall(plain))


def _spelled(word: str) -> str:
    """American spelling of the commonest differences, and digits without leading zeros."""
    if word.isdigit():
        return str(int(word)) if len(word) < 20 and word.isascii() else word
    if len(word) > 6:
        word = re.sub(r"is(?=(?:e|er|ers|ed|es|ing|ation|ations)$)", "iz", word)
    return re.sub(r"our(?=s?$)", "or", word) if len(word) > 5 else word


def same(said: Words, wanted: Words) -> bool:
    """Whether two answers are one, whatever their spaces, hyphens, leading article or plural."""
    first, second = _joined(said), _joined(wanted)
    return bool(first) and (first == second or _singular(first) == _singular(second))


def _joined(said: Words) -> str:
    """Words without spaces, numbers kept apart from each other, without a leading article."""
    kept = said[1:] if len(said) > 1 and said[0] in {"the", "a", "an"} else said
    return re.sub(r"(?<=\D) (?=\D)", "", " ".join(kept)).replace(" ", "_") if kept else ""


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _twofold(plain: str, said: Words, wanted: Sequence[Words]) -> str:
    """Why an answer that is not exactly an accepted one cannot be right: a denial or a choice of answers."""
    spoken = re.findall(r"[\w']+", plain.casefold())
    if any(word in NEGATIONS for word in spoken) and not any(word in NEGATIONS for one in wanted for word in one):
        return "negated"
    return "several_answers" if _ALTERNATIVE.search(plain) and any(_contains(said, one) for one in wanted) else ""


def _contains(said: Words, wanted: Words) -> bool:
    size = len(wanted)
    return bool(size) and any(same(said[start : start + size], wanted) for start in range(len(said) - size + 1))


def _cores(said: Words, droppable: frozenset[str]) -> list[Words]:
    """The answer, and all that is left of it when words that say nothing are dropped at its ends."""
    first = next((place for place, word in enumerate(said) if word not in droppable), len(said))
    last = next((place for place, word in enumerate(reversed(said)) if word not in droppable), len(said))
    starts, stops = range(min(first, MOST_DROPPED) + 1), range(min(last, MOST_DROPPED) + 1)
    return [said[a : len(said) - b] for a in starts for b in stops if a < len(said) - b]


def _slipped(said: Words, wanted: Words, asked: frozenset[str]) -> bool:
    """Whether exactly one word differs, by one slip."""
    articles = {"the", "a", "an"}
    first, second = ([word for word in one if word not in articles] for one in (said, wanted))
    differing = [(a, b) for a, b in zip(first, second, strict=False) if _singular(a) != _singular(b)]
    return len(first) == len(second) and len(differing) == 1 and is_typo(*differing[0], asked | STOP_WORDS)
