"""The built-in tutor: an answer made of whole sentences of the best section, for people without a model.

Knows nothing of models, stores or pages. It stands where a model stands: a Runnable over question, passages and
what was said before.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tutor.answer import Passage, Suggestion
from tutor.drafting import LABEL, WHOLE, Draft, begun, plain, said_before, written
from tutor.intent import Intent, intent_of
from tutor.lesson import CLOSING
from tutor.parts import Part, parts
from tutor.selection import (
    ALWAYS,
    WANTED,
    choose,
    misconception,
    scored,
    serves,
    shows_code,
    speaking,
    tie,
    two_sides,
    weights,
)
from tutor.suggestions import suggest

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

PROSE_WORDS = 260  # about what one reads before answering back; set on the tuning half of tests/evals
ASKED_WORDS = 60  # at least so much of what was asked for, however long the direct answer is
LEAST_WORDS = 20  # less room than that is left empty
ALSO = 0.12  # difference of fused scores up to which they do; same half
ALSO_WORDS = 60  # of each; at least one sentence
ALSO_BLOCKS = 2  # of its first blocks, those that are prose
MOST_ALSO = 4
ALSO_CLOSE = "**Also close to your question:**"
ALL_SAID = "That is all that the lessons say about it. The whole section is one click away."
DID_YOU_MEAN = "Two sections fit your question. Did you mean one of these?"


@dataclass(frozen=True)
class Reply:
    """What the built-in tutor says.

    Args:
        text: Markdown, each sentence followed by its [n].
        suggestions: Next steps, the most useful first.
    """

    text: str
    suggestions: tuple[Suggestion, ...] = ()


def reply(question: str, passages: Sequence[Passage], said: Sequence[str] = (), about: str = "") -> Reply:
    """Answer a question from its best section.

    Args:
        question: What the learner wrote; decides the kind of answer.
        passages: Sections, best first; at least one.
        said: The tutor's earlier texts in this conversation: none of their sentences comes again.
        about: The question made to stand alone; decides which sentences fit. Default: the question.
    """
    return _reply(question, tuple(passages), tuple(said), about or question)


# Asked twice for each answer: for its text while it is streamed, for its suggestions when it is finished.
@lru_cache(maxsize=64)
def _reply(question: str, passages: tuple[Passage, ...], said: tuple[str, ...], about: str) -> Reply:
    intent = intent_of(question)
    seen = said_before(list(said))
    wrong = misconception(question, passages)
    if wrong is not None and (made := _correction(*wrong, passages, set(seen), intent)) is not None:
        return made
    if intent == "compare" and (two := two_sides(about, passages)) is not None:
        made = _side_by_side(two, passages, set(seen), intent)
        if made is not None:
            return made
    if not seen and intent == "what" and (tied := tie(about, passages)) is not None:
        return _did_you_mean(tied)
    weigh = weights(about, passages)
    near = [
        n
        for n, passage in enumerate(passages[:5], 1)
        if n == 1 or set(passage.objectives) & set(passages[0].objectives)
    ]
    for kind in dict.fromkeys((intent, "what")):  # what was asked for may be used up; then go on with what is left
        for n in near[:3]:
            made = _from_section(kind, n, passages, set(seen), weigh)
            if made is not None:
                return made
    first = passages[0]
    to_read = Suggestion("read", first.section, "", first.skill, first.lesson, first.anchor)
    return Reply(f"{ALL_SAID} [1]", (to_read,))


def _from_section(
    intent: Intent, n: int, passages: Sequence[Passage], seen: set[str], weigh: Mapping[str, float]
) -> Reply | None:
    """An answer from one section; None when it has nothing new, or nothing of the kind that a follow-up asks for."""
    entries = [entry for entry in scored(passages[n - 1], weigh) if not begun(entry.part, seen)]
    if not entries or (seen and intent in ALWAYS and not serves(entries, intent)):
        return None
    draft = Draft(n, seen, skill=passages[n - 1].skill)
    others = [] if intent in ALWAYS else _close(n, passages, seen)
    for entry in choose(entries, intent):
        room = PROSE_WORDS - draft.prose
        asked = intent in ALWAYS and entry.part.kind in WANTED[intent] and entry.part.kind not in draft.kinds
        if asked:
            room = max(room, ASKED_WORDS)
        if draft.paragraphs and room < LEAST_WORDS:
            break
        whole = not draft.paragraphs or (asked and entry.part.kind in WHOLE)
        draft.add(entry.part, shows_code(entry.part, intent), None if whole else room)
    if not draft.paragraphs:
        return None
    draft.paragraphs += _also(others, passages, seen, weigh)
    return _finished(draft, intent, passages)


def _close(n: int, passages: Sequence[Passage], seen: set[str]) -> list[int]:
    """Numbers of other sections that fit nearly as well as the n-th, answer directly and were not named before."""
    best = passages[n - 1].score
    return [
        m
        for m, passage in enumerate(passages, 1)
        if m != n
        and best - passage.score <= ALSO
        and plain(passage.section) not in seen
        and passage.section.strip().lower() not in CLOSING
        and parts(passage.text)[0].kind == "lead"
    ]


def _also(others: Sequence[int], passages: Sequence[Passage], seen: set[str], weigh: Mapping[str, float]) -> list[str]:
    """What other sections say to the question, each under its heading: one of them may be what was meant."""
    lines: list[str] = []
    for m in others:
        fresh = [entry for entry in scored(passages[m - 1], weigh) if not begun(entry.part, seen)]
        for part in speaking(fresh):
            # Without what its last sentence may announce: a list or a table has no place in a line of a list.
            told = Part(part.kind, tuple(block for block in part.blocks[:ALSO_BLOCKS] if block.kind == "paragraph"))
            said = written(told, m, seen, code=False, limit=None if part.kind in WHOLE else ALSO_WORDS)
            if said:
                label = LABEL.get(part.kind, "").replace("**", "*")
                lines.append(f"- **{passages[m - 1].section}** {label}{' '.join(said)}")
                break
        if len(lines) == MOST_ALSO:
            break
    return [ALSO_CLOSE, "\n".join(lines)] if lines else []


def _finished(draft: Draft, intent: Intent, passages: Sequence[Passage]) -> Reply:
    text = draft.text
    return Reply(text, suggest(intent, draft.n, passages, draft.kinds, "```" in text))


def _correction(n: int, mistake: Part, passages: Sequence[Passage], seen: set[str], intent: Intent) -> Reply | None:
    """The listed mistake that the question makes, corrected first; then the direct answer of its section."""
    draft = Draft(n, seen, skill=passages[n - 1].skill)
    if not draft.add(mistake, code=False):
        return None
    draft.add(parts(passages[n - 1].text)[0], code=False, limit=60)
    return _finished(draft, intent, passages)


def _side_by_side(two: tuple[int, int], passages: Sequence[Passage], seen: set[str], intent: Intent) -> Reply | None:
    """The direct answers of two sections, one for each side of a comparison."""
    drafts = [Draft(n, seen, skill=passages[n - 1].skill) for n in two]
    for draft in drafts:
        draft.add(parts(passages[draft.n - 1].text)[0], code=False, limit=70)
    paragraphs = [paragraph for draft in drafts for paragraph in draft.paragraphs]
    if not paragraphs:
        return None
    return Reply("\n\n".join(paragraphs), suggest(intent, two[0], passages, ["lead"], code_shown=False))


def _did_you_mean(tied: tuple[Passage, Passage]) -> Reply:
    lines = []
    for n, passage in enumerate(tied, 1):
        lead = parts(passage.text)[0].sentences
        lines.append(f"- **{passage.section}** {lead[0] if lead else ''} [{n}]")
    offered = tuple(Suggestion("ask", p.section, p.section, p.skill, p.lesson, p.anchor) for p in tied)
    return Reply(DID_YOU_MEAN + "\n\n" + "\n".join(lines), offered)


def stream(text: str) -> Iterator[str]:
    """An answer in pieces: paragraphs, lists and blocks of code; each costs its way through the chain."""
    for piece in re.split(r"(?<=\n\n)", text):
        if piece:
            yield piece


def built_in_tutor() -> "Runnable[Mapping[str, Any], str]":
    """The built-in tutor as a Runnable, so that it stands where a chat model stands.

    Its input holds ``question``, ``standalone``, ``passages`` and ``said`` (the tutor's earlier texts); it streams
    markdown.
    """
    from langchain_core.runnables import RunnableGenerator

    async def generate(inputs: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[str]:
        merged: dict[str, Any] = {}
        async for chunk in inputs:
            merged.update(chunk)
        made = reply(merged["question"], merged["passages"], merged.get("said", ()), merged.get("standalone", ""))
        for piece in stream(made.text):
            yield piece

    return RunnableGenerator(generate)
