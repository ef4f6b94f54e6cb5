"""Which parts of which sections answer a question, and in what order.

Knows nothing of how they are written. Pure: a question and passages in, parts and numbers of passages out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from tutor.answer import Passage
from tutor.citations import passage_sentences
from tutor.drafting import plain
from tutor.intent import Intent, topic_terms
from tutor.parts import LINK, Part, parts
from tutor.terms import held, terms

# Which typed parts serve which question, best first.
WANTED: Mapping[Intent, tuple[str, ...]] = {
    "what": ("analogy", "compare"),
    "why": ("why", "mistake"),
    "cause": ("body", "mistake", "compare"),
    "how": ("body", "compare", "mistake", "example"),
    "example": ("example",),
    "simpler": ("analogy", "why", "mistake"),
    "compare": ("compare", "analogy"),
    "code": ("example", "body"),
    "mistake": ("mistake",),
}
ALWAYS = {"example", "simpler", "code", "compare", "mistake", "why"}  # a part of this kind was asked for
NO_CODE = {"what", "why", "simpler"}  # code here only where it fits best of all
PARTS = 4  # most parts of one answer, room permitting
TIE = 0.015  # difference of fused scores under which two sections count as equally good
# Set on the tuning half of tests/evals. Fits are cosines plus the share of the question's weight.
SPEAKS = 0.15  # by how much a part must fit better than the direct answer to speak for another section
CODE_COST = 0.05
BONUS = 0.04
SPREAD = 0.25  # a part that fits this much worse than the best is left to the section


@dataclass(frozen=True)
class Scored:
    """A part, how well it fits the question (about 0 to 2) and its place in the section."""

    part: Part
    fit: float
    order: int


def take_apart(text: str) -> None:
    """Read a section's parts and terms before the first question does: what is read is remembered."""
    for part in parts(text):
        held(part.prose)
    for sentence in passage_sentences(text):
        held(sentence)


def weights(question: str, passages: Sequence[Passage]) -> dict[str, float]:
    """How much each term of the question tells: inverse document frequency over the parts of all passages."""
    texts = [held(part.prose) for passage in passages for part in parts(passage.text)]
    return {
        term: log(1 + len(texts) / (1 + sum(term in text for text in texts)))
        for term in dict.fromkeys(topic_terms(question))
    }


def scored(passage: Passage, weigh: Mapping[str, float]) -> list[Scored]:
    """The parts of a passage with their fit: nearness in meaning where search measured it, and shared words.

    The heading speaks for the direct answer.
    """
    total = sum(weigh.values())
    made = []
    for i, part in enumerate(parts(passage.text)):
        text = " ".join([part.prose, *(b.markdown for b in part.blocks if b.kind in {"table", "list"})])
        said = held(text) | (held(passage.section) if part.kind == "lead" else frozenset())
        shared = sum(weight for term, weight in weigh.items() if term in said) / total if total else 0.0
        made.append(Scored(part, shared + _nearness(part, passage), i))
    return made


def _nearness(part: Part, passage: Passage) -> float:
    """Cosine of the question to the best slice that holds the part; 0 when it was not measured."""
    begin = plain(part.blocks[0].markdown)[:60]
    return max((cosine for text, cosine in passage.chunks if begin in plain_chunk(text)), default=0.0)


@lru_cache(maxsize=8192)
def plain_chunk(text: str) -> str:
    """A slice of a section in a form in which the beginning of a part can be found."""
    return plain(LINK.sub(r"\1", text))


def choose(entries: Sequence[Scored], intent: Intent) -> list[Scored]:
    """The parts of the answer in the order in which they are said: direct answer first, then what was asked for.

    What follows is in the order of fit, so that the answer ends where the room ends.
    """
    lead = next((entry for entry in entries if entry.part.kind == "lead"), entries[0])
    rest = sorted(
        (entry for entry in entries if entry is not lead), key=lambda entry: (-worth(entry, intent), entry.order)
    )
    wanted = [entry for kind in WANTED[intent] for entry in rest if entry.part.kind == kind]
    if intent == "code":
        wanted = [entry for entry in rest if entry.part.has_code] or wanted
    order = [lead]
    if intent in ALWAYS and wanted:
        order.append(wanted[0])
    if rest:
        rest = [entry for i, entry in enumerate(rest) if i == 0 or not _unasked_code(entry, intent)]
        rest = [entry for entry in rest if worth(entry, intent) >= worth(rest[0], intent) - SPREAD]
    return list(dict.fromkeys([*order, *rest]))[:PARTS]


