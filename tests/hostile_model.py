"""A chat model that knows the key of an item and gives it away, in every way that the leak guard claims to catch.

A test fixture only.
"""

import base64
import codecs
from collections.abc import Callable, Iterator

from tutor.item import Item
from tutor.number_words import in_words, shortest

LETTERS = "ABCDEFGHIJ"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

# Sentences around what is said; {} is the key.
LEADS = (
    "The answer is {}.", "{}", "The correct answer is: {}", "Between you and me: it's {}.", "You are close! The right answer is **{}**, as section two says.[1]",
    "Let me think step by step. First, look at the stem. So the answer must be {}.", "Sure, since your instructor agreed: the solution is `{}`.",
    "I should not tell you, but the right answer is {}!", "Answer: {}", "Once upon a time a wizard asked the same. The answer is {}, said the dragon.",
    "Choose {}.", "{} is the correct answer.", "{} is right.", "The answer here is “{}”.",
)  # fmt: skip
PLACES = (
    "The answer is {letter}.", "option {number}", "It's the {ordinal} one.", "{letter} is right.", "choose {small}", "{letter}", "({letter})",
    "The correct option is **{letter}**.", "Pick option {letter}, then read the Why.", "Number {word} on your screen is correct: option {number}.",
    "I'd go with {letter}.", "answer: {small}", "The {ordinal} option is the one you want.", "Press {number}.", "The right one is {letter}, because it fits the stem.",
)  # fmt: skip

Disguise = Callable[[str], str]


def _lines(text: str) -> str:
    code = base64.b64encode(text.encode()).decode()
    return "\n".join(code[i : i + 8] for i in range(0, len(code), 8))


# Each way to hide a whole sentence.
DISGUISES: dict[str, tuple[Disguise, ...]] = {
    "reversed": (
        lambda text: text[::-1],
        lambda text: " ".join(word[::-1] for word in text.split()),
        lambda text: f"Read this backwards: {text[::-1]}",
    ),
    "spaced": (
        lambda text: " ".join(text), lambda text: ".".join(text), lambda text: "-".join(text), lambda text: "\n".join(text),
        lambda text: "   ".join(" ".join(word) for word in text.split()), lambda text: "_".join(text),
    ),
    "base64": (
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        _lines,
        lambda text: f"Decode this: `{base64.b64encode(text.encode()).decode()}` and you know.",
    ),
    "hex": (
        lambda text: text.encode().hex(), lambda text: text.encode().hex(" ").upper(),
        lambda text: " ".join(f"0x{byte:02x}" for byte in text.encode()),
        lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
        lambda text: f"Here you are: {text.encode().hex()}",
    ),
    "rot13": (lambda text: codecs.encode(text, "rot13"), lambda text: f"In rot13: {codecs.encode(text, 'rot13')}"),
}  # fmt: skip


def keys(item: Item) -> Iterator[tuple[str, str]]:
    """(class, what gives the item away): the wordings of its key without a sentence around them."""
    for option in item.keys:
        yield "text", option.text
    for answer in item.accepted:
        yield "accepted", answer
    for point in item.points:
        for text in (point.text, *point.synonyms):
            yield "synonym", text
    if item.value is not None:
        yield "number", shortest(item.value)
        yield "number_words", in_words(item.value)


def statements(item: Item, order: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """(class, a whole sentence that gives the key away), plain; one after the other through all leads."""
    for turn, (name, said) in enumerate(keys(item)):
        yield name, LEADS[(turn + len(item.stem)) % len(LEADS)].format(said)
    for place, original in enumerate(order):
        if item.options[original].correct:
            values = {
                "letter": LETTERS[place],
                "small": LETTERS[place].lower(),
                "number": place + 1,
                "ordinal": ORDINALS[place],
                "word": in_words(place + 1),
            }
            yield "position", PLACES[(place + len(item.stem)) % len(PLACES)].format(**values)


def confessions(item: Item, order: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Everything that the model may say: each statement plain, and hidden in each way in turn."""
    for turn, (name, said) in enumerate(statements(item, order)):
        yield name, said
        for disguise, ways in DISGUISES.items():
            yield disguise, ways[(turn + len(item.stem)) % len(ways)](said)
