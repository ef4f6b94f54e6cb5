"""Items inside a conversation: what a learner's message means while one is open, and who asks to be quizzed.

Knows nothing of the store or of grading; it reads words.
"""

import re
from dataclasses import dataclass
from typing import Literal

from tutor.grade import Answer
from tutor.item import Item
from tutor.terms import terms

Act = Literal["answer", "hint", "skip", "other"]

_WISH = re.compile(
    r"^(?:please |can you |could you |will you |now )*"
    r"(?:(?:quiz|test|examine|drill) me\b"
    r"|(?:give|ask|show) me (?:a|an|another|one|some|the next) (?:quiz |practice |test )?"
    r"(?:question|quiz|exercise|item)s?\b|(?:another|next|one more|new) (?:quiz |practice )?(?:question|item)\b"
    r"|(?:let'?s|let us|i want to|i would like to|i'd like to) (?:practise|practice|do a quiz)\b)",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(?:on|about|in|of|with|for|from)\b\s+(?P<topic>.+)$", re.IGNORECASE)
_THIS = re.compile(r"^(?:this|that|it|these|the (?:same|topic)|what (?:you|we) .*)[ .!?]*$", re.IGNORECASE)
_POLITE = re.compile(r"\b(?:please|now|again|then|with me)\b", re.IGNORECASE)
_HINT = re.compile(
    r"^(?:please |can i have |can you give me |could i have |give me |i need |i want |show me |one more |another )*"
    r"(?:a |an |the |one |some |next |another |small )*(?:hint|clue|tip|help)s?(?: please| me)?[ .!?]*$",
    re.IGNORECASE,
)
_SKIP = re.compile(
    r"^(?:please )?(?:skip|pass|next(?: question| one)?|(?:i )?give up|i(?:'| wi)ll pass|leave it)"
    r"(?: (?:it|this|that)(?: one)?)?(?: please)?[ .!]*$",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"^(?:(?:i (?:think|guess|say|choose|pick|take|believe)|my answer is|the answer is|answer|it(?:'| i)s|option|choice"
    r"|number|letter|is it|maybe|perhaps)[ :,]*)*(?:it(?:'| i)s )?(?:the )?(?:option |choice |number |letter )?"
    r"\(?(?P<place>[1-9]|[a-i])\)?[ .!?]*$",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"^[\s(]*(?:[1-9]|[a-i])(?:\s*(?:,|;|and|&|\s)\s*(?:[1-9]|[a-i]))+[\s).!]*$", re.IGNORECASE)
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_ORDINAL = re.compile(rf"^(?:i (?:think|choose|pick|say) )?the ({'|'.join(_ORDINALS)})(?: one| option)?[ .!?]*$", re.I)
_QUESTION = re.compile(
    r"\?\s*$|^(?:what|why|how|when|where|who|which|can|could|would|should|do|does|did|is|are|was|explain|tell|show|give"
    r"|define|describe|compare|summari[sz]e|translate|help|i (?:do not|don't) (?:know|understand|get))\b",
    re.IGNORECASE,
)
SAME_WORDS = 0.8
"""Share of an option's terms that a message must hold, and no other option more, to be read as that option."""


@dataclass(frozen=True)
class Meant:
    """What a message means while an item is open.

    Args:
        act: ``answer``, ``hint``, ``skip``, or ``other`` for a question to the tutor.
        answer: The answer, for ``answer``.
    """

    act: Act
    answer: Answer = Answer()  # noqa: RUF009 - a frozen value


def wish(message: str) -> str | None:
    """The topic on which a learner asks to be quizzed; empty for "this", None when they ask for no question.

    Example:
        >>> wish("Quiz me on tokenization")
        'tokenization'
        >>> wish("What is a quiz?") is None
        True
    """
    words = " ".join(_POLITE.sub("", message).split())
    found = _WISH.match(words)
    if found is None:
        return None
    about = _ABOUT.search(words, found.end())
    topic = (about.group("topic") if about else words[found.end() :]).strip(" .!?,")
    return "" if _THIS.match(topic) else topic


def asks_for_hint(message: str) -> bool:
    """Whether a message is nothing but a wish for a hint."""
    return bool(_HINT.match(" ".join(message.split())))


def meant(message: str, item: Item, order: tuple[int, ...]) -> Meant:
    """What a message means while an item is open.

    Args:
        message: What the learner wrote.
        item: The open item.
        order: Indices of its options in the order shown.
    """
    words = " ".join(message.split())
    if _HINT.match(words):
        return Meant("hint")
    if _SKIP.match(words):
        return Meant("skip")
    if item.options:
        chosen = _places(words, item, order)
        return Meant("answer", Answer(tuple(order[place] for place in chosen))) if chosen else Meant("other")
    if item.kind == "numeric" and re.search(r"\d", words) and not words.endswith("?"):
        return Meant("answer", Answer(text=message))
    return Meant("other") if _QUESTION.search(words) else Meant("answer", Answer(text=message))


def _places(words: str, item: Item, order: tuple[int, ...]) -> tuple[int, ...]:
    """Places, from 0, of the options that a message names: by number, letter, ordinal or in its own words."""
    found: list[int] = []
    if single := _CHOICE.match(words):
        found = [_place(single.group("place"))]
    elif ordinal := _ORDINAL.match(words):
        found = [_ORDINALS.index(ordinal.group(1).lower())]
    elif _SEVERAL.match(words):
        found = [_place(each) for each in re.findall(r"\b[1-9a-i]\b", words, re.IGNORECASE)]
    else:
        named = _by_words(words, item, order)
        found = [named] if named is not None else []
    return tuple(dict.fromkeys(place for place in found if place < len(order)))


def _place(name: str) -> int:
    return int(name) - 1 if name.isdigit() else ord(name.lower()) - ord("a")


def _by_words(words: str, item: Item, order: tuple[int, ...]) -> int | None:
    if _QUESTION.search(words):
        return None
    said = set(terms(words))
    shares = []
    for place, index in enumerate(order):
        own = set(terms(item.options[index].text))
        shares.append((len(own & said) / len(own) if own else 0.0, place))
    best, place = max(shares)
    alone = sum(share >= SAME_WORDS for share, _ in shares) == 1
    return place if best >= SAME_WORDS and alone else None
