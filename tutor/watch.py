"""Lessons that change while they are served: read again, index, swap, and say what is wrong with them.

Knows nothing of pages. A lesson with a fault that cannot work keeps its last good version until it is mended.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.curriculum import Curriculum, load
from tutor.errors import TutorError
from tutor.fault import Fault

if TYPE_CHECKING:
    from tutor.session import Tutor

log = logging.getLogger(__name__)
# Editors save in several steps; what comes within this time is one change. Milliseconds.
SETTLE = 150


@dataclass(frozen=True)
class Change:
    """What one saved change came to.

    Args:
        faults: All faults of the curriculum as it is on disk now.
        problem: Why the last good state serves on as a whole; empty when the change is live.
    """

    faults: tuple[Fault, ...]
    problem: str = ""


async def watch(
    tutor: "Tutor", folders: Sequence[Path], reindex: Callable[[Curriculum], object], stop: asyncio.Event | None = None
) -> AsyncIterator[Change]:
    """Serve each saved change as soon as it is indexed.

    Args:
        tutor: Its curriculum is replaced.
        folders: The curriculum folders.
        reindex: Brings the index to the state of a curriculum; runs in a thread.
        stop: Ends the watching when set.

    Yields:
        One Change for each batch of saved files.
    """
    from watchfiles import DefaultFilter, awatch

    present = [folder for folder in folders if folder.is_dir()]
    async for _ in awatch(*present, watch_filter=DefaultFilter(), debounce=SETTLE, step=50, stop_event=stop):
        change = await asyncio.to_thread(apply, tutor, folders, reindex)
        for fault in change.faults:
            log.info("%s", fault)
        yield change


def apply(tutor: "Tutor", folders: Sequence[Path], reindex: Callable[[Curriculum], object]) -> Change:
    """Read the folders again, index what works and make it the tutor's curriculum."""
    try:
        fresh = load(folders, previous=tutor.curriculum)
        reindex(fresh)
    except TutorError as error:
        return Change(tutor.curriculum.faults, str(error))
    tutor.curriculum = fresh
    return Change(fresh.faults)
