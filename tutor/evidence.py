"""How strongly an answer makes one key point: shared terms, nearness in meaning, and whether it denies the point.

Knows nothing of thresholds or verdicts. Pure; nearness comes from a function that is passed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tutor.item import Item, Point
from tutor.plain_answer import clauses
from tutor.terms import NEGATIONS, STOP_WORDS, stem, terms, words

Similarity = Callable[[str, Sequence[str]], Sequence[float]]
"""Cosines of one sentence to several."""

NEGATING = NEGATIONS | frozenset(["nobody", "instead", "rather", "nowhere", "less", "false", "wrongly"])
_NEGATING_STEMS = frozenset(stem(word) for word in NEGATING)
MOST_UNITS = 96
"""Pieces of an answer that are weighed; those that share most terms with the key points come first."""
ENOUGH_TERMS = 3
"""So many terms of a point and its synonyms count as all of them."""
REPEATED = 0.25
"""A piece with at most this share of terms that the question does not have only repeats the question."""

IN_QUESTION = 0.34
"""A wording with at most this share of terms of its own is made of the question's words."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for one key point.

    Args:
        near: Cosine of the nearest piece of the answer to the point's own text, -1 to 1; 0 where not measured.
        best: Cosine of the best piece to the wording that it fits best.
        shared: Terms of the point and its synonyms that the answer has, as a share of ENOUGH_TERMS, 0 to 1.
        covered: Share of the terms of the best wording that the best piece has, 0 to 1.
        denied: Share of the common terms that one of the two denies and the other does not, 0 to 1.
        quote: The best piece, verbatim.
    """

    near: float = 0.0
    best: float = 0.0
    shared: float = 0.0
    covered: float = 0.0
    denied: float = 0.0
    quote: str = ""


@lru_cache(maxsize=2048)
def content(text: str) -> frozenset[str]:
    """The terms of a text without the words that only deny."""
    return frozenset(terms(text)) - _NEGATING_STEMS


@lru_cache(maxsize=2048)
def _polarity(text: str) -> dict[str, frozenset[bool]]:
    """For each term whether it stands in a clause that denies, in one that does not, or in both."""
    found: dict[str, frozenset[bool]] = {}
    for clause in clauses(text) or [text]:
        denies = any(word in NEGATING for word in words(clause))
        for term in content(clause):
            found[term] = found.get(term, frozenset()) | {denies}
    return found


def denied(wording: str, unit: str) -> float:
    """Share of the common terms that are denied in one text and not in the other; without common terms 0 or 0.5.

    Example:
        >>> denied("stop words remove negations", "stop words do not remove negations")
        1.0
    """
    first, second = _polarity(wording), _polarity(unit)
    common = [term for term in first if term in second]
    if common:
        return sum(not first[term] & second[term] for term in common) / len(common)
    one, other = (any(True in denies for denies in found.values()) for found in (first, second))
    return 0.5 if one != other else 0.0


def told_apart(units: Sequence[str], item: Item) -> list[str]:
    """The pieces that say more than the question does, at most MOST_UNITS of them, in the order of the answer."""
    asked = content(f"{item.stem} {item.body}")
    said = [unit for unit in units if len(content(unit) - asked) > REPEATED * len(content(unit))]
    if len(said) <= MOST_UNITS:
        return said
    wanted = frozenset(term for point in item.points for text in wordings(point) for term in content(text)) - asked
    best = sorted(range(len(said)), key=lambda place: -len(content(said[place]) & wanted))[:MOST_UNITS]
    return [said[place] for place in sorted(best)]


def wordings(point: Point) -> tuple[str, ...]:
    """The point's own text and its synonyms."""
    return (point.text, *point.synonyms)


def echoed(item: Item, point: Point, answer: str) -> bool:
    """Whether an answer holds words of a point that are the question's own: an echo or the point, nobody can tell."""
    asked, said = content(f"{item.stem} {item.body}"), content(answer)
    return any(
        len(content(text) - asked) <= IN_QUESTION * len(content(text)) and content(text) & said
        for text in wordings(point)
    )


def rivals(item: Item) -> dict[str, frozenset[str]]:
    """For each point that is about one of two things the question compares: the names of the other things.

    ``Subtle keeps the picture`` and ``Creative changes it`` begin with names that the question holds: what an answer
    says of the one is no evidence for a point about the other.
    """
    asked = content(f"{item.stem} {item.body}")
    own = {point.text: stem(first) for point in item.points if (first := _first(point.text)) and stem(first) in asked}
    names = frozenset(own.values())
    return {text: names - {name} - content(text) for text, name in own.items()} if len(names) > 1 else {}


def _first(text: str) -> str:
    return next((word for word in words(text) if word not in STOP_WORDS and word not in NEGATING), "")


def evidence(item: Item, point: Point, units: Sequence[str], similarity: Similarity | None) -> Evidence:
    """The evidence of an answer for one key point.

    Args:
        item: The item; terms of its question prove nothing.
        point: One of its key points.
        units: What `told_apart` left of the answer.
        similarity: Cosines of one sentence to several; without it only terms count.
    """
    other = rivals(item).get(point.text, frozenset())
    pieces = [unit for unit in units if not content(unit) & other]
    if not pieces:
        return Evidence()
    asked = content(f"{item.stem} {item.body}")
    found = [_fit(text, asked, pieces, similarity) for text in wordings(point)]
    _, best = max(found, key=lambda pair: pair[0])
    wanted = frozenset().union(*map(content, wordings(point))) - asked
    said = frozenset().union(*map(content, pieces))
    near = max(similarity(point.text, pieces)) if similarity is not None else 0.0
    shared = min(1.0, len(wanted & said) / min(ENOUGH_TERMS, max(1, len(wanted))))
    return Evidence(float(near), best.best, shared, best.covered, best.denied, best.quote)


_DENIAL = 0.1  # a piece that denies the wording is chosen only where no other fits about as well


def _fit(
    wording: str, asked: frozenset[str], pieces: Sequence[str], similarity: Similarity | None
) -> tuple[float, Evidence]:
    """The piece that fits one wording best, with its rank."""
    own = content(wording) - asked or content(wording)
    cosines = similarity(wording, pieces) if similarity is not None else [0.0] * len(pieces)
    best = (-1.0, Evidence())
    for piece, cosine in zip(pieces, cosines, strict=True):
        covered = len(own & content(piece)) / len(own) if own else 0.0
        against = denied(wording, piece)
        rank = 0.6 * float(cosine) + 0.4 * covered - _DENIAL * against
        if rank > best[0]:
            best = (rank, Evidence(0.0, float(cosine), 0.0, covered, against, piece))
    return best
