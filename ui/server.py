"""Run the tutor's server: listen at once, load in a thread, hand over, stop cleanly.

Knows nothing of pages. Imports nothing heavy before the first request can be answered.
"""

import asyncio
import errno
import gc
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from tutor.errors import TutorError
from tutor.quick_imports import models_when_used
from ui.splash import Splash
from ui.texts import text

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tutor.session import Tutor
    from tutor.settings import Settings
    from ui.owner import OwnerKey

SECONDS_TO_OPEN = 2.0
"""How long a browser that waits takes to open a page; an answer before that loads what it needs by itself."""
SWITCH = 0.001
"""Seconds after which a thread that waits gets the interpreter. With Python's 5 ms, what is stored or searched for one
answer waits its turn many times over when many ask at once."""
LOOPBACK = ("127.", "::1", "localhost")


def create_app(tutor: "Tutor", settings: "Settings", owner: "OwnerKey | None" = None) -> "FastAPI":
    """The whole web application around a tutor; takes seconds, because it imports Gradio.

    Raises:
        TutorError: The signing key cannot be kept.
    """
    from ui.gradio_import import import_gradio

    import_gradio()
    from ui.app import create_app as create

    async def made() -> "FastAPI":
        return create(tutor, settings, owner)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # Without a running loop Gradio makes a dozen of its own and closes none.
        return asyncio.run(made())
    return create(tutor, settings, owner)


def serve(settings: "Settings", *, watch: bool = False, instructor_link: bool = False) -> None:
    """Serve until told to stop.

    Args:
        settings: All settings.
        watch: Serve a changed lesson as soon as it is saved.
        instructor_link: Print a link, good once, that makes who opens it an instructor; on loopback only.

    Raises:
        TutorError: The port cannot be had, or lessons, index, database or settings cannot be used.
    """
    if instructor_link and not settings.host.startswith(LOOPBACK):
        raise TutorError(
            f"--instructor-link is for a tutor on this machine only, and this one listens on {settings.host}. "
            "Elsewhere instructors come from an LMS or sign in: see docs/operate.md.",
            "own",
        )
    listening = listen(settings.host, settings.port)
    place = f"http://{address(listening)}{settings.root_path}/"
    _say(f"Tutor on {place} - loading, the page opens by itself. Ctrl+C stops it.")
    if not settings.host.startswith(LOOPBACK):
        _say("Everybody who can reach this address can use the tutor; each browser is a learner of its own.")
    with suppress(KeyboardInterrupt):
        sys.setswitchinterval(SWITCH)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_Server(settings, listening, watch, instructor_link).run())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop's event loop, which takes a third of the time of Python's own; None where it does not exist (Windows)."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def warm(tutor: "Tutor") -> None:
    """Load what only answers need; a fault that matters shows again with the first question."""
    from tutor.assembly import prepare

    try:
        prepare(tutor)
    except TutorError as error:
        _say(str(error))


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address.

    Raises:
        TutorError: The port is in use, not allowed, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, because asyncio sends small pieces at once only then: an answer's first words would wait 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise TutorError(_why_not(error, host, port), "port") from error
    except OverflowError as error:
        bound.close()
        raise TutorError(f"Port {port} is not between 0 and 65535. Choose another with --port.", "port") from error
    return bound


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program, perhaps by a tutor that runs already. Open "
            f"http://{host}:{port}/ to see, stop that program, or choose another port: "
            f"genai-tutor serve --port {port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} on {host} is reserved for the system. Choose one from 1024 on: --port 7860"
    return f"{host}:{port} cannot be listened on: {error.strerror or error}. Choose another with --host and --port."


def address(bound: socket.socket) -> str:
    """Host and port of a bound socket as they stand in an address."""
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass
class _Loaded:
    """What the loading thread made: the tutor with its application, or why there is none."""

    tutor: "Tutor | None" = None
    app: "FastAPI | None" = None
    error: BaseException | None = None
    link: str = ""
    finished: asyncio.Event = field(default_factory=asyncio.Event)


