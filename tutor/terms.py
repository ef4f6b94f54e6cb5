"""Words of a text as comparable terms: lower-case stems without stop words, sentences, numbers, negations.

Knows nothing of what is compared or why.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import Stemmer

# Function words of questions and answers; negations are kept out on purpose, they carry meaning.
STOP_WORDS = frozenset(
    word
    for line in (
        "a about above after again all also am an and any are as at be because been before being below between",
        "both but by can could did do does doing down during each few for from further get gets getting had has",
        "have having he her here hers him his how i if im in into is it its itself ive just let lets like make",
        "makes me more most my myself of off on once one only or other our out over own please same she should so",
        "some such tell than that thats the their them then there these they this those through to too under until",
        "up us use used uses using very want was we were what whats when where which while who whom why will with",
        "would you your yours yourself really actually even still thing things something anything way ways mean",
        "means need know explain give show understand help got s t d m re ve ll",
    )
    for word in line.split()
)
NEGATIONS = frozenset(
    word
    for line in (
        "no not never none nothing neither nor without cannot cant can't dont don't doesnt doesn't isnt isn't arent",
        "aren't wont won't wasnt wasn't didnt didn't hardly fails fail unable lacks lack",
    )
    for word in line.split()
)
_WORD = re.compile(r"[^\W_]+(?:[.'’+#-][^\W_]+)*\+{0,2}", re.UNICODE)
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS_AS_NUMBERS = {
    name: str(value)
    for value, name in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
    if name != "one"
}
_ABBREVIATIONS = frozenset(
    word
    for line in (
        "e.g i.e vs etc cf fig eq approx u.s u.k a.m p.m",
        "dr mr mrs ms prof st inc ltd",
    )
    for word in line.split()
)
# Bounded, so that a long text full of opening brackets costs no more than any other.
_PROTECTED = re.compile(r"`[^`\n]*`|\$[^$\n]+\$|\[[^\]\n]{0,400}\]\([^)\n]{0,400}\)|https?://\S+")
_LONGEST_SHORTENED = 16  # characters looked at before a full stop: enough for each abbreviation and its brackets


_stemmer = Stemmer.Stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Snowball stem of one lower-case word; hyphens and apostrophes are dropped first."""
    return str(_stemmer.stemWord(word.replace("’", "'").removesuffix("'s").replace("'", "").replace("-", "")))


def words(text: str) -> list[str]:
    """The words of a text in lower case, in order; ``top-p``, ``gpt-4o`` and ``c++`` stay one word each."""
    return [word.lower() for word in _WORD.findall(text)]


def terms(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order, with repetition.

    A hyphenated word gives its joined stem and the stems of its parts, so ``fine-tuning`` meets ``finetuning`` and
    ``tuning``.

    Example:
        >>> terms("Why does my loss go to nan?")
        ['loss', 'go', 'nan']
    """
    found = []
    for word in words(text):
        if word in STOP_WORDS or word.replace("'", "") in STOP_WORDS:
            continue
        found.append(stem(word))
        if "-" in word:
            found.extend(stem(part) for part in word.split("-") if len(part) > 2 and part not in STOP_WORDS)
    return found


@lru_cache(maxsize=16_384)
def held(text: str) -> frozenset[str]:
    """The distinct terms of a piece of a lesson; remembered, because the same pieces are weighed for every question.

    For lessons' own texts only: what learners write would fill the memory with what never comes again.
    """
    return frozenset(terms(text))


def jaccard(first: Iterable[str], second: Iterable[str]) -> float:
    """Shared terms over all terms, 0 to 1; 0 when both are empty."""
    a, b = set(first), set(second)
    return len(a & b) / len(a | b) if a | b else 0.0


def numbers(text: str) -> list[str]:
    """The numbers of a text in a comparable form: digits without separators, words up to twelve (not ``one``)."""
    found = []
    for match in _NUMBER.findall(text):
        plain = match.replace(",", "")
        try:
            found.append(f"{float(plain):.10g}")
        except ValueError:
            continue
    found.extend(_WORDS_AS_NUMBERS[word] for word in words(text) if word in _WORDS_AS_NUMBERS)
    return found


def negations(text: str) -> int:
    """How many words of a text negate."""
    return sum(word.replace("’", "'") in NEGATIONS for word in words(text))


def sentences(paragraph: str) -> list[str]:
    """Whole sentences of one paragraph of markdown; code, maths, links and abbreviations are not cut.

    Example:
        >>> sentences("Use `a. b`. It costs 2.5 cents, e.g. for mail. Done.")
        ['Use `a. b`.', 'It costs 2.5 cents, e.g. for mail.', 'Done.']
    """
    text = " ".join(paragraph.split())
    spans = [match.span() for match in _PROTECTED.finditer(text)]
    found, start = [], 0
    for match in re.finditer(r"[.!?…][)\"'”’*_]*(?:\s*\[\d+\])*\s+(?=[\"'“‘(*_`$\[]*[^\s\W])", text):
        if any(a < match.start() < b for a, b in spans) or not _ends(text, start, match.start(), match.end()):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    if text[start:].strip():
        found.append(text[start:].strip())
    return found


def _ends(text: str, start: int, stop: int, following: int) -> bool:
    """Whether the mark at ``stop`` ends a sentence that began at ``start``."""
    inside = text[start:stop]
    if (
        inside.count("(") > inside.count(")")
        or inside.count("\u201c") > inside.count("\u201d")
        or inside.count('"') % 2
    ):
        # Within brackets or quotation marks a sentence goes on, unless the mark closes them.
        closing = text[stop:following].strip()
        opened = inside.count("(") - inside.count(")")
        if opened > closing.count(")") or (inside.count('"') + closing.count('"')) % 2:
            return False
    begins = text[following:].lstrip("\"'\u201c\u2018(*_[")
    if not begins or (begins[0].islower() and begins[0] not in "`$"):
        return False
    if text[stop] != ".":
        return True
    before = re.search(r"(\S+)$", text[max(start, stop - _LONGEST_SHORTENED) : stop])
    word = before.group(1).strip("(*_\"'").lower() if before else ""
    return word not in _ABBREVIATIONS and not re.fullmatch(r"[a-z]", word)
