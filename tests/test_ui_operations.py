"""What machines ask, and what runs beside the requests."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.scripted_tutor import ScriptedTutor
from tutor.curriculum import load
from tutor.learner import Learner
from tutor.settings import Settings, shipped_curricula
from tutor.store import conversations, create_conversation, open_store
from ui.metrics import Metrics
from ui.operations import DAY, add_operations, life
from ui.runs import Desk
from ui.splash import Splash

ANNA = Learner("anon:anna")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, retention_days=10, shutdown_seconds=0, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def tutor(settings: Settings) -> Iterator[ScriptedTutor]:
    store = open_store(settings.database)
    yield ScriptedTutor(store, load([shipped_curricula()]))
    store.close()


def client(tutor: ScriptedTutor, settings: Settings, host: str = "127.0.0.1") -> TestClient:
    app = FastAPI()
    metrics = Metrics()
    metrics.watch_open(lambda: 2)
    add_operations(app, tutor, settings, metrics)  # type: ignore[arg-type]
    return TestClient(app, client=(host, 1))


def test_alive_and_ready(tutor: ScriptedTutor, settings: Settings) -> None:
    asked = client(tutor, settings)
    assert asked.get("/healthz").json() == {"status": "ok"}
    assert (asked.get("/readyz").status_code, asked.get("/readyz").json()) == (200, {"ready": True})


def test_not_ready_is_503_with_a_reason_for_each_part(tutor: ScriptedTutor, settings: Settings) -> None:
    tutor.store.close()
    (settings.data / "tutor.sqlite3").write_bytes(b"no database" * 1000)
    answer = client(tutor, settings).get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "reasons": {"database": "The database does not answer."}}


def test_counters_are_read_by_whom_the_setting_names(tutor: ScriptedTutor, settings: Settings) -> None:
    assert "tutor_answers_open 2.0" in client(tutor, settings).get("/metrics").text
    assert client(tutor, settings, "10.0.0.1").get("/metrics").status_code == 404
    secret = settings.model_copy(update={"metrics": type(settings.metrics)("a-secret-of-16-characters")})
    bearer = {"authorization": "Bearer a-secret-of-16-characters"}
    assert client(tutor, secret, "10.0.0.1").get("/metrics", headers=bearer).status_code == 200
    assert client(tutor, secret).get("/metrics").status_code == 404


async def test_while_loading_nothing_is_ready() -> None:
    sent = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {}

    scope = {"type": "http", "method": "GET", "path": "/tutor/readyz", "headers": []}
    await Splash()(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 503
    assert b'"ready": false' in sent[1]["body"]  # type: ignore[operator]


async def test_old_data_goes_at_the_start_and_then_once_a_day(tutor: ScriptedTutor, settings: Settings) -> None:
    pauses: asyncio.Queue[float] = asyncio.Queue()
    next_day = asyncio.Event()

    async def pause(seconds: float) -> None:
        await pauses.put(seconds)
        await next_day.wait()
        next_day.clear()

    old = datetime.now(UTC) - timedelta(days=11)
    create_conversation(tutor.store, ANNA, "old", now=old)
    async with life(Desk(), tutor.store, settings, pause)(FastAPI()):
        assert await asyncio.wait_for(pauses.get(), 10) == DAY
        assert conversations(tutor.store, ANNA) == []
        create_conversation(tutor.store, ANNA, "old again", now=old)
        create_conversation(tutor.store, ANNA, "new", now=datetime.now(UTC))
        next_day.set()
        await asyncio.wait_for(pauses.get(), 10)
        assert [each.title for each in conversations(tutor.store, ANNA)] == ["new"]


async def test_a_database_that_fails_does_not_end_the_cleaning(tutor: ScriptedTutor, settings: Settings) -> None:
    pauses: asyncio.Queue[float] = asyncio.Queue()

    async def pause(seconds: float) -> None:
        await pauses.put(seconds)
        await asyncio.Event().wait()

    tutor.store.close()
    (settings.data / "tutor.sqlite3").write_bytes(b"no database" * 1000)
    async with life(Desk(), tutor.store, settings, pause)(FastAPI()):
        assert await asyncio.wait_for(pauses.get(), 10) == DAY
