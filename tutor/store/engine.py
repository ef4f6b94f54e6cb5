"""Open the database that an address names, bring its tables up to date, and lend connections.

Knows nothing of what is stored in the tables.
"""

import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError

from tutor.errors import StoreError
from tutor.store.faults import place, translated
from tutor.store.tables import SCHEMA, to_json

WRITING = "BEGIN IMMEDIATE"
"""How a transaction begins that will write to SQLite."""

BUSY_SECONDS = 15
"""How long a write waits for other processes' writes to the same SQLite file."""

LOG_SECONDS = 1
"""How long a deletion waits for readers before it leaves the log to the next one."""

CONNECT_SECONDS = 5
"""How long PostgreSQL may take to accept a connection, unless the address says connect_timeout."""

_MIGRATION_LOCK = 7_036_874_417_766_401
"""Number of the PostgreSQL advisory lock under which one process migrates; any constant that is ours."""

# Alembic keeps its environment in module globals, so two threads must not migrate at once.
_migrating = threading.Lock()

# synchronous=FULL: NORMAL would survive a kill but may lose the last acknowledged answers in a power cut, and a learner
# makes few writes, each worth its fsync. secure_delete: a deleted conversation leaves no readable rest in the file.
_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


@dataclass(frozen=True)
class Store:
    """An open database with up-to-date tables. Queries are functions that take it first.

    Args:
        engine: The engine; safe to use from many threads.
        turn: Lets this process's threads write to SQLite one after the other, in the order they came: SQLite's own
            waiting is a sleep that may pass a thread over again and again.
    """

    engine: Engine
    turn: threading.Lock

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one consistent state.

        Raises:
            StoreError: The database failed.
        """
        with translated(self.engine.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose changes all happen at the end of the block, or none if it raises.

        Raises:
            StoreError: The database failed; nothing of the block is stored.
        """
        engine = self.engine.execution_options(begin=WRITING)
        with self._my_turn(), translated(self.engine.url), engine.begin() as connection:
            yield connection

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self.engine.dialect.name != "sqlite":
            yield
            return
        if not self.turn.acquire(timeout=2 * BUSY_SECONDS):
            raise StoreError(f"The database {place(self.engine.url)} is too busy to write. Try again in a moment.")
        try:
            yield
        finally:
            self.turn.release()

    def empty_log(self) -> bool:
        """Move SQLite's write-ahead log into the file and cut it to nothing, so that it holds no deleted text.

        Returns:
            False when a reader was busy all the while, which makes it a partial move; the next call completes it.

        Raises:
            StoreError: The database failed.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        engine = self.engine.execution_options(begin=None)
        with self._my_turn(), translated(self.engine.url), engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {LOG_SECONDS * 1000}")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            return not busy

    def close(self) -> None:
        """Give back all connections; the store can be used again afterwards."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database at an address; make the file, its folder and the tables when they are missing.

    Args:
        url: ``sqlite:////absolute/path.sqlite3`` or ``postgresql://user:password@host:port/name``.

    Raises:
        StoreError: It cannot be opened, is not a database, cannot be reached, or has a newer schema.

    Example:
        >>> store = open_store("sqlite:////tmp/tutor.sqlite3")  # doctest: +SKIP
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        _make_file(Path(str(parsed.database)))
        engine = _sqlite_engine(parsed)
    else:
        engine = _postgres_engine(parsed)
    store = Store(engine, threading.Lock())
    try:
        _bring_up_to_date(store)
    except BaseException:
        engine.dispose()
        raise
    return store


def check_store(store: Store) -> None:
    """Ask the database for as little as possible.

    Raises:
        StoreError: It does not answer.
    """
    with store.reading() as connection:
        connection.execute(text("SELECT 1 FROM event LIMIT 1"))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(
            "TUTOR_DATABASE_URL is not an address of a database. Write sqlite:////folder/file.sqlite3 or "
            "postgresql://user:password@host/name."
        ) from error
    backend = parsed.drivername.split("+")[0]
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"TUTOR_DATABASE_URL names {backend}; only sqlite and postgresql are supported.")
    if not parsed.database or parsed.database.startswith((":memory:", "file:")):
        raise StoreError("TUTOR_DATABASE_URL names no file. Write sqlite:////folder/file.sqlite3.")
    return parsed.set(drivername="sqlite+pysqlite")


def _make_file(path: Path) -> None:
    # Learners' questions are private: nobody but the owner reads the folder and file that we make.
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"The database {path} cannot be made or written ({error.strerror}). Check its folder's permissions and "
            "free space, or name another folder in TUTOR_DATA."
        ) from error


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url, json_serializer=to_json, pool_size=8, max_overflow=56, connect_args={"timeout": BUSY_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # The driver shall not begin transactions: _begin does, DDL included.
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads before it writes fails at once when somebody else wrote in between, without waiting;
        # one that announces its write waits its turn. A checkpoint (None) runs outside of transactions.
        statement = connection.get_execution_options().get("begin", "BEGIN")
        if statement == WRITING:
            _wait_for_turn(connection)
        elif statement:
            connection.exec_driver_sql(statement)

    return engine


def _wait_for_turn(connection: Connection) -> None:
    """Begin to write when no other process does.

    SQLite's own waiting sleeps ever longer, up to a tenth of a second, and finds the file taken each time when several
    processes write all the time: one of eight starved for 15 seconds. Short sleeps of random length are fair enough.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    end = time.monotonic() + BUSY_SECONDS
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < end:
            try:
                driver.execute(WRITING)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(random.uniform(0.001, 0.004))
        connection.exec_driver_sql(WRITING)  # Once more, so that its failure is told like any other.
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _postgres_engine(url: URL) -> Engine:
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
    try:
        # pre_ping: a server that was restarted costs a reconnect, not a learner's answer.
        return create_engine(url, json_serializer=to_json, pool_size=8, max_overflow=24, pool_pre_ping=True)
    except ImportError as error:
        raise StoreError(
            'The driver for PostgreSQL is not installed. Install it with: pip install "genai-tutor[postgres]"'
        ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _bring_up_to_date(store: Store) -> None:
    with store.reading() as connection:
        revision = _revision(connection)
    if revision == SCHEMA:
        with store.writing():  # Nothing to do, but a file that may not be written is told now, not to a learner later.
            return
    from tutor.store.migrations import upgrade

    with _migrating, store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        upgrade(connection, _revision(connection))
