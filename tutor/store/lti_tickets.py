"""Tickets that are good once and for a short while: a login under way, an invitation, a link being chosen.

Knows nothing of what a ticket's data mean.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, insert

from tutor.store.engine import Store
from tutor.store.tables import lti_ticket as table

Kind = Literal["login", "invite", "choice"]


def issue(store: Store, kind: Kind, data: Mapping[str, Any], lifetime: timedelta, *, now: datetime) -> str:
    """Make a ticket; only the hash of its token is stored.

    Returns:
        The token, 43 url-safe characters.

    Raises:
        StoreError: The database failed; there is no ticket.
    """
    token = secrets.token_urlsafe(32)
    row = {"token_hash": _hash(token), "kind": kind, "data": dict(data), "created": now, "expires": now + lifetime}
    with store.writing() as connection:
        connection.execute(insert(table).values(row))
    return token


def redeem(store: Store, kind: Kind, token: str, *, now: datetime) -> tuple[dict[str, Any], datetime] | None:
    """Take a ticket away; of two who try, one gets it.

    Returns:
        Its data and when it was made; None when it is unknown, used, expired or of another kind.

    Raises:
        StoreError: The database failed; the ticket stays.
    """
    statement = delete(table).where(table.c.token_hash == _hash(token), table.c.kind == kind)
    with store.writing() as connection:
        row = connection.execute(statement.returning(table.c.data, table.c.created, table.c.expires)).first()
    if row is None or row.expires <= now:
        return None
    return dict(row.data), row.created


def purge_tickets(store: Store, now: datetime) -> int:
    """Remove expired tickets.

    Returns:
        How many were removed.

    Raises:
        StoreError: The database failed.
    """
    with store.writing() as connection:
        return connection.execute(delete(table).where(table.c.expires <= now)).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
