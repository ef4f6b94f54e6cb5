"""Who is signed in: a random token in the learner's cookie, its hash and identity here.

Knows nothing of cookies or of how the identity was proved.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from tutor.learner import Learner
from tutor.store.dialects import inserting
from tutor.store.engine import Store
from tutor.store.tables import web_session as table

TOKEN_BYTES = 32
USED = "used"
"""Source of a row that is nobody's session: it remembers that something was used up."""


def start_web_session(store: Store, learner: Learner, source: str, lifetime: timedelta, *, now: datetime) -> str:
    """Sign a learner in.

    Args:
        store: Where the session is kept.
        learner: The identity that the server verified.
        source: How it was proved: ``anonymous``, ``lti``, ``oidc``.
        lifetime: How long the token is good.
        now: The present moment; aware.

    Returns:
        The token for the cookie, 43 url-safe characters; only its SHA-256 is stored.

    Raises:
        StoreError: The database failed; nobody is signed in.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {
        "token_hash": _hash(token),
        "principal": learner.principal,
        "tenant": learner.tenant,
        "context": learner.context,
        "role": learner.role,
        "source": source,
        "created": now,
        "expires": now + lifetime,
        "link": learner.link or None,
    }
    with store.writing() as connection:
        connection.execute(insert(table).values(row))
    return token


def find_web_session(store: Store, token: str, now: datetime) -> Learner | None:
    """The learner whose token this is; None when it is unknown, ended or expired.

    Raises:
        StoreError: The database failed.
    """
    query = select(table.c.principal, table.c.tenant, table.c.context, table.c.role, table.c.link)
    query = query.where(table.c.token_hash == _hash(token), table.c.expires > now, table.c.source != USED)
    with store.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else Learner(row.principal, row.tenant, row.context, row.role, row.link or "")


def end_web_session(store: Store, token: str) -> None:
    """Sign out; an unknown token changes nothing.

    Raises:
        StoreError: The database failed; the session goes on.
    """
    with store.writing() as connection:
        connection.execute(delete(table).where(table.c.token_hash == _hash(token)))


def use_once(store: Store, what: str, until: datetime, *, now: datetime) -> bool:
    """Use something up, such as the id of a signed token, so that nobody can use it again.

    A row of the same table with no identity: a hash and a moment are all that it takes.

    Args:
        store: Where it is remembered.
        what: Unique over everything that is used once; begin it with its kind.
        until: When it may be forgotten, because it is refused by its own expiry from then on.
        now: The present moment; aware.

    Returns:
        False when it was used before.

    Raises:
        StoreError: The database failed; it must be taken as used.
    """
    row = dict.fromkeys(("principal", "tenant", "context", "role"), "")
    row |= {"token_hash": _hash(f"{USED}\n{what}"), "source": USED}
    with store.writing() as connection:
        statement = inserting(connection, table).values({**row, "created": now, "expires": until})
        statement = statement.on_conflict_do_nothing(index_elements=["token_hash"])
        return connection.execute(statement.returning(table.c.token_hash)).first() is not None


def purge_expired(store: Store, now: datetime) -> int:
    """Remove expired sessions.

    Returns:
        How many were removed.

    Raises:
        StoreError: The database failed.
    """
    with store.writing() as connection:
        return connection.execute(delete(table).where(table.c.expires <= now)).rowcount


def _hash(token: str) -> str:
    # A cookie may hold anything: what is no UTF-8 hashes to something that was never given out.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
