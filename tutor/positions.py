"""Which options of a choice a text names by letter, number or place, and which of them it gives as the answer.

Knows nothing of what the options say or which are right.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tutor.wording import unmarked

LETTERS = "ABCDEFGHIJ"
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_SHORT = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# A letter as a label: a capital anywhere, a small one unless it is the article or a word of its own.
_LETTER = r"(?:[B-HJ]|A(?! (?!(?:and|or|is|are|was)\b)[a-z])|[b-hj](?![\w'’])|a(?=[ ]*(?:$|[.,;:!?)\n]|and\b|or\b|is (?:right|correct|the))))"
_DIGIT = r"(?:10|[1-9])(?![\d.,]*\d|\w|%)"
_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten)"
_LABEL = rf"\(?(?:{_LETTER}|{_DIGIT})\b\)?"
_AFTER_NOUN = rf"\(?(?:[A-HJ]|[b-hj]|{_LETTER}|{_DIGIT})\b\)?"
_MORE = rf"(?: *(?:,|and|or|&|/|\+)+ *{_LABEL})*"
_NOUN = r"(?:options?|choices?|alternatives?|letters?|answers?|buttons?|keys?|positions?|items?|statements?|number|no\.|nr\.)"
_IS = r"(?:[ ]*(?:is|are|was|would be|should be|must be|has to be|will be|reads|here|of course|clearly|simply|just|definitely|surely|under|at|in|:|=|-|–|—|→|,|\())*"
_END = r"(?=\s*(?:$|[.!?;,:)\n]|because|since|as|here|and|or|is\b))"
_PLACE = rf"(?:{'|'.join((*_ORDINALS, *_SHORT))}|last|final|top|topmost|uppermost|bottom|lowest|middle|second[- ]to[- ]last|next[- ]to[- ]last|penultimate)"
_THING = (
    r"(?:one|option|answer|choice|alternative|entry|statement|button|of (?:the )?(?:\w+ )?(?:options|answers|choices)|of them|position|"
    r"in the list|from (?:the )?(?:top|above|below|bottom)|on the list)"
)
_GIVEN = (
    re.compile(
        rf"\b(?:[Aa]nswers?|[Ss]olutions?|[Kk]ey|(?:[Rr]ight|[Cc]orrect|[Bb]est)(?: (?:one|option|choice|answer|letter|number))?s?)\b"
        rf"(?: (?:here|to (?:this|the) (?:question|item)))?{_IS} *(?:{_NOUN} *)?({_LABEL}{_MORE})(?!\w)"
    ),
    re.compile(
        rf"\b(?:[Cc]hoose|[Pp]ick|[Ss]elect|[Tt]ake|[Tt]ick|[Mm]ark|[Pp]ress|[Cc]lick|[Hh]it|[Gg]o (?:with|for)|[Vv]ote for|[Ii]t(?:'s| is| must be| has to be)|"
        rf"[Tt]hat(?:'s| is)|[Ss]ay|[Tt]ype|[Ee]nter|[Tt]ry|[Aa]nswer with|[Dd]efinitely|[Oo]bviously|[Cc]learly|[Ss]urely|[Nn]amely|(?:pick|choice|vote|guess|bet|letter|one) (?:is|would be|must be)|[Yy]es,?|but)"
        rf"(?: on)? *(?:the )?(?:{_NOUN} *)?({_LABEL}{_MORE}){_END}"
    ),
    re.compile(
        rf"(?<![\w.])(?:(?<!of )(?<!by )(?<!to )(?<!than ))({_LABEL}{_MORE})(?: *(?:is|are|was|would be|must be|has to be|it is|'s) *(?:the )?(?:only )?(?:one )?"
        rf"(?:right|correct|true|best|answers?|solution|key|it\b|what)| *[(,:=–—-]*\s*(?:[✓✔✅☑]|correct|is right))"
    ),
    re.compile(rf"[✓✔✅☑]\s*({_LABEL})(?!\w)"),
    re.compile(r"[:→](?: +| *[(\[]) *((?:[A-J]|10|[1-9]))[ ]?[)\]]?(?=\s*$| *[.!]?\s*\n)"),
    re.compile(
        rf"(?:^|[.!?] +|\n *)[(\[]?[(\s.-]*((?:{_LETTER}(?: *(?:,|and|&|/|\+)+ *{_LETTER})*)|{_DIGIT})[\s-]*[)\].:!]*\s*"
        rf"(?=$|\n|[,:–—-]? ?(?:[Bb]ecause|[Ss]ince|as)\b)"
    ),
)
_NAMED = (
    re.compile(rf"(?m)^\s*[(\[]?({_LABEL})[)\].:]\s"),
    re.compile(rf"\b(?i:options?|choices?|alternatives?|letters?|buttons?|answers?)(?:\s*(?:number|no\.|nr\.|letter|#|:|\())*\s*({_AFTER_NOUN}{_MORE})(?!\w)"),
    re.compile(rf"\b(?:options?|choices?|alternatives?|numbers?|buttons?)(?: *(?:number|:))*\s*({_WORD})\b(?! of| in| or two)", re.IGNORECASE),
    re.compile(rf"(?:\bnumber\s*|\bno\.\s*|\bnr\.\s*|#)({_DIGIT})", re.IGNORECASE),
)  # fmt: skip
_BY_PLACE = re.compile(
    rf"\b({_PLACE})\s+{_THING}\b|(?:\bthe |^|[.!?] +|\n *)({'|'.join(_ORDINALS)}|last)(?=\s*(?:$|[.!?,;:)\n]|because|since|is (?:right|correct)))",
    re.IGNORECASE,
)
_LISTED = re.compile(rf"\b(?:[A-Ja-j]|{_DIGIT})\b")


@dataclass(frozen=True)
class Named:
    """Places of options that a text names, from 0.

    Args:
        given: Those that it gives as the answer.
        named: All that it names.
    """

    given: frozenset[int]
    named: frozenset[int]


def positions(text: str, count: int) -> Named:
    """The options that a text names by their displayed letter, number or place.

    Args:
        text: What is said.
        count: How many options are shown.

    Example:
        >>> sorted(positions("It is B, because the others are too slow.", 4).given)
        [1]
        >>> positions("Compare the second one with the third one.", 4).given
        frozenset()
    """
    text = re.sub(r"[ \t]+", " ", unmarked(text).replace("’", "'").replace('"', ""))
    given = {place for pattern in _GIVEN for match in pattern.finditer(text) for place in _places(match[1], count)}
    named = {place for pattern in _NAMED for match in pattern.finditer(text) for place in _places(match[1], count)}
    for match in _BY_PLACE.finditer(text):
        named |= {_place((match[1] or match[2]).lower().replace("-", " "), count)} & set(range(count))
    return Named(frozenset(given), frozenset(given | named))


def _places(label: str, count: int) -> Iterator[int]:
    labels = [str(_NUMBERS.index(label.lower()) + 1)] if label.lower() in _NUMBERS else _LISTED.findall(label)
    for one in labels:
        place = int(one) - 1 if one.isdigit() else LETTERS.find(one.upper())
        if 0 <= place < count:
            yield place


def _place(word: str, count: int) -> int:
    for names in (_ORDINALS, _SHORT):
        if word in names:
            return names.index(word)
    if word in {"last", "final", "bottom", "lowest"}:
        return count - 1
    if word in {"top", "topmost", "uppermost"}:
        return 0
    if word == "middle":
        return count // 2 if count % 2 else -1
    return count - 2
