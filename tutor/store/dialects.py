"""Statements that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart.

Knows nothing of what is stored. Imports a database's dialect only when that database is used.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql.dml import Insert


def inserting(connection: Connection, table: Table) -> "Insert":
    """An INSERT that can be told to do nothing on a conflict."""
    insert: Any
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    made: Insert = insert(table)
    return made
