"""Fixtures that several test files share: one fresh database a test, on SQLite and on PostgreSQL."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

POSTGRES = "TUTOR_TEST_POSTGRES_URL"


@pytest.fixture
def postgres_address() -> Iterator[str]:
    """The address of an empty schema of its own in the server that the environment names."""
    server = os.environ.get(POSTGRES)
    if not server:
        pytest.skip(f"{POSTGRES} is not set: run the tests through .ci/postgres, or name a PostgreSQL server there")
    import psycopg

    schema = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")  # type: ignore[call-overload]
    yield f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{schema}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE")  # type: ignore[call-overload]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database; a test that uses it runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'tutor.sqlite3'}"
    address: str = request.getfixturevalue("postgres_address")
    return address


@pytest.fixture
def store(address: str) -> Iterator[object]:
    """An open store with up-to-date, empty tables."""
    from tutor.store import open_store

    opened = open_store(address)
    yield opened
    opened.close()
