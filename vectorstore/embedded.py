"""Versions of an index in a folder: a Chroma database each, and a pointer that moves in one step.

Knows nothing of documents or of embedding models. The folder::

    CURRENT          name of the current version
    lock             held by the one indexer at work
    v12-9f3a61/      manifest.json, chroma/, snapshot.npz (made from chroma/, made again when missing), in-use
"""

import os
import shutil
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vectorstore import collection
from vectorstore.errors import IndexCorrupt, IndexUnwritable
from vectorstore.locks import Lock, alone
from vectorstore.manifest import Draft, Manifest
from vectorstore.search import LARGE
from vectorstore.snapshot import Snapshot

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

_PATIENCE = 600.0  # seconds to wait for another indexer; a first index of ten skills takes about one minute
_SQLITE = b"SQLite format 3\0"


class EmbeddedVersions:
    """Versions in one folder.

    Args:
        root: The folder; made when the first version is written.
        name: Name of the collection in each version.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name

    def watch(self, look: Callable[[], None]) -> None:
        """Look at once: a folder answers in microseconds."""
        look()

    def pointer(self) -> str:
        """Name of the current version; empty when there is none."""
        try:
            return (self.root / "CURRENT").read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def current(self) -> Manifest | None:
        """The current version's facts; None when nothing was indexed.

        Raises:
            IndexCorrupt: There is something, but no version can be read from it.
        """
        version = self.pointer()
        folder = self.root / version
        if not version:
            if any(self.root.glob("v*/manifest.json")) or (self.root / "CURRENT").exists():
                raise IndexCorrupt(f"{self.root / 'CURRENT'} is missing or unreadable.")
            return None
        try:
            manifest = Manifest.from_json((folder / "manifest.json").read_text("utf-8"))
            with (folder / "chroma" / "chroma.sqlite3").open("rb") as file:
                whole = file.read(len(_SQLITE)) == _SQLITE
        except (OSError, UnicodeDecodeError) as error:
            raise IndexCorrupt(f"{folder} is incomplete: {error}.") from error
        if not whole:
            raise IndexCorrupt(f"{folder / 'chroma' / 'chroma.sqlite3'} is not a database.")
        return manifest

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other indexers out, in this process and in others.

        Raises:
            IndexBusy: Another one does not finish.
            IndexUnwritable: The folder cannot be made or written.
        """
        with self._unwritable():
            self.root.mkdir(parents=True, exist_ok=True)
            held = alone(self.root / "lock", _PATIENCE)
            held.__enter__()
        try:
            yield
        finally:
            held.__exit__(None, None, None)

    def load(self, manifest: Manifest) -> Snapshot:
        """Read a version, from its snapshot file or else from Chroma.

        Raises:
            IndexCorrupt: Neither can be read, or the version was removed meanwhile.
        """
        folder = self.root / manifest.version
        try:
            lock = Lock(folder / "in-use", shared=True)
        except OSError as error:
            raise IndexCorrupt(f"{folder} cannot be read: {error}.") from error
        kept = False
        try:
            snapshot = self._read(folder, manifest)
            if len(snapshot.vectors) > LARGE:
                snapshot = replace(snapshot, nearest=_Graph(folder / "chroma", self.name, lock).nearest)
                kept = True
            return snapshot
        finally:
            if not kept:
                lock.release()

    def _read(self, folder: Path, manifest: Manifest) -> Snapshot:
        try:
            return Snapshot.load(folder / "snapshot.npz", manifest.version)
        except IndexCorrupt:
            snapshot = self._read_chroma(folder, manifest)
        with suppress(OSError):  # a folder that cannot be written is still read, only more slowly
            snapshot.save(folder / "snapshot.npz")
        return snapshot

    def _read_chroma(self, folder: Path, manifest: Manifest) -> Snapshot:
        from chromadb.errors import ChromaError

        try:
            with _opened(folder / "chroma") as client:
                return collection.read(client.get_collection(self.name, embedding_function=None), manifest)
        except (ChromaError, OSError) as error:
            raise IndexCorrupt(f"{folder / 'chroma'} cannot be read: {error}") from error

    def publish(self, draft: Draft) -> None:
        """Write a version into a folder of its own, to the disk, then move the pointer.

        Raises:
            IndexUnwritable: Full disk or no permission; the version before is untouched.
        """
        folder = self.root / draft.manifest.version
        try:
            with self._unwritable():
                folder.mkdir()
                (folder / "in-use").touch()
                edited = self._edit(folder, draft)
                if not edited:
                    self._write(folder, draft)
                manifest = replace(draft.manifest, edits=draft.manifest.edits if edited else 0)
                draft.snapshot.save(folder / "snapshot.npz")
                (folder / "manifest.json").write_text(manifest.to_json() + "\n", "utf-8")
                _to_disk(folder)
                self._point_to(manifest.version)
        except IndexUnwritable:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _edit(self, folder: Path, draft: Draft) -> bool:
        """Copy the previous version's database and change what changed; False when it must be written anew."""
        from chromadb.errors import ChromaError

        if draft.stale is None:
            return False
        try:
            _copy(self.root / draft.manifest.previous / "chroma", folder / "chroma")
            with _opened(folder / "chroma") as client:
                chunks = client.get_collection(self.name, embedding_function=None)
                collection.remove(chunks, draft.stale)
                collection.write(chunks, [draft.rows[i] for i in draft.fresh], draft.vectors[list(draft.fresh)])
                complete = chunks.count() == len(draft.rows)
        except (ChromaError, sqlite3.Error, shutil.Error, FileNotFoundError):
            complete = False
        if not complete:
            shutil.rmtree(folder / "chroma", ignore_errors=True)
        return complete

    def _write(self, folder: Path, draft: Draft) -> None:
        (folder / "chroma").mkdir()
        with _opened(folder / "chroma") as client:
            collection.write(collection.create(client, self.name), draft.rows, draft.vectors)

    def _point_to(self, version: str) -> None:
        pointer = self.root / "CURRENT.new"
        with pointer.open("w", encoding="utf-8") as file:
            file.write(version + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(pointer, self.root / "CURRENT")
        _sync_folder(self.root)

    def tidy(self, keep: Manifest) -> None:
        """Remove other versions, and what a killed indexer left, unless somebody reads them."""
        for folder in self.root.glob("v*"):
            if folder.name in (keep.version, keep.previous) or not folder.is_dir():
                continue
            with suppress(OSError), closing(_Held(Lock(folder / "in-use"))):
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _unwritable(self) -> Iterator[None]:
        """Say in one sentence that the folder cannot be written."""
        from chromadb.errors import ChromaError

        try:
            yield
        except (OSError, ChromaError) as error:
            cause = getattr(error, "strerror", None) or str(error)
            raise IndexUnwritable(
                f"The index cannot be written to {self.root} ({cause}). Make room there, or choose another data folder."
            ) from error


class _Held:
    def __init__(self, lock: Lock) -> None:
        self.close = lock.release


class _Graph:
    """Chroma's approximate search in one version, opened with the first question; keeps the version from removal."""

    def __init__(self, folder: Path, name: str, lock: Lock) -> None:
        self._folder = folder
        self._name = name
        self._opening = threading.Lock()
        self._collection: Collection | None = None
        self.nearest = collection.nearest(self._open)
        weakref.finalize(self.nearest, lock.release)

    def _open(self) -> "Collection":
        with self._opening:
            if self._collection is None:
                client = _client(self._folder)
                weakref.finalize(self.nearest, client.close)
                self._collection = client.get_collection(self._name, embedding_function=None)
            return self._collection


def _client(folder: Path) -> "Client":
    import chromadb

    try:
        client = chromadb.PersistentClient(str(folder), settings=collection.settings())
    except (ValueError, AttributeError) as error:
        # What Chroma makes of a database it cannot create, and of one that it could not open a moment ago.
        raise OSError(str(error)) from error
    return cast("Client", client)


@contextmanager
def _opened(folder: Path) -> "Iterator[Client]":
    client = _client(folder)
    try:
        yield client
    finally:
        client.close()


def _copy(source: Path, target: Path) -> None:
    """Copy a database that another process may have open for reading."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("chroma.sqlite3*"))
    with (
        closing(sqlite3.connect(f"{(source / 'chroma.sqlite3').resolve().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target / "chroma.sqlite3")) as new,
    ):
        old.backup(new)


def _to_disk(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        else:
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows neither allows nor needs it
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
