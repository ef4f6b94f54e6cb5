"""The leak guard: whether a reply gives away the key of an open item, and in which of the claimed ways.

Knows nothing of sessions or models. Deterministic: what it claims it catches always; paraphrase and translation it does
not claim. docs/leak-guard.md says the rules in words.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from tutor.encoded import Reading, readings
from tutor.everyday import EVERYDAY, TWO_WAY
from tutor.key import Amount, Key, Phrase, key_of
from tutor.number_words import in_words, shortest
from tutor.positions import positions
from tutor.stated import stated, ticked
from tutor.terms import terms
from tutor.wording import Wording, visible, wording

__all__ = ["CLASSES", "Key", "key_of", "leaks"]

CLASSES = (
    "text", "accepted", "synonym", "number", "number_words", "position", "reversed", "spaced", "base64", "hex", "rot13",
)  # fmt: skip
ECHO = 0.5
"""Share of the stem's terms from which a sentence repeats the question."""
LEAST_COMPACT = 8
"""Letters from which a phrase counts however it is broken up: fewer may stand across two words by chance."""
_LISTING = frozenset(
    [
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "g",
        "h",
        "i",
        "j",
        "or",
        "and",
        "option",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
    ]
)
_COMPACT_PLACE = re.compile(
    r"(?:answer|option|letter|choice|solution|key|choose|pick|select|take|itis|thatis|its)(?:is|are)?(?:option|letter|number|no)?"
    r"([a-j]|10|[1-9])$|^([a-j]|10|[1-9])is(?:right|correct|the)"
)
_BOLD = re.compile(
    r"\*\*(.+?)\*\*|__(.+?)__|==(.+?)==|^[ \t]*(?:[-*+][ \t]+)?\[[xX✓✔]\](.+)$|[✓✔✅☑](.+)$", re.MULTILINE
)
_GAP = r"[\s_*|/,;:~·•.-]"


def leaks(reply: str, key: Key) -> str:
    """The class of the leak in a reply; empty when it gives nothing away.

    Args:
        reply: What the tutor is about to say, markdown.
        key: Of the open item.

    Returns:
        One of CLASSES, or an empty string.
    """
    text = wording(reply)
    if found := _plain(text, reply, key):
        return found
    if _spelt(text, reply, key):
        return "spaced"
    for reading in readings(reply):
        if _read(reading, _unsaid(key, text, reading) if reading.mixed else key):
            return reading.disguise
    return _turned(text, key)


