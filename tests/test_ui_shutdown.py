"""A server that is told to stop lets answers finish for a while, then keeps what was written."""

import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.dripping import dripping
from tests.gated_model import FIRST, LAST, Gate, gated
from tests.real_server import AskPage, serving
from tutor.learner import Learner
from tutor.settings import Settings
from tutor.store import conversations, messages, open_store
from tutor.store.lti_links import Link, visit_link
from tutor.store.lti_platforms import Platform, save_platform, tenant_of
from tutor.store.lti_scores import enqueue, waiting
from ui.identity import COOKIE, Sessions, signing_key

SCORES = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
QUESTION = "How does byte-pair encoding choose its tokens?"


pytestmark = pytest.mark.long


@pytest.fixture
def gate() -> Iterator[Gate]:
    with gated() as running:
        yield running


def kept(data: Path, cookie: str) -> list[tuple[str, str, str]]:
    """What the database holds of a learner's only conversation: role, text, status."""
    settings = Settings(data=data, _env_file=None)  # type: ignore[call-arg]
    store = open_store(settings.database)
    learner = Sessions(store, signing_key(settings)).find(cookie)
    assert isinstance(learner, Learner)
    [talk] = conversations(store, learner)
    found = [(each.role, each.text, each.data.get("status", "")) for each in messages(store, learner, talk.id)]
    store.close()
    return found


def ask_and_wait_for_the_first_words(client: httpx.Client, gate: Gate) -> Iterator[str]:
    page = AskPage(client)
    assert page.join("ask", question=QUESTION).status_code == 200
    updates = (json.dumps(each) for each in page.updates())
    for update in updates:
        if FIRST.strip() in update:
            break
    assert gate.asked.is_set()
    return updates


def test_an_answer_that_finishes_in_time_is_kept_whole(own_data: Path, gate: Gate) -> None:
    with (
        serving(own_data, TUTOR_BASE_URL=gate.url, TUTOR_MODEL="m", TUTOR_SHUTDOWN_SECONDS="30") as real,
        httpx.Client(base_url=real.address, timeout=60) as client,
    ):
        updates = ask_and_wait_for_the_first_words(client, gate)
        real.process.terminate()
        gate.go_on.set()
        assert any("often" in update for update in updates)
        assert real.process.wait(60) in {0, -15}
        cookie = client.cookies[COOKIE]
    assert kept(own_data, cookie) == [("learner", QUESTION, ""), ("tutor", FIRST + LAST, "complete")]


def test_an_answer_that_does_not_finish_is_kept_as_far_as_it_was_written(own_data: Path, gate: Gate) -> None:
    with (
        serving(own_data, TUTOR_BASE_URL=gate.url, TUTOR_MODEL="m", TUTOR_SHUTDOWN_SECONDS="1") as real,
        httpx.Client(base_url=real.address, timeout=60) as client,
    ):
        ask_and_wait_for_the_first_words(client, gate)
        cookie = client.cookies[COOKIE]
        assert real.stop() in {0, -15}
    (_, (role, text, status)) = kept(own_data, cookie)
    assert (role, status) == ("tutor", "stopped")
    assert text.strip() == FIRST.strip()
    assert "Traceback" not in real.log.read_text(encoding="utf-8")


def test_an_answer_without_a_reader_gets_the_same_time(own_data: Path, gate: Gate) -> None:
    with serving(own_data, TUTOR_BASE_URL=gate.url, TUTOR_MODEL="m", TUTOR_SHUTDOWN_SECONDS="30") as real:
        with httpx.Client(base_url=real.address, timeout=60) as client:
            ask_and_wait_for_the_first_words(client, gate)
            cookie = client.cookies[COOKIE]
        real.process.terminate()
        gate.go_on.set()
        assert real.process.wait(60) in {0, -15}
    assert kept(own_data, cookie)[1] == ("tutor", FIRST + LAST, "complete")


def test_a_platform_that_hangs_does_not_hold_up_the_end_and_its_score_is_kept(own_data: Path) -> None:
    store = open_store(Settings(data=own_data, _env_file=None).database)  # type: ignore[call-arg]
    with dripping(b"", b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000) as hanging:
        now = datetime.now(UTC)
        made = Platform(hanging, "abc", hanging, hanging, hanging, private=True)
        source = save_platform(store, made, ["1"], now=now)
        tenant = tenant_of(source.issuer, source.client_id, "1")
        link = Link(source.id, tenant, "course", "link-1", line_item=f"{hanging}item", scopes=(SCORES,))
        kept = visit_link(store, link, "lti:anna", "anna", "learner", now=now)
        with serving(own_data) as real:
            enqueue(store, Learner("lti:anna", tenant, "course", "learner", kept.id), 1, True, now=now)
            assert hanging.asked.wait(60)
            began = time.monotonic()
            # Ctrl+C: the interpreter ends in order, which waits for every thread that is no daemon.
            real.process.send_signal(signal.SIGINT)
            assert real.process.wait(60) == 0
            assert time.monotonic() - began < 15, "the answer alone would take 20 seconds"
    assert waiting(store)[0] == 1
    store.close()


def test_the_log_of_a_whole_run_holds_no_words_and_no_tokens(own_data: Path, gate: Gate) -> None:
    gate.go_on.set()
    with (
        serving(
            own_data, "--instructor-link", TUTOR_BASE_URL=gate.url, TUTOR_MODEL="m", TUTOR_LOG_LEVEL="DEBUG",
            TUTOR_LOG_FORMAT="json", OPENAI_API_KEY="sk-zebra-key",
        ) as real,
        httpx.Client(base_url=real.address, timeout=60) as client,
    ):  # fmt: skip
        link = next(line for line in real.said if "/own?key=" in line)
        client.get("/lessons?skill=zebra-query")
        page = AskPage(client)
        page.join("ask", question=f"{QUESTION} zebra-words")
        for update in page.updates():
            if update["msg"] == "process_completed":
                break
        client.post("/report", data={"message": "zebra-id", "reason": "wrong", "note": "zebra-note"})
        assert client.get(link.split(" ")[-1].strip()).status_code == 303
        cookie, number = client.cookies[COOKIE], client.get("/healthz").headers["x-request-id"]
        assert client.get("/metrics").text.count("tutor_answers_total{") == 1
        real.stop()
    written = real.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in written.splitlines()]
    assert {line.get("route") for line in lines} >= {
        "/lessons", "/ask", "/ask/config", "/ask/gradio_api/queue/join", "/report", "/own", "/healthz",
    }  # fmt: skip
    assert [line["route"] for line in lines if line.get("request") == number] == ["/healthz"]
    secrets = [
        "zebra",
        "byte-pair",
        FIRST.strip(),
        cookie,
        cookie.split(".")[0],
        link.split("key=")[1].strip(),
        page.hash,
    ]
    assert [secret for secret in secrets if secret in written] == []
