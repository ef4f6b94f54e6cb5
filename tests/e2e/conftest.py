"""A real browser, the real server and a server with the scripted tutor."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("TUTOR_TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = "body.ready"
SECONDS_TO_START = 180


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        words = f"{CHROMIUM} is missing: apt-get install chromium, or name another with TUTOR_TEST_CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@dataclass
class Server:
    """The real server in a process of its own; it can be stopped and started again on the same port and data."""

    data: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {**os.environ, "TUTOR_DATA": str(self.data), **self.environment}
        for name in ("OPENAI_API_KEY", "TUTOR_BASE_URL", "TUTOR_MODEL"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "tutor", "serve", "--port", str(self.port)]
        with (self.data / "server.log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, text=True)
        wait_until_healthy(self.address, lambda: self.process is not None and self.process.poll() is None)

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=30)


def wait_until_healthy(address: str, alive: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and alive():
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        threading.Event().wait(0.1)
    raise AssertionError(f"{address} did not become healthy")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server: real lessons, real index, the built-in tutor."""
    real = Server(tmp_path_factory.mktemp("data"), free_port())
    real.start()
    yield real
    real.stop()


@dataclass
class Scripted:
    """The scripted tutor behind the real pages."""

    address: str
    tutor: Any


@contextmanager
def serving(data: Path, **settings: Any) -> Iterator[Scripted]:
    """The scripted tutor in a server of its own, with these settings."""
    import uvicorn

    from tests.e2e.payloads import SCRIPTS
    from tests.scripted_tutor import ScriptedTutor
    from tutor.curriculum import load
    from tutor.settings import Settings, shipped_curricula
    from tutor.store import open_store
    from ui.server import create_app

    store = open_store(f"sqlite:///{data / 'tutor.sqlite3'}")
    tutor = ScriptedTutor(store, load([shipped_curricula()]), pace=0.02, scripts=SCRIPTS)
    app = create_app(tutor, Settings(data=data, **settings))  # type: ignore[arg-type]
    port = free_port()
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{port}"
    wait_until_healthy(address, thread.is_alive)
    yield Scripted(address, tutor)
    running.should_exit = True
    thread.join(10)
    store.close()


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    with serving(tmp_path_factory.mktemp("scripted")) as served:
        yield served


@dataclass
class Watched:
    """A page and what must not happen on it."""

    page: Page
    faults: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open pages in a browser profile of their own; afterwards no fault and no outside request may have come up."""
    watched: list[Watched] = []
    contexts = []

    def open_page(address: str, width: int = 1280, height: int = 860, theme: str = "light", **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, **options)  # type: ignore[arg-type]
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        watched.append(watch(page))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    for each in watched:
        assert each.outside == []
        assert each.faults == []


def watch(page: Page) -> Watched:
    seen = Watched(page)
    page.on("pageerror", lambda error: _fault(seen, str(error)))
    page.on("console", lambda line: _console(seen, line.type, line.text))
    page.on("request", lambda request: _outside(seen, request.url))
    return seen


# Gradio's client reports its own open stream when a page is left or the server stops on purpose; a server that is gone
# and a page that is not there are told by the browser too.
EXPECTED = re.compile(
    r"AbortError|Connection errored out|Failed to fetch|network error"
    r"|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|status of (400|404|429|503)"
)


def _fault(seen: Watched, words: str) -> None:
    if not EXPECTED.search(words):
        seen.faults.append(words)


def _console(seen: Watched, kind: str, words: str) -> None:
    if kind == "error":
        _fault(seen, words)


def _outside(seen: Watched, address: str) -> None:
    if not address.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")):
        seen.outside.append(address)


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait until the tutor works on it or has answered."""
    page.wait_for_selector(READY)
    before = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_function("n => document.querySelectorAll('.turn').length > n", arg=before)


def answered(page: Page, state: str = "done") -> None:
    """Wait until the newest answer has ended."""
    page.wait_for_selector(f"#live .turn[data-state={state}]")
