import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tutor.errors import StoreError
from tutor.store import Store, open_store

ROOT = Path(__file__).resolve().parent.parent


def refusal(address: str) -> str:
    """The sentence with which opening fails."""
    with pytest.raises(StoreError) as caught:
        open_store(address)
    return str(caught.value)


def test_missing_folders_are_made_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "data ünï 100%" / "tutor.sqlite3"
    open_store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_sqlite_is_set_up_to_survive_and_to_forget(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'tutor.sqlite3'}")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 15_000}
    with store.reading() as connection:
        assert {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted} == wanted
    store.close()


def test_opening_an_up_to_date_database_does_not_import_alembic(address: str) -> None:
    open_store(address).close()
    program = "import sys; from tutor.store import *; open_store(sys.argv[1]).close(); print('alembic' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program, address], cwd=ROOT, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("False\n", "")


def test_fresh_file_opens_within_three_tenths_of_a_second_of_work(tmp_path: Path) -> None:
    def seconds(name: str) -> float:
        begun = time.process_time()
        open_store(f"sqlite:///{tmp_path / name}").close()
        return time.process_time() - begun

    seconds("first")  # pays for the imports
    assert min(seconds("second"), seconds("third")) < 0.3


def test_file_that_is_not_a_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 200)
    assert refusal(f"sqlite:///{path}").startswith(f"{path} is not a database of the tutor. Move that file away")
    assert path.read_text() == "Dear diary, " * 200


def test_damaged_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "tutor.sqlite3"
    open_store(f"sqlite:///{path}").close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "is damaged" in refusal(f"sqlite:///{path}")


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    sentence = refusal(f"sqlite:///{tmp_path / 'file' / 'tutor.sqlite3'}")
    assert "cannot be made or written" in sentence and "TUTOR_DATA" in sentence
    assert "cannot be made or written" in refusal(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://root@localhost/x", "names mysql; only sqlite and postgresql"),
        ("tutor.sqlite3", "not an address of a database"),
        ("postgresql://user:s3cret@host:port/name", "not an address of a database"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:x?mode=ro&uri=true", "names no file"),
    ],
)
def test_address_that_cannot_be_used_says_what_to_write(address: str, words: str) -> None:
    assert words in refusal(address)
    assert "s3cret" not in refusal(address)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_unreachable_server_is_said_without_the_password(scheme: str) -> None:
    sentence = refusal(f"{scheme}://anna:s3cret@127.0.0.1:1/tutor")
    assert "postgresql+psycopg://anna:***@127.0.0.1:1/tutor" in sentence
    assert "no connection to the database server" in sentence and "s3cret" not in sentence


def test_missing_driver_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert 'pip install "genai-tutor[postgres]"' in refusal("postgresql://anna@127.0.0.1/tutor")


@pytest.mark.postgres
def test_missing_postgres_database_is_said(postgres_address: str) -> None:
    from sqlalchemy import make_url

    address = make_url(postgres_address).set(database="not_there").render_as_string(hide_password=False)
    assert "no connection" in refusal(address) and '"not_there" does not exist' in refusal(address)


def test_closed_store_can_be_used_again(store: Store) -> None:
    store.close()
    with store.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
