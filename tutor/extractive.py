"""The built-in tutor: an answer made of whole sentences of the best section, for people without a model.

Knows nothing of models, stores or pages. It stands where a model stands: a Runnable over question, passages and history.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Any

from tutor.answer import Passage, Suggestion
from tutor.intent import Intent, intent_of, topic_terms
from tutor.parts import Block, Part, parts
from tutor.terms import terms, words

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

LABEL = {
    "why": "**Why it matters.** ",
    "example": "**Example.** ",
    "mistake": "**Common mistake.** ",
    "analogy": "**Think of it as.** ",
    "compare": "**Compare.** ",
}
# Which typed parts serve which question, best first.
WANTED: Mapping[Intent, tuple[str, ...]] = {
    "what": ("analogy", "compare", "why"),
    "why": ("why", "mistake"),
    "how": ("body", "example", "compare", "mistake"),
    "example": ("example",),
    "simpler": ("analogy", "example"),
    "compare": ("compare",),
    "code": ("example", "body"),
    "mistake": ("mistake",),
}
PROSE_WORDS = 150  # about what one reads before answering back (design: short unless asked for more)
TIE = 0.015  # difference of fused scores under which two sections count as equally good
FOCUS = 0.22  # by how much a part must fit better than the direct answer to go first
_OFFER = {
    "example": ("Show an example", "Can you show me an example?"),
    "simpler": ("Say it more simply", "Can you say it more simply?"),
    "code": ("Show the code", "Can you show me the code?"),
    "compare": ("Compare it", "What does it compare with?"),
    "why": ("Why it matters", "Why does it matter?"),
}
_NEXT: Mapping[Intent, tuple[str, ...]] = {
    "what": ("example", "why", "compare"),
    "why": ("example", "simpler", "compare"),
    "how": ("example", "code", "compare"),
    "example": ("simpler", "compare", "why"),
    "simpler": ("example", "why", "code"),
    "compare": ("example", "why", "simpler"),
    "code": ("simpler", "why", "compare"),
    "mistake": ("example", "why", "simpler"),
}


@dataclass(frozen=True)
class Reply:
    """What the built-in tutor says.

    Args:
        text: Markdown, each sentence followed by its [n].
        suggestions: Next steps, the most useful first.
    """

    text: str
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True)
class _Scored:
    part: Part
    fit: float
    order: int


@dataclass
class _Draft:
    """An answer in the making: paragraphs so far, words used, sentences that must not come again."""

    n: int
    seen: set[str]
    paragraphs: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    prose: int = 0

    def add(self, part: Part, code: bool, limit: int | None = None) -> bool:
        """Add a part unless all of it was said before; returns whether anything was added."""
        made = _written(part, self.n, self.seen, code, limit)
        if not made:
            return False
        self.paragraphs.append(LABEL.get(part.kind, "") + "\n\n".join(made))
        self.kinds.append(part.kind)
        self.prose += len(words(re.sub(r"```.*?```", "", made[0], flags=re.DOTALL)))
        return True


def reply(question: str, passages: Sequence[Passage], said: Sequence[str] = (), about: str = "") -> Reply:
    """Answer a question from its best section.

    Args:
        question: What the learner wrote; decides the kind of answer.
        passages: Sections, best first; at least one.
        said: The tutor's earlier texts in this conversation: none of their sentences comes again.
        about: The question made to stand alone; decides which sentences fit. Default: the question.
    """
    about = about or question
    intent = intent_of(question)
    seen = {_plain(sentence) for text in said for sentence in _all_sentences(text)}
    weigh = _weights(about, passages)
    wrong = _misconception(question, passages)
    if wrong is not None:
        return _correction(wrong, passages, seen, intent)
    if intent == "compare" and (two := _two_sides(about, passages)) is not None:
        return _side_by_side(two, passages, seen, intent)
    if not seen and (tied := _tie(about, passages)) is not None:
        return _did_you_mean(tied, passages)
    return _from_section(intent, 1, passages, seen, weigh)


def _from_section(
    intent: Intent, n: int, passages: Sequence[Passage], seen: set[str], weigh: Mapping[str, float]
) -> Reply:
    passage = passages[n - 1]
    held = parts(passage.text)
    scored = [_Scored(part, _fit(part, passage, weigh), i) for i, part in enumerate(held)]
    draft = _Draft(n, set(seen))
    chosen = _choose(scored, intent)
    for entry in chosen:
        code = intent in {"code", "example", "how"} or entry.part.kind in {"compare", "body", "lead"}
        room = PROSE_WORDS - draft.prose
        if draft.paragraphs and room < 20:
            break
        draft.add(entry.part, code, None if not draft.paragraphs else max(room, 40))
    if not draft.paragraphs:  # all of the wanted parts were said before: go on with what is left
        for entry in sorted(scored, key=lambda e: -e.fit):
            if draft.add(entry.part, True) and draft.prose > 40:
                break
    if not draft.paragraphs:
        return _elsewhere(intent, n, passages, seen, weigh)
    return Reply("\n\n".join(draft.paragraphs), _suggest(intent, n, passages, draft))


def _elsewhere(
    intent: Intent, n: int, passages: Sequence[Passage], seen: set[str], weigh: Mapping[str, float]
) -> Reply:
    """Everything of the best section was said: the next section, or the section itself to read."""
    if n < len(passages):
        return _from_section(intent, n + 1, passages, seen, weigh)
    first = passages[0]
    label = f"Read: {first.section}"
    return Reply(
        "That is all that the lessons say about it. The whole section is one click away.",
        (Suggestion("read", label, "", first.skill, first.lesson, first.anchor),),
    )


def _choose(scored: Sequence[_Scored], intent: Intent) -> list[_Scored]:
    """The parts of the answer in the order in which they are said: direct answer first."""
    lead = next((entry for entry in scored if entry.part.kind == "lead"), scored[0])
    rest = [entry for entry in scored if entry is not lead]
    wanted = [entry for kind in WANTED[intent] for entry in rest if entry.part.kind == kind]
    if intent == "code":
        wanted = [entry for entry in rest if entry.part.has_code] or wanted
    best = max(rest, key=lambda entry: (entry.fit, -entry.order), default=lead)
    first = best if best.fit > lead.fit + FOCUS and intent not in {"example", "simpler", "code"} else lead
    order = [first]
    if intent in {"example", "simpler", "code", "compare", "mistake", "why"} and wanted:
        order.append(wanted[0])
    if first is not lead:
        order.append(lead)
    if best.fit > 0.3:
        order.append(best)
    order += sorted(wanted, key=lambda entry: -entry.fit)[:1]
    order += sorted((entry for entry in rest if not entry.part.has_code), key=lambda entry: -entry.fit)[:1]
    return list(dict.fromkeys(order))


def _written(part: Part, n: int, seen: set[str], code: bool, limit: int | None) -> list[str]:
    """The markdown of a part with citations; empty when nothing new is in it."""
    made: list[str] = []
    used = 0
    held = part.blocks
    for i, block in enumerate(held):
        if block.kind == "paragraph":
            follows = (
                i + 1 < len(held)
                and held[i + 1].kind != "paragraph"
                and (code or held[i + 1].kind in {"list", "table", "maths"})
            )
            kept = [
                sentence
                for sentence in block.sentences
                if _plain(sentence) not in seen and (follows or not sentence.rstrip("*_`").endswith(":"))
            ]
            if not kept:
                continue
            fitting = _fitting(kept, limit, used)
            made.append(" ".join(f"{sentence} [{n}]" for sentence in fitting))
            used += sum(len(words(sentence)) for sentence in fitting)
            seen.update(_plain(sentence) for sentence in fitting)
            if len(fitting) < len(kept):
                break
        elif block.kind in {"code", "output"} and not code:
            break
        elif _plain(block.markdown) not in seen and (made or block.kind != "output"):
            made.append(_fence(block))
            seen.add(_plain(block.markdown))
    return made if any(not piece.startswith("```") for piece in made) or code else []


def _fitting(kept: list[str], limit: int | None, used: int) -> list[str]:
    """As many whole sentences as the limit takes, at least one."""
    if limit is None:
        return kept
    fitting: list[str] = []
    for sentence in kept:
        if fitting and used + len(words(sentence)) > limit:
            break
        fitting.append(sentence)
        used += len(words(sentence))
    return fitting


def _fence(block: Block) -> str:
    """A block for the answer; what a program printed is shown as text, and no-run reasons stay in the lesson."""
    if block.kind == "output":
        return re.sub(r"^```output", "```text", block.markdown)
    if block.kind == "code":
        return re.sub(r'^(```\w*) +no-run="[^"]*"', r"\1", block.markdown)
    return block.markdown


def _weights(question: str, passages: Sequence[Passage]) -> dict[str, float]:
    """How much each term of the question tells: rare among the passages' parts counts more (inverse document frequency)."""
    held = [set(terms(part.prose)) for passage in passages for part in parts(passage.text)]
    return {term: log(1 + len(held) / (1 + sum(term in h for h in held))) for term in set(topic_terms(question))}