class _Server:
    """One run of the server."""

    def __init__(self, settings: "Settings", listening: socket.socket, watch: bool, instructor_link: bool) -> None:
        self.settings = settings
        self.listening = listening
        self.watching = watch
        self.linking = instructor_link
        self.splash = Splash()

    async def run(self) -> None:
        """Serve until told to stop; raises what loading raised."""
        import uvicorn

        config = uvicorn.Config(
            self.splash,
            root_path=self.settings.root_path,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(self.settings.trusted_proxies),
            forwarded_allow_ips=self.settings.trusted_proxies,
            # Whole seconds; the answers themselves get the exact time, from ui/operations.py.
            timeout_graceful_shutdown=ceil(self.settings.shutdown_seconds),
        )
        server = uvicorn.Server(config)
        loaded = _Loaded()
        opening = asyncio.create_task(self._open(loaded, server))
        await server.serve(sockets=[self.listening])
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening
        if loaded.error is not None:
            raise loaded.error

    async def _open(self, loaded: _Loaded, server: Any) -> None:
        loop = asyncio.get_running_loop()
        # A daemon, because Ctrl+C while loading must not wait for the index.
        threading.Thread(target=self._load, args=(loaded, loop.call_soon_threadsafe), daemon=True).start()
        await loaded.finished.wait()
        if loaded.error is not None or loaded.app is None or loaded.tutor is None:
            server.should_exit = True
            return
        await self.splash.hand_over(loaded.app, loaded.app.router.lifespan_context(loaded.app))
        if loaded.link:
            _say(f"Open this once to be an instructor: http://{address(self.listening)}{loaded.link}")
        curriculum = loaded.tutor.curriculum
        lessons = sum(len(skill.lessons) for skill in curriculum.skills)
        _say(f"Ready: {lessons} lessons in {len(curriculum.skills)} skills on http://{address(self.listening)}/")
        if self.watching:
            await self._watch(loaded.tutor)

    def _load(self, loaded: _Loaded, soon: Callable[..., Any]) -> None:
        gc.disable()  # what is loaded stays: looking through it for what does not takes a twentieth of a start
        try:
            with models_when_used():
                loaded.tutor = self._tutor()
                owner = None
                if self.linking:
                    from ui.owner import OwnerKey

                    owner = OwnerKey()
                    loaded.link = f"{self.settings.root_path}/own?key={owner.make()}"
                loaded.app = create_app(loaded.tutor, self.settings, owner)
        except BaseException as error:  # noqa: BLE001 - raised again by run(), in the thread that can tell the person
            loaded.error = error
        finally:
            gc.freeze()  # not looked through while the page opens either
            gc.enable()
        soon(loaded.finished.set)
        if loaded.app is not None and loaded.tutor is not None:
            # What only an answer needs is loaded while the learner reads and types, once the page had time to open.
            time.sleep(SECONDS_TO_OPEN)
            warm(loaded.tutor)
            gc.unfreeze()
            gc.collect()
            gc.freeze()  # nor in the pauses of answers from now on

    def _tutor(self) -> "Tutor":
        from tutor.assembly import make_tutor

        progress = _Progress(self.splash)
        tutor, report = make_tutor(self.settings, progress=progress)
        progress.close()
        if report.rebuilt:
            _say(f"The index was made anew: {report.rebuilt}")
        self.splash.doing = text("splash.loading")
        return tutor

    async def _watch(self, tutor: "Tutor") -> None:
        from functools import partial

        from tutor.assembly import update_index
        from tutor.watch import watch

        reindex = partial(update_index, tutor.retriever.index)
        async for change in watch(tutor, self.settings.curricula, reindex):
            for fault in change.faults:
                _say(str(fault))
            _say(change.problem or "The lessons are live as they are saved now.")


class _Progress:
    """Indexing as a bar on the terminal and as words on the splash page."""

    def __init__(self, splash: Splash) -> None:
        self.splash = splash
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Show that so many of all chunks are indexed."""
        from tqdm import tqdm

        self.splash.doing = text("splash.indexing", done=done, total=total)
        if self._bar is None:
            self._bar = tqdm(total=total, desc="Indexing the lessons", unit="chunk", file=sys.stderr)
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()


def _say(words: str) -> None:
    print(words, flush=True)
