"""Empties the outbox of scores in the background, as long as the server runs.

Knows nothing of how a score is sent or earned.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from tutor.errors import NotFound, StoreError, TutorError
from tutor.store import Store
from tutor.store.lti_links import link, set_line_item
from tutor.store.lti_platforms import platform
from tutor.store.lti_scores import Score, failed, sent, take_due
from tutor.store.lti_tickets import purge_tickets
from ui.lti.connection import ServiceFailed
from ui.lti.services import Services

BETWEEN = 5.0
"""Seconds between two looks into the outbox."""

log = logging.getLogger(__name__)


def send_due(store: Store, services: Services, now: datetime) -> int:
    """Send the scores whose time has come.

    A platform that fails once is left alone for the rest of this round.

    Returns:
        How many arrived.

    Raises:
        StoreError: The database failed; what was not sent stays due.
    """
    down: dict[str, str] = {}
    arrived = 0
    for score in take_due(store, now=now):
        try:
            problem = _send(store, services, score, down)
        except StoreError:
            raise
        except Exception:
            # The boundary of background work: one score that cannot be sent must not hold up all behind it.
            log.exception("unexpected failure while sending a score for link %s", score.link)
            problem = "Something unexpected happened; the server's log says what."
        if problem:
            again = failed(store, score, problem, now=now)
            log.warning("a score for link %s waits until %s: %s", score.link, again.isoformat("T", "seconds"), problem)
        else:
            sent(store, score)
            arrived += 1
    return arrived


def _send(store: Store, services: Services, score: Score, down: dict[str, str]) -> str:
    try:
        target = link(store, score.link)
        source = platform(store, target.platform)
    except NotFound as error:
        return str(error)
    if source.id in down:
        return down[source.id]
    try:
        line_item = services.send(source, target, score)
    except ServiceFailed as failure:
        if not 400 <= failure.status < 500:
            down[source.id] = str(failure)
        return str(failure)
    except TutorError as error:
        return str(error)
    if line_item != target.line_item:
        set_line_item(store, target.id, line_item)
    return ""


@asynccontextmanager
async def sending(store: Store, services: Services) -> AsyncIterator[None]:
    """Send scores in the background until the block ends."""
    task = asyncio.create_task(_forever(store, services))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forever(store: Store, services: Services) -> None:
    rounds = 0
    while True:
        now = datetime.now(UTC)
        try:
            await asyncio.to_thread(send_due, store, services, now)
            if rounds % 60 == 0:
                await asyncio.to_thread(purge_tickets, store, now)
        except StoreError as error:
            log.warning("the outbox of scores is out of reach: %s", error)
        rounds += 1
        await asyncio.sleep(BETWEEN)
