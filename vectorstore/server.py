"""Versions of an index on a Chroma server: a collection each, and a pointer document in a small collection.

Knows nothing of documents or of embedding models.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vectorstore import collection
from vectorstore.errors import IndexCorrupt, IndexUnreachable, IndexUnwritable
from vectorstore.locks import alone
from vectorstore.manifest import Draft, Manifest
from vectorstore.search import LARGE
from vectorstore.snapshot import Snapshot

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_PATIENCE = 600.0
_ANSWER_SECONDS = 5.0
_LOOK_SECONDS = 1.0  # between two looks at the pointer
_ABANDONED_SECONDS = 3600.0  # an unpublished collection older than this was left by a killed indexer


class ServerVersions:
    """Versions on one server; several machines may read and index.

    There is no lock between machines: each indexer writes a collection of its own name and the pointer moves in one
    write, so the one that finishes last wins, whole.

    Args:
        url: Address of the server, such as ``http://127.0.0.1:8000``.
        name: Start of the collections' names.
        cache: Folder for the snapshot of the current version and the lock of this machine; None for none.
    """

    def __init__(self, url: str, name: str, cache: Path | None) -> None:
        self.url = url.rstrip("/")
        self.name = name
        self.cache = cache
        self._looked = 0.0
        self._looking = threading.Lock()

    @cached_property
    def _client(self) -> "ClientAPI":
        import chromadb

        address = urlsplit(self.url)
        secure = address.scheme == "https"
        try:
            return chromadb.HttpClient(
                host=address.hostname or "localhost",
                port=address.port or (443 if secure else 80),
                ssl=secure,
                settings=collection.settings(),
            )
        except ValueError as error:  # what Chroma makes of a refused connection
            raise ConnectionError(str(error)) from error

    @contextmanager
    def _reached(self) -> "Iterator[ClientAPI]":
        """The client, after a sign of life; whatever breaks on the way is said in one sentence."""
        import httpx
        from chromadb.errors import ChromaAuthError, ChromaError, NotFoundError, RateLimitError

        try:
            httpx.get(f"{self.url}/api/v2/heartbeat", timeout=_ANSWER_SECONDS).raise_for_status()
            yield self._client
        except NotFoundError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ChromaAuthError, RateLimitError) as error:
            raise IndexUnreachable(
                f"The Chroma server at {self.url} does not answer as it should ({error}). "
                "Start it, or correct its address."
            ) from error
        except ChromaError as error:
            raise IndexUnwritable(f"The Chroma server at {self.url} refused ({error}). Look into its log.") from error

    def watch(self, look: Callable[[], None]) -> None:
        """Look beside the search, at most once a second: a slow server must not hold up a question."""
        if time.monotonic() - self._looked < _LOOK_SECONDS or not self._looking.acquire(blocking=False):
            return

        def run() -> None:
            try:
                look()
            finally:
                self._looked = time.monotonic()
                self._looking.release()

        threading.Thread(target=run, name="index-watch", daemon=True).start()

    def pointer(self) -> str:
        """Name of the current version; empty when there is none.

        Raises:
            IndexUnreachable: The server does not answer.
        """
        manifest = self._manifest()
        return manifest.version if manifest else ""

    def current(self) -> Manifest | None:
        """The current version's facts; None when nothing was indexed.

        Raises:
            IndexUnreachable: The server does not answer.
            IndexCorrupt: The pointer leads nowhere.
        """
        from chromadb.errors import NotFoundError

        manifest = self._manifest()
        if manifest is None:
            return None
        try:
            with self._reached() as client:
                rows = client.get_collection(self._name(manifest.version), embedding_function=None).count()
        except NotFoundError as error:
            raise IndexCorrupt(f"The pointer on {self.url} leads to a collection that is not there.") from error
        if rows != manifest.rows:
            raise IndexCorrupt(f"The collection on {self.url} holds {rows} rows and should hold {manifest.rows}.")
        return manifest

    def _manifest(self) -> Manifest | None:
        from chromadb.errors import NotFoundError

        try:
            with self._reached() as client:
                pointer = client.get_collection(f"{self.name}-pointer", embedding_function=None)
                found = pointer.get(ids=["current"], include=["documents"])["documents"]
        except NotFoundError:
            return None
        return Manifest.from_json(found[0]) if found else None

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep other indexers of this machine out, when there is a folder to do it in.

        Raises:
            IndexBusy: Another one does not finish.
        """
        if self.cache is None:
            return nullcontext()
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
        except OSError:
            return nullcontext()  # the cache is a convenience
        return alone(self.cache / "server-lock", _PATIENCE)

    def load(self, manifest: Manifest) -> Snapshot:
        """Read a version, from this machine's copy or else from the server.

        Raises:
            IndexUnreachable: The server does not answer.
            IndexCorrupt: The collection is incomplete, or was removed meanwhile.
        """
        from chromadb.errors import NotFoundError

        name = self._name(manifest.version)
        try:
            snapshot = Snapshot.load((self.cache or Path()) / "server.npz", manifest.version)
        except IndexCorrupt:
            try:
                with self._reached() as client:
                    snapshot = collection.read(client.get_collection(name, embedding_function=None), manifest)
            except NotFoundError as error:
                raise IndexCorrupt(f"The collection {name} on {self.url} is not there.") from error
            self._remember(snapshot)
        if len(snapshot.vectors) <= LARGE:
            return snapshot
        found = collection.nearest(lambda: self._client.get_collection(name, embedding_function=None))
        return replace(snapshot, nearest=found)

    def _remember(self, snapshot: Snapshot) -> None:
        if self.cache is not None:
            with suppress(OSError):
                self.cache.mkdir(parents=True, exist_ok=True)
                snapshot.save(self.cache / "server.npz")

    def publish(self, draft: Draft) -> None:
        """Write a version into a collection of its own, then move the pointer in one write.

        Raises:
            IndexUnreachable: The server does not answer; the version before is untouched.
            IndexUnwritable: The server cannot write.
        """
        import numpy as np

        version = draft.manifest.version
        manifest = replace(draft.manifest, edits=0)
        with self._reached() as client:
            chunks = collection.create(client, self._name(version), created=int(time.time()))
            collection.write(chunks, draft.rows, draft.vectors)
            if chunks.count() != manifest.rows:
                raise IndexUnwritable(f"The Chroma server at {self.url} kept only {chunks.count()} rows. Index again.")
            pointer = client.get_or_create_collection(f"{self.name}-pointer", embedding_function=None)
            pointer.upsert(ids=["current"], embeddings=np.ones((1, 1), np.float32), documents=[manifest.to_json()])
            chunks.modify(metadata={"published": 1})
        self._remember(draft.snapshot)

    def tidy(self, keep: Manifest) -> None:
        """Remove other published versions, and unpublished ones that are surely abandoned."""
        kept = {self._name(keep.version), self._name(keep.previous)}
        with self._reached() as client:
            for found in client.list_collections(limit=1000):
                if not found.name.startswith(f"{self.name}-v") or found.name in kept:
                    continue
                facts = found.metadata or {}
                if facts.get("published") or time.time() - int(facts.get("created", 0)) > _ABANDONED_SECONDS:
                    client.delete_collection(found.name)

    def _name(self, version: str) -> str:
        return f"{self.name}-{version or 'v0'}"
