"""Things that are made when they are first used.

Knows nothing of what they are.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Late(Generic[Thing]):
    """Gives one thing, made at the first call. Safe to use from many threads.

    Args:
        make: Makes it; after an error the next call tries again.

    Example:
        >>> number = Late(lambda: print("made") or 3)
        >>> number() + number()
        made
        6
    """

    def __init__(self, make: Callable[[], Thing]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[Thing] = []

    def __call__(self) -> Thing:
        """The thing."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
