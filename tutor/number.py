"""The number in a learner's answer: signs, separators, fractions, powers, percent and units as people write them.

Knows nothing of tolerances or of what is right. Pure.

Separators: a point is decimal and a comma before groups of three digits separates thousands (``1,000``), as in the
lessons; any other single comma is decimal (``5,14``, ``0,583``); of both kinds the last is decimal (``1.000,5``). What
could be read the other way too (``1,234``, ``1.000``) says so in `Written.other`.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

from tutor.plain_answer import normal

_Readings = tuple[float | None, float | None]
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_DIGITS = r"(?:\d{1,3}(?:[ ']\d{3})+(?![\d])|\d[\d.,]*\d|\d)"
_PLAIN = rf"(?:{_DIGITS}|[.,]\d+)"
NUMBER = re.compile(
    rf"(?<![\w.,])(?P<sign>[-+]?)\s?(?P<number>{_PLAIN})(?P<exponent>[eE][-+]?\d{{1,3}}(?!\w))?"
    rf"(?:\s?[x×*·⋅]\s?10\s?(?:\^|\*\*)\s?(?P<power>[-+]?\d{{1,3}}))?"
    rf"(?:\s?[/⁄]\s?(?P<under>{_PLAIN}))?"
)
_POWER = re.compile(r"(?<![\w.,])(?P<sign>[-+]?)\s?(?P<base>\d{1,3})\s?(?:\^|\*\*)\s?(?P<power>[-+]?\d{1,3})(?!\w)")
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NAMED = {name: float(value) for value, name in enumerate(_NAMES)}
MULTIPLES = {"thousand": 1e3, "million": 1e6, "millions": 1e6, "billion": 1e9, "billions": 1e9, "k": 1e3}


@dataclass(frozen=True)
class Written:
    """A number as it was written.

    Args:
        value: What it most likely says.
        other: What it says when comma and point are read the other way; None when there is only one reading.
        around: The words and signs before and after it, in lower case.
        percent: Whether a percent sign or word follows.
    """

    value: float
    other: float | None
    around: tuple[str, ...]
    percent: bool


def plain_number(text: str) -> str:
    """A text in its normal form, with ASCII digits of whatever script, ASCII signs and powers as ``^``."""
    text = re.sub(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda match: "^" + match.group().translate(_SUPERSCRIPTS), text)
    text = re.sub("[٫]", ".", re.sub("[٬]", ",", text))
    plain = "".join(str(unicodedata.decimal(char, char)) for char in normal(text))
    return re.sub("[−–‒﹣－]", "-", plain)


def written(text: str) -> list[Written]:
    """The numbers of an answer; working in brackets and before the last equals sign is left out.

    Example:
        >>> [found.value for found in written("270 / 9 = 30 (rounded 3)")]
        [30.0]
    """
    plain = plain_number(text)
    without = re.sub(r"\([^()]*\)|[=≈~]\s*$", " ", plain).strip()
    said = re.split(r"[=≈]", without if NUMBER.search(without) else plain)[-1]
    found: list[tuple[tuple[int, int], _Readings]] = [(match.span(), _read(match)) for match in NUMBER.finditer(said)]
    powers: list[tuple[tuple[int, int], _Readings]] = [(match.span(), _power(match)) for match in _POWER.finditer(said)]
    if len(powers) == 1 and len(found) != 1:
        found = powers
    rest = _words(_without(said, [span for span, _ in found]))
    if not found:
        around = tuple(word for word in rest if word not in _NAMED)
        return [Written(_NAMED[word], None, around, _is_percent(around)) for word in rest if word in _NAMED]
    return [Written(value, other, rest, _is_percent(rest)) for _, (value, other) in found if value is not None]


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, stop in reversed(spans):
        text = f"{text[:start]} {text[stop:]}"
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in re.findall(r"[^\W\d_]+|[%‰$€£]", text))


def _is_percent(around: tuple[str, ...]) -> bool:
    return "%" in around or "percent" in around or ("per" in around and "cent" in around)


def _power(match: re.Match[str]) -> _Readings:
    value = _raised(float(match["base"]), int(match["power"]))
    return (None if value is None else -value if match["sign"] == "-" else value), None


def _raised(base: float, power: int) -> float | None:
    try:
        value = float(base**power)
    except (OverflowError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def _read(match: re.Match[str]) -> _Readings:
    """Value and other reading of one match."""
    value, other = separated(match["number"])
    if match["under"]:
        below, _ = separated(match["under"])
        value, other = (value / below if value is not None and below else None), None
    scale = float(f"1{match['exponent']}") if match["exponent"] else 1.0
    if match["power"]:
        scale *= _raised(10.0, int(match["power"])) or math.nan
    sign = -1.0 if match["sign"] == "-" else 1.0
    scaled = [None if one is None or not math.isfinite(one * scale) else sign * one * scale for one in (value, other)]
    return scaled[0], scaled[1]


def separated(digits: str) -> _Readings:
    """Digits with separators as a number, and the other number they could mean.

    Example:
        >>> separated("1,000"), separated("1.000,5"), separated("5,14"), separated("1.234")
        ((1000.0, 1.0), (1000.5, None), (5.14, None), (1.234, 1234.0))
    """
    digits = digits.replace(" ", "").replace("'", "").rstrip(".,")
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        decimal = max(".,", key=digits.rfind)
        thousands = "," if decimal == "." else "."
        return (None if digits.count(decimal) > 1 else _float(digits.replace(thousands, "").replace(",", "."))), None
    mark = "." if points else ","
    if points + commas > 1:
        return (_float(digits.replace(mark, "")) if _grouped(digits, mark) else None), None
    as_decimal, joined = _float(digits.replace(",", ".")), _float(digits.replace(mark, ""))
    if not _grouped(digits, mark) or digits.startswith("0"):
        return as_decimal, None
    return (as_decimal, joined) if points else (joined, as_decimal)


def _grouped(digits: str, mark: str) -> bool:
    return bool(re.fullmatch(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+", digits))


def _float(digits: str) -> float | None:
    try:
        value = float(digits)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
