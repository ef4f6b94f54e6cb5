"""Documents to a searchable index: only what changed is embedded, and a new version replaces the old one in one step.

Knows nothing of how results are ranked, or of where the documents came from.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.embed import Embedder
from vectorstore.errors import IndexCorrupt, IndexMissing, VectorstoreError
from vectorstore.manifest import FORMAT, Draft, Manifest, Versions, next_version
from vectorstore.prepared import read as read_prepared
from vectorstore.prepared import rounded
from vectorstore.rows import Row, Section, digest, rows, sections
from vectorstore.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.documents import Document
    from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""(vectors made, vectors to make)"""

_Making = tuple[Progress | None, Sequence[Path]]  # how vectors are made: who is told, what was made beforehand

_SLICE = 32  # texts embedded between two calls of progress
_EDITS = 50  # edited copies in a row before a collection is written anew, so that deleted rows do not pile up

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """What an update did, counted in sections.

    Args:
        added: New sections.
        updated: Sections whose text, questions or metadata changed.
        removed: Sections that are gone.
        unchanged: Sections left as they were.
        seconds: How long it took.
        version: Name of the version now current.
        rebuilt: Why everything was made anew; empty when it was not.
    """

    added: int
    updated: int
    removed: int
    unchanged: int
    seconds: float
    version: str
    rebuilt: str = ""


