"""Chats arriving as a Poisson stream: the tutor, a bare event stream and an untuned Gradio chat, in the same run.

Knows nothing of how chats are made or timed: that is load.py, in a process of its own.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import process
from benchmarks.load import Chat, Load
from benchmarks.process import Server, peak, serving, tutor
from benchmarks.table import Table, Target, percentile, ratio, seconds

SIZES = (10, 50, 100, 200)
TOKENS, PAUSE = 100, 0.02
"""An answer of 2 s: 100 tokens at 50 a second."""
FIRST_STATUS = {200: 0.3}
FIRST_TOKEN = {50: 0.15, 200: 1.0}


@dataclass(frozen=True)
class Served:
    """One load on one server.

    Args:
        name: What served.
        load: What arrived.
        chats: Their times.
        busy: Processor seconds that the server's process took for each chat, opening its page included.
        peak: Most resident memory until then, in bytes.
    """

    name: str
    load: Load
    chats: Sequence[Chat]
    busy: float
    peak: float

    def share(self, what: str, share: float) -> float:
        """A percentile of the chats' times in seconds."""
        return percentile([getattr(chat, what) for chat in self.chats], share)

    @property
    def failed(self) -> int:
        """How many chats ended with an error or not at all."""
        return sum(bool(chat.error) or chat.total == float("inf") for chat in self.chats)


BARE, UNTUNED = "bare FastAPI event stream", "untuned Gradio"
BUILT_IN, MODEL = "tutor, built in", "tutor, model of 50 tokens/s"


def measure(data: Path, sizes: Sequence[int] = SIZES, window: float = 10.0) -> tuple[list[Table], list[Target]]:
    """All servers under all loads.

    Args:
        data: A data folder with an index.
        sizes: Numbers of chats.
        window: Seconds in which they arrive.
    """
    served = []
    for name, kind, patience in (
        (BARE, "sse", 60.0),
        (BUILT_IN, "tutor", 60.0),
        (MODEL, "tutor", 60.0),
        (UNTUNED, "gradio", 30.0),
    ):
        with _server(name, data) as server:
            _loaded(server, name, Load(kind, server.port, 3, 1.0))  # the first chats load what later ones find
            for chats in sizes:
                served.append(_loaded(server, name, Load(kind, server.port, chats, window, patience)))
                time.sleep(1)
    return [_times(served, window), _costs(served)], list(_targets(served))


@contextmanager
def _server(name: str, data: Path) -> Iterator[Server]:
    pace = ("{port}", str(TOKENS), str(PAUSE))
    if name in {BARE, UNTUNED}:
        with serving("benchmarks.bare_sse" if name == BARE else "benchmarks.untuned_gradio", *pace) as server:
            server.wait()
            yield server
    elif name == BUILT_IN:
        with tutor(data) as server:
            server.wait("/ask", (200,))
            yield server
    else:
        with serving("benchmarks.paced_model", *pace) as model:
            model.wait_port()
            with tutor(data, _settings(model.port)) as server:
                server.wait("/ask", (200,))
                _prepared(data, server)
                yield server


def _prepared(data: Path, server: Server) -> None:
    """Wait until the vectors that a model's answers are checked with are there: made once, then kept."""
    while not any(data.glob("sentences-*.npz")) and time.perf_counter() - server.began < process.PATIENCE:
        time.sleep(0.5)


def _settings(port: int) -> Mapping[str, str]:
    return {"TUTOR_BASE_URL": f"http://127.0.0.1:{port}/v1", "TUTOR_MODEL": "paced"}


def _loaded(server: Server, name: str, load: Load) -> Served:
    before = server.busy
    _, said = process.timed("-m", "benchmarks.load", json.dumps(asdict(load)))
    chats = [Chat(**each) for each in json.loads(said)]
    made = Served(name, load, chats, (server.busy - before) / load.chats, peak(server.pid))
    errors = sorted({chat.error for chat in chats if chat.error})
    print(
        f"{name}, {load.chats} chats: first token p95 {seconds(made.share('token', 0.95))}, {made.failed} failed "
        f"{'; '.join(errors[:2])}",
        file=sys.stderr,
        flush=True,
    )
    return made


def _bare(served: Sequence[Served], chats: int) -> Served | None:
    return next((each for each in served if each.name == BARE and each.load.chats == chats), None)


def _times(served: Sequence[Served], window: float) -> Table:
    rows = []
    for each in served:
        bare = _bare(served, each.load.chats)
        against = ratio(each.share("token", 0.95), bare.share("token", 0.95)) if bare else "-"
        rows.append(
            [
                each.name,
                str(each.load.chats),
                seconds(each.share("status", 0.95)),
                seconds(each.share("token", 0.5)),
                seconds(each.share("token", 0.95)),
                against,
                seconds(each.share("total", 0.5)),
                seconds(each.share("total", 0.95)),
                str(each.failed),
            ]
        )
    return Table(
        "Chats",
        f"That many learners ask one question each within {window:.0f} s (Poisson arrivals, the same in each row), over "
        "the real page's cookie, queue and event stream. The bare event stream, untuned Gradio and the model write "
        f"{TOKENS} tokens, {1 / PAUSE:.0f} a second; the built-in tutor searches and writes at its own speed. "
        "Server and learners share the machine. The ratio is of first tokens, to the bare event stream's under the same "
        "load; its first token comes one pause after the question. Unfinished after the last arrival and 60 s "
        "(Gradio: 30 s) counts as never.",
        ["server", "chats", "first status p95", "first token p50", "p95", "to bare", "whole p50", "p95", "failed"],
        rows,
    )


def _costs(served: Sequence[Served]) -> Table:
    rows = []
    for each in served:
        bare = _bare(served, each.load.chats)
        rows.append(
            [
                each.name,
                str(each.load.chats),
                seconds(each.busy),
                ratio(each.busy, bare.busy) if bare else "-",
                f"{each.peak / 1e6:.0f} MB",
            ]
        )
    return Table(
        "What a chat costs",
        "Processor time of the server's process for each chat, opening the page included; most resident memory until then.",
        ["server", "chats", "processor time a chat", "to bare", "memory"],
        rows,
    )


def _targets(served: Sequence[Served]) -> Iterator[Target]:
    for each in served:
        if each.name not in {BUILT_IN, MODEL}:
            continue
        for what, most in (("status", FIRST_STATUS), ("token", FIRST_TOKEN)):
            if each.load.chats in most:
                yield Target(
                    f"{each.load.chats} chats, {each.name}: first {what} p95",
                    each.share(what, 0.95),
                    most[each.load.chats],
                )
