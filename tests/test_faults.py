"""Every way in which a model's server fails, through the whole of ``Tutor.ask``; docs/faults.md comes from this list.

``python tests/test_faults.py`` writes the page.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fault_server import FAULTS, STANDALONE, FaultServer
from small_curriculum import QUESTION, Overlap, small_curriculum

from tutor import chain, store
from tutor.answer import Answer, Done, Event, Status, Token, answer_from_dict
from tutor.learner import Learner
from tutor.models import chat_model
from tutor.session import Tutor
from tutor.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
LEARNER = Learner("anon:1")
TIMEOUT = 1.0  # TUTOR_MODEL_TIMEOUT of these tests
SLACK = 4.0  # for a machine that does other things as well


@dataclass(frozen=True)
class Case:
    """One fault and what comes of it.

    Args:
        model: Name in the fault server; ``no-server`` and ``no-name`` need none.
        fault: What the server does, for people.
        notice: Code of the notice; empty when the model's answer is shown.
        timeouts: Longest time to the end of the answer, in TUTOR_MODEL_TIMEOUT.
        seconds: To be added to it.
        cut: The model's answer is shown as far as it was asked for.
    """

    model: str
    fault: str
    notice: str = ""
    timeouts: int = 0
    seconds: float = 1
    cut: bool = False


CASES = (
    Case("good", "none"),
    Case("429-once", "429 with retry-after 1, then works", seconds=2),
    Case("429", "429 with retry-after, for ever", "model_busy", seconds=3),
    Case("429-long", "429 with a retry-after longer than the timeout", "model_busy"),
    Case("500", "500, for ever", "model_broken", seconds=3),
    Case("503", "503, for ever", "model_broken", seconds=3),
    Case("401", "401, wrong key", "model_key"),
    Case("400", "400, such as a prompt that is too long for the model", "model_refused"),
    Case("404", "404, unknown model", "model_refused"),
    Case("hang", "takes the connection and is silent", "model_timeout", 1),
    Case("hang-after-headers", "sends headers and is silent", "model_timeout", 1),
    Case("hang-after-first", "goes silent after some words", "model_timeout", 1),
    Case("hang-with-comments", "sends only comments (`: still here`)", "model_timeout", 1),
    Case("hang-at-end", "sends the whole answer and never closes"),
    Case("slow", "drips, each word within the timeout", timeouts=6),
    Case("cut-off", "closes in mid-sentence without an end mark", "model_broken"),
    Case("reset", "resets the connection in mid-sentence", "model_broken"),
    Case("bad-json", "invalid JSON in the stream", "model_broken"),
    Case("other-json", "JSON of another form in the stream", "model_broken"),
    Case("html", "200 with an HTML page (such as a sign-in page)", "model_broken"),
    Case("empty", "an answer of blanks", "model_broken"),
    Case("nothing", "headers and an empty body", "model_broken"),
    Case("endless", "never stops writing", timeouts=6, cut=True),
    Case("huge", "three megabytes in one piece", cut=True),
    Case("not-utf8", "bytes that are not UTF-8", "model_broken"),
    Case("redirect", "a redirect to another host (not followed)", "model_refused"),
    Case("error-inside", "an error object inside the stream", "model_broken"),
    Case("content-filter", "the content filter ends the answer", "model_refused"),
    Case("refused", "a refusal instead of an answer", "model_broken"),
    Case("no-server", "nothing listens at the address", "model_unreachable", seconds=3),
    Case("no-name", "the host name does not exist", "model_unreachable", seconds=8),
)


def page() -> str:
    """docs/faults.md."""
    words = json.loads((ROOT / "ui" / "texts.json").read_text(encoding="utf-8"))
    timeout, longest = Settings.model_fields["model_timeout"].default, round(chain.CONDENSE_SECONDS)
    lines = [
        "# When a model fails",
        "",
        "Each line is a test against a server that does this (tests/test_faults.py, tests/fault_server.py). In all of",
        "them the learner's message is stored before the model is asked, an answer comes, and no error is shown.",
        "",
        f"The bound holds for the default TUTOR_MODEL_TIMEOUT of {timeout:g} s and two retries. A follow-up adds",
        f"at most {longest} s, in which the model may rewrite it; when it cannot, the conversation's own words do.",
        "",
        "| The model's server ... | The learner sees | Answer by | Notice | At most |",
        "|---|---|---|---|---:|",
    ]
    for case in CASES:
        shown = words[f"notice.{case.notice}"] if case.notice else "the answer" + (", cut" if case.cut else "")
        by = "built-in tutor" if case.notice else "model"
        bound = f"{case.timeouts * timeout + case.seconds:g} s"
        lines.append(f"| {case.fault} | {shown} | {by} | {case.notice or '-'} | {bound} |")
    lines += [
        "",
        "What the learner stops is kept as far as it was written and marked as stopped; the connection to the model is",
        "closed at once. A process that is killed in the middle of an answer leaves the learner's message; asking the",
        "same again then answers it without a second copy.",
        "",
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    running = FaultServer().start()
    yield running
    running.stop()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[store.Store]:
    opened = store.open_store(f"sqlite:///{tmp_path / 'tutor.sqlite3'}")
    yield opened
    opened.close()


def settings(model: str, url: str, **values: object) -> Settings:
    if model == "no-name":
        url = "http://no-such-host.invalid/v1"
    if model == "no-server":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    # An error that is tried again needs room for the pause in between.
    timeout = 5.0 if model in {"429", "429-once", "500", "503", "no-server", "no-name"} else TIMEOUT
    given: dict[str, object] = {"model": model, "base_url": url, "model_timeout": timeout, "model_retries": 1} | values
    return Settings(_env_file=None, openai_api_key="", **given)  # type: ignore[arg-type,call-arg]


def make_tutor(made: Settings, memory: store.Store | None, folder: Path) -> Tutor:
    curriculum = small_curriculum(folder / "lessons")
    return Tutor(made, curriculum, Overlap(curriculum), memory, chat_model(made))


async def collected(tutor: Tutor, question: str = QUESTION, talk: str | None = None) -> tuple[list[Event], Done]:
    events = [event async for event in tutor.ask(LEARNER, talk, question)]
    assert isinstance(events[-1], Done)
    return events, events[-1]


def stored_answer(memory: store.Store, talk: str) -> tuple[list[store.Message], Answer]:
    lines = store.messages(memory, LEARNER, talk)
    return lines, answer_from_dict(lines[-1].data)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.model)
async def test_a_failing_model_never_costs_the_learner_an_answer(
    case: Case, server: FaultServer, memory: store.Store, tmp_path: Path
) -> None:
    server.asked.clear()
    made = settings(case.model, server.url)
    tutor = make_tutor(made, memory, tmp_path)
    started = time.monotonic()
    events, done = await collected(tutor)
    taken = time.monotonic() - started
    assert taken <= case.timeouts * made.model_timeout + case.seconds + SLACK
    lines, answer = stored_answer(memory, done.conversation)
    assert [line.role for line in lines] == ["learner", "tutor"]
    assert lines[0].text == QUESTION
    assert lines[1].id == done.message
    assert answer.text == done.answer.text
    assert answer.notice == case.notice
    assert answer.model == ("built-in" if case.notice else case.model)
    assert answer.status == "complete"
    assert "repeatedly merges the pair" in answer.text
    assert answer.citations
    fallbacks = [event for event in events if isinstance(event, Status) and event.code == "fallback"]
    assert [event.detail["reason"] for event in fallbacks] == [case.notice] * bool(case.notice)
    if case.cut:
        assert len(answer.text) <= made.answer_tokens * 18
    assert "\ufffd" not in answer.text


async def test_tokens_after_a_fallback_make_up_the_stored_answer(
    server: FaultServer, memory: store.Store, tmp_path: Path
) -> None:
    events, done = await collected(make_tutor(settings("reset", server.url), memory, tmp_path))
    void = max(i for i, event in enumerate(events) if isinstance(event, Status) and event.code == "fallback")
    assert any(isinstance(event, Token) for event in events[:void])
    again = "".join(event.text for event in events[void:] if isinstance(event, Token))
    assert again.split() == done.answer.text.split()


@pytest.mark.parametrize("case", [case for case in CASES if case.model in FAULTS], ids=lambda case: case.model)
async def test_a_follow_up_is_answered_when_the_rewriting_fails_too(
    case: Case, server: FaultServer, memory: store.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case.model in {"endless", "slow", "huge", "429-once"}:
        return  # they fail while streaming only
    monkeypatch.setattr("tutor.chain.CONDENSE_SECONDS", 3.0)  # long enough to have asked, on a busy machine too
    server.asked.clear()
    made = settings(case.model, server.url, model_retries=0)
    tutor = make_tutor(made, memory, tmp_path)
    first = Tutor(Settings(_env_file=None, openai_api_key=""), tutor.curriculum, tutor.retriever, memory)  # type: ignore[call-arg,arg-type]
    _, before = await collected(first)
    _, done = await collected(tutor, "And why does it matter?", before.conversation)
    assert server.asked[case.model] == 2
    assert done.answer.notice == case.notice
    assert "byte-pair" in done.answer.standalone.lower()
    assert [line.role for line in store.messages(memory, LEARNER, done.conversation)] == ["learner", "tutor"] * 2


async def test_a_follow_up_is_rewritten_by_the_model(server: FaultServer, memory: store.Store, tmp_path: Path) -> None:
    tutor = make_tutor(settings("good", server.url), memory, tmp_path)
    _, before = await collected(tutor)
    _, done = await collected(tutor, "And why does it matter?", before.conversation)
    assert done.answer.standalone == STANDALONE
    assert not done.answer.notice
    asked = server.bodies[-2]["response_format"]
    assert asked["type"] == "json_schema"


async def test_a_redirect_is_not_followed(server: FaultServer, memory: store.Store, tmp_path: Path) -> None:
    server.asked.clear()
    await collected(make_tutor(settings("redirect", server.url), memory, tmp_path))
    assert sum(server.asked.values()) == 1


async def test_waiting_longer_than_the_timeout_is_not_tried(
    server: FaultServer, memory: store.Store, tmp_path: Path
) -> None:
    server.asked.clear()
    await collected(make_tutor(settings("429-long", server.url), memory, tmp_path))
    assert server.asked["429-long"] == 1


async def test_a_stop_keeps_what_was_said_and_closes_the_connection(
    server: FaultServer, memory: store.Store, tmp_path: Path
) -> None:
    server.left.clear()
    tutor = make_tutor(settings("hang-after-first", server.url, model_timeout=60), memory, tmp_path)
    asking = tutor.ask(LEARNER, None, QUESTION)
    said = ""
    async for event in asking:
        said += event.text if isinstance(event, Token) else ""
        if len(said.split()) == 6:
            break
    await asking.aclose()
    lines, answer = stored_answer(memory, store.conversations(memory, LEARNER)[0].id)
    assert [line.role for line in lines] == ["learner", "tutor"]
    assert answer.status == "stopped"
    assert answer.text.split() == said.split()
    assert answer.model == "hang-after-first"
    assert await asyncio.to_thread(server.left.wait, 5)


async def test_a_cancelled_task_keeps_what_was_said_and_closes_the_connection(
    server: FaultServer, memory: store.Store, tmp_path: Path
) -> None:
    server.left.clear()
    tutor = make_tutor(settings("hang-after-first", server.url, model_timeout=60), memory, tmp_path)
    words: asyncio.Queue[str] = asyncio.Queue()

    async def read() -> None:
        async for event in tutor.ask(LEARNER, None, QUESTION):
            if isinstance(event, Token):
                words.put_nowait(event.text)

    task = asyncio.ensure_future(read())
    said = [await words.get() for _ in range(6)]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    lines, answer = stored_answer(memory, store.conversations(memory, LEARNER)[0].id)
    assert [line.role for line in lines] == ["learner", "tutor"]
    assert answer.status == "stopped"
    assert answer.text.split() == "".join(said).split()
    assert await asyncio.to_thread(server.left.wait, 5)


async def test_a_stop_before_the_first_token_leaves_no_task_behind(
    server: FaultServer, memory: store.Store, tmp_path: Path
) -> None:
    server.left.clear()
    server.asked.clear()
    tutor = make_tutor(settings("hang", server.url, model_timeout=60), memory, tmp_path)
    task = asyncio.ensure_future(collected(tutor))
    while not server.asked["hang"]:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(server.left.wait, 5)
    for _ in range(100):  # generators that were closed finish within a few turns of the loop
        if asyncio.all_tasks() == {asyncio.current_task()}:
            break
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_stopped_retry_without_a_word_keeps_the_earlier_answer(
    server: FaultServer, memory: store.Store, tmp_path: Path
) -> None:
    tutor = make_tutor(settings("good", server.url), memory, tmp_path)
    _, done = await collected(tutor)
    again = tutor.ask(LEARNER, done.conversation, QUESTION, retry_of=done.message)
    await anext(again)
    await again.aclose()
    lines, answer = stored_answer(memory, done.conversation)
    assert len(lines) == 2
    assert answer == answer_from_dict(lines[1].data)
    assert answer.status == "complete"


KILLED = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from test_faults import LEARNER, QUESTION, Token, make_tutor, settings, store

async def main():
    memory = store.open_store({address!r})
    tutor = make_tutor(settings("hang-after-first", {url!r}, model_timeout=60), memory, Path({folder!r}))
    async for event in tutor.ask(LEARNER, None, QUESTION):
        if isinstance(event, Token):
            print(event.text, flush=True)

asyncio.run(main())
"""