def _fit(part: Part, passage: Passage, weigh: Mapping[str, float]) -> float:
    """Share of the question's weight that a part holds, 0 to 1; the heading speaks for the direct answer."""
    total = sum(weigh.values())
    if not total:
        return 0.0
    text = part.prose + " " + " ".join(b.markdown for b in part.blocks if b.kind in {"table", "list", "code"})
    held = set(terms(text)) | (set(terms(passage.section)) if part.kind == "lead" else set())
    return sum(weight for term, weight in weigh.items() if term in held) / total


def _misconception(question: str, passages: Sequence[Passage]) -> tuple[int, Part] | None:
    """The listed wrong belief that the question states, with the number of its passage."""
    asked = set(topic_terms(question))
    if len(asked) < 3 or not _asserts(question):
        return None
    for n, passage in enumerate(passages[:3], 1):
        for part in parts(passage.text):
            if part.kind != "mistake" or not part.sentences:
                continue
            belief = set(terms(re.split(r":|\. ", part.prose, maxsplit=1)[0])) - set(
                terms("believing thinking assuming mistake")
            )
            shared = len(asked & belief)
            if shared >= 3 and shared / len(asked) >= 0.5 and shared / max(1, len(belief)) >= 0.3:
                return n, part
    return None


_ASSERTING = re.compile(
    r"\b(right\?|correct\?|true( that)?\b|isn't it|i (thought|think|heard|read|believe|assume)|so (a|an|the|it|i|you|if|that)\b|because|obviously|surely|"
    r"(can|could|should) i (just|simply)|does(n't| not)? (it|this|that|the)|is it (true|enough|ok|fine)|it('s| is) (just|only|enough))|[^?]\s*$|^\W*(is|are|does|do|will) ",
    re.IGNORECASE,
)  # fmt: skip


