"""A copy that a tutor can go on from."""

import stat
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tutor.errors import StoreError
from tutor.learner import Learner
from tutor.store import backup, conversations, create_conversation, delete_conversation, open_store

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ANNA = Learner("anon:anna")


def test_an_unpacked_archive_holds_what_was_there_while_the_tutor_went_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    url = f"sqlite:///{data / 'tutor.sqlite3'}"
    store = open_store(url)
    (data / "signing-key").write_text("key")
    kept = create_conversation(store, ANNA, "kept", now=NOW)
    gone = create_conversation(store, ANNA, "unreadable-rest", now=NOW)
    delete_conversation(store, ANNA, gone.id)
    with store.writing():  # somebody else is writing
        names = backup(url, data, tmp_path / "b.tar.gz")
    create_conversation(store, ANNA, "later", now=NOW)
    store.close()
    assert names == ["tutor.sqlite3", "signing-key"]
    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.gz", "data"]
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        assert {member.mode & 0o77 for member in archive if member.name == "tutor.sqlite3"} == {0}
        archive.extractall(tmp_path / "restored", filter="data")
    assert (tmp_path / "restored" / "signing-key").read_text() == "key"
    assert b"unreadable-rest" not in (tmp_path / "restored" / "tutor.sqlite3").read_bytes()
    restored = open_store(f"sqlite:///{tmp_path / 'restored' / 'tutor.sqlite3'}")
    assert [each.id for each in conversations(restored, ANNA)] == [kept.id]
    restored.close()


def test_an_archive_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tutor.sqlite3'}"
    open_store(url).close()
    (tmp_path / "b.tar.gz").write_text("another")
    with pytest.raises(FileExistsError):
        backup(url, tmp_path, tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").read_text() == "another"


def test_a_missing_database_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="TUTOR_DATA"):
        backup(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path, tmp_path / "b.tar.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="cannot be copied"):
        backup(f"sqlite:///{tmp_path / 't.sqlite3'}", tmp_path, tmp_path / "b.tar.gz")


def test_postgresql_is_left_to_its_own_program(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="pg_dump"):
        backup("postgresql://u:secret@h/n", tmp_path, tmp_path / "b.tar.gz")
