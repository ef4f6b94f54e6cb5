"""The commands that look after what is kept: backup and purge."""

import json
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tutor.cli import main
from tutor.learner import Learner
from tutor.store import conversations, create_conversation, open_store

NOW = datetime.now(UTC)
ANNA, BERT = Learner("anon:anna"), Learner("anon:bert")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = tmp_path / "data"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUTOR_DATA", str(data))
    monkeypatch.delenv("TUTOR_DATABASE_URL", raising=False)
    store = open_store(f"sqlite:///{data / 'tutor.sqlite3'}")
    create_conversation(store, ANNA, "old", now=NOW - timedelta(days=20))
    create_conversation(store, ANNA, "new", now=NOW)
    create_conversation(store, BERT, "new", now=NOW)
    store.close()
    return data


def titles(data: Path, learner: Learner) -> list[str]:
    store = open_store(f"sqlite:///{data / 'tutor.sqlite3'}")
    found = [each.title for each in conversations(store, learner)]
    store.close()
    return found


def test_a_backup_is_written_once(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "b.tar.gz"
    assert main(["backup", "--json", str(target)]) == 0
    assert json.loads(capsys.readouterr().out) == {"written": str(target), "files": ["tutor.sqlite3"]}
    with tarfile.open(target) as archive:
        assert archive.getnames() == ["tutor.sqlite3"]
    assert main(["backup", str(target)]) == 2
    assert capsys.readouterr().err == f"File exists: {target}.\n"


def test_purge_does_what_the_setting_says(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["purge"]) == 0
    assert "TUTOR_RETENTION_DAYS is 0" in capsys.readouterr().out
    assert titles(data, ANNA) == ["new", "old"]
    monkeypatch.setenv("TUTOR_RETENTION_DAYS", "10")
    assert main(["purge", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conversations"] == 1
    assert titles(data, ANNA) == ["new"]


def test_purge_takes_another_number_of_days(data: Path) -> None:
    assert main(["purge", "--days", "30"]) == 0
    assert titles(data, ANNA) == ["new", "old"]
    assert main(["purge", "--days", "10"]) == 0
    assert titles(data, ANNA) == ["new"]


def test_purge_forgets_one_person_and_nobody_else(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["purge", "--learner", ANNA.principal]) == 0
    assert "2 conversations" in capsys.readouterr().out
    assert titles(data, ANNA) == []
    assert titles(data, BERT) == ["new"]
