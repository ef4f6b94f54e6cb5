"""Give what a learner did before signing in to the identity they signed in with.

Knows nothing of how either identity was proved.
"""

from sqlalchemy import Connection, Table, exists, select, update

from tutor.learner import Learner
from tutor.store.engine import Store
from tutor.store.retention import owner_of, tables_of_learners
from tutor.store.tables import conversation, event, web_session


def may_adopt(store: Store, before: Learner, after: Learner) -> bool:
    """Whether there is something to take over: work of the one, none of the other.

    Args:
        store: Where.
        before: The anonymous learner.
        after: The learner who signed in.

    Raises:
        StoreError: The database failed.
    """
    with store.reading() as connection:
        return _has_work(connection, before) and not _has_work(connection, after)


def adopt(store: Store, before: Learner, after: Learner) -> bool:
    """Move all rows of one learner to another who has none; the sessions of the first end.

    Two histories are never mixed: a mastery that two people earned would be nobody's.

    Returns:
        False when there was nothing to move or the other has work already; nothing is changed then.

    Raises:
        StoreError: The database failed; nothing is changed.
    """
    with store.writing() as connection:
        if not _has_work(connection, before) or _has_work(connection, after):
            return False
        for table in tables_of_learners():
            if "tenant" not in table.c:  # Of those who came by a platform's link: never anonymous, never moved.
                continue
            if table is web_session:
                connection.execute(table.delete().where(owner_of(table, before)))
                continue
            # One without events may have an empty row already, such as a progress that has not begun.
            connection.execute(table.delete().where(owner_of(table, after)))
            values = {"principal": after.principal, "tenant": after.tenant}
            connection.execute(update(table).where(owner_of(table, before)).values(**values))
    return True


def _has_work(connection: Connection, learner: Learner) -> bool:
    return any(_rows(connection, table, learner) for table in (conversation, event))


def _rows(connection: Connection, table: Table, learner: Learner) -> bool:
    return bool(connection.execute(select(exists().where(owner_of(table, learner)))).scalar())
