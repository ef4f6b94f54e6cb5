"""Practice with few and many learners in the store: the next activity, an answer, rebuilding, queries of the first page.

Knows nothing of lessons' words: the learners' histories are copies of one that was really practised.
"""

import asyncio
import os
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import event as listening
from sqlalchemy import insert, text

from benchmarks.table import Table, percentile, ratio, seconds
from tutor.curriculum import Curriculum, load
from tutor.grade import Answer, Grade
from tutor.grading import grade
from tutor.history import KINDS, fold
from tutor.item import Item
from tutor.learner import Learner
from tutor.practice import Practice
from tutor.settings import shipped_curricula
from tutor.store import Store, events, open_store, progress, rebuild
from tutor.store.tables import event as event_table
from tutor.store.tables import progress as progress_table

SIZES = (1, 1_000, 100_000)
SAMPLE = 200
HISTORY = 4
"""Answers in the history that every learner has a copy of."""
BATCH = 2_000
POSTGRES = "TUTOR_TEST_POSTGRES_URL"


def measure(work: Path, sizes: Sequence[int] = SIZES) -> list[Table]:
    """Both stores where both are at hand: PostgreSQL is measured when the environment names one."""
    curriculum = load([shipped_curricula()])
    rows: list[list[str]] = []
    rebuilding: list[list[str]] = []
    for name, address in _addresses(work):
        first: dict[str, float] = {}
        for size in sizes:
            print(f"practice: {name} with {size:,} learners", file=sys.stderr, flush=True)
            store = open_store(address(size))
            measured = asyncio.run(_measured(store, curriculum, size))
            for what, values in measured.items():
                base = first.setdefault(what, percentile(values, 0.5))
                rows.append(
                    [f"{name}, {size:,} learners: {what}", seconds(percentile(values, 0.5)),
                     seconds(percentile(values, 0.95)), ratio(percentile(values, 0.5), base)]
                )  # fmt: skip
            if size == max(each for each in sizes if each <= 1_000):
                rebuilding.append(_rebuilt(name, store))
            store.close()
    return [
        Table(
            "Practice",
            f"One process, {SAMPLE} learners drawn at random, each with a history of {HISTORY} answers; the grader's rules "
            "without a model. The ratio is to the same with one learner.",
            ["what", "p50", "p95", "to one learner"],
            rows,
        ),
        Table(
            "Rebuilding progress from events",
            "All learners of a store, state compared and kept.",
            ["store", "learners", "events", "events/s"],
            rebuilding,
        ),
        Table("Queries of the first page", "Statements sent to the database for one Today page of a learner with a "
              "history, transactions' begins and commits left out.", ["page", "queries"], [["Today", str(_queries(work))]]),
    ]  # fmt: skip


def _addresses(work: Path) -> Iterator[tuple[str, Callable[[int], str]]]:
    yield "SQLite", lambda size: f"sqlite:///{work / f'practice-{size}.sqlite3'}"
    if server := os.environ.get(POSTGRES):
        yield "PostgreSQL", lambda size: _schema(server)


def _schema(server: str) -> str:
    import psycopg

    name = f"bench_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[call-overload]
    return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{name}"


async def _measured(store: Store, curriculum: Curriculum, size: int) -> dict[str, list[float]]:
    moment = [datetime(2026, 11, 2, 9, tzinfo=UTC)]

    async def graded(item: Item, answer: Answer) -> Grade:
        return grade(item, answer)

    practice = Practice(lambda: curriculum, store, graded, lambda: moment[0])
    await _one_history(practice, moment)
    _copies(store, size)
    moment[0] += timedelta(days=3)
    drawn = random.Random(1).choices(range(size), k=SAMPLE)
    measured: dict[str, list[float]] = {"next activity": [], "show an item": [], "submit an answer": []}
    for number in drawn:
        learner = Learner(f"bench:{number}")
        started = time.perf_counter()
        practice.stand(learner)
        measured["next activity"].append(time.perf_counter() - started)
        started = time.perf_counter()
        step = practice.proceed(learner)
        measured["show an item"].append(time.perf_counter() - started)
        showing = step.progress.open
        if showing is None:
            continue
        answer = _answer(practice.item(showing.item), right=True)
        started = time.perf_counter()
        await practice.submit(learner, showing.id, showing.attempts, answer)
        measured["submit an answer"].append(time.perf_counter() - started)
    return measured


