"""How soon the program answers: --help, the first response, a page, and a composer that accepts a question.

Knows nothing of what happens after the first question.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.process import Server, timed, tutor
from benchmarks.table import Table, Target, median, ratio, seconds

RUNS = 5
CHROMIUM = os.environ.get("TUTOR_TEST_CHROMIUM", "/usr/bin/chromium")
HELP, FIRST, COMPOSER = 0.2, 0.5, 4.0
READY = "body.ready"
"""What the page's script sets when the composer is there and the first answer of the server came."""


def measure(data: Path, runs: int = RUNS) -> tuple[list[Table], list[Target]]:
    """Medians over several starts.

    Args:
        data: A data folder with an index.
        runs: How many times each is measured.
    """
    python = [timed("-c", "pass")[0] for _ in range(runs)]
    helped = [timed("-m", "tutor", "--help")[0] for _ in range(runs)]
    starts = [_started(data) for _ in range(runs)]
    with _browser() as browser:
        composed = [_composed(data, browser) for _ in range(runs)] if browser else []
    measured = [
        ("python -c pass", python),
        ("tutor --help", helped),
        ("first response (the page that says it is loading)", [first for first, _, _ in starts]),
        ("the Ask page", [page for _, page, _ in starts]),
        ("a composer that accepts a question, in a browser that was open already", composed),
        ("processor time until the Ask page", [busy for _, _, busy in starts]),
    ]
    base = median(python)
    rows = [
        [name, seconds(median(times)), seconds(max(times)), ratio(median(times), base)]
        for name, times in measured
        if times
    ]
    table = Table(
        "Start",
        f"Fresh processes over an index that is up to date, {runs} runs each, file cache warm. "
        f"The ratio is to an empty Python.{'' if composed else ' No browser here: the composer was not measured.'}",
        ["what", "median", "slowest", "to empty Python"],
        rows,
    )
    found = [Target("--help", median(helped), HELP), Target("first response", median([s[0] for s in starts]), FIRST)]
    if composed:
        found.append(Target("composer accepts a question", median(composed), COMPOSER))
    return [table], found


def _started(data: Path) -> tuple[float, float, float]:
    with tutor(data) as server:
        first = server.wait()
        page = server.wait("/ask", (200,))
        return first, page, server.busy


@contextmanager
def _browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        print(f"{CHROMIUM} is missing: the composer is not measured.", file=sys.stderr)
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield opened
        finally:
            opened.close()


def _composed(data: Path, browser: Any) -> float:
    """Seconds from starting the server until a question typed into the open page would be taken."""
    context = browser.new_context()
    page = context.new_page()
    try:
        with tutor(data) as server:
            server.wait_port()
            _open(page, server)
            page.wait_for_selector(READY, timeout=120_000)
            page.locator("#question textarea").fill("What is a token?")
            return time.perf_counter() - server.began
    finally:
        context.close()


def _open(page: Any, server: Server) -> None:
    """Open the Ask page; the first answer is the loading page, which opens the real one by itself."""
    page.goto(f"http://127.0.0.1:{server.port}/ask", wait_until="commit", timeout=120_000)
