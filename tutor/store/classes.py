"""Who learns in a course, and where each of them stands: for the course's instructors.

Knows nothing of what a state or an event means. Nothing here reads a conversation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, select

from tutor.learner import Learner
from tutor.store.engine import Store
from tutor.store.events import Event
from tutor.store.progress import Fold, State
from tutor.store.tables import event, lti_link, lti_visit, progress

MOST = 5000
"""Learners of one course who are read; those who were here last come first."""
AT_ONCE = 1000
"""Learners whose events are read in one query."""


@dataclass(frozen=True)
class Enrolled:
    """One learner of a course.

    Args:
        principal: The verified identity.
        subject: What the platform calls this person; empty without a platform.
        last: When they were here last; UTC.
        state: Where they stand by what they did in this course; empty before the first step.
    """

    principal: str
    subject: str
    last: datetime
    state: State


def enrolled(store: Store, instructor: Learner, kinds: Sequence[str], fold: Fold) -> list[Enrolled]:
    """The learners of an instructor's own course, whoever was here last first; a few queries, however many they are.

    On a platform those who followed a link of the course as learners; elsewhere those who did something in this
    context. The instructor is not among them. Of a learner who goes to other courses too only counts what was done in
    this one: their state is made anew from its events.

    Args:
        store: Where.
        instructor: The verified identity; its tenant and context say which course.
        kinds: Kinds of events that decide where somebody stands.
        fold: The state after more events.

    Raises:
        StoreError: The database failed.
    """
    members = (_followers if instructor.link else _active)(instructor).subquery()
    others = (_followers_elsewhere if instructor.link else _active_elsewhere)(instructor).subquery()
    theirs = and_(progress.c.principal == members.c.principal, progress.c.tenant == instructor.tenant)
    columns: list[Any] = [members.c.principal, members.c.subject, members.c.last, progress.c.state, progress.c.updated]
    joined = members.outerjoin(progress, theirs).outerjoin(others, others.c.principal == members.c.principal)
    query = select(*columns, others.c.principal).select_from(joined)
    query = query.where(members.c.principal != instructor.principal).order_by(members.c.last.desc()).limit(MOST)
    with store.reading() as connection:
        rows = connection.execute(query).all()
        here = _done_here(connection, instructor, [row[0] for row in rows if row[5]], kinds)
    found = []
    for principal, subject, last, state, updated, elsewhere in rows:
        if elsewhere:
            done = here.get(principal, _Done())
            last, state = max(last, done.last or last), fold({}, done.events)
        else:
            # A learner may have practised long after the launch, in a session of the same day.
            last = max(last, updated or last)
        found.append(Enrolled(principal, subject, last, state or {}))
    return sorted(found, key=lambda each: each.last, reverse=True)


@dataclass
class _Done:
    """What one learner did in the course: when last, and what decides where they stand, in the order of storing."""

    last: datetime | None = None
    events: list[Event] = field(default_factory=list)


def _done_here(
    connection: Connection, instructor: Learner, principals: Sequence[str], kinds: Sequence[str]
) -> dict[str, _Done]:
    done: dict[str, _Done] = {}
    for first in range(0, len(principals), AT_ONCE):
        some = event.c.principal.in_(principals[first : first + AT_ONCE])
        mine = (some, event.c.tenant == instructor.tenant, event.c.context == instructor.context)
        lasts = select(event.c.principal, func.max(event.c.at)).where(*mine).group_by(event.c.principal)
        done |= {principal: _Done(last) for principal, last in connection.execute(lasts)}
        query = select(event).where(*mine, event.c.kind.in_(kinds)).order_by(event.c.sequence)
        for row in connection.execute(query).mappings():
            made = Event(**{name: row[name] for name in Event.__dataclass_fields__})
            done[made.principal].events.append(made)
    return done


def _followers(instructor: Learner) -> Select[Any]:
    mine = (lti_link.c.tenant == instructor.tenant, lti_link.c.context == instructor.context)
    columns = (
        lti_visit.c.principal,
        func.max(lti_visit.c.subject).label("subject"),
        func.max(lti_visit.c.last).label("last"),
    )
    query = select(*columns).select_from(lti_visit.join(lti_link)).where(*mine, lti_visit.c.role == "learner")
    return query.group_by(lti_visit.c.principal)


def _active(instructor: Learner) -> Select[Any]:
    mine = (event.c.tenant == instructor.tenant, event.c.context == instructor.context)
    columns = (event.c.principal, literal("").label("subject"), func.max(event.c.at).label("last"))
    known = event.c.principal.not_like("anon:%")  # Nobody told them that somebody looks.
    return select(*columns).where(*mine, known).group_by(event.c.principal)


def _followers_elsewhere(instructor: Learner) -> Select[Any]:
    """Who followed a link of another course of the same deployment."""
    other = (lti_link.c.tenant == instructor.tenant, lti_link.c.context != instructor.context)
    return select(lti_visit.c.principal).select_from(lti_visit.join(lti_link)).where(*other).distinct()


def _active_elsewhere(instructor: Learner) -> Select[Any]:
    other = (event.c.tenant == instructor.tenant, event.c.context != instructor.context)
    return select(event.c.principal).where(*other).distinct()
