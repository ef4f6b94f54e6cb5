"""Conversations, each reachable only by the learner whose it is.

Knows nothing of how an answer is made or shown. A conversation belongs to (tenant, principal), whatever the course.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update

from tutor.errors import NotFound, StoreError
from tutor.learner import Learner
from tutor.store.engine import Store
from tutor.store.events import new_id
from tutor.store.tables import conversation as talks


@dataclass(frozen=True)
class Conversation:
    """One conversation's heading.

    Args:
        id: Unique id.
        principal: Whose it is.
        tenant: On which platform.
        context: The course it was begun in.
        title: What the learner sees in the list.
        skill: Id of the skill it is about; empty for all.
        created: When it was begun; UTC.
        updated: When its last message came; UTC.
    """

    id: str
    principal: str
    tenant: str
    context: str
    title: str
    skill: str
    created: datetime
    updated: datetime


def create_conversation(store: Store, learner: Learner, title: str, *, now: datetime, skill: str = "") -> Conversation:
    """Begin an empty conversation.

    Raises:
        StoreError: The database failed; nothing is stored.
    """
    with store.writing() as connection:
        return created(connection, learner, title, now=now, skill=skill)


def created(connection: Connection, learner: Learner, title: str, *, now: datetime, skill: str = "") -> Conversation:
    """As `create_conversation`, inside a transaction of the caller's."""
    statement = insert(talks).values(
        id=new_id(),
        principal=learner.principal,
        tenant=learner.tenant,
        context=learner.context,
        title=title,
        skill=skill,
        created=now,
        updated=now,
    )
    return _conversation(connection.execute(statement.returning(talks)).one())


def conversations(store: Store, learner: Learner, limit: int | None = None) -> list[Conversation]:
    """The learner's conversations, the one with the newest message first.

    Raises:
        StoreError: The database failed.
    """
    query = select(talks).where(owned(learner)).order_by(talks.c.updated.desc(), talks.c.sequence.desc()).limit(limit)
    with store.reading() as connection:
        return [_conversation(row) for row in connection.execute(query)]


def conversation(store: Store, learner: Learner, conversation_id: str) -> Conversation:
    """One conversation of the learner.

    Raises:
        NotFound: It is not there, or not the learner's.
        StoreError: The database failed.
    """
    with store.reading() as connection:
        return _conversation(existing(connection, learner, conversation_id))


def rename_conversation(store: Store, learner: Learner, conversation_id: str, title: str) -> Conversation:
    """Give a conversation another title; its place in the list stays.

    Raises:
        NotFound: It is not there, or not the learner's.
        StoreError: The database failed; nothing is changed.
    """
    return _change(store, learner, conversation_id, title=title)


def scope_conversation(store: Store, learner: Learner, conversation_id: str, skill: str) -> Conversation:
    """Narrow a conversation to a skill, or widen it to all with an empty one.

    Raises:
        NotFound: It is not there, or not the learner's.
        StoreError: The database failed; nothing is changed.
    """
    return _change(store, learner, conversation_id, skill=skill)


def delete_conversation(store: Store, learner: Learner, conversation_id: str) -> None:
    """Delete a conversation and its messages for good: no readable rest stays in a SQLite file or its log.

    Raises:
        NotFound: It is not there, or not the learner's.
        StoreError: The database failed; nothing is deleted.
    """
    with store.writing() as connection:
        if not connection.execute(delete(talks).where(_mine(learner, conversation_id))).rowcount:
            raise missing()
    with suppress(StoreError):  # It is deleted; a log that cannot be emptied now is emptied by the next deletion.
        store.empty_log()


def owned(learner: Learner) -> ColumnElement[bool]:
    """The condition that a conversation is this learner's."""
    return and_(talks.c.principal == learner.principal, talks.c.tenant == learner.tenant)


def _mine(learner: Learner, conversation_id: str) -> ColumnElement[bool]:
    return and_(talks.c.id == conversation_id, owned(learner))


def existing(connection: Connection, learner: Learner, conversation_id: str) -> Row[Any]:
    """The row of a conversation.

    Raises:
        NotFound: It is not there, or not the learner's.
    """
    row = connection.execute(select(talks).where(_mine(learner, conversation_id))).first()
    if row is None:
        raise missing()
    return row


def _change(store: Store, learner: Learner, conversation_id: str, **values: str) -> Conversation:
    statement = update(talks).where(_mine(learner, conversation_id)).values(**values)
    with store.writing() as connection:
        row = connection.execute(statement.returning(talks)).first()
    if row is None:
        raise missing()
    return _conversation(row)


def touch(connection: Connection, learner: Learner, conversation_id: str, now: datetime) -> None:
    """Move a conversation to the top of the list.

    Raises:
        NotFound: It is not there, or not the learner's.
    """
    if not connection.execute(update(talks).where(_mine(learner, conversation_id)).values(updated=now)).rowcount:
        raise missing()


def missing() -> NotFound:
    """The error for a conversation that is not there."""
    # The same words for "never was", "deleted" and "somebody else's", so that ids cannot be probed.
    return NotFound("That conversation is not there any more. Open one of yours from the list, or start a new one.")


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(**{name: getattr(row, name) for name in Conversation.__dataclass_fields__})
