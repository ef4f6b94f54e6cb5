"""The question that begins a conversation, and an answer with what it changes, each in one transaction.

Knows nothing of how an answer is made or of what an event changes.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tutor.learner import Learner
from tutor.store.conversations import Conversation, created
from tutor.store.engine import Store
from tutor.store.events import Event
from tutor.store.messages import Message, added, replaced
from tutor.store.progress import Fold, State, advanced


def begin_conversation(
    store: Store, learner: Learner, title: str, question: str, *, now: datetime, skill: str = ""
) -> Conversation:
    """Begin a conversation with the learner's first message; both are stored or neither.

    Raises:
        StoreError: The database failed; nothing is stored.
    """
    with store.writing() as connection:
        made = created(connection, learner, title, now=now, skill=skill)
        added(connection, learner, made.id, "learner", question, now=now)
        return made


def add_answer(
    store: Store,
    learner: Learner,
    conversation_id: str,
    text: str,
    data: Mapping[str, Any],
    happened: Callable[[Message], Sequence[Event]],
    fold: Fold,
    *,
    now: datetime,
    replaces: str = "",
) -> Message:
    """Store the tutor's message, what happened with it, and where the learner stands after it; all of it or nothing.

    Args:
        store: Where.
        learner: Whose conversation.
        conversation_id: Its id.
        text: Markdown.
        data: The whole answer as a JSON object.
        happened: Gives the events of the stored message.
        fold: The state after more events.
        now: The present moment; aware.
        replaces: Id of the tutor's message whose place it takes; empty for a new one.

    Raises:
        NotFound: Conversation or message are not there, or not the learner's.
        StoreError: The database failed; nothing is stored.
    """
    with store.writing() as connection:

        def decide(_: State) -> tuple[Sequence[Event], Message]:
            if replaces:
                line = replaced(connection, learner, replaces, text, now=now, data=data)
            else:
                line = added(connection, learner, conversation_id, "tutor", text, now=now, data=data)
            return happened(line), line

        # Where the learner stands is locked first, as when everything of a learner is deleted.
        return advanced(connection, learner, decide, fold, now)