def speaking(entries: Sequence[Scored]) -> list[Part]:
    """The parts of another section that may speak for it in a line or two, the best first.

    That is its direct answer, unless another part fits better by SPEAKS. An analogy or the words around code say nothing
    alone.
    """
    lead = next((entry.fit for entry in entries if entry.part.kind == "lead"), 0.0)
    able = [
        entry
        for entry in entries
        if entry.part.kind == "lead"
        or (entry.part.kind != "analogy" and not entry.part.has_code and entry.fit >= lead + SPEAKS)
    ]
    return [entry.part for entry in sorted(able, key=lambda entry: (-entry.fit, entry.order))]


def _unasked_code(entry: Scored, intent: Intent) -> bool:
    return entry.part.has_code and not takes_code(entry.part, intent) and intent in NO_CODE


def worth(entry: Scored, intent: Intent) -> float:
    """The fit of a part, a little less for code that nobody asked for, a little more for the kind that serves best."""
    cost = CODE_COST if entry.part.has_code and not takes_code(entry.part, intent) else 0.0
    return entry.fit - cost + (BONUS if entry.part.kind in WANTED[intent] else 0.0)


def serves(entries: Sequence[Scored], intent: Intent) -> bool:
    """Whether there is a part of the kind that is asked for."""
    if intent == "code":
        return any(entry.part.has_code for entry in entries)
    return any(entry.part.kind in WANTED[intent] for entry in entries)


def shows_code(part: Part, intent: Intent) -> bool:
    """Whether a part that was chosen comes with its code: an example is nothing without it."""
    return takes_code(part, intent) or part.kind == "example"


def takes_code(part: Part, intent: Intent) -> bool:
    """Whether the code of a part belongs into the answer."""
    return intent in {"code", "example"} or (intent == "how" and part.kind in {"body", "lead", "example"})


_BELIEF_WORDS = frozenset(terms("believing thinking assuming expecting treating mistake always true right just"))
_ASSERTING = re.compile(
    r"\b(right\?|correct\?|true( that)?\b|isn'?t it|don'?t (i|we|you|they)\?|i (thought|think|heard|read|believe|assume|guess)|so\b|because|obviously|surely|"
    r"(can|could|should) i (just|simply)|is it (true|enough|ok|fine)|it'?s (just|only|enough))|[^?]\s*$|^\W*(is|are|does|do|will|isn'?t|doesn'?t|can) ",
    re.IGNORECASE,
)  # fmt: skip
# Open questions and requests state no belief.
_OPEN_QUESTION = re.compile(
    r"\W*((please|pls) )?(what|how|when|where|which|who|show|give|explain|tell|write|compare|(can|could) you)\b",
    re.IGNORECASE,
)


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
            belief = held(re.split(r":|\. ", part.prose, maxsplit=1)[0]) - _BELIEF_WORDS
            shared = asked & belief
            # The subject alone is no belief, unless the belief is all about it: "a token is a word".
            telling = shared - held(passage.section) or belief <= asked
            if telling and len(shared) / len(asked) >= 0.5 and len(shared) / len(belief) >= 0.4:
                share = len(shared) / len(asked | belief)
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
        whole = held(f"{passage.section} {' '.join(part.prose for part in parts(passage.text))}")
        if one <= whole and two <= whole:
            return None
    heads = [held(f"{p.section} {parts(p.text)[0].prose}") for p in passages]
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
    if asked <= held(first.section) and not asked <= held(second.section):
        return None
    return (first, second) if first.score - second.score < TIE else None
