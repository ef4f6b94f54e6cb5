"""Scores on their way to gradebooks: an outbox with one row a learner and link, which never falls and loses nothing.

Knows nothing of platforms or of how a score is earned.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update

from tutor.learner import Learner
from tutor.store.engine import Store
from tutor.store.tables import lti_link as links
from tutor.store.tables import lti_score as table
from tutor.store.tables import lti_visit as visits

LEASE = timedelta(minutes=5)
"""How long a sender has for a score before another may try: longer than all time limits of one sending together."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class Score:
    """One learner's score for one link.

    Args:
        link: Id of the link.
        principal: Whose it is.
        subject: What the platform calls this person.
        score: 0 to 1.
        completed: Whether the learner did all that the link asks for.
        stamp: The timestamp to send it with; later than each one sent before.
        attempts: How often sending has failed since the last success.
        due: When it is to be sent; None when the platform has it.
        problem: Why the last attempt failed; empty after a success.
    """

    link: str
    principal: str
    subject: str
    score: float
    completed: bool
    stamp: datetime | None
    attempts: int
    due: datetime | None
    problem: str


def enqueue(store: Store, learner: Learner, score: float, completed: bool, *, now: datetime) -> bool:
    """Have a score sent to the gradebook column of the link through which the learner came.

    A lower score than the one before, and one that is known already, change nothing.

    Args:
        store: Where the outbox is.
        learner: Whose score; one who came without an LMS has no gradebook.
        score: 0 to 1.
        completed: Whether the learner did all that the link asks for; stays once it is so.
        now: The present moment; aware.

    Returns:
        Whether something is to be sent now.

    Raises:
        ValueError: The score is not between 0 and 1.
        StoreError: The database failed; nothing is changed.
    """
    if not (math.isfinite(score) and 0 <= score <= 1):
        raise ValueError(f"a score lies between 0 and 1, not {score}")
    if not learner.link or learner.role != "learner":
        return False
    visit = (
        select(visits.c.subject)
        .join(links)
        .where(visits.c.link == learner.link, visits.c.principal == learner.principal)
        .where(or_(links.c.line_item != "", links.c.line_items != ""))
    )
    mine = (table.c.link == learner.link, table.c.principal == learner.principal)
    with store.writing() as connection:
        subject = connection.execute(visit).scalar()
        if subject is None:
            return False
        row = connection.execute(select(table).where(*mine).with_for_update()).first()
        if row is None:
            connection.execute(
                insert(table).values(
                    link=learner.link, principal=learner.principal, subject=subject, score=score, completed=completed,
                    attempts=0, due=now, problem="",
                )
            )  # fmt: skip
            return True
        better = max(row.score, score), row.completed or completed
        if better == (row.score, row.completed):
            return False
        # A row that is waiting after a failure keeps its turn: a platform that is down is not asked more often.
        values = {"score": better[0], "completed": better[1], "due": row.due or now}
        connection.execute(update(table).where(*mine).values(values))
        return True


def platforms_due(store: Store, *, now: datetime) -> list[str]:
    """Ids of the platforms for which a score's time has come, the one that waits longest first.

    Raises:
        StoreError: The database failed.
    """
    query = select(links.c.platform).join(table).where(table.c.due <= now)
    with store.reading() as connection:
        found = connection.execute(query.group_by(links.c.platform).order_by(func.min(table.c.due)))
        return list(found.scalars())


def take_due(store: Store, platform: str = "", *, now: datetime, most: int = 20) -> list[Score]:
    """Scores whose time has come, each with a fresh timestamp; nobody else gets them for the time of a lease.

    Args:
        store: Where the outbox is.
        platform: Only scores for this platform; empty for all.
        now: The present moment; aware.
        most: How many at most.

    Raises:
        StoreError: The database failed.
    """
    query = select(table).where(table.c.due <= now).order_by(table.c.due).limit(most).with_for_update(skip_locked=True)
    if platform:
        query = query.where(table.c.link.in_(select(links.c.id).where(links.c.platform == platform)))
    taken = []
    with store.writing() as connection:
        for row in connection.execute(query).all():
            # Platforms ignore a score whose timestamp is not later than the one before; some keep whole seconds only.
            stamp = now if row.stamp is None else max(now, row.stamp + timedelta(seconds=1))
            mine = (table.c.link == row.link, table.c.principal == row.principal)
            changed = update(table).where(*mine).values(stamp=stamp, due=now + LEASE).returning(table)
            taken.append(_score(connection.execute(changed).one()))
    return taken


def sent(store: Store, score: Score) -> None:
    """A score has arrived; one that rose meanwhile stays due.

    Raises:
        StoreError: The database failed; the score will be sent once more, which changes nothing on the platform.
    """
    mine = (table.c.link == score.link, table.c.principal == score.principal)
    values: dict[str, Any] = {"sent_score": score.score, "sent_completed": score.completed, "attempts": 0}
    with store.writing() as connection:
        row = connection.execute(select(table).where(*mine).with_for_update()).first()
        if row is None:
            return
        same = (row.score, row.completed) == (score.score, score.completed)
        due = None if same else score.stamp
        connection.execute(update(table).where(*mine).values(**values, problem="", due=due))


def failed(store: Store, score: Score, problem: str, *, now: datetime) -> datetime:
    """A score did not arrive: it is tried again after a pause that doubles each time.

    Returns:
        When it is tried again.

    Raises:
        StoreError: The database failed; it is tried again when its lease ends.
    """
    due = now + pause(score.attempts)
    mine = (table.c.link == score.link, table.c.principal == score.principal)
    with store.writing() as connection:
        connection.execute(update(table).where(*mine).values(attempts=score.attempts + 1, problem=problem, due=due))
    return due


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failures before this one: 30 seconds, doubled each time, at most 6 hours."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts, 20)))


def waiting(store: Store, links: Sequence[str] | None = None) -> tuple[int, str]:
    """How many scores have not arrived, and why the one that failed most often has not.

    Args:
        store: Where the outbox is.
        links: Only of these links; None for all.

    Raises:
        StoreError: The database failed.
    """
    open_rows = [table.c.due.is_not(None)]
    if links is not None:
        open_rows.append(table.c.link.in_(list(links)))
    with store.reading() as connection:
        count = connection.execute(select(func.count()).select_from(table).where(*open_rows)).scalar_one()
        worst = select(table.c.problem).where(*open_rows).order_by(table.c.attempts.desc()).limit(1)
        return count, connection.execute(worst).scalar() or ""


def _score(row: Row[Any]) -> Score:
    return Score(**{name: getattr(row, name) for name in Score.__dataclass_fields__})
