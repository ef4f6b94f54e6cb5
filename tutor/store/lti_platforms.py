"""Which learning platforms may launch the tutor, and under which deployments.

Knows nothing of launches, keys or of how a platform is reached.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from tutor.errors import NotFound
from tutor.store.engine import Store
from tutor.store.events import new_id
from tutor.store.tables import lti_deployment as deployments
from tutor.store.tables import lti_platform as table
from tutor.store.tables import web_session as sessions


@dataclass(frozen=True)
class Platform:
    """One registration of the tutor with one platform.

    Args:
        issuer: The platform's ``iss``.
        client_id: What the platform calls the tutor.
        login_url: Where the platform answers authentication requests.
        token_url: Where it gives access tokens.
        keys_url: Where its public keys are.
        name: For the operator's list.
        audience: The ``aud`` of token requests; empty: the token address.
        private: Whether its services may lie on loopback or private addresses.
        origins: Origins that may show the tutor in a frame, such as ``https://lms.example.edu``.
        id: Unique id.
    """

    issuer: str
    client_id: str
    login_url: str
    token_url: str
    keys_url: str
    name: str = ""
    audience: str = ""
    private: bool = False
    origins: tuple[str, ...] = ()
    id: str = ""


def tenant_of(issuer: str, client_id: str, deployment: str) -> str:
    """The tenant of a deployment: nothing is shared between two of them.

    Example:
        >>> tenant_of("https://lms.example", "a", "1") == tenant_of("https://lms.example", "a", "2")
        False
    """
    return f"lti:{_digest(issuer, client_id, deployment)}"


def principal_of(issuer: str, client_id: str, deployment: str, subject: str) -> str:
    """The identity of a person; the same person in another deployment is somebody else."""
    return f"lti:{_digest(issuer, client_id, deployment, subject)}"


def _digest(*parts: str) -> str:
    # Lengths keep apart what a separator inside a part could join.
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:32]


def save_platform(store: Store, platform: Platform, new_deployments: Sequence[str] = (), *, now: datetime) -> Platform:
    """Register a platform, or replace the addresses of one with the same issuer and client id; add deployments.

    Returns:
        The platform with its id.

    Raises:
        StoreError: The database failed; nothing is changed.
    """
    row = {name: getattr(platform, name) for name in Platform.__dataclass_fields__ if name != "id"}
    row["origins"] = list(platform.origins)
    with store.writing() as connection:
        known = select(table.c.id).where(table.c.issuer == platform.issuer, table.c.client_id == platform.client_id)
        place = connection.execute(known).scalar()
        if place is None:
            place = new_id()
            connection.execute(insert(table).values(id=place, created=now, **row))
        else:
            connection.execute(update(table).where(table.c.id == place).values(row))
        query = select(deployments.c.deployment).where(deployments.c.platform == place)
        present = set(connection.execute(query).scalars())
        for name in dict.fromkeys(new_deployments):
            if name not in present:
                tenant = tenant_of(platform.issuer, platform.client_id, name)
                connection.execute(insert(deployments).values(platform=place, deployment=name, tenant=tenant))
        return _platform(connection.execute(select(table).where(table.c.id == place)).one())


def platforms(store: Store) -> list[Platform]:
    """All platforms, the oldest first.

    Raises:
        StoreError: The database failed.
    """
    with store.reading() as connection:
        return [_platform(row) for row in connection.execute(select(table).order_by(table.c.created, table.c.id))]


def platform(store: Store, id: str) -> Platform:
    """One platform.

    Raises:
        NotFound: There is none with this id.
        StoreError: The database failed.
    """
    with store.reading() as connection:
        row = connection.execute(select(table).where(table.c.id == id)).first()
    if row is None:
        raise NotFound(f"There is no platform {id}. See genai-tutor lti list.")
    return _platform(row)


def find_platforms(store: Store, issuer: str, client_id: str = "") -> list[Platform]:
    """The platforms of an issuer; with a client id at most one.

    Raises:
        StoreError: The database failed.
    """
    query = select(table).where(table.c.issuer == issuer)
    if client_id:
        query = query.where(table.c.client_id == client_id)
    with store.reading() as connection:
        return [_platform(row) for row in connection.execute(query)]


def deployments_of(store: Store, platform: str) -> list[str]:
    """The deployments of a platform that may launch the tutor.

    Raises:
        StoreError: The database failed.
    """
    query = select(deployments.c.deployment).where(deployments.c.platform == platform)
    with store.reading() as connection:
        return list(connection.execute(query.order_by(deployments.c.deployment)).scalars())


def platform_of_tenant(store: Store, tenant: str) -> Platform | None:
    """The platform that a tenant belongs to; None when it was removed.

    Raises:
        StoreError: The database failed.
    """
    query = select(table).join(deployments).where(deployments.c.tenant == tenant)
    with store.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else _platform(row)


def remove_platform(store: Store, id: str) -> None:
    """Forget a platform with its links and scores, and sign out everybody who came from it.

    What its learners did stays until it is deleted for its age.

    Raises:
        NotFound: There is none with this id.
        StoreError: The database failed; nothing is changed.
    """
    with store.writing() as connection:
        tenants = select(deployments.c.tenant).where(deployments.c.platform == id)
        connection.execute(delete(sessions).where(sessions.c.tenant.in_(tenants)))
        if not connection.execute(delete(table).where(table.c.id == id)).rowcount:
            raise NotFound(f"There is no platform {id}. See genai-tutor lti list.")


def _platform(row: Row[Any]) -> Platform:
    values = {name: getattr(row, name) for name in Platform.__dataclass_fields__}
    return Platform(**values | {"origins": tuple(row.origins)})