def _asserts(question: str) -> bool:
    return bool(_ASSERTING.search(question)) and not re.match(r"\W*(what|how|when|where|which|why)\b", question, re.I)


def _correction(wrong: tuple[int, Part], passages: Sequence[Passage], seen: set[str], intent: Intent) -> Reply:
    n, mistake = wrong
    draft = _Draft(n, set(seen))
    draft.add(mistake, code=False)
    lead = parts(passages[n - 1].text)[0]
    draft.add(lead, code=False, limit=60)
    if not draft.paragraphs:
        return _from_section(intent, n, passages, seen, {})
    return Reply("\n\n".join(draft.paragraphs), _suggest(intent, n, passages, draft))


_PAIR = re.compile(
    r"\b(?:between|compare)\s+(?P<a>.+?)\s+(?:and|with|to|from)\s+(?P<b>.+)|(?P<c>.+?)\s+(?:vs\.?|versus|or|instead of|rather than|better than|different from)\s+(?P<d>.+)",
    re.IGNORECASE,
)


def _two_sides(question: str, passages: Sequence[Passage]) -> tuple[int, int] | None:
    """Numbers of two passages that treat one side each, when no single passage compares both."""
    match = _PAIR.search(question)
    if match is None:
        return None
    one, two = (set(topic_terms(match[a] or match[b] or "")) for a, b in (("a", "c"), ("b", "d")))
    one, two = one - two, two - one
    if not one or not two:
        return None
    heads = [set(terms(f"{p.section} {parts(p.text)[0].prose if parts(p.text) else ''}")) for p in passages]
    for passage in passages[:2]:
        held = set(terms(" ".join(part.prose for part in parts(passage.text))))
        if one <= held and two <= held:
            return None
    first = next((i for i, head in enumerate(heads, 1) if one <= head), None)
    second = next((i for i, head in enumerate(heads, 1) if two <= head and i != first), None)
    return (first, second) if first and second else None


