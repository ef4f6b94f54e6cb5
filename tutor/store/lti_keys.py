"""The tutor's own signing keys towards platforms: sealed private parts, public parts, when each was replaced.

Knows nothing of cryptography.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from tutor.store.engine import Store
from tutor.store.tables import lti_key as table


@dataclass(frozen=True)
class Key:
    """One key pair.

    Args:
        kid: Its name in token headers.
        sealed: The private key, encrypted.
        public: The public key as a JWK.
        created: When it was made.
        retired: When another took its place; None for the one that signs.
    """

    kid: str
    sealed: str
    public: Mapping[str, Any]
    created: datetime
    retired: datetime | None = None


def keys(store: Store) -> list[Key]:
    """All keys that platforms may meet, the newest first.

    Raises:
        StoreError: The database failed.
    """
    query = select(table).order_by(table.c.created.desc(), table.c.kid)
    with store.reading() as connection:
        return [Key(**row) for row in connection.execute(query).mappings()]


def add_key(store: Store, key: Key, *, only_first: bool = False) -> bool:
    """Let a new key sign; the one before stays published.

    Args:
        store: Where keys are kept.
        key: The new key.
        only_first: Add it only when no key signs yet.

    Returns:
        Whether it was added.

    Raises:
        StoreError: The database failed; nothing is changed.
    """
    signing = table.c.retired.is_(None)
    with store.writing() as connection:
        if only_first and connection.execute(select(table.c.kid).where(signing)).first() is not None:
            return False
        connection.execute(update(table).where(signing).values(retired=key.created))
        connection.execute(insert(table).values(**key.__dict__ | {"public": dict(key.public)}))
    return True


def remove_retired(store: Store, before: datetime) -> int:
    """Stop publishing keys that were replaced before a moment.

    Returns:
        How many were removed.

    Raises:
        StoreError: The database failed.
    """
    with store.writing() as connection:
        return connection.execute(delete(table).where(table.c.retired < before)).rowcount
