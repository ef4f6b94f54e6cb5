"""How much memory the server holds: after the start, after the first answer, and with nothing but Gradio.

Knows nothing of speed.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.load import Load
from benchmarks.process import Server, serving, timed, tutor
from benchmarks.table import Table, Target, ratio

CHATS = 50


def measure(data: Path, chats: int = CHATS) -> tuple[list[Table], list[Target]]:
    """Resident memory of the servers' processes.

    Args:
        data: A data folder with an index.
        chats: How many chats come after the first one.
    """
    with serving("benchmarks.bare_sse", "{port}", "100", "0.02") as server:
        server.wait()
        bare = [server.memory, *_after(server, "sse", chats)]
    with serving("benchmarks.untuned_gradio", "{port}", "10", "0.02") as server:
        server.wait()
        untuned = [server.memory, *_after(server, "gradio", chats)]
    with tutor(data) as server:
        server.wait("/ask", (200,))
        ours = [server.memory, *_after(server, "tutor", chats)]
    rows = [
        _row("bare FastAPI event stream", bare, bare),
        _row("untuned Gradio", untuned, bare),
        _row("tutor, built in", ours, bare),
    ]
    table = Table(
        "Memory",
        f"Resident memory of the server's process when its page first answers, after one chat, and after {chats} more.",
        ["server", "started", "after a chat", f"after {chats}", "to bare"],
        rows,
    )
    return [table], []


def _after(server: Server, kind: str, chats: int) -> list[float]:
    found = []
    for count in (1, chats):
        timed("-m", "benchmarks.load", json.dumps(asdict(Load(kind, server.port, count, count / 5))))
        found.append(server.memory)
    return found


def _row(name: str, held: Sequence[float], base: Sequence[float]) -> list[str]:
    return [name, *(f"{each / 1e6:.0f} MB" for each in held), ratio(held[-1], base[-1])]
