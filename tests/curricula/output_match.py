"""Whether an example printed what its lesson shows: numbers within a relative 1e-3, `...` for a varying part.

Knows nothing of lessons or of how code is run.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

TOLERANCE = 1e-3
_TOKEN = re.compile(
    r"\.\.\.|(?:(?<![\w.])[-+])?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][-+]?\d+)?|(?<![\w.])\.\d+|[^\W\d]+|\s+|[\W_]"
)
_NUMBER = re.compile(r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
T = TypeVar("T")


def mismatch(expected: str, actual: str) -> str:
    """What differs, as text for a person; empty when the output is as shown.

    A line that is only `...` stands for any lines, `...` inside a line for any part of it. Runs of spaces are equal.
    """
    shown, printed = _lines(expected), _lines(actual)
    if not "".join(shown).replace("...", "").strip():
        return "the output block shows only `...`; show what matters." if shown else _difference(shown, printed)
    if _match(shown, printed, _same_line, lambda line: line.strip() == "..."):
        return ""
    return _difference(shown, printed)


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def _difference(shown: Sequence[str], printed: Sequence[str]) -> str:
    for number, line in enumerate(shown):
        if line.strip() == "...":
            break
        if number >= len(printed):
            return f"line {number + 1} is shown but not printed: {line!r}"
        if not _same_line(line, printed[number]):
            return f"line {number + 1} differs\n  shown:   {line}\n  printed: {printed[number]}"
    else:
        if len(printed) > len(shown):
            return f"line {len(shown) + 1} is printed but not shown: {printed[len(shown)]!r}"
        return ""
    return "the lines around `...` differ\n  printed: " + "\n           ".join(printed[:20])


def _same_line(shown: str, printed: str) -> bool:
    return _match(_TOKEN.findall(shown.strip()), _TOKEN.findall(printed.strip()), _same, lambda token: token == "...")


def _same(shown: str, printed: str) -> bool:
    if shown.isspace() or shown == printed:
        return shown == printed or printed.isspace()
    if _NUMBER.fullmatch(shown) and _NUMBER.fullmatch(printed):
        return math.isclose(_value(shown), _value(printed), rel_tol=TOLERANCE, abs_tol=1e-12)
    return False


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def _match(
    pattern: Sequence[T], subject: Sequence[T], same: Callable[[T, T], bool], varies: Callable[[T], bool]
) -> bool:
    """Greedy match with wildcards, linear in practice: the last wildcard takes one more when the rest fails."""
    i = j = 0
    star, mark = -1, 0
    while j < len(subject):
        if i < len(pattern) and varies(pattern[i]):
            star, mark, i = i, j, i + 1
        elif i < len(pattern) and same(pattern[i], subject[j]):
            i, j = i + 1, j + 1
        elif star >= 0:
            mark += 1
            i, j = star + 1, mark
        else:
            return False
    return all(varies(rest) for rest in pattern[i:])
