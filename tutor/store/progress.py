"""Where each learner stands, changed together with the events that change it, and rebuilt from them.

Knows nothing of what a state holds or how an event changes it: both are given as functions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from tutor.learner import Learner
from tutor.store.dialects import inserting
from tutor.store.engine import Store
from tutor.store.events import Event, stored
from tutor.store.tables import event as happenings
from tutor.store.tables import progress as table

State = Mapping[str, Any]
Fold = Callable[[State, Iterable[Event]], State]
"""The state after more events, in their order; an empty state is the beginning."""
T = TypeVar("T")

_BEGIN: State = {}


def progress(store: Store, learner: Learner) -> State:
    """A learner's state; an empty one before the first event.

    Raises:
        StoreError: The database failed.
    """
    with store.reading() as connection:
        return _state(connection, learner.tenant, learner.principal)


def advance(
    store: Store, learner: Learner, decide: Callable[[State], tuple[Sequence[Event], T]], fold: Fold, *, now: datetime
) -> T:
    """Look at a learner's state, decide what happens, and store both the events and the state after them, or neither.

    One caller at a time for one learner, whatever the process: what ``decide`` saw is still true when its events are
    stored. When this returns, they survive a kill and a power cut.

    Args:
        store: Where.
        learner: Whose state.
        decide: From the state to the events and the caller's result. An event whose idempotency key is stored
            already is left out and changes nothing.
        fold: The state after more events.
        now: The present moment; aware.

    Raises:
        StoreError: The database failed; nothing is stored.
    """
    with store.writing() as connection:
        return advanced(connection, learner, decide, fold, now)


def advanced(
    connection: Connection,
    learner: Learner,
    decide: Callable[[State], tuple[Sequence[Event], T]],
    fold: Fold,
    now: datetime,
) -> T:
    """As `advance`, inside a transaction of the caller's."""
    before = _locked(connection, learner, now)
    events, result = decide(before)
    new = [event for event in events if stored(connection, event)]
    if new:
        _keep(connection, learner.tenant, learner.principal, fold(before, new), now)
    return result


def rebuild(store: Store, kinds: Sequence[str], fold: Fold, *, now: datetime) -> Iterator[tuple[str, str, bool, int]]:
    """Make every learner's state anew from the events, in the order in which they were stored.

    Args:
        store: Where.
        kinds: Kinds of events that change a state.
        fold: The state after more events.
        now: The present moment; aware.

    Yields:
        Tenant, principal, whether the state differed from the one kept, and how many events it came from.

    Raises:
        StoreError: The database failed; learners that were yielded are done.
    """
    with store.reading() as connection:
        columns = (happenings.c.tenant, happenings.c.principal)
        learners = list(connection.execute(select(*columns).where(happenings.c.kind.in_(kinds)).distinct()))
        kept = list(connection.execute(select(table.c.tenant, table.c.principal)))
    for tenant, principal in sorted({tuple(row) for row in (*learners, *kept)}):
        with store.writing() as connection:
            before = _locked(connection, Learner(principal, tenant), now)
            happened = list(_events(connection, tenant, principal, kinds))
            state = fold(_BEGIN, happened)
            if state != before:
                _keep(connection, tenant, principal, state, now)
        yield tenant, principal, state != before, len(happened)


def _events(connection: Connection, tenant: str, principal: str, kinds: Sequence[str]) -> Iterator[Event]:
    query = select(happenings).where(
        happenings.c.principal == principal, happenings.c.tenant == tenant, happenings.c.kind.in_(kinds)
    )
    for row in connection.execute(query.order_by(happenings.c.sequence)).mappings():
        yield Event(**{name: row[name] for name in Event.__dataclass_fields__})


def forget_progress(connection: Connection, learner: Learner) -> None:
    """Delete a learner's state, inside a transaction of the caller's."""
    connection.execute(delete(table).where(table.c.tenant == learner.tenant, table.c.principal == learner.principal))


def _locked(connection: Connection, learner: Learner, now: datetime) -> State:
    """The state, held against other writers until the transaction ends."""
    if connection.dialect.name == "sqlite":  # BEGIN IMMEDIATE holds the whole file.
        return _state(connection, learner.tenant, learner.principal)
    row = {"tenant": learner.tenant, "principal": learner.principal, "updated": now, "state": dict(_BEGIN)}
    connection.execute(inserting(connection, table).values(row).on_conflict_do_nothing())
    mine = (table.c.tenant == learner.tenant, table.c.principal == learner.principal)
    state: State = connection.execute(select(table.c.state).where(*mine).with_for_update()).scalar_one()
    return state


def _state(connection: Connection, tenant: str, principal: str) -> State:
    query = select(table.c.state).where(table.c.tenant == tenant, table.c.principal == principal)
    found: State | None = connection.execute(query).scalar()
    return _BEGIN if found is None else found


def _keep(connection: Connection, tenant: str, principal: str, state: State, now: datetime) -> None:
    mine = (table.c.tenant == tenant, table.c.principal == principal)
    if connection.execute(update(table).where(*mine).values(updated=now, state=dict(state))).rowcount:
        return
    connection.execute(insert(table).values(tenant=tenant, principal=principal, updated=now, state=dict(state)))