async def _one_history(practice: Practice, moment: list[datetime]) -> None:
    from tutor import wishes

    learner, done = Learner("bench:0"), 0
    while done < HISTORY:
        moment[0] += timedelta(minutes=2)
        step = practice.proceed(learner)
        if step.activity.kind == "probe" and step.progress.open is None:
            wishes.decline_probe(practice, learner, step.activity.skill)
        elif step.activity.reading is not None and step.progress.open is None:
            reading = step.activity.reading
            wishes.opened(practice, learner, reading.skill, reading.lesson, reading.anchor)
        elif step.progress.open is not None:
            showing = step.progress.open
            answer = _answer(practice.item(showing.item), right=done % 4 != 3)
            await practice.submit(learner, showing.id, showing.attempts, answer)
            done += 1


def _answer(item: Item, right: bool) -> Answer:
    if item.options:
        keys = tuple(n for n, option in enumerate(item.options) if option.correct)
        return Answer(keys if right else (next(n for n in range(len(item.options)) if n not in keys),))
    if item.kind == "numeric" and item.value is not None:
        return Answer(text=f"{item.value + (0 if right else 1000):g}")
    return Answer(text=item.accepted[0] if item.accepted and right else "; ".join(p.text for p in item.points) or "x")


def _copies(store: Store, size: int) -> None:
    """The first learner's events and state for every other learner, in batches."""
    history, state = events(store, "bench:0"), progress(store, Learner("bench:0"))

    def rows() -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
        for number in range(1, size):
            name = f"bench:{number}"
            own = [
                {
                    **asdict(each),
                    "principal": name,
                    "id": f"{number}-{each.id}",
                    "idempotency_key": f"{number}-{each.id}",
                }
                for each in history
            ]
            yield own, {"tenant": "local", "principal": name, "updated": history[-1].at, "state": dict(state)}

    waiting = rows()
    while batch := list(islice(waiting, BATCH)):
        with store.writing() as connection:
            connection.execute(insert(event_table), [row for own, _ in batch for row in own])
            connection.execute(insert(progress_table), [row for _, row in batch])
    with store.writing() as connection:
        connection.execute(text("ANALYZE"))


def _rebuilt(name: str, store: Store) -> list[str]:
    started = time.perf_counter()
    learners = handled = 0
    for _, _, _, count in rebuild(store, tuple(KINDS), fold, now=datetime.now(UTC)):
        learners, handled = learners + 1, handled + count
    taken = time.perf_counter() - started
    return [name, f"{learners:,}", f"{handled:,}", f"{handled / taken:,.0f}"]


def _queries(work: Path) -> int:
    """Statements for one first page, counted in the real application."""
    from starlette.testclient import TestClient

    from tutor.assembly import make_tutor
    from tutor.settings import load_settings
    from ui.server import create_app

    settings = load_settings(data=work / "data", database_url=f"sqlite:///{work / 'queries.sqlite3'}")
    tutor, _ = make_tutor(settings)
    assert tutor.store is not None
    seen: list[str] = []
    with TestClient(create_app(tutor, settings)) as client:
        client.get("/", headers={"accept": "text/html"})
        client.get("/read?lesson=nlp/02-tokenization", headers={"accept": "text/html"})

        @listening.listens_for(tutor.store.engine, "before_cursor_execute")
        def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        client.get("/", headers={"accept": "text/html"})
    tutor.store.close()
    return len(seen)
