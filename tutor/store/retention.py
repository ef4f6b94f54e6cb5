"""Delete what has been kept long enough, and all that is kept of one learner.

Knows nothing of when this is done or of what the rows mean. Every table that holds a principal is found by its columns,
so that one which is added later is not forgotten.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, not_, or_, select

from tutor.errors import StoreError
from tutor.learner import Learner
from tutor.store.engine import Store
from tutor.store.tables import conversation, event, lti_link, metadata, web_session

WORDS = ("reported",)
"""Kinds of events whose payload holds a learner's own words: they go with the conversations."""


@dataclass(frozen=True)
class Purged:
    """How many rows went away.

    Args:
        conversations: Conversations; their messages went with them.
        events: Events.
        sessions: Sessions that had expired, or whose learner was away.
        others: Rows of other tables about learners who were away.
    """

    conversations: int = 0
    events: int = 0
    sessions: int = 0
    others: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.conversations + self.events + self.sessions + self.others


def purge(store: Store, now: datetime, before: datetime | None) -> Purged:
    """Delete expired sessions, and what is older than a moment.

    Conversations go when their last message is older. Events, sessions and all else go when the learner did nothing
    since: a learner who goes on needs the whole history, because what is mastered is computed from it.

    Args:
        store: Where.
        now: The present moment; sessions that end before it go.
        before: The moment; None deletes expired sessions only.

    Raises:
        StoreError: The database failed; nothing is deleted.
    """
    with store.writing() as connection:
        sessions = _delete(connection, web_session, web_session.c.expires <= now)
        if before is None:
            return Purged(sessions=sessions)
        others = sum(_delete(connection, table, _away(table, before)) for table in _others())
        words = and_(event.c.kind.in_(WORDS), event.c.at < before)
        events = _delete(connection, event, or_(_away(event, before), words))
        sessions += _delete(connection, web_session, _away(web_session, before))
        conversations = _delete(connection, conversation, conversation.c.updated < before)
    done = Purged(conversations, events, sessions, others)
    if done.rows:
        with suppress(StoreError):  # It is deleted; a log that cannot be emptied now is emptied by the next deletion.
            store.empty_log()
    return done


def forget(store: Store, principal: str) -> Purged:
    """Delete all that is kept of one person, on every platform.

    Args:
        store: Where.
        principal: The identity as it is stored, such as ``oidc:https://login.example.org|4711``.

    Raises:
        StoreError: The database failed; nothing is deleted.
    """
    with store.writing() as connection:
        conversations, events, sessions = (
            _delete(connection, table, table.c.principal == principal) for table in (conversation, event, web_session)
        )
        others = sum(_delete(connection, table, table.c.principal == principal) for table in _others())
    with suppress(StoreError):
        store.empty_log()
    return Purged(conversations, events, sessions, others)


def tables_of_learners() -> Iterator[Table]:
    """Every table whose rows belong to a learner, those first that others refer to last."""
    for table in reversed(metadata.sorted_tables):
        if "principal" in table.columns:
            yield table


def owner_of(table: Table, learner: Learner) -> ColumnElement[bool]:
    """The condition that a row is this learner's."""
    return and_(table.c.principal == learner.principal, _tenant(table) == learner.tenant)


def _tenant(table: Table) -> ColumnElement[str]:
    """The tenant of a row: its own column, or for what hangs on a link in a course the link's."""
    if "tenant" in table.columns:
        return table.c.tenant
    return select(lti_link.c.tenant).where(lti_link.c.id == table.c.link).correlate(table).scalar_subquery()


def _others() -> Iterator[Table]:
    return (table for table in tables_of_learners() if table not in (conversation, event, web_session))


def _away(table: Table, before: datetime) -> ColumnElement[bool]:
    """The condition that the learner of a row has done nothing since a moment."""
    lately = []
    for source, moment in ((event, "at"), (conversation, "updated"), (web_session, "created")):
        other = source.alias()
        mine = and_(other.c.principal == table.c.principal, other.c.tenant == _tenant(table))
        lately.append(exists().where(mine, other.c[moment] >= before))
    return not_(or_(*lately))


def _delete(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(condition)).rowcount