def _side_by_side(two: tuple[int, int], passages: Sequence[Passage], seen: set[str], intent: Intent) -> Reply:
    paragraphs = []
    for n in two:
        draft = _Draft(n, set(seen))
        if draft.add(parts(passages[n - 1].text)[0], code=False, limit=70):
            paragraphs += draft.paragraphs
    if not paragraphs:
        return _from_section(intent, two[0], passages, seen, {})
    return Reply("\n\n".join(paragraphs), _suggest(intent, two[0], passages, _Draft(two[0], set(), kinds=["lead"])))


def _tie(question: str, passages: Sequence[Passage]) -> tuple[Passage, Passage] | None:
    """Two sections of different lessons that fit a short question equally well."""
    if len(passages) < 2 or len(set(topic_terms(question))) > 2:
        return None
    first, second = passages[0], passages[1]
    if (first.skill, first.lesson) == (second.skill, second.lesson) or set(first.objectives) & set(second.objectives):
        return None
    asked = set(topic_terms(question))
    if asked <= set(terms(first.section)) and not asked <= set(terms(second.section)):
        return None
    return (first, second) if first.score - second.score < TIE else None


def _did_you_mean(tied: tuple[Passage, Passage], passages: Sequence[Passage]) -> Reply:
    lines = ["Two sections fit your question. Did you mean one of these?"]
    suggestions = []
    for n, passage in enumerate(tied, 1):
        lead = parts(passage.text)[0].sentences
        lines.append(f"- **{passage.section}** {lead[0] if lead else ''} [{n}]")
        suggestions.append(
            Suggestion("ask", passage.section, passage.section, passage.skill, passage.lesson, passage.anchor)
        )
    return Reply(lines[0] + "\n\n" + "\n".join(lines[1:]), tuple(suggestions))


def _suggest(intent: Intent, n: int, passages: Sequence[Passage], draft: _Draft) -> tuple[Suggestion, ...]:
    """What the section still has to give, the most useful first, and the neighbouring section as a question."""
    passage = passages[n - 1]
    held = parts(passage.text)
    left = {part.kind for part in held if part.kind not in draft.kinds}
    said_code = any("```" in paragraph for paragraph in draft.paragraphs)
    offers = {
        "example": "example" in left,
        "simpler": "analogy" in left,
        "code": not said_code and any(part.has_code for part in held),
        "compare": "compare" in left,
        "why": "why" in left,
    }
    if offers["example"] and offers["code"] and next(p for p in held if p.kind == "example").has_code:
        offers["code"] = False
    made = [Suggestion(kind, *_OFFER[kind]) for kind in (*_NEXT[intent], *_OFFER) if offers.get(kind)]
    made = list(dict.fromkeys(made))[:2]
    other = next(
        (p for p in passages if p is not passage and p.section.endswith("?") and p.lesson == passage.lesson), None
    )
    if other is not None:
        made.append(Suggestion("ask", other.section, other.section, other.skill, other.lesson, other.anchor))
    return tuple(made)


_CITE = re.compile(r"\s*\[\d+\]")


def _plain(sentence: str) -> str:
    return " ".join(words(_CITE.sub("", sentence)))


def _all_sentences(text: str) -> Iterator[str]:
    for part in parts(text):
        for block in part.blocks:
            if block.kind == "paragraph":
                yield from block.sentences
            else:
                yield block.markdown.replace("```text", "```output")


def stream(text: str) -> Iterator[str]:
    """An answer in the pieces in which it is shown: a sentence, a code block or a list line at a time."""
    for piece in re.split(r"(?<=\])(?= )|(?<=\n\n)", text):
        if piece:
            yield piece


def built_in_tutor() -> "Runnable[Mapping[str, Any], str]":
    """The built-in tutor as a Runnable, so that it stands where a chat model stands.

    Its input holds ``question``, ``standalone``, ``passages`` and ``said`` (the tutor's earlier texts); it streams markdown.
    """
    from langchain_core.runnables import RunnableGenerator

    async def generate(inputs: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[str]:
        merged: dict[str, Any] = {}
        async for chunk in inputs:
            merged.update(chunk)
        made = reply(merged["question"], merged["passages"], merged.get("said", ()), merged.get("standalone", ""))
        for piece in stream(made.text):
            yield piece

    def generate_now(inputs: Iterator[Mapping[str, Any]]) -> Iterator[str]:
        merged: dict[str, Any] = {}
        for chunk in inputs:
            merged.update(chunk)
        made = reply(merged["question"], merged["passages"], merged.get("said", ()), merged.get("standalone", ""))
        yield from stream(made.text)

    return RunnableGenerator(generate_now, generate)
