"""Which parts of which sections answer a question, and in what order.

Knows nothing of how they are written. Pure: a question and passages in, parts and numbers of passages out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from tutor.answer import Passage
from tutor.intent import Intent, topic_terms
from tutor.parts import Part, parts
from tutor.terms import terms

# Which typed parts serve which question, best first.
WANTED: Mapping[Intent, tuple[str, ...]] = {
    "what": ("analogy", "compare"),
    "why": ("why", "mistake"),
    "cause": ("mistake", "compare"),
    "how": ("body", "compare", "mistake", "example"),
    "example": ("example",),
    "simpler": ("analogy", "why", "mistake"),
    "compare": ("compare", "analogy"),
    "code": ("example", "body"),
    "mistake": ("mistake",),
}
ALWAYS = {"example", "simpler", "code", "compare", "mistake", "why"}  # a part of this kind was asked for
PARTS = 3  # most parts of one answer
TIE = 0.015  # difference of fused scores under which two sections count as equally good
FOCUS = 0.22  # by how much a part must fit better than the direct answer to go first
FITS = 0.34  # share of the question's weight from which a part that nobody asked for is worth its words


@dataclass(frozen=True)
class Scored:
    """A part, its share of the question's weight (0 to 1) and its place in the section."""

    part: Part
    fit: float
    order: int


def weights(question: str, passages: Sequence[Passage]) -> dict[str, float]:
    """How much each term of the question tells: inverse document frequency over the parts of all passages."""
    held = [set(terms(part.prose)) for passage in passages for part in parts(passage.text)]
    return {
        term: log(1 + len(held) / (1 + sum(term in h for h in held))) for term in dict.fromkeys(topic_terms(question))
    }


def scored(passage: Passage, weigh: Mapping[str, float]) -> list[Scored]:
    """The parts of a passage with their fit; the heading speaks for the direct answer."""
    total = sum(weigh.values())
    made = []
    for i, part in enumerate(parts(passage.text)):
        text = " ".join([part.prose, *(b.markdown for b in part.blocks if b.kind in {"table", "list"})])
        held = set(terms(text)) | (set(terms(passage.section)) if part.kind == "lead" else set())
        fit = sum(weight for term, weight in weigh.items() if term in held) / total if total else 0.0
        made.append(Scored(part, fit, i))
    return made


def choose(entries: Sequence[Scored], intent: Intent) -> list[Scored]:
    """The parts of the answer in the order in which they are said: direct answer first, then what was asked for."""
    lead = next((entry for entry in entries if entry.part.kind == "lead"), entries[0])
    rest = [entry for entry in entries if entry is not lead and worth_without_code(entry.part, intent)]
    wanted = [entry for kind in WANTED[intent] for entry in rest if entry.part.kind == kind]
    if intent == "code":
        wanted = [entry for entry in rest if entry.part.has_code] or wanted
    fitting = sorted(rest, key=lambda entry: (-entry.fit, entry.order))
    best = fitting[0] if fitting else lead
    first = best if best.fit > lead.fit + FOCUS and intent not in {"example", "simpler", "code"} else lead
    order = [first]
    if intent in ALWAYS and wanted:
        order.append(wanted[0])
    if first is not lead:
        order.append(lead)
    order += [entry for entry in fitting if entry.fit >= FITS][:2]
    order += sorted(wanted, key=lambda entry: -entry.fit)
    return list(dict.fromkeys(order))[:PARTS]


def worth_without_code(part: Part, intent: Intent) -> bool:
    """Whether a part says something on its own: an example whose code stays out is only a set-up."""
    return takes_code(part, intent) or not part.has_code


def takes_code(part: Part, intent: Intent) -> bool:
    """Whether the code of a part belongs into the answer."""
    return intent in {"code", "example"} or (intent == "how" and part.kind in {"body", "lead", "example"})


_BELIEF_WORDS = frozenset(terms("believing thinking assuming expecting treating mistake always true right just"))
_ASSERTING = re.compile(
    r"\b(right\?|correct\?|true( that)?\b|isn'?t it|don'?t (i|we|you|they)\?|i (thought|think|heard|read|believe|assume|guess)|so\b|because|obviously|surely|"
    r"(can|could|should) i (just|simply)|is it (true|enough|ok|fine)|it'?s (just|only|enough))|[^?]\s*$|^\W*(is|are|does|do|will|isn'?t|doesn'?t|can) ",
    re.IGNORECASE,
)  # fmt: skip
_OPEN_QUESTION = re.compile(r"\W*(what|how|when|where|which|who)\b", re.IGNORECASE)


def misconception(question: str, passages: Sequence[Passage]) -> tuple[int, Part] | None:
    """The listed wrong belief that a question states, with the number of its passage; None when it states none."""
    asked = set(terms(question)) - _BELIEF_WORDS
    if len(asked) < 2 or not _ASSERTING.search(question) or _OPEN_QUESTION.match(question):
        return None
    best: tuple[float, int, Part] | None = None
    for n, passage in enumerate(passages[:3], 1):
        for part in parts(passage.text):
            if part.kind != "mistake" or not part.sentences:
                continue
            belief = set(terms(re.split(r":|\. ", part.prose, maxsplit=1)[0])) - _BELIEF_WORDS
            shared = len(asked & belief)
            if shared >= 2 and shared / len(asked) >= 0.5 and shared / max(1, len(belief)) >= 0.4:
                share = shared / len(asked | belief)
                if best is None or share > best[0]:
                    best = (share, n, part)
    return (best[1], best[2]) if best else None


_PAIR = re.compile(
    r"\b(?:between|compare)\s+(?P<a>.+?)\s+(?:and|with|to|from)\s+(?P<b>.+)"
    r"|(?P<c>.+?)\s+(?:vs\.?|versus|or|instead of|rather than|better than|different from)\s+(?P<d>.+)",
    re.IGNORECASE,
)


def two_sides(question: str, passages: Sequence[Passage]) -> tuple[int, int] | None:
    """Numbers of two passages that treat one side of a comparison each, when no single one compares both."""
    match = _PAIR.search(question)
    if match is None:
        return None
    one, two = (set(topic_terms(match[a] or match[b] or "")) for a, b in (("a", "c"), ("b", "d")))
    one, two = one - two, two - one
    if not one or not two:
        return None
    for passage in passages[:2]:
        held = set(terms(f"{passage.section} {' '.join(part.prose for part in parts(passage.text))}"))
        if one <= held and two <= held:
            return None
    heads = [set(terms(f"{p.section} {parts(p.text)[0].prose}")) for p in passages]
    first = next((i for i, head in enumerate(heads, 1) if one <= head), None)
    second = next((i for i, head in enumerate(heads, 1) if two <= head and i != first), None)
    return (first, second) if first and second else None


def tie(question: str, passages: Sequence[Passage]) -> tuple[Passage, Passage] | None:
    """Two sections on different objectives that fit a short question equally well."""
    asked = set(topic_terms(question))
    if len(passages) < 2 or not asked or len(asked) > 2:
        return None
    first, second = passages[0], passages[1]
    if (first.skill, first.lesson) == (second.skill, second.lesson) or set(first.objectives) & set(second.objectives):
        return None
    if asked <= set(terms(first.section)) and not asked <= set(terms(second.section)):
        return None
    return (first, second) if first.score - second.score < TIE else None
