"""All that is stored of one learner: read as a whole, deleted as a whole or in part, with nothing left to read.

Knows nothing of what the rows mean or of how they are shown. A learner is (tenant, principal), whatever the course.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, and_, delete, func, select

from tutor.errors import StoreError
from tutor.learner import Learner
from tutor.store.conversations import Conversation
from tutor.store.engine import Store
from tutor.store.events import Event, stored
from tutor.store.messages import Message
from tutor.store.progress import State, forget_progress
from tutor.store.retention import owner_of, tables_of_learners
from tutor.store.tables import conversation as talks
from tutor.store.tables import event as happenings
from tutor.store.tables import lti_link, lti_score, lti_visit, web_session
from tutor.store.tables import message as lines
from tutor.store.tables import progress as standings

OWNED: tuple[Table, ...] = tuple(tables_of_learners())
"""The tables whose rows belong to a learner; a new one is covered without a word here."""


@dataclass(frozen=True)
class WebSession:
    """One sign-in, without what its cookie could be recognised by.

    Args:
        source: How the identity was proved: ``anonymous``, ``lti``, ``oidc``.
        role: The role that it gave.
        context: The course that it was for.
        created: When; UTC.
        expires: Until when; UTC.
    """

    source: str
    role: str
    context: str
    created: datetime
    expires: datetime


@dataclass(frozen=True)
class CourseVisit:
    """A link in a course that the learner followed, and the score that it earned.

    Args:
        title: Name of the link as the platform shows it.
        context: The course.
        subject: What the platform calls the learner.
        role: ``learner`` or ``instructor``.
        last: When they came last; UTC.
        score: For the gradebook, 0 to 1; None when there is none.
        completed: Whether the link's work was done; None without a score.
        sent_score: The score that the platform has; None when none has arrived.
    """

    title: str
    context: str
    subject: str
    role: str
    last: datetime
    score: float | None
    completed: bool | None
    sent_score: float | None


@dataclass(frozen=True)
class Kept:
    """All that is stored of a learner.

    Args:
        events: What they did, in the order in which it was stored.
        conversations: Oldest first, each with its messages in order.
        state: Where they stand, as computed from the events; empty before the first.
        sessions: Their sign-ins, oldest first.
        visits: The links in courses that they followed.
    """

    events: tuple[Event, ...]
    conversations: tuple[tuple[Conversation, tuple[Message, ...]], ...]
    state: State
    sessions: tuple[WebSession, ...]
    visits: tuple[CourseVisit, ...] = ()


@dataclass(frozen=True)
class Counts:
    """How much is stored of a learner: rows, and the moment of the oldest event or conversation."""

    events: int
    conversations: int
    messages: int
    sessions: int
    since: datetime | None
    visits: int = 0


def everything(store: Store, learner: Learner) -> Kept:
    """All that is stored of a learner.

    Raises:
        StoreError: The database failed.
    """
    talk_query = select(talks).where(owner_of(talks, learner)).order_by(talks.c.sequence)
    line_query = select(lines).join(talks).where(owner_of(talks, learner)).order_by(lines.c.sequence)
    session_query = select(web_session).where(owner_of(web_session, learner)).order_by(web_session.c.created)
    state_query = select(standings.c.state).where(owner_of(standings, learner))
    with store.reading() as connection:
        said: dict[str, list[Message]] = {}
        for row in connection.execute(line_query).mappings():
            line = Message(**{name: row[name] for name in Message.__dataclass_fields__})
            said.setdefault(line.conversation, []).append(line)
        held = [
            Conversation(**{name: row[name] for name in Conversation.__dataclass_fields__})
            for row in connection.execute(talk_query).mappings()
        ]
        sessions = tuple(
            WebSession(**{name: row[name] for name in WebSession.__dataclass_fields__})
            for row in connection.execute(session_query).mappings()
        )
        state: State | None = connection.execute(state_query).scalar()
        happened = _events(connection, learner, None)
        visits = _visits(connection, learner)
    talked = tuple((talk, tuple(said.get(talk.id, ()))) for talk in held)
    return Kept(happened, talked, state or {}, sessions, visits)


def counted(store: Store, learner: Learner) -> Counts:
    """How much is stored of a learner.

    Raises:
        StoreError: The database failed.
    """
    with store.reading() as connection:

        def rows(table: Table) -> int:
            return connection.execute(
                select(func.count()).select_from(table).where(owner_of(table, learner))
            ).scalar_one()

        joined = select(func.count()).select_from(lines.join(talks)).where(owner_of(talks, learner))
        oldest = [
            connection.execute(select(func.min(moment)).where(owner_of(table, learner))).scalar()
            for table, moment in ((happenings, happenings.c.at), (talks, talks.c.created))
        ]
        said = connection.execute(joined).scalar_one()
        since = min((moment for moment in oldest if moment is not None), default=None)
        return Counts(rows(happenings), rows(talks), said, rows(web_session), since, rows(lti_visit))


def events_in_order(store: Store, learner: Learner, kinds: Collection[str]) -> tuple[Event, ...]:
    """A learner's events of some kinds in the order in which they were stored, whatever the clock said.

    Raises:
        StoreError: The database failed.
    """
    with store.reading() as connection:
        return _events(connection, learner, kinds)


def delete_everything(store: Store, learner: Learner) -> bool:
    """Delete all that is stored of a learner, in one transaction; their sign-ins end with it.

    Returns:
        Whether nothing readable is left in SQLite's files. False when another program was reading them all the while:
        the rows are gone, and the next ``store.empty_log()`` removes the rest from the log.

    Raises:
        StoreError: The database failed; nothing is deleted.
    """
    with store.writing() as connection:
        # The state first: in PostgreSQL it is the row that an answer being stored holds, so both wait for each other.
        forget_progress(connection, learner)
        for table in OWNED:  # Messages go with their conversations.
            connection.execute(delete(table).where(owner_of(table, learner)))
    try:
        return store.empty_log()
    except StoreError:
        return False


def delete_named(store: Store, learner: Learner, kinds: Collection[str], name: str, last: Event) -> int:
    """Delete a learner's events of some kinds whose payload has this ``id``, and store that it was done.

    Args:
        store: Where.
        learner: Whose.
        kinds: Kinds of the events that hold what is deleted.
        name: Their payload's ``id``.
        last: What is stored in their place; it must not hold the text. Without events to delete nothing is stored.

    Returns:
        How many were deleted.

    Raises:
        StoreError: The database failed; nothing is deleted.
    """
    named = and_(
        owner_of(happenings, learner),
        happenings.c.kind.in_(list(kinds)),
        happenings.c.payload["id"].as_string() == name,
    )
    with store.writing() as connection:
        gone = connection.execute(delete(happenings).where(named)).rowcount
        if gone:
            stored(connection, last)
    with suppress(StoreError):  # It is deleted; a log that cannot be emptied now is emptied by the next deletion.
        store.empty_log()
    return gone


def _visits(connection: Connection, learner: Learner) -> tuple[CourseVisit, ...]:
    scored = and_(lti_score.c.link == lti_visit.c.link, lti_score.c.principal == lti_visit.c.principal)
    columns = (
        lti_link.c.title, lti_link.c.context, lti_visit.c.subject, lti_visit.c.role, lti_visit.c.last,
        lti_score.c.score, lti_score.c.completed, lti_score.c.sent_score,
    )  # fmt: skip
    mine = (lti_visit.c.principal == learner.principal, lti_link.c.tenant == learner.tenant)
    query = select(*columns).select_from(lti_visit.join(lti_link).outerjoin(lti_score, scored)).where(*mine)
    return tuple(CourseVisit(*row) for row in connection.execute(query.order_by(lti_visit.c.last)))


def _events(connection: Connection, learner: Learner, kinds: Collection[str] | None) -> tuple[Event, ...]:
    query = select(happenings).where(owner_of(happenings, learner)).order_by(happenings.c.sequence)
    if kinds is not None:
        query = query.where(happenings.c.kind.in_(list(kinds)))
    rows = connection.execute(query).mappings()
    return tuple(Event(**{name: row[name] for name in Event.__dataclass_fields__}) for row in rows)
