"""Empties the outbox of scores in the background, each platform by itself, as long as the server runs.

Knows nothing of how a score is sent or earned.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, wait
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tutor.errors import NotFound, StoreError, TutorError
from tutor.store import Store
from tutor.store.lti_links import link, set_line_item
from tutor.store.lti_platforms import platform
from tutor.store.lti_scores import Score, failed, platforms_due, sent, take_due
from tutor.store.lti_tickets import purge_tickets
from ui.lti.refusal import ServiceFailed

if TYPE_CHECKING:
    from ui.lti.services import Services

BETWEEN = 5.0
"""Seconds between two looks into the outbox."""
AT_ONCE = 8
"""Platforms that are sent to at once; each by one sender, so that its scores keep their order."""
IN_A_ROW = 500
"""Scores that a sender takes before the next platform has its turn."""
SECONDS_TO_CLOSE = 2.0
"""How long scores under way may take when the server stops; what is not sent then is sent after the next start."""

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Outbox:
    """Sends scores that are due: to several platforms at once, to each of them one after the other.

    Args:
        store: Where scores wait.
        services: Gives what reaches platforms; not asked for before a score is due.
    """

    def __init__(self, store: Store, services: Callable[[], "Services"]) -> None:
        self._store, self._services = store, services
        self._busy: dict[str, Future[int]] = {}
        self._stopping = threading.Event()
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # Daemons, unlike an executor's: a platform that hangs must not keep the server from ending.
        for _ in range(AT_ONCE):
            threading.Thread(target=self._work, name="outbox", daemon=True).start()

    def look(self, clock: Clock) -> list[Future[int]]:
        """Begin to send to every platform for which a score is due; one that is still being sent to is left alone.

        Returns:
            How many scores arrived, for each platform of this look, once it is known.

        Raises:
            StoreError: The database failed; what was not sent stays due.
        """
        self._busy = {id: sender for id, sender in self._busy.items() if not sender.done()}
        waiting = [id for id in platforms_due(self._store, now=clock()) if id not in self._busy]
        begun = {id: self._begin(id, clock) for id in waiting}
        self._busy |= begun
        return list(begun.values())

    def close(self) -> None:
        """Take no more scores, and let those under way end if they end soon."""
        self._stopping.set()
        for _ in range(AT_ONCE):
            self._jobs.put(None)
        wait(self._busy.values(), SECONDS_TO_CLOSE)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _begin(self, id: str, clock: Clock) -> Future[int]:
        sender: Future[int] = Future()

        def send() -> None:
            try:
                sender.set_result(self._send_all(id, clock))
            except BaseException as error:  # noqa: BLE001 - raised again, or told, by whoever began it
                sender.set_exception(error)

        self._jobs.put(send)
        return sender

    def _send_all(self, id: str, clock: Clock) -> int:
        """Send what is due to one platform; after a failure of its own it is left alone for the rest of this look."""
        arrived, down = 0, ""
        for _ in range(IN_A_ROW):
            if self._stopping.is_set():
                break
            # One at a time: a score is leased to this sender for so long as one sending takes, not a whole class's.
            due = take_due(self._store, id, now=clock(), most=1)
            if not due:
                break
            problem, down = (down, down) if down else self._send(due[0])
            if problem:
                again = failed(self._store, due[0], problem, now=clock())
                when = again.isoformat("T", "seconds")
                log.warning("a score for link %s waits until %s: %s", due[0].link, when, problem)
            else:
                sent(self._store, due[0])
                arrived += 1
        return arrived

    def _send(self, score: Score) -> tuple[str, str]:
        """Send one score; gives what was wrong with it, and what was wrong with the platform as a whole."""
        try:
            target = link(self._store, score.link)
            line_item = self._services().send(platform(self._store, target.platform), target, score)
            if line_item != target.line_item:
                set_line_item(self._store, target.id, line_item)
        except ServiceFailed as failure:
            return str(failure), "" if 400 <= failure.status < 500 else str(failure)
        except StoreError:
            raise
        except (NotFound, TutorError) as error:
            return str(error), ""
        except Exception:
            # The boundary of background work: one score that cannot be sent must not hold up all behind it.
            log.exception("unexpected failure while sending a score for link %s", score.link)
            return "Something unexpected happened; the server's log says what.", ""
        return "", ""


def send_due(store: Store, services: "Services", now: datetime) -> int:
    """Send the scores whose time has come, and wait until that is done.

    Returns:
        How many arrived.

    Raises:
        StoreError: The database failed; what was not sent stays due.
    """
    outbox = Outbox(store, lambda: services)
    try:
        return sum(sender.result() for sender in outbox.look(lambda: now))
    finally:
        outbox.close()


@asynccontextmanager
async def sending(store: Store, services: Callable[[], "Services"]) -> AsyncIterator[None]:
    """Send scores in the background until the block ends."""
    outbox = Outbox(store, services)
    task = asyncio.create_task(_forever(store, outbox))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(outbox.close)


async def _forever(store: Store, outbox: Outbox) -> None:
    rounds = 0
    while True:
        try:
            for sender in await asyncio.to_thread(outbox.look, _now):
                sender.add_done_callback(_told)
            if rounds % 60 == 0:
                await asyncio.to_thread(purge_tickets, store, _now())
        except StoreError as error:
            log.warning("the outbox of scores is out of reach: %s", error)
        rounds += 1
        await asyncio.sleep(BETWEEN)


def _told(sender: Future[int]) -> None:
    """Say that a sender ended because the database failed; its scores stay due."""
    if (error := sender.exception()) is not None:
        log.warning("the outbox of scores is out of reach: %s", error)


def _now() -> datetime:
    return datetime.now(UTC)