def _unsaid(key: Key, text: Wording, reading: Reading) -> Key:
    """The key without the phrases that a reading says no more often than the text itself, which has been judged."""
    said = wording(reading.text)

    def more(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
        return tuple(p for p in phrases if said.flat.count(f" {p.words} ") > text.flat.count(f" {p.words} "))

    return replace(key, texts=more(key.texts), accepted=more(key.accepted), synonyms=more(key.synonyms))


def states(text: Wording, key: Key, meant: bool = False, strict: bool = False) -> str:
    """The class in which a text says the key in plain words or numbers; positions are not looked at.

    Args:
        text: What is said.
        key: Of the open item.
        meant: It was encoded on purpose: what is not secret counts like what is.
        strict: Digits count only where they are stated as the answer, for readings in which digits come by chance.
    """
    named = (("text", key.texts), ("accepted", key.accepted), ("synonym", key.synonyms))
    for name, phrases in named:
        if any(_says(text, phrase, key, meant) for phrase in phrases):
            return name
    for amount in key.numbers:
        for value, piece, worded in text.numbers:
            if not amount.meets(value):
                continue
            free = (meant and len(piece) > 1) or (
                amount.secret and (worded or not strict or len(piece.replace(".", "")) >= 4)
            )
            if free or stated(text, piece) or (amount.secrecy == "everyday" and echoes(text, piece, key)):
                return "number_words" if worded else "number"
    return ""


def _says(text: Wording, phrase: Phrase, key: Key, meant: bool) -> bool:
    if f" {phrase.words} " not in text.flat:
        return False
    if phrase.secret or meant or stated(text, phrase.words):
        return True
    return phrase.secrecy == "everyday" and echoes(text, phrase.words, key)


def echoes(text: Wording, words: str, key: Key, least: float = ECHO) -> bool:
    """Whether a sentence with these words repeats the question: it holds most terms of the stem."""
    for sentence in text.sentences:
        said = " ".join(sentence)
        if f" {words} " in f" {said} ":
            shared = key.about & frozenset(terms(said))
            if len(shared) >= max(2, least * len(key.about)):
                return True
    return False


def _plain(text: Wording, reply: str, key: Key, reading: Reading | None = None) -> str:
    """The class of what a text says openly; what stands in a neutral list of all options is left out."""
    meant = reading is not None and reading.meant
    if any(_mark(mark).search(visible(reply)) for mark in key.marks):
        return "accepted"
    neutral = _without_list(text, reply, key)
    if found := states(neutral, key, meant, strict=reading is not None and not meant):
        return found
    said = positions(reply, key.count)
    return "position" if said.given & key.places or (said.named and said.named <= key.places) else ""


@lru_cache(maxsize=256)
def _mark(mark: str) -> re.Pattern[str]:
    """An answer of marks alone, where it is named or is all that is said."""
    said = rf"[\s`“(*]*{re.escape(mark)}[\s`”)*]*"
    return re.compile(
        rf"(?i)(?:\b(?:answers?|solution|key|it|one|choose|pick|type|enter|correct|right)(?:'s| is| are)?\b[ :=]*{said}(?:[.!,;]|\n|$))"
        rf"|^{said}(?:[.!]|$|is (?:right|correct|the))"
    )


def _without_list(text: Wording, reply: str, key: Key) -> Wording:
    """The text without a list of all options one after the other, if nothing marks the key in it."""
    options = [phrase.words for phrase in key.texts] + list(key.wrong)
    spans = sorted((text.flat.find(f" {words} "), words) for words in options)
    if not key.wrong or spans[0][0] < 0 or _marks_key(text, reply, key):
        return text
    for (start, words), (following, _) in pairwise(spans):
        between = text.flat[start + len(words) + 1 : following + 1].split()
        if len(between) > 3 or not set(between) <= _LISTING:
            return text
    before, after = text.flat[: spans[0][0]], text.flat[spans[-1][0] + len(spans[-1][1]) + 2 :]
    return wording(f"{before} . . {after}")


def _marks_key(text: Wording, reply: str, key: Key) -> bool:
    """Whether right options are marked among others: ticked, called right, or alone in bold."""
    if any(ticked(text, phrase.words) for phrase in key.texts):
        return True
    bold = [wording(piece).flat for found in _BOLD.findall(visible(reply)) for piece in found if piece]
    right = any(f" {phrase.words} " in piece for phrase in key.texts for piece in bold)
    return right and not all(any(f" {words} " in piece for piece in bold) for words in key.wrong)


def _read(reading: Reading, key: Key) -> str:
    """The class of what one reading says."""
    text = wording(reading.text)
    found = _plain(text, reading.text, key, reading)
    if found or reading.disguise != "spaced" or not reading.meant:
        return found
    said = text.compact
    if any(compact in said for compact in _compacts(key, least=4)):
        return "text"
    place = _COMPACT_PLACE.search(said)
    label = (place[1] or place[2]) if place else ""
    at = int(label) - 1 if label.isdigit() else ord(label) - ord("a") if label else -1
    return "position" if at in key.places else ""


def _spelt(text: Wording, reply: str, key: Key) -> bool:
    """Whether the key stands in a text broken up by spaces or marks, in ways that no reading shows."""
    said = text.compact
    if any(compact in said for compact in _compacts(key, LEAST_COMPACT)):
        return _without_list(text, reply, key) is text
    if any(said == phrase.words.replace(" ", "") for phrase in _phrases(key)):
        return True
    seen = visible(reply)
    return any(amount.secret and _digits_apart(amount).search(seen) for amount in key.numbers) or any(
        said == shortest(amount.value).replace(".", "") for amount in key.numbers
    )


def _compacts(key: Key, least: int) -> Iterator[str]:
    for phrase in _phrases(key):
        compact = re.sub(r"[\W_]", "", phrase.words)
        if phrase.secret and len(compact) >= least:
            yield compact
    for amount in key.numbers:
        if amount.secret:
            yield in_words(amount.value).replace(" ", "")


@lru_cache(maxsize=1024)
def _digits_apart(amount: Amount) -> re.Pattern[str]:
    """A number with a gap between each two of its figures; two figures alone are too often a coincidence."""
    digits = shortest(amount.value)
    if len(digits.replace(".", "")) < 3:
        return re.compile(r"(?!)")
    parts = [rf"{_GAP}*[.,]{_GAP}*" if digit == "." else digit for digit in digits]
    gap = rf"{_GAP}{{1,4}}"
    joined = "".join(
        part if place == 0 or "." in (digits[place - 1], digits[place]) else gap + part
        for place, part in enumerate(parts)
    )
    return re.compile(rf"(?<![\d.,]){joined}(?![\d])")


def _phrases(key: Key) -> Iterable[Phrase]:
    return (*key.texts, *key.accepted, *key.synonyms)


def _turned(text: Wording, key: Key) -> str:
    """A common word reversed or in rot13, which is a word no more: any mention counts."""
    for phrase in _phrases(key):
        if phrase.secret:
            continue
        for name, form in (("reversed", phrase.words[::-1]), ("rot13", codecs.encode(phrase.words, "rot13"))):
            words = form.split()
            unknown = all(len(word) >= 3 and word.isalpha() and word not in EVERYDAY | TWO_WAY for word in words)
            if unknown and form != phrase.words and f" {form} " in text.flat:
                return name
    return ""
