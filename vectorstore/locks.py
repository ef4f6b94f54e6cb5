"""File locks between processes and threads, released by the system when a process dies.

Knows nothing of what they protect.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vectorstore.errors import IndexBusy

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int, shared: bool) -> None:
        if not shared:  # Windows has no shared byte locks; it refuses to delete files that are open instead
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int, shared: bool) -> None:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


class Lock:
    """A lock that is held until `release`.

    Args:
        path: An empty file that stands for what is locked; it must exist for a shared lock and is made otherwise.
        shared: Several may hold it at once, while nobody holds it alone.

    Raises:
        BlockingIOError: Somebody else holds it.
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path, shared: bool = False) -> None:
        self._handle = os.open(
            path, (os.O_RDONLY if shared else os.O_RDWR | os.O_CREAT) | getattr(os, "O_CLOEXEC", 0), 0o644
        )
        try:
            _take(self._handle, shared)
        except OSError as error:
            os.close(self._handle)
            raise BlockingIOError(error.errno, "locked", str(path)) from error

    def release(self) -> None:
        """Let others have it. Releasing twice does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


@contextmanager
def alone(path: Path, patience: float) -> Iterator[None]:
    """Hold a lock alone, waiting while somebody else has it.

    Args:
        path: The lock's file; its folder exists.
        patience: Seconds to wait.

    Raises:
        IndexBusy: It was not released in time.
    """
    end = time.monotonic() + patience
    while True:
        try:
            lock = Lock(path)
            break
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise IndexBusy(
                    f"Another process has been indexing for over {patience:.0f} seconds and holds {path}. "
                    "Wait until it has finished, or end it."
                ) from error
            time.sleep(0.05)
    try:
        yield
    finally:
        lock.release()