async def test_a_killed_process_leaves_the_learners_message(server: FaultServer, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'tutor.sqlite3'}"
    script = KILLED.format(
        root=str(ROOT), tests=str(ROOT / "tests"), address=address, url=server.url, folder=str(tmp_path / "killed")
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert await asyncio.to_thread(process.stdout.readline)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    memory = store.open_store(address)
    try:
        talk = store.conversations(memory, LEARNER)[0].id
        assert [(line.role, line.text) for line in store.messages(memory, LEARNER, talk)] == [("learner", QUESTION)]
        _, done = await collected(make_tutor(settings("good", server.url), memory, tmp_path), talk=talk)
        assert [line.role for line in store.messages(memory, LEARNER, talk)] == ["learner", "tutor"]
        assert done.answer.model == "good"
    finally:
        memory.close()


async def test_the_log_names_the_cause_without_a_traceback(
    server: FaultServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await collected(make_tutor(settings("401", server.url), None, tmp_path))
    logged = [record for record in caplog.records if record.name == "tutor.session"]
    assert [record.exc_info for record in logged] == [None]
    assert "model_key" in logged[0].getMessage()


def test_every_fault_of_the_server_is_in_the_table() -> None:
    assert {case.model for case in CASES} == {*FAULTS, "good", "no-server", "no-name"}


def test_the_page_of_faults_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/test_faults.py"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
