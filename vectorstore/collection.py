"""Rows in and out of a Chroma collection.

Knows nothing of versions, pointers or sections' order.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from vectorstore.errors import IndexCorrupt
from vectorstore.manifest import Manifest
from vectorstore.rows import Row, from_records, rows
from vectorstore.snapshot import Nearest, Snapshot

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from chromadb.config import Settings
    from numpy.typing import NDArray

_PAGE = 1000


def settings() -> "Settings":
    """Chroma without telemetry."""
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def create(client: "ClientAPI", name: str, **metadata: str | int) -> "Collection":
    """An empty collection for our own vectors, compared by cosine."""
    return client.create_collection(
        name, metadata=metadata or None, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )


def write(collection: "Collection", rows: Sequence[Row], vectors: "NDArray[np.float32]") -> None:
    """Add rows, or replace those with the same id."""
    for begin in range(0, len(rows), _PAGE):
        page = slice(begin, begin + _PAGE)
        collection.upsert(
            ids=[row.id for row in rows[page]],
            embeddings=vectors[page],
            documents=[row.chunk.text for row in rows[page]],
            metadatas=[row.metadata for row in rows[page]],
        )


def remove(collection: "Collection", ids: Sequence[str]) -> None:
    """Delete rows by id."""
    for begin in range(0, len(ids), _PAGE):
        collection.delete(ids=list(ids[begin : begin + _PAGE]))


def read(collection: "Collection", manifest: Manifest) -> Snapshot:
    """Make a snapshot from the collection alone.

    Raises:
        IndexCorrupt: Rows are missing or do not fit together.
    """
    import numpy as np

    records: list[tuple[str, Any]] = []
    vectors: dict[str, NDArray[np.float32]] = {}
    for begin in range(0, manifest.rows, _PAGE):
        page: Any = collection.get(limit=_PAGE, offset=begin, include=["embeddings", "documents", "metadatas"])
        records += zip(page["documents"], page["metadatas"], strict=True)
        vectors.update(zip(page["ids"], np.asarray(page["embeddings"], np.float32), strict=True))
    try:
        found = from_records(records)
        ordered = [row for section in found for row in rows(section)]
        matrix = np.array([vectors[row.id] for row in ordered], np.float32).reshape(-1, manifest.dimension)
    except (KeyError, TypeError, ValueError) as error:
        raise IndexCorrupt(f"The index's collection is incomplete: {error}.") from error
    if len(ordered) != manifest.rows:
        raise IndexCorrupt(f"The index's collection holds {len(ordered)} rows and should hold {manifest.rows}.")
    return Snapshot.of(manifest.version, found, ordered, matrix)


def nearest(collection: "Callable[[], Collection]") -> Nearest:
    """Approximate search in a collection; gives None when the collection has gone, and search then scans.

    Args:
        collection: Opens it; called for each search, so it should remember.
    """

    def find(vector: "NDArray[np.float32]", most: int) -> list[str] | None:
        import httpx
        from chromadb.errors import ChromaError

        try:
            return collection().query(query_embeddings=vector, n_results=most, include=[])["ids"][0]
        except (ChromaError, httpx.HTTPError, OSError, ValueError):
            return None

    return find
