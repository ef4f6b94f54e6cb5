"""Numbers in words to digits and back: "two hundred and forty" is 240, "zero point six" is 0.6.

Knows nothing of what the numbers mean. English, as they are said from 0 to 999,999,999.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {word: value for value, word in enumerate(_SMALL)} | {"nought": 0}
_TEN = {word: 10 * value for value, word in enumerate(_TENS, 2)} | {"fourty": 40}
_SCALE = {"thousand": 1_000, "million": 1_000_000}


@dataclass(frozen=True)
class Word:
    """One word of a text in comparable form.

    Args:
        text: The word; a number in its shortest digits.
        worded: Whether the digits were written as words.
    """

    text: str
    worded: bool = False


def in_digits(words: Sequence[str]) -> list[Word]:
    """The words with each number said in words as one number in digits.

    Example:
        >>> [word.text for word in in_digits("about two hundred and forty dollars".split())]
        ['about', '240', 'dollars']
    """
    made: list[Word] = []
    at = 0
    while at < len(words):
        used, value = _number(words, at)
        if used:
            made.append(Word(shortest(value), True))
            at += used
        else:
            made.append(Word(words[at]))
            at += 1
    return made


def shortest(value: float) -> str:
    """A number in its shortest digits: 0.6, 240, never with an exponent."""
    return f"{value:.12f}".rstrip("0").rstrip(".") or "0"


def in_words(value: float) -> str:
    """How a number is said, without "and"; below a billion.

    Example:
        >>> in_words(125.06)
        'one hundred twenty five point zero six'
    """
    whole, _, decimals = shortest(abs(value)).partition(".")
    said = _whole_in_words(int(whole))
    if decimals:
        said += " point " + " ".join(_SMALL[int(digit)] for digit in decimals)
    return f"minus {said}" if value < 0 else said


def _whole_in_words(value: int) -> str:
    for name, size in (("million", 1_000_000), ("thousand", 1_000)):
        if value >= size:
            rest = value % size
            return f"{_whole_in_words(value // size)} {name}" + (f" {_whole_in_words(rest)}" if rest else "")
    if value >= 100:
        return f"{_SMALL[value // 100]} hundred" + (f" {_whole_in_words(value % 100)}" if value % 100 else "")
    if value < 20:
        return _SMALL[value]
    return _TENS[value // 10 - 2] + (f" {_SMALL[value % 10]}" if value % 10 else "")


def _number(words: Sequence[str], at: int) -> tuple[int, float]:
    """How many words from here say a number, and which; 0 words when none does."""
    end, value = _whole(words, at)
    if end < len(words) and words[end] == "point" and (decimals := _spoken_digits(words, end + 1)):
        return end + 1 + len(decimals) - at, float(f"{int(value)}.{decimals}")
    return end - at, value


def _spoken_digits(words: Sequence[str], at: int) -> str:
    digits = ""
    while at < len(words) and (value := _UNITS.get(words[at], 10)) < 10:
        digits += str(value)
        at += 1
    return digits


def _whole(words: Sequence[str], at: int) -> tuple[int, int]:
    """Where a whole number ends, and its value."""
    total, part, end, seen = 0, 0, at, False
    while end < len(words):
        word = words[end]
        if word in _UNITS and not part % 10 and (_open(part) or not seen or words[end - 1] in {"and", *_SCALE}):
            part += _UNITS[word]
        elif word in _TEN and not part % 100:
            part += _TEN[word]
        elif word == "hundred" and part < 100:
            part = max(part, 1) * 100
        elif word in _SCALE and (part or not seen):
            total += max(part, 1) * _SCALE[word]
            part = 0
        elif word == "and" and seen and _goes_on(words, end):
            end += 1
            continue
        else:
            break
        seen = True
        end += 1
    return (end, total + part) if seen else (at, 0)


def _open(part: int) -> bool:
    """Whether a unit may follow: after twenty to ninety, or after a hundred."""
    return part % 100 >= 20 or (part > 0 and not part % 100)


def _goes_on(words: Sequence[str], at: int) -> bool:
    """Whether an "and" joins two parts of one number: after a hundred or thousand, before what is smaller."""
    following = words[at + 1] if at + 1 < len(words) else ""
    return words[at - 1] in {"hundred", *_SCALE} and (following in _UNITS or following in _TEN)
