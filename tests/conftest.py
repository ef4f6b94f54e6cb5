"""Fixtures that several test files share: the shipped lessons and their index, made once; one fresh database a test."""

import logging
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tutor.logs import OURS

if TYPE_CHECKING:
    from tutor.curriculum import Curriculum
    from tutor.session import Tutor
    from tutor.settings import Settings

POSTGRES = "TUTOR_TEST_POSTGRES_URL"

# A busy machine makes no example wrong.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """What a test's command line set up for the log ends with the test, and with it the stream that it wrote to."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in OURS}
    yield
    root.handlers[:], root.level = handlers, level
    for name, each in levels.items():
        logging.getLogger(name).setLevel(each)


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


@pytest.fixture(scope="session")
def shipped() -> "Curriculum":
    """The lessons that come with the product."""
    from tutor.curriculum import load
    from tutor.settings import shipped_curricula

    return load([shipped_curricula()])


@pytest.fixture(scope="session")
def shipped_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the index of the shipped lessons, made once a run; `own_data` is a copy to change."""
    from tutor.assembly import open_index, update_index
    from tutor.curriculum import load

    settings = plain_settings(tmp_path_factory.mktemp("shipped"))
    index = open_index(settings)
    update_index(index, load(settings.curricula))
    return settings.data


@pytest.fixture
def own_data(shipped_data: Path, tmp_path: Path) -> Path:
    """A copy of the data folder that a test may break."""
    return shutil.copytree(shipped_data, tmp_path / "data")


@pytest.fixture(scope="session")
def tutor(shipped_data: Path) -> "Tutor":
    """The built-in tutor over the shipped lessons, without a memory."""
    from tutor.assembly import make_tutor

    made, _ = make_tutor(plain_settings(shipped_data), remember=False)
    return made


def plain_settings(data: Path) -> "Settings":
    """Settings for a data folder, whatever else the environment says: no model, the shipped lessons."""
    from pydantic import SecretStr

    from tutor.settings import Settings, shipped_curricula

    return Settings(
        data=data, curricula=(shipped_curricula(),), openai_api_key=SecretStr(""), base_url="", model="", chroma_url="",
        _env_file=None,  # type: ignore[call-arg]
    )  # fmt: skip


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where CI is set nothing may be skipped for want of a browser, a database or a server."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {reason}"
