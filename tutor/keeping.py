"""What a conversation leaves behind: the message before anything else, the answer after it, reports of faults.

Knows nothing of how an answer is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tutor import store
from tutor.answer import Answer, answer_from_dict, answer_to_dict
from tutor.condense import Turn
from tutor.errors import NotFound, TutorError
from tutor.history import fold
from tutor.learner import Learner

TITLE_CHARACTERS = 60
REASONS = ("wrong", "missed", "hard", "source", "other")
NOTE_CHARACTERS = 2000


def begin(memory: store.Store, learner: Learner, question: str, scope: str) -> str:
    """Begin a conversation with the learner's message and give back its id; arguments and errors as `keep`."""
    title = " ".join(question.split())
    short = title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1].rstrip() + "…"
    return store.begin_conversation(memory, learner, short, question, now=datetime.now(UTC), skill=scope).id


def keep(
    memory: store.Store, learner: Learner, conversation: str | None, question: str, scope: str, retry_of: str
) -> tuple[str, list[Turn]]:
    """Store the learner's message; give back the conversation's id and its earlier turns.

    Args:
        memory: The store.
        learner: The verified identity.
        conversation: Id of the learner's conversation; None begins a new one.
        question: The cleaned message.
        scope: Id of a skill for a new conversation; empty for all.
        retry_of: Id of the tutor's message that a new answer replaces; nothing is stored then.

    Raises:
        NotFound: The conversation or message is not there, or not the learner's.
        StoreError: The database failed.
    """
    if not conversation:
        return begin(memory, learner, question, scope), []
    before = store.messages(memory, learner, conversation)
    if retry_of:
        again = next((i for i, m in enumerate(before) if m.id == retry_of and m.role == "tutor"), None)
        if again is None:
            raise NotFound("That answer is not there any more, so it cannot be made anew. Ask the question again.")
        return conversation, turns(before[: max(again - 1, 0)])
    unanswered = bool(before) and before[-1].role == "learner" and before[-1].text == question
    if unanswered:  # the same question again, after an answer that never came
        return conversation, turns(before[:-1])
    store.add_message(memory, learner, conversation, "learner", question, now=datetime.now(UTC))
    return conversation, turns(before)


def record(memory: store.Store, learner: Learner, conversation: str, answer: Answer, retry_of: str) -> str:
    """Store the tutor's message and what happened; give back the message's id."""
    now = datetime.now(UTC)

    def happened(message: store.Message) -> list[store.Event]:
        if answer.item:  # practice stores its own events
            return []
        first = answer.passages[0] if answer.passages and answer.covered else None
        payload = {
            "conversation": conversation, "message": message.id, "skill": first.skill if first else "",
            "objectives": list(first.objectives) if first else [],
            "covered": answer.covered, "declined": answer.declined,
            "status": answer.status, "model": answer.model, "notice": answer.notice, "prompt_hash": answer.prompt_hash,
            "unsupported": len(answer.unsupported), "removed": answer.removed, "ms": answer.ms,
            "blocked": answer.blocked,
        }  # fmt: skip
        return [store.Event(learner.principal, "asked", now, payload, learner.tenant, learner.context)]

    data = answer_to_dict(answer)
    return store.add_answer(
        memory, learner, conversation, answer.text, data, happened, fold, now=now, replaces=retry_of
    ).id


@dataclass(frozen=True)
class Place:
    """Where in a conversation an answer is kept.

    Args:
        memory: The store; without one nothing is kept.
        learner: The verified identity.
        conversation: Id of the learner's conversation; empty without a store.
        retry_of: Id of the tutor's message that the answer replaces; empty for a new one.
    """

    memory: store.Store | None
    learner: Learner
    conversation: str
    retry_of: str = ""

    def record(self, answer: Answer) -> str:
        """Store a finished answer; give back its message's id, empty without a store."""
        if self.memory is None:
            return ""
        return record(self.memory, self.learner, self.conversation, answer, self.retry_of)

    def stopped(self, answer: Answer) -> None:
        """Store an answer that was stopped, unless it is empty and would replace one: that is worth more than none."""
        if answer.text or not self.retry_of:
            self.record(answer)


def report(memory: store.Store, learner: Learner, message: str, reason: str, note: str = "") -> None:
    """Keep what a learner says is wrong with an answer, for whoever looks after the lessons.

    Args:
        memory: The store.
        learner: The verified identity.
        message: Id of the tutor's message; must be in a conversation of the learner's.
        reason: One of REASONS.
        note: The learner's own words, at most 2,000 characters are kept.

    Raises:
        TutorError: The reason is not known, or the message is not there.
    """
    if reason not in REASONS:
        raise TutorError(f"Choose one of the reasons: {', '.join(REASONS)}.")
    line = store.message(memory, learner, message)
    answer = answer_from_dict(line.data)
    payload = {
        "message": message, "conversation": line.conversation, "reason": reason, "note": note[:NOTE_CHARACTERS],
        "sections": [list(passage.key) for passage in answer.passages[:2]], "model": answer.model,
    }  # fmt: skip
    key = f"{learner.principal}:report:{message}:{reason}"
    event = store.Event(learner.principal, "reported", datetime.now(UTC), payload, learner.tenant, learner.context, key)
    store.append(memory, event)


def turns(messages: Sequence[store.Message]) -> list[Turn]:
    """Stored messages as the turns of a conversation."""
    made = []
    for message in messages:
        if message.role == "learner":
            made.append(Turn("learner", message.text))
            continue
        answer = answer_from_dict(message.data)
        cited = next((citation.section for citation in answer.citations), "")
        first = cited or (answer.passages[0].section if answer.passages else "")
        if answer.item:
            made.append(Turn("tutor", message.text))
            continue
        if not answer.covered:
            made.append(Turn("tutor", message.text, "", answer.standalone, declined=True))
            continue
        objectives = answer.passages[0].objectives if answer.passages else ()
        made.append(Turn("tutor", message.text, first, answer.standalone, objectives))
    return made
