"""An elliptical follow-up and the conversation before it to a question that stands alone, without a model.

Knows nothing of models or search. The words are the conversation's own: the last question and the last section shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tutor.citations import bare
from tutor.intent import depends_on_conversation, form_only, topic_terms
from tutor.terms import sentences

TOLD_CHARACTERS = 240  # of the tutor's last answer, where its section is not known


@dataclass(frozen=True)
class Turn:
    """One message of the conversation so far.

    Args:
        role: ``learner`` or ``tutor``.
        text: What was said.
        topic: Of a tutor's turn: heading of the section that it answered from; empty when unknown.
        standalone: Of a tutor's turn: the question that it answered, made to stand alone; empty when unknown.
        objectives: Of a tutor's turn: objectives of that section.
        declined: Of a tutor's turn: it answered nothing, so nothing goes on from it.
    """

    role: str
    text: str
    topic: str = ""
    standalone: str = ""
    objectives: tuple[str, ...] = ()
    declined: bool = False


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question, joined with the topic of the conversation where it depends on it.

    Example:
        >>> standalone("And for German?", [Turn("learner", "How many tokens is a word?")])
        'And for German? (How many tokens is a word?)'
    """
    if not history or not depends_on_conversation(question):
        return question
    topic = topic_of(history, prefer_section=form_only(question))
    return f"{question.strip()} ({topic})" if topic else question


def topic_of(history: Sequence[Turn], prefer_section: bool = False) -> str:
    """What the conversation is about: the last question that names a topic and was answered, and what answered it.

    Args:
        history: The conversation so far.
        prefer_section: The new question names no topic at all: the last section alone decides, where it is known.
    """
    answers = [place for place, turn in enumerate(history) if turn.role == "tutor" and not turn.declined]
    last = history[answers[-1]] if answers else None
    asked = asked_before(history[: answers[-1]] if answers else history)
    if last is not None and last.topic:
        if prefer_section or not asked or last.topic in asked:
            return last.topic
        return f"{asked} {last.topic}"
    told = " ".join(sentences(bare(last.text))[:2])[:TOLD_CHARACTERS] if last is not None else ""
    return f"{asked} {told}".strip()


def asked_before(history: Sequence[Turn]) -> str:
    """The learner's last question that names a topic; empty when there is none."""
    named = (turn.text for turn in reversed(history) if turn.role == "learner" and _names_topic(turn.text))
    return next(named, "").strip()


def _names_topic(text: str) -> bool:
    return len(topic_terms(text)) >= 1 and not (depends_on_conversation(text) and len(topic_terms(text)) < 2)
