"""What is known of a version without opening it, and what a place for versions must be able to do.

Knows nothing of Chroma or of vectors.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

from vectorstore.errors import IndexCorrupt
from vectorstore.rows import Row
from vectorstore.snapshot import Snapshot
from vectorstore.split import VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = f"1.{VERSION}"
"""Changes with the layout of an index or with the way sections are cut."""


@dataclass(frozen=True)
class Manifest:
    """One version's facts.

    Args:
        format: FORMAT of the program that made it.
        version: Its name, such as ``v12-9f3a61``.
        previous: The version it followed; empty for the first.
        embedder: Id of the embedding model.
        dimension: Length of the vectors.
        digest: SHA-256 of all sections.
        rows: Number of vectors.
        edits: How many times in a row the collection was edited rather than written anew.
    """

    format: str
    version: str
    previous: str
    embedder: str
    dimension: int
    digest: str
    rows: int
    edits: int = 0

    def to_json(self) -> str:
        """As one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read what `to_json` wrote.

        Raises:
            IndexCorrupt: It is something else.
        """
        try:
            manifest = cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise IndexCorrupt("The index's description cannot be read.") from error
        return manifest


def next_version(previous: str) -> str:
    """A name that no other indexer takes: a number that counts on, and six random digits."""
    number = previous.removeprefix("v").partition("-")[0]
    return f"v{int(number) + 1 if number.isdigit() else 1}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class Draft:
    """A version about to be written.

    Args:
        manifest: Its facts.
        snapshot: What search will read.
        rows: All rows, in the order of the snapshot's vectors.
        stale: Ids of the previous version's rows that changed or went; None when all is to be written anew.
        fresh: Positions of the rows that are new or changed.
    """

    manifest: Manifest
    snapshot: Snapshot
    rows: Sequence[Row]
    stale: Sequence[str] | None
    fresh: Sequence[int]

    @property
    def vectors(self) -> "NDArray[np.float32]":
        """One vector for each row."""
        return self.snapshot.vectors


class Versions(Protocol):
    """A place that keeps versions of an index and knows which one is current."""

    def watch(self, look: Callable[[], None]) -> None:
        """Run a look for a newer version: at once, or beside the search that asked for it."""

    def pointer(self) -> str:
        """Name of the current version, as cheaply as can be; empty when there is none."""

    def current(self) -> Manifest | None:
        """The current version's facts; None when nothing was ever indexed. Raises IndexCorrupt."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep other indexers out. Raises IndexBusy and IndexUnwritable."""

    def load(self, manifest: Manifest) -> Snapshot:
        """Bring a version into memory. Raises IndexCorrupt."""

    def publish(self, draft: Draft) -> None:
        """Write a version, then make it current in one step. Raises IndexUnwritable."""

    def tidy(self, keep: Manifest) -> None:
        """Remove versions nobody reads, except this one and the one before."""