class Index:
    """One index and its current version. Safe to share between threads; several processes may use one folder.

    Example:
        >>> index = Index(Path("data/index"), MiniLM())         # doctest: +SKIP
        >>> index.update(documents).version                      # doctest: +SKIP
        'v1-9f3a61'

    Args:
        directory: Folder of the embedded index; with a server, of this machine's copy, and then it may be None.
        embedder: Makes the vectors; an index made with another one is rebuilt.
        chroma_url: Address of a Chroma server; empty for the embedded index.
        name: Name of the collection.
    """

    def __init__(
        self, directory: Path | None, embedder: Embedder, *, chroma_url: str = "", name: str = "lessons"
    ) -> None:
        self.embedder = embedder
        self._versions = _place(directory, chroma_url, name)
        self._snapshot: Snapshot | None = None
        self._loading = threading.Lock()

    def update(
        self, documents: "Iterable[Document]", progress: Progress | None = None, prepared: Sequence[Path] = ()
    ) -> Report:
        """Make the index hold exactly these sections.

        Args:
            documents: One a section: `id` ``skill/lesson#anchor``, metadata with `skill`, `lesson_title`, `section`
                and `asks`.
            progress: Told after each slice how many of the new vectors are made.
            prepared: Files with vectors made beforehand; what they hold is not embedded.

        Raises:
            VectorstoreError: Two sections share an id, or one of its kinds: IndexUnwritable, IndexBusy,
                IndexUnreachable, EmbedderMissing. The version before stays in place.
        """
        began = time.perf_counter()
        wanted = sections(documents)
        content = digest(wanted)
        manifest, _ = self._standing()
        if manifest is None or manifest.digest != content:
            with self._versions.exclusive():
                manifest, reason = self._standing()
                if manifest is None or manifest.digest != content:
                    return self._renew(wanted, content, manifest, reason, (progress, prepared), began)
        return Report(0, 0, 0, len(wanted), time.perf_counter() - began, manifest.version)

    def open(self) -> Snapshot:
        """The current version; a newer one, also of another process, is picked up by later calls.

        Raises:
            IndexMissing: Nothing was indexed, or by another embedding model.
            IndexCorrupt: It cannot be read; `update` rebuilds it.
            IndexUnreachable: The Chroma server does not answer, and nothing was read before.
        """
        snapshot = self._snapshot
        if snapshot is None:
            with self._loading:
                return self._snapshot or self._load()
        self._versions.watch(self._look)
        return self._snapshot or snapshot

    def _standing(self) -> tuple[Manifest | None, str]:
        """The current version if it can be built upon, otherwise why not."""
        try:
            manifest = self._versions.current()
        except IndexCorrupt as error:
            return None, str(error)
        if manifest is not None and manifest.format != FORMAT:
            return None, "The index was made by another version of the program."
        if manifest is not None and (manifest.embedder, manifest.dimension) != self._model:
            return None, f"The index was made with another embedding model ({manifest.embedder})."
        return manifest, ""

    @property
    def _model(self) -> tuple[str, int]:
        return self.embedder.id, self.embedder.dimension

    def _renew(
        self,
        wanted: list[Section],
        content: str,
        manifest: Manifest | None,
        reason: str,
        making: _Making,
        began: float,
    ) -> Report:
        """Write the next version; the caller keeps other indexers out."""
        old, damage = self._old(manifest)
        draft = self._draft(wanted, content, manifest, old, making)
        self._versions.publish(draft)
        with self._loading:
            self._snapshot = None
            self._load()
        try:
            self._versions.tidy(draft.manifest)
        except VectorstoreError as error:
            _log.warning("Old versions of the index were not removed: %s", error)
        before = {section.id: section for section in old.sections} if old else {}
        now = {section.id: section for section in wanted}
        same = sum(before.get(name) == section for name, section in now.items())
        return Report(
            added=len(now.keys() - before.keys()),
            updated=len(now.keys() & before.keys()) - same,
            removed=len(before.keys() - now.keys()),
            unchanged=same,
            seconds=time.perf_counter() - began,
            version=draft.manifest.version,
            rebuilt=reason or damage,
        )

    def _old(self, manifest: Manifest | None) -> tuple[Snapshot | None, str]:
        if manifest is None:
            return None, ""
        try:
            return self._versions.load(manifest), ""
        except IndexCorrupt as error:
            return None, str(error)

    def _draft(
        self,
        wanted: Sequence[Section],
        content: str,
        manifest: Manifest | None,
        old: Snapshot | None,
        making: _Making,
    ) -> Draft:
        before = {section.id: section for section in old.sections} if old else {}
        made = [row for section in wanted for row in rows(section)]
        vectors = self._vectors(made, old, making)
        fresh = [number for number, row in enumerate(made) if before.get(row.section.id) != row.section]
        now = {section.id: section for section in wanted}
        stale = [row.id for section in before.values() if now.get(section.id) != section for row in rows(section)]
        edits = manifest.edits + 1 if manifest else 0
        anew = old is None or edits > _EDITS or len(fresh) + len(stale) > len(made)
        previous = self._versions.pointer()
        version = next_version(previous)
        facts = Manifest(FORMAT, version, previous, *self._model, content, len(made), edits)
        return Draft(facts, Snapshot.of(version, wanted, made, vectors), made, None if anew else stale, fresh)

    def _vectors(self, made: Sequence[Row], old: Snapshot | None, making: _Making) -> "NDArray[np.float32]":
        """One unit vector a row; those of unchanged texts are taken from the version before, or from prepared files."""
        import numpy as np

        progress, prepared = making
        known = old.vector_of() if old else {}
        texts = {row.key.encode(): row.chunk.embedded for row in made}
        known.update(read_prepared(prepared, self.embedder, texts.keys() - known.keys()))
        missing = sorted((key for key in texts if key not in known), key=lambda key: (len(texts[key]), key))
        for begin in range(0, len(missing), _SLICE):
            keys = missing[begin : begin + _SLICE]
            new = np.array(self.embedder.embed_documents([texts[key] for key in keys]), np.float32)
            known.update(zip(keys, rounded(_unit(new, self.embedder.dimension)), strict=True))
            if progress:
                progress(begin + len(keys), len(missing))
        vectors = np.zeros((len(made), self.embedder.dimension), np.float32)
        for number, row in enumerate(made):
            vectors[number] = known[row.key.encode()]
        return vectors

    def _load(self) -> Snapshot:
        """Read the current version; it may be replaced, and even removed, while it is read: then try the new one."""
        while True:
            manifest, reason = self._standing()
            if manifest is None:
                kind = IndexCorrupt if reason else IndexMissing
                raise kind(f"{reason or 'Nothing was indexed yet.'} Run the command `index` to make the index.")
            try:
                self._snapshot = self._versions.load(manifest)
                return self._snapshot
            except IndexCorrupt:
                if self._versions.pointer() == manifest.version:
                    raise

    def _look(self) -> None:
        """Take up a newer version if there is one; whatever goes wrong, the one in memory goes on serving."""
        snapshot = self._snapshot
        try:
            pointer = self._versions.pointer()
            if snapshot is None or pointer in ("", snapshot.version) or not self._loading.acquire(blocking=False):
                return
            try:
                self._load()
            finally:
                self._loading.release()
        except VectorstoreError as error:
            _log.warning("A newer version of the index could not be opened: %s", error)


def _place(directory: Path | None, chroma_url: str, name: str) -> Versions:
    if chroma_url:
        from vectorstore.server import ServerVersions

        return ServerVersions(chroma_url, name, directory / name if directory else None)
    if directory is None:
        raise ValueError("an embedded index needs a directory")
    from vectorstore.embedded import EmbeddedVersions

    return EmbeddedVersions(directory / name, name)


def _unit(vectors: "NDArray[np.float32]", dimension: int) -> "NDArray[np.float32]":
    """Vectors of length one; those that are already are kept to the last bit."""
    import numpy as np

    if vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise VectorstoreError(
            f"The embedding model gave vectors of shape {vectors.shape}, not of {dimension} numbers."
        )
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[np.abs(lengths - 1) < 1e-5] = 1.0
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-12)
    return unit
