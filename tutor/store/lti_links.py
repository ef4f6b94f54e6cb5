"""Links in courses that open the tutor: what each was told, its line item, and who followed it.

Knows nothing of launches or of what a link's settings mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from tutor.errors import NotFound
from tutor.learner import Learner
from tutor.store.engine import Store
from tutor.store.events import new_id
from tutor.store.tables import lti_link as table
from tutor.store.tables import lti_visit as visits_table


@dataclass(frozen=True)
class Link:
    """One placement of the tutor in a course.

    Args:
        platform: Id of the platform.
        tenant: The deployment it belongs to.
        context: The course.
        resource: The platform's ``resource_link.id``.
        title: As the platform shows it.
        settings: What the link was told, as its custom parameters.
        line_item: Address of its column in the gradebook; empty when none is known.
        line_items: Address where line items are made; empty when the platform has none.
        scopes: What the platform lets the tutor do with line items.
        roster_url: Where the course's members are listed; empty when the platform does not tell.
        id: Unique id.
    """

    platform: str
    tenant: str
    context: str
    resource: str
    title: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    line_item: str = ""
    line_items: str = ""
    scopes: tuple[str, ...] = ()
    roster_url: str = ""
    id: str = ""


@dataclass(frozen=True)
class Visit:
    """Who followed a link.

    Args:
        principal: The identity that the server verified.
        subject: What the platform calls this person.
        role: ``learner`` or ``instructor``.
        last: When they came last; UTC.
    """

    principal: str
    subject: str
    role: str
    last: datetime


def visit_link(store: Store, link: Link, principal: str, subject: str, role: str, *, now: datetime) -> Link:
    """Store what a launch said of its link, and who came.

    A line item that the tutor made itself stays when the platform names none.

    Returns:
        The link with its id.

    Raises:
        StoreError: The database failed; nothing is changed.
    """
    row = {name: getattr(link, name) for name in Link.__dataclass_fields__ if name != "id"}
    row |= {"settings": dict(link.settings), "scopes": list(link.scopes), "updated": now}
    mine = (table.c.tenant == link.tenant, table.c.context == link.context, table.c.resource == link.resource)
    with store.writing() as connection:
        known = connection.execute(select(table.c.id, table.c.line_item).where(*mine)).first()
        if known is None:
            place = new_id()
            connection.execute(insert(table).values(id=place, **row))
        else:
            place = known.id
            row["line_item"] = link.line_item or known.line_item
            connection.execute(update(table).where(table.c.id == place).values(row))
        seen = {"subject": subject, "role": role, "last": now}
        this = (visits_table.c.link == place, visits_table.c.principal == principal)
        if not connection.execute(update(visits_table).where(*this).values(seen)).rowcount:
            connection.execute(insert(visits_table).values(link=place, principal=principal, **seen))
        return _link(connection.execute(select(table).where(table.c.id == place)).one())


def link_of(store: Store, learner: Learner) -> Link | None:
    """The link through which a learner came; None for those who came without an LMS.

    Raises:
        StoreError: The database failed.
    """
    if not learner.link:
        return None
    mine = (table.c.id == learner.link, table.c.tenant == learner.tenant, table.c.context == learner.context)
    with store.reading() as connection:
        row = connection.execute(select(table).where(*mine)).first()
    return None if row is None else _link(row)


def link(store: Store, id: str) -> Link:
    """One link.

    Raises:
        NotFound: It was removed.
        StoreError: The database failed.
    """
    with store.reading() as connection:
        row = connection.execute(select(table).where(table.c.id == id)).first()
    if row is None:
        raise NotFound("That link was removed.")
    return _link(row)


def set_line_item(store: Store, id: str, line_item: str) -> None:
    """Remember the column in the gradebook that was made or found for a link.

    Raises:
        StoreError: The database failed.
    """
    with store.writing() as connection:
        connection.execute(update(table).where(table.c.id == id).values(line_item=line_item))


def visits(store: Store, link: str) -> list[Visit]:
    """Who followed a link, the latest first.

    Raises:
        StoreError: The database failed.
    """
    query = select(visits_table).where(visits_table.c.link == link).order_by(visits_table.c.last.desc())
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return [Visit(row.principal, row.subject, row.role, row.last) for row in rows]


def _link(row: Row[Any]) -> Link:
    values = {name: getattr(row, name) for name in Link.__dataclass_fields__}
    return Link(**values | {"scopes": tuple(row.scopes)})
