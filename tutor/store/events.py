"""The one table of all that learners did: appended to, read, never changed.

Knows nothing of what the kinds and payloads mean.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from tutor.store.dialects import inserting
from tutor.store.engine import Store
from tutor.store.tables import event as table


def new_id() -> str:
    """A fresh random id of 32 hexadecimal digits, for events, conversations and messages."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Event:
    """One thing that a learner did.

    Args:
        principal: The identity that the server verified.
        kind: What was done, such as ``asked`` or ``attempted``.
        at: When; aware.
        payload: What is needed to understand it later; a JSON object.
        tenant: The platform it happened on.
        context: The course it happened in.
        idempotency_key: Unique over all events; a second event with the same key is not stored. Begin a key that a
            browser had a hand in with the principal. Default: the event's own id.
        schema_version: Version of the payload's layout.
        id: Unique id.
    """

    principal: str
    kind: str
    at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    tenant: str = "local"
    context: str = "local"
    idempotency_key: str = ""
    schema_version: int = 1
    id: str = field(default_factory=new_id)


def append(store: Store, event: Event) -> bool:
    """Store an event; when this returns, it survives a kill and a power cut.

    Returns:
        False when an event with the same idempotency key is stored already; nothing is changed then.

    Raises:
        StoreError: The database failed; the event is not stored.
    """
    with store.writing() as connection:
        return stored(connection, event)


def stored(connection: Connection, event: Event) -> bool:
    """Store an event inside a transaction of the caller's; False when its idempotency key is stored already."""
    row = {column.name: getattr(event, column.name) for column in table.columns if column.name != "sequence"}
    row |= {"payload": dict(event.payload), "idempotency_key": event.idempotency_key or event.id}
    statement = inserting(connection, table).values(row).on_conflict_do_nothing(index_elements=["idempotency_key"])
    return connection.execute(statement.returning(table.c.sequence)).first() is not None


def events(
    store: Store,
    principal: str,
    kinds: Collection[str] | None = None,
    *,
    tenant: str | None = None,
    context: str | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[Event]:
    """What one learner did, oldest first; of equal moments the one stored first.

    Args:
        store: Where to look.
        principal: Whose events.
        kinds: Only these kinds; None for all.
        tenant: Only on this platform; None for all.
        context: Only in this course; None for all.
        since: Only at or after this moment.
        limit: Only the newest so many.

    Raises:
        StoreError: The database failed.
    """
    query = select(table).where(table.c.principal == principal)
    if kinds is not None:
        query = query.where(table.c.kind.in_(list(kinds)))
    if tenant is not None:
        query = query.where(table.c.tenant == tenant)
    if context is not None:
        query = query.where(table.c.context == context)
    if since is not None:
        query = query.where(table.c.at >= since)
    query = query.order_by(table.c.at.desc(), table.c.sequence.desc()).limit(limit)
    with store.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return [Event(**{name: row[name] for name in Event.__dataclass_fields__}) for row in reversed(rows)]
