"""Which reading of a follow-up the lessons answer, without a model: the topic so far, or what the question newly names.

Knows nothing of models or of how search works. "And when does it stop?" stays with the section that was shown; "what
about stemming?" goes on to another, and only the lessons tell the two apart.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from tutor import condense, gate
from tutor.answer import Passage
from tutor.intent import form_only, goes_on, topic_terms
from tutor.outside import Nearness
from tutor.terms import held, terms

LOOKED_AT = 5  # sections of one reading
ALONE = 0.65  # fused score from which a question is a topic of its own; set on the tuning half of tests/evals
ELSEWHERE = 0.0  # log-odds for another subject above which what a follow-up names is not about the lessons; same half
OUR_KIND = -0.5  # log-odds for another subject below which a message looks like one about the lessons; same half

Search = Callable[[str], Awaitable[Sequence[Passage]]]


async def read(question: str, history: Sequence[condense.Turn], search: Search) -> str:
    """The question made to stand alone, in the reading that the lessons answer.

    Where the section that fits the topic so far treats what the question newly names, or nothing does, that topic is
    kept. Otherwise it is left for the section whose heading names what is new, or whose text does.

    Args:
        question: What the learner wrote.
        history: The conversation so far.
        search: Finds sections, best first.
    """
    kept = condense.standalone(question, history)
    new = newly_named(question, history)
    asked = condense.asked_before(history)
    if kept == question or not new or not asked:
        return kept
    turned = f"{question.strip()} ({asked})"
    so_far, other, alone = await asyncio.gather(search(kept), search(turned), search(question))
    if not so_far or not other or not alone or new <= _held(so_far[0]):
        return kept
    for passage in other[:LOOKED_AT]:
        if new <= held(passage.section):
            return f"{question.strip()} ({passage.section})"
    if new <= _held(other[0]):
        return turned
    if alone[0].score >= ALONE and new <= held(alone[0].section):
        return question
    return kept


async def read_again(
    question: str, history: Sequence[condense.Turn], found: Sequence[Passage], near: Nearness, search: Search
) -> tuple[str, Sequence[Passage]] | None:
    """A message that the lessons do not cover by its own words, joined with the question before it.

    "No, I meant with a small batch" names a topic and yet goes on with the last one. What neither begins as a reply nor
    points back, or looks like another subject, stays uncovered: with a question of the lessons it would find theirs.

    Args:
        question: What the learner wrote.
        history: The conversation so far.
        found: Sections of the first reading, best first.
        near: How near the message comes to what the tutor does not do.
        search: Finds sections, best first.

    Returns:
        The second reading with its sections, when the lessons cover it; otherwise None.
    """
    asked = condense.asked_before(history)
    if not asked or not found or not goes_on(question) or near.off_topic_in(found[0].skill) > OUR_KIND:
        return None
    if gate.refusal(found, near):
        return None
    joined = f"{question.strip()} ({asked})"
    again = await search(joined)
    return (joined, again) if gate.covered(again, near, question) else None


def leaves(question: str, reading: str, found: Sequence[Passage], near: Nearness) -> bool:
    """Whether a follow-up goes on to another subject ("and how do I cook rice?").

    Joined with what was asked before it finds that question's sections, so how well these fit says nothing.

    Args:
        question: What the learner wrote.
        reading: The question made to stand alone; one that a model has worded says itself what is meant.
        found: Sections of that reading, best first.
        near: How near the question by itself comes to what the tutor does not do.
    """
    joined = reading.startswith(f"{question.strip()} (")
    return joined and bool(found) and not form_only(question) and near.off_topic_in(found[0].skill) > ELSEWHERE


def newly_named(question: str, history: Sequence[condense.Turn]) -> frozenset[str]:
    """Terms of a question's topic that the conversation has not named.

    Example:
        >>> sorted(newly_named("and negative prompts?", [condense.Turn("learner", "How do I write a prompt?")]))
        ['negat']
    """
    said = {term for turn in history for text in (turn.text, turn.topic, turn.standalone) for term in terms(text)}
    return frozenset(topic_terms(question)) - said


def _held(passage: Passage) -> frozenset[str]:
    return held(passage.section) | held(passage.text)
