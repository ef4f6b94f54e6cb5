import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from tutor.errors import StoreError
from tutor.learner import Learner
from tutor.store import (
    Event,
    Store,
    append,
    conversations,
    create_conversation,
    delete_conversation,
    events,
    find_web_session,
    open_store,
)
from tutor.store.faults import translated

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
BIG = "x" * 50_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tutor.sqlite3"


def limit_pages(store: Store, pages: int) -> None:
    with store.reading() as connection:
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))


def test_full_database_is_said_loses_nothing_and_works_again(file: Path) -> None:
    store = open_store(f"sqlite:///{file}")
    append(store, Event("anon:anna", "asked", NOW, {"n": 0}))
    limit_pages(store, 40)
    with pytest.raises(StoreError, match=r"The disk is full: .*tutor.sqlite3 .*Nothing that was stored before is lost"):
        for _ in range(40):
            append(store, Event("anon:anna", "asked", NOW, {"text": BIG}))
    before = events(store, "anon:anna")
    assert before[0].payload == {"n": 0}
    limit_pages(store, 1_000_000)
    append(store, Event("anon:anna", "asked", NOW, {"n": 1}))
    assert events(store, "anon:anna")[:-1] == before
    store.close()


FILL = """
import resource, sys
from datetime import UTC, datetime
from tutor.errors import StoreError
from tutor.store import Event, append, events, open_store
store, now, stored = open_store(sys.argv[1]), datetime.now(UTC), 0
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    while True:
        append(store, Event("anon:anna", "asked", now, {"text": "x" * 50_000}))
        stored += 1
except StoreError as error:
    print(error)
assert len(events(store, "anon:anna")) == stored > 0
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
append(store, Event("anon:anna", "asked", now))
assert len(events(store, "anon:anna")) == stored + 1
"""


def test_write_that_the_system_refuses_is_said_loses_nothing_and_works_again(file: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FILL, f"sqlite:///{file}"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert run.stderr == ""
    assert "Check free space" in run.stdout and str(file) in run.stdout


def test_conversation_is_deleted_even_when_its_log_cannot_be_emptied_yet(file: Path) -> None:
    store, anna = open_store(f"sqlite:///{file}"), Learner("anon:anna")
    talk = create_conversation(store, anna, "title", now=NOW)
    with store.reading() as connection:
        connection.execute(text("SELECT count(*) FROM event")).scalar()  # holds the log until the block ends
        delete_conversation(store, anna, talk.id)
    assert conversations(store, anna) == []
    store.close()


def test_file_that_another_program_holds_is_said_to_be_in_use(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.store.engine._PRAGMAS", ("PRAGMA busy_timeout = 20", "PRAGMA journal_mode = WAL"))
    store = open_store(f"sqlite:///{file}")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="in use by another program"):
        append(store, Event("anon:anna", "asked", NOW))
    assert events(store, "anon:anna") == []
    other.execute("COMMIT")
    other.close()
    assert append(store, Event("anon:anna", "asked", NOW))
    store.close()


def test_file_that_may_not_be_written_is_told_at_the_start(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(f"sqlite:///{file}").close()
    # The permission bits would not stop root, which may run the tests; SQLite answers the same to this switch.
    monkeypatch.setattr("tutor.store.engine._PRAGMAS", ("PRAGMA query_only = ON",))
    with pytest.raises(StoreError, match="may not be written"):
        open_store(f"sqlite:///{file}")


@pytest.mark.postgres
def test_connections_that_the_server_dropped_are_made_anew(postgres_address: str) -> None:
    store = open_store(postgres_address)
    append(store, Event("anon:anna", "asked", NOW, {"n": 0}))
    other = open_store(postgres_address)
    with other.writing() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database() AND state = 'idle'"
            )
        )
    other.close()
    append(store, Event("anon:anna", "asked", NOW, {"n": 1}))
    assert [event.payload["n"] for event in events(store, "anon:anna")] == [0, 1]
    store.close()


@pytest.mark.postgres
def test_connection_that_breaks_in_the_middle_stores_nothing_and_is_said(postgres_address: str) -> None:
    store = open_store(postgres_address)
    with pytest.raises(StoreError, match="no connection"), store.writing() as connection:
        connection.execute(text("DELETE FROM event"))
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert append(store, Event("anon:anna", "asked", NOW))
    store.close()


def test_every_known_failure_of_the_server_has_its_sentence() -> None:
    errors = pytest.importorskip("psycopg.errors")
    url = make_url("postgresql+psycopg://anna:s3cret@db/tutor")
    for kind, words in {
        errors.DiskFull: "is full",
        errors.InsufficientPrivilege: "may not do this",
        errors.ReadOnlySqlTransaction: "read-only",
        errors.AdminShutdown: "no connection to the database server",
        errors.SyntaxError: "refused what was asked of it: first line",
    }.items():
        with pytest.raises(StoreError, match=words) as caught, translated(url):
            raise OperationalError("SELECT 1", {}, kind("first line\nDETAIL: second"))
        assert "s3cret" not in str(caught.value) and "\n" not in str(caught.value)


def test_tables_that_vanished_are_an_error_that_people_can_read(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("DROP TABLE web_session"))
    with pytest.raises(StoreError, match="web_session"):
        find_web_session(store, "token", NOW)
    with pytest.raises(StoreError, match="refused") as caught, store.writing() as connection:
        connection.execute(text("INSERT INTO event (id) VALUES ('x')"))
    assert "\n" not in str(caught.value)
    assert events(store, "anon:anna") == []


def test_message_of_a_conversation_that_is_gone_cannot_be_forced_in(store: Store) -> None:
    with pytest.raises(StoreError), store.writing() as connection:
        connection.execute(
            text("INSERT INTO message (id, conversation, role, text, at, data) VALUES ('a', 'b', 'c', 'd', :at, '{}')"),
            {"at": "2026-11-24 09:30:00"},
        )
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM message")).scalar() == 0
