"""Listening, the splash page and the hand-over."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tutor.errors import TutorError
from ui.assets import needed
from ui.server import address, listen
from ui.splash import Splash


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(TutorError, match=rf"Port {port} .* in use .* --port {port + 1}"):
            listen("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(TutorError, match="--host"):
        listen("192.0.2.1", 0)


def test_port_0_takes_a_free_one() -> None:
    with listen("127.0.0.1", 0) as bound:
        assert not address(bound).endswith(":0")


def test_a_port_in_use_ends_the_command_with_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "tutor", "serve", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, env={"TUTOR_DATA": str(tmp_path), "PATH": ""}
        )
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_lessons_that_cannot_be_read_end_the_command_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tutor", "serve", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=120,
        env={"TUTOR_DATA": str(tmp_path / "data"), "TUTOR_CURRICULA": str(tmp_path / "none"), "PATH": ""},
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(tmp_path / "none") in done.stderr


def test_nothing_heavy_is_imported_before_the_first_answer() -> None:
    names = "gradio fastapi chromadb langchain_core openai numpy jinja2 sqlalchemy markdown_it"
    code = f"import sys, ui.server, ui.splash; print([n for n in '{names}'.split() if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


async def get(app: Any, path: str = "/", headers: list[tuple[bytes, bytes]] | None = None) -> tuple[int, bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    await app({"type": "http", "method": "GET", "path": path, "headers": headers or []}, receive, send)
    return sent[0]["status"], b"".join(message["body"] for message in sent[1:])


async def test_the_splash_says_what_is_going_on_and_then_hands_over() -> None:
    splash, events = Splash(), []
    splash.doing = "Indexing <the> lessons: 3 of 9"
    status, page = await get(splash)
    assert status == 503
    assert b"Indexing &lt;the&gt; lessons: 3 of 9" in page
    assert b'http-equiv="refresh"' in page

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"real"})

    @asynccontextmanager
    async def life() -> AsyncIterator[None]:
        events.append("begun")
        yield
        events.append("ended")

    messages: asyncio.Queue[Any] = asyncio.Queue()
    told: list[str] = []

    async def send(message: Any) -> None:
        told.append(message["type"])

    living = asyncio.create_task(splash({"type": "lifespan"}, messages.get, send))
    await messages.put({"type": "lifespan.startup"})
    await splash.hand_over(app, life())
    assert await get(splash) == (200, b"real")
    await messages.put({"type": "lifespan.shutdown"})
    await living
    assert events == ["begun", "ended"]
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_browser_gets_the_page_at_once_and_asks_again_when_all_is_ready() -> None:
    splash = Splash()
    sent: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "http", "method": "GET", "path": "/ask", "headers": [(b"accept", b"text/html,*/*;q=0.8")]}
    asked = asyncio.create_task(splash(scope, sent.get, sent.put))
    head, shown = await sent.get(), await sent.get()
    assert head["status"] == 503
    assert shown["more_body"]
    assert b"refresh" not in shown["body"]
    assert b'<link rel="modulepreload" href="ask/assets/' in shown["body"]
    assert not asked.done()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the page was asked for before")

    @asynccontextmanager
    async def life() -> AsyncIterator[None]:
        yield

    await splash.hand_over(app, life())
    rest = await sent.get()
    assert b'content="0"' in rest["body"]
    assert not rest.get("more_body")
    await asked


async def test_while_nothing_is_ready_a_browser_asks_again_to_see_what_is_going_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ui.splash.HELD", 0.0)
    status, page = await get(Splash(), "/ask", [(b"accept", b"text/html")])
    assert status == 503
    assert page.endswith(b'<meta http-equiv="refresh" content="0"></body></html>')


async def test_the_splash_serves_what_the_page_will_need() -> None:
    status, body = await get(Splash(), f"/ask/assets/{needed('ask')[0]}")
    assert status == 200
    assert len(body) > 1000


def test_what_is_sent_in_small_pieces_leaves_at_once() -> None:
    # asyncio switches Nagle's delay off only for sockets that say they are TCP; with it each answer waits 40 ms.
    with listen("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP


PAGES_FIRST = """
import asyncio, sys
from pathlib import Path
from tests.conftest import plain_settings
from tutor.answer import Done
from tutor.assembly import make_tutor
from tutor.quick_imports import models_when_used
from ui.server import create_app

settings = plain_settings(Path(sys.argv[1]))
with models_when_used():
    tutor, _ = make_tutor(settings)
    create_app(tutor, settings)
early = {"langsmith", "langchain_core.runnables.base", "langchain_core.retrievers", "openai", "onnxruntime", "chromadb"}
early |= {"pylti1p3", "requests", "jwcrypto", "httpx._main", "rich"}
assert not early & set(sys.modules), early & set(sys.modules)

async def asked():
    async for event in tutor.answer("What is a token?"):
        if isinstance(event, Done):
            return event.answer

answer = asyncio.run(asked())
assert answer.covered and answer.citations, answer
assert {"langchain_core.runnables.base", "langchain_core.retrievers"} <= set(sys.modules)
"""


def test_the_pages_are_made_before_what_only_answers_need_is_loaded(own_data: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PAGES_FIRST, str(own_data)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
