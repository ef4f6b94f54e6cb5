"""Bring a database's tables to the newest revision with Alembic, from wherever the package is installed.

Knows nothing of how the connection was made.
"""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from tutor.errors import StoreError
from tutor.store.faults import place
from tutor.store.tables import SCHEMA


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for one open connection, without any file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "tutor.store:migrations")
    return config


def upgrade(connection: Connection, revision: str | None) -> None:
    """Run the migrations that are missing, inside the connection's transaction.

    Args:
        connection: An open connection in a transaction that the caller commits.
        revision: The revision that the database holds; None when it is new.

    Raises:
        StoreError: The database's revision is not one of ours: a newer version wrote it.
    """
    config = configuration(connection)
    try:
        ScriptDirectory.from_config(config).get_revision(revision or "base")
    except CommandError as error:
        raise StoreError(
            f"The database {place(connection.engine.url)} has schema {revision}, which this version of the tutor does "
            f"not know (its own is {SCHEMA}): a newer version wrote it. Install that version again, or name another "
            "database in TUTOR_DATABASE_URL. Nothing was changed."
        ) from error
    command.upgrade(config, "head")
