"""Who learns in a course, and where each of them stands: for the course's instructors.

Knows nothing of what a state means. Nothing here reads a conversation or an event's content.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, select

from tutor.learner import Learner
from tutor.store.engine import Store
from tutor.store.progress import State
from tutor.store.tables import event, lti_link, lti_visit, progress

MOST = 5000
"""Learners of one course who are read; those who were here last come first."""


@dataclass(frozen=True)
class Enrolled:
    """One learner of a course.

    Args:
        principal: The verified identity.
        subject: What the platform calls this person; empty without a platform.
        last: When they were here last; UTC.
        state: Where they stand; empty before the first step.
    """

    principal: str
    subject: str
    last: datetime
    state: State


def enrolled(store: Store, instructor: Learner) -> list[Enrolled]:
    """The learners of an instructor's own course, whoever was here last first; one query, however many they are.

    On a platform those who followed a link of the course as learners; elsewhere those who did something in this
    context. The instructor is not among them.

    Args:
        store: Where.
        instructor: The verified identity; its tenant and context say which course.

    Raises:
        StoreError: The database failed.
    """
    members = (_followers if instructor.link else _active)(instructor).subquery()
    theirs = and_(progress.c.principal == members.c.principal, progress.c.tenant == instructor.tenant)
    columns: list[Any] = [members.c.principal, members.c.subject, members.c.last, progress.c.state, progress.c.updated]
    query = select(*columns).select_from(members.outerjoin(progress, theirs))
    query = query.where(members.c.principal != instructor.principal).order_by(members.c.last.desc()).limit(MOST)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    # A learner may have practised long after the launch, in a session of the same day.
    found = [Enrolled(row[0], row[1], max(row[2], row[4] or row[2]), row[3] or {}) for row in rows]
    return sorted(found, key=lambda each: each.last, reverse=True)


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
