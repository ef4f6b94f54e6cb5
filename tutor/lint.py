"""Rules for writing one item: what gives its answer away, what makes it unclear.

Knows nothing of files or of the other items of a bank (tutor.bank). Rules after Haladyna, Downing and Rodriguez, "A
review of multiple-choice item-writing guidelines" (2002).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from statistics import mean

from tutor.fault import Fault
from tutor.item import Item
from tutor.terms import numbers, sentences, terms, words

ABSOLUTE = frozenset(
    [
        "always",
        "never",
        "all",
        "none",
        "every",
        "everything",
        "nothing",
        "only",
        "completely",
        "entirely",
        "totally",
        "absolutely",
        "impossible",
    ]
)
VAGUE = frozenset(
    [
        "often",
        "usually",
        "sometimes",
        "generally",
        "frequently",
        "occasionally",
        "rarely",
        "may",
        "might",
        "probably",
        "perhaps",
    ]
)
STEM_WORDS = 80
LONGEST_KEY = 1.5
OPTIONS = range(3, 6)

_CODE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_ABOVE = re.compile(
    r"\b(?:all|none|any|both|neither) of (?:the )?(?:above|these|those|options)\b|\ball the above\b", re.I
)
_NEGATIVE = re.compile(r"\b(?:which|what|who|where|when)\b.*\b(?:not|except|never|least likely|\w+n['’]t)\b", re.I)
_ARTICLE = re.compile(r"\b(an?)(?:\(n\))?\s*(?:_{2,}|\.\.\.|…)?\s*[:.?]?\s*$", re.I)
_AMOUNT = re.compile(r"[$€£]?\s*([-+−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(?:%|(?:[^\W\d]+[ ]?){0,3})\.?")
_RANGE = re.compile(r"\D*?(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\b.*")


def lint(item: Item) -> list[Fault]:
    """All faults of wording of one item.

    Example:
        >>> [fault.code for fault in lint(item)]  # doctest: +SKIP
        ['W005', 'W006']
    """
    return [
        Fault(item.path, item.line, code, f"item {item.id}: {message}")
        for code, rule in RULES
        for message in rule(item)
    ]


def prose(markdown: str) -> str:
    """Markdown without code, tables and marks of emphasis; links become their words."""
    text = _CODE.sub(" ", markdown)
    text = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("|"))
    return re.sub(r"!?\[([^\]\n]*)\]\([^)\n]*\)", r"\1", text).replace("*", "")


def question(item: Item) -> str:
    """All that is read before the answer: heading and case."""
    return f"{item.stem}\n{item.body}"


def states(text: str, answer: str) -> bool:
    """Whether a text holds the words of an answer in a row, whatever case and punctuation."""
    found, sought = words(text), words(answer)
    if not sought:
        return bool(answer.strip()) and answer.strip() in text
    return any(found[i : i + len(sought)] == sought for i in range(len(found) - len(sought) + 1))


def _same(text: str) -> str:
    plain = " ".join(text.split()).rstrip(".")
    return plain if "`" in plain else plain.casefold()


def _duplicate_option(item: Item) -> Iterator[str]:
    for first, second in combinations(item.options, 2):
        if _same(first.text) == _same(second.text):
            yield f"the option {second.text[:60]!r} occurs twice."
            return


def _hint_states_key(item: Item) -> Iterator[str]:
    for hint in item.hints:
        stated = next((answer for answer in _answers(item) if states(hint, answer)), None)
        if stated is not None and not any(states(hint, option.text) for option in item.options if not option.correct):
            yield f"a hint states the key {stated[:60]!r}."
        elif item.value is not None and f"{item.value:.10g}" in set(numbers(hint)) - set(numbers(question(item))):
            yield f"a hint states the key {item.value:g}."


def _answers(item: Item) -> Iterator[str]:
    yield from (option.text for option in item.keys)
    yield from (answer for answer in item.accepted if not states(question(item), answer))
    for point in item.points:
        yield point.text
        yield from (synonym for synonym in point.synonyms if len(words(synonym)) > 1)


def _stem_states_answer(item: Item) -> Iterator[str]:
    told = re.sub(r"[\"“][^\"”\n]*[\"”]", " ", prose(question(item)))
    for answer in item.accepted:
        if states(told, answer):
            yield f"the stem states the accepted answer {answer!r}."
            return


def _negative(item: Item) -> Iterator[str]:
    asked = sentences(prose(item.stem))
    if item.options and asked and _NEGATIVE.search(asked[-1]):
        yield "the stem is negative; ask for what is right."


def _option_count(item: Item) -> Iterator[str]:
    if item.options and len(item.options) not in OPTIONS:
        yield f"has {len(item.options)} options; give 3 to 5."


def _above(item: Item) -> Iterator[str]:
    for option in item.options:
        if _ABOVE.search(option.text):
            yield f"the option {option.text[:60]!r} can be judged without knowing the answer."


def _absolute(item: Item) -> Iterator[str]:
    for option in item.options:
        found = [
            word for word in words(re.sub(r"[\"“][^\"”]*[\"”]", " ", prose(option.text))) if word in ABSOLUTE | VAGUE
        ]
        if found:
            kind = "absolute" if found[0] in ABSOLUTE else "vague"
            yield f"the option {option.text[:60]!r} uses the {kind} term {found[0]!r}."


def _no_feedback(item: Item) -> Iterator[str]:
    for option in item.options:
        if not option.correct and not option.feedback:
            yield f"the distractor {option.text[:60]!r} has no feedback; name the misconception behind it."


def _long_key(item: Item) -> Iterator[str]:
    if item.kind != "single":
        return
    key = len(item.keys[0].text)
    others = [len(option.text) for option in item.options if not option.correct]
    if key > max(others) and key > LONGEST_KEY * mean(others):
        yield f"the key has {key} characters, the distractors {mean(others):.0f} on average; make them alike."


def _key_echoes(item: Item) -> Iterator[str]:
    if item.kind != "single":
        return
    asked = set(terms(question(item)))
    shared = [(option.correct, asked & set(terms(option.text))) for option in item.options]
    echoes = next(found for correct, found in shared if correct)
    if echoes and not any(found for correct, found in shared if not correct):
        yield f"only the key repeats words of the stem ({', '.join(sorted(echoes)[:3])})."


def _article(item: Item) -> Iterator[str]:
    article = _ARTICLE.search(prose(item.stem))
    starts = {option.text.lstrip("`*\"'")[:1].lower() in "aeiou" for option in item.options}
    if article and "(n)" not in article.group() and len(starts) == 2:
        yield f"the article {article.group(1)!r} at the end of the stem fits only some options; write a(n)."


def _parallel(item: Item) -> Iterator[str]:
    texts = [option.text for option in item.options]
    amounts = [_AMOUNT.fullmatch(text.strip("`")) is not None for text in texts]
    forms = {
        "numbers and words": amounts,
        "sentences and phrases": [text.endswith(".") for text in texts],
        "an infinitive and other forms": [text.lower().startswith("to ") for text in texts],
        "a reason and other forms": [text.lower().startswith(("because ", "since ")) for text in texts],
        "one -ing form and other forms": _odd([bool(re.match(r"[^\W\d]{3,}ing\b", text)) for text in texts]),
    }
    for form, flags in forms.items():
        if len(set(flags)) == 2:
            yield f"the options mix {form}; give them one form."
            return


def _odd(flags: Sequence[bool]) -> list[bool]:
    """The flags where exactly one differs from all others, else none set."""
    return list(flags) if len(flags) > 2 and sum(flags) in {1, len(flags) - 1} else []


def _order(item: Item) -> Iterator[str]:
    found = [_AMOUNT.fullmatch(option.text.strip("`")) for option in item.options]
    values = [float(match.group(1).replace(",", "").replace("−", "-")) for match in found if match]
    if len(values) == len(found) > 1 and values not in (sorted(values), sorted(values, reverse=True)):
        yield "the options are numbers; put them in order."


def _overlap(item: Item) -> Iterator[str]:
    for first, second in combinations(item.options, 2):
        if _same(first.text) != _same(second.text) and _overlapping(first.text, second.text):
            yield f"the options {first.text[:40]!r} and {second.text[:40]!r} overlap."


def _overlapping(first: str, second: str) -> bool:
    one, other = _RANGE.fullmatch(first), _RANGE.fullmatch(second)
    if one and other:
        (a, b), (c, d) = (sorted(map(float, match.groups())) for match in (one, other))
        return a <= d and c <= b
    if "`" in first + second or _AMOUNT.fullmatch(first) or _AMOUNT.fullmatch(second):
        return False
    shorter, longer = sorted((first, second), key=lambda text: len(words(text)))
    return len(words(shorter)) < len(words(longer)) and bool(words(shorter)) and states(longer, shorter)


def _long_stem(item: Item) -> Iterator[str]:
    count = len(prose(question(item)).split())
    if count > STEM_WORDS:
        yield f"the stem has {count} words; keep it to {STEM_WORDS}."


def _yes_no(item: Item) -> Iterator[str]:
    answers = [option.text for option in item.options] or list(item.accepted)
    plain = [(words(answer) or [""])[0] in {"yes", "no", "true", "false"} for answer in answers]
    if sum(plain) > 1 or (plain and all(plain)) or re.match(r"true or false\b", item.stem, re.I):
        yield "asks for yes or no; ask which, why or how much instead."


def _hint_count(item: Item) -> Iterator[str]:
    if len(item.hints) > 2:
        yield f"has {len(item.hints)} hints; one or two are shown."


def _all_right(item: Item) -> Iterator[str]:
    if item.options and all(option.correct for option in item.options):
        yield "every option is right; add distractors."


RULES: tuple[tuple[str, Callable[[Item], Iterator[str]]], ...] = (
    ("Q009", _duplicate_option), ("Q013", _hint_states_key), ("Q014", _stem_states_answer), ("W001", _negative),
    ("W002", _option_count), ("W003", _above), ("W004", _absolute), ("W005", _no_feedback), ("W006", _long_key),
    ("W007", _key_echoes), ("W008", _article), ("W009", _parallel), ("W010", _order), ("W011", _overlap),
    ("W012", _long_stem), ("W013", _yes_no), ("W014", _hint_count), ("W015", _all_right),
)  # fmt: skip
