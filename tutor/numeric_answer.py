"""A number against the value and tolerance of an item; units and percent as far as they are unambiguous.

Knows nothing of how numbers are written. Pure. What is no number, or could be meant in two ways, is
invalid and not wrong.
"""

import re

from tutor.grade import LONGEST_ANSWER, Grade, graded
from tutor.item import Item
from tutor.number import MULTIPLES, Written, written
from tutor.plain_answer import normal
from tutor.terms import NEGATIONS, words

_SLACK = 1e-9
"""Relative error of floating point that a tolerance forgives at its bound."""
# Words around a number that say nothing.
_AROUND = frozenset(
    words(
        "it is the a an answer about approximately approx around roughly ca circa result are would be i think so then "
        "equals exactly of in to per and total all w x y n k p that makes get we my for each at least most there"
    )
)
_ASKS_PERCENT = re.compile(
    r"\bin (?:percent|per cent|%)|\bpercentage\b|\b(?:what|which|how many) per ?cent\b", re.IGNORECASE
)
# Units of one dimension: another one of the same family than the question asks for means another number.
_FAMILIES = tuple(
    frozenset(family.split())
    for family in (
        "cent cents euro euros € dollar dollars $ usd eur",
        "ms millisecond milliseconds s second seconds sec minute minutes min hour hours h day days week weeks",
        "byte bytes kb kilobyte kilobytes mb megabyte megabytes gb gigabyte gigabytes tb terabyte terabytes",
        "mm millimetre millimetres cm centimetre centimetres m metre metres km micrometre micrometres µm",
    )
)
_SAME_UNIT = tuple(
    tuple(names.split())
    for names in (
        *(
            "cent cents",
            "euro euros € eur",
            "dollar dollars $ usd",
            "ms millisecond milliseconds",
            "s second seconds sec",
        ),
        *("minute minutes min", "hour hours h", "day days", "week weeks", "byte bytes", "kb kilobyte kilobytes"),
        *("mb megabyte megabytes", "gb gigabyte gigabytes", "tb terabyte terabytes", "mm millimetre millimetres"),
        *("cm centimetre centimetres", "m metre metres", "km", "µm μm micrometre micrometres"),
    )
)


def numeric_answer(item: Item, text: str) -> Grade:
    """Grade an answer of a numeric item.

    Percent: ``60 %`` is 0.6 where the value is a proportion, and 60 where the question asks for percent; a share
    such as ``0.6`` or ``3/5`` is 60 where the question asks for percent and the value is above 1.

    Args:
        item: An item of the kind ``numeric``.
        text: What the learner wrote.
    """
    if len(text) > LONGEST_ANSWER:
        return graded("invalid", text, reason="too_long")
    plain = normal(text)
    if not plain:
        return graded("invalid", "", reason="empty")
    found = written(text)
    if not found:
        return graded("invalid", plain, reason="not_a_number")
    if len({one.value for one in found}) > 1:
        return graded("invalid", plain, reason="several_numbers")
    if reason := _foreign(item, found[0]):
        return graded("invalid", plain, reason=reason)
    return _compared(item, found[0], plain)


def _compared(item: Item, number: Written, plain: str) -> Grade:
    if any(within(item, value) for value in readings(item, number, number.value)):
        return graded("right", plain)
    if number.other is not None and any(within(item, value) for value in readings(item, number, number.other)):
        return graded("invalid", plain, reason="separator")
    return graded("wrong", plain)


def within(item: Item, value: float) -> bool:
    """Whether a value lies in the tolerance of an item; its bounds are inside, whatever floating point does."""
    wanted = item.value if item.value is not None else 0.0
    return abs(value - wanted) <= item.tolerance + _SLACK * max(abs(wanted), item.tolerance)


def readings(item: Item, number: Written, value: float) -> list[float]:
    """What a written number may say in this item: percent and proportions, thousands and millions in words."""
    question = f"{item.stem} {item.body}"
    wanted = abs(item.value or 0.0)
    for name in MULTIPLES.keys() & set(number.around):
        if not re.search(rf"\b(?:in|how many) {name}", question, re.IGNORECASE):
            value *= MULTIPLES[name]
    if _ASKS_PERCENT.search(question):
        share = not number.percent and wanted > 1 and 0 <= value <= 1
        return [value, 100 * value] if share else [value]
    if number.percent and wanted <= 1:
        return [value / 100]
    return [value]


def _foreign(item: Item, number: Written) -> str:
    """Why the words around a number make it something else than a number in the unit of the question."""
    question = f"{item.stem} {item.body}"
    if not NEGATIONS.isdisjoint(number.around):
        return "not_a_number"
    if number.percent and not _ASKS_PERCENT.search(question) and abs(item.value or 0.0) > 1:
        return "unit"
    asked = _asked_unit(question)
    for word in number.around:
        if asked and any(word in family and asked in family for family in _FAMILIES) and not _one_unit(word, asked):
            return "unit"
    known = _AROUND | MULTIPLES.keys() | {"%", "percent", "per", "cent"} | _vocabulary(item)
    unknown = [word for word in number.around if word not in known and word.rstrip("s") not in known]
    return ("unit" if len(unknown) == 1 else "not_a_number") if unknown else ""


def _vocabulary(item: Item) -> frozenset[str]:
    """Words of the item: its units are among them."""
    found = re.findall(r"[^\W\d_]+|[$€£]", f"{item.stem} {item.body} {item.why}".lower())
    return frozenset(found) | frozenset(word.rstrip("s") for word in found) | frozenset(
        name for names in _SAME_UNIT for name in names if set(names) & set(found)
    )  # fmt: skip


def _asked_unit(question: str) -> str:
    """The unit a question asks for; empty when it names none or several."""
    units = [unit for family in _FAMILIES for unit in family]
    named = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    found = re.findall(rf"(?:\bin|\bhow many) ({named})(?![\w])", question.lower())
    return found[0] if len({next((n[0] for n in _SAME_UNIT if one in n), one) for one in found}) == 1 else ""


def _one_unit(first: str, second: str) -> bool:
    return first == second or any(first in names and second in names for names in _SAME_UNIT)
