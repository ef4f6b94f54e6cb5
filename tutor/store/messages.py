"""The messages of conversations, each reachable only by the learner whose it is.

Knows nothing of how an answer is made or shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from tutor.errors import NotFound
from tutor.learner import Learner
from tutor.store.conversations import existing, owned, touch
from tutor.store.engine import Store
from tutor.store.events import new_id
from tutor.store.tables import conversation as talks
from tutor.store.tables import message as lines

Role = Literal["learner", "tutor"]


@dataclass(frozen=True)
class Message:
    """One message.

    Args:
        id: Unique id.
        conversation: Id of its conversation.
        role: ``learner`` or ``tutor``.
        text: Markdown.
        at: When it was stored or replaced; UTC.
        data: A JSON object; of a tutor's message the whole answer.
    """

    id: str
    conversation: str
    role: Role
    text: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


def add_message(
    store: Store,
    learner: Learner,
    conversation_id: str,
    role: Role,
    text: str,
    *,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> Message:
    """Add a message at the end of a conversation.

    Raises:
        NotFound: The conversation is not there, or not the learner's.
        StoreError: The database failed; nothing is stored.
    """
    with store.writing() as connection:
        return added(connection, learner, conversation_id, role, text, now=now, data=data)


def added(
    connection: Connection,
    learner: Learner,
    conversation_id: str,
    role: Role,
    text: str,
    *,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> Message:
    """As `add_message`, inside a transaction of the caller's."""
    row = {
        "id": new_id(),
        "conversation": conversation_id,
        "role": role,
        "text": text,
        "at": now,
        "data": dict(data or {}),
    }
    # The update comes first: it proves the owner and keeps a deletion out until the message is in.
    touch(connection, learner, conversation_id, now)
    return _message(connection.execute(insert(lines).values(row).returning(lines)).one())


def replace_message(
    store: Store, learner: Learner, message_id: str, text: str, *, now: datetime, data: Mapping[str, Any] | None = None
) -> Message:
    """Put another text and data in a message's place, such as a new answer after "try again".

    Raises:
        NotFound: The message is not there, or not the learner's.
        StoreError: The database failed; nothing is changed.
    """
    with store.writing() as connection:
        return replaced(connection, learner, message_id, text, now=now, data=data)


def replaced(
    connection: Connection,
    learner: Learner,
    message_id: str,
    text: str,
    *,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> Message:
    """As `replace_message`, inside a transaction of the caller's."""
    old = _existing_message(connection, learner, message_id)
    touch(connection, learner, old.conversation, now)
    statement = update(lines).where(lines.c.id == message_id).values(text=text, at=now, data=dict(data or {}))
    return _message(connection.execute(statement.returning(lines)).one())


def message(store: Store, learner: Learner, message_id: str) -> Message:
    """One message of one of the learner's conversations.

    Raises:
        NotFound: It is not there, or not the learner's.
        StoreError: The database failed.
    """
    with store.reading() as connection:
        return _existing_message(connection, learner, message_id)


def messages(store: Store, learner: Learner, conversation_id: str) -> list[Message]:
    """A conversation's messages in the order they were added.

    Raises:
        NotFound: The conversation is not there, or not the learner's.
        StoreError: The database failed.
    """
    with store.reading() as connection:
        existing(connection, learner, conversation_id)
        query = select(lines).where(lines.c.conversation == conversation_id).order_by(lines.c.sequence)
        return [_message(row) for row in connection.execute(query)]


def _existing_message(connection: Connection, learner: Learner, message_id: str) -> Message:
    row = connection.execute(select(lines).join(talks).where(lines.c.id == message_id, owned(learner))).first()
    if row is None:
        raise NotFound("That message is not there any more. Open one of your conversations from the list.")
    return _message(row)


def _message(row: Row[Any]) -> Message:
    return Message(**{name: getattr(row, name) for name in Message.__dataclass_fields__})
