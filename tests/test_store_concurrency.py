import asyncio
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tutor.learner import Learner
from tutor.store import (
    Event,
    Store,
    add_message,
    append,
    conversations,
    create_conversation,
    events,
    messages,
    open_store,
)

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ANNA = Learner("anon:anna")

WRITE_200 = """
import sys
from datetime import UTC, datetime
from tutor.store import Event, append, open_store
store = open_store(sys.argv[1])
for n in range(200):
    assert append(store, Event("anon:anna", "asked", datetime.now(UTC), {"process": sys.argv[2], "n": n}))
"""

WRITE_UNTIL_KILLED = """
import sys
from datetime import UTC, datetime
from tutor.learner import Learner
from tutor.store import Event, add_message, append, create_conversation, open_store
store, learner, n = open_store(sys.argv[1]), Learner("anon:anna"), 0
talk = create_conversation(store, learner, "title", now=datetime.now(UTC))
while True:
    append(store, Event("anon:anna", "asked", datetime.now(UTC), {"n": n, "text": "x" * 5000, "end": True}))
    add_message(store, learner, talk.id, "learner", str(n) + " y" * 5000 + " end", now=datetime.now(UTC))
    print(n, flush=True)
    n += 1
"""


def start(program: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


async def test_hundred_threads_of_one_app_lose_nothing(store: Store) -> None:
    talk = create_conversation(store, ANNA, "title", now=NOW)

    def work(n: int) -> None:
        append(store, Event(ANNA.principal, "asked", NOW, {"n": n}))
        add_message(store, ANNA, talk.id, "learner", str(n), now=NOW)
        assert conversations(store, ANNA)[0].id == talk.id

    await asyncio.gather(*(asyncio.to_thread(work, n) for n in range(100)))
    assert sorted(event.payload["n"] for event in events(store, ANNA.principal)) == list(range(100))
    assert sorted(int(line.text) for line in messages(store, ANNA, talk.id)) == list(range(100))


async def test_one_key_sent_by_many_threads_at_once_is_stored_once(store: Store) -> None:
    tries = [Event(ANNA.principal, "attempted", NOW, {"n": n}, idempotency_key="same") for n in range(24)]
    stored = await asyncio.gather(*(asyncio.to_thread(append, store, event) for event in tries))
    assert stored.count(True) == 1
    assert len(events(store, ANNA.principal)) == 1


@pytest.mark.long
def test_four_processes_that_make_and_fill_one_database_lose_nothing(address: str) -> None:
    # The database does not exist yet: all four find it empty and want to migrate it.
    processes = [start(WRITE_200, address, str(number)) for number in range(4)]
    failures = [process.communicate(timeout=120)[1] for process in processes]
    assert failures == [""] * 4
    store = open_store(address)
    written = sorted((event.payload["process"], event.payload["n"]) for event in events(store, "anon:anna"))
    store.close()
    assert written == [(str(number), n) for number in range(4) for n in range(200)]


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kill_in_the_middle_of_writing_loses_nothing_acknowledged(address: str, seed: int) -> None:
    process = start(WRITE_UNTIL_KILLED, address)
    assert process.stdout and process.stderr
    for _ in range(random.Random(seed).randint(5, 60)):
        assert process.stdout.readline(), process.stderr.read()
    process.kill()
    rest = process.communicate(timeout=60)[0].split("\n")
    acknowledged = [int(line) for line in rest[:-1] if line] or [-1]

    store = open_store(address)
    stored = events(store, "anon:anna")
    lines = messages(store, ANNA, conversations(store, ANNA)[0].id)
    assert [event.payload["n"] for event in stored] == list(range(len(stored)))
    assert [int(line.text.split()[0]) for line in lines] == list(range(len(lines)))
    assert all(len(event.payload["text"]) == 5000 and event.payload["end"] for event in stored)
    assert all(line.text.endswith("end") for line in lines)
    assert acknowledged[-1] < len(lines) <= len(stored) <= len(lines) + 1
    if address.startswith("sqlite"):
        with store.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    assert append(store, Event("anon:anna", "asked", NOW))
    store.close()
