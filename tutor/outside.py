"""How near a question comes to what the tutor does not do: other subjects, harm, attacks on the tutor itself.

Knows nothing of lessons. The examples lie in outside.json; the gate weighs their nearness against that of the lessons.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embed import Embedder


@dataclass(frozen=True)
class Nearness:
    """Cosine of a question to the nearest example of each kind, -1 to 1; 0 where it was not measured."""

    off_topic: float = 0.0
    harm: float = 0.0
    injection: float = 0.0

    @property
    def kind(self) -> str:
        """The kind that comes nearest: ``off_topic``, ``harm`` or ``injection``."""
        return max(("off_topic", "harm", "injection"), key=lambda name: float(getattr(self, name)))


@cache
def examples() -> Mapping[str, tuple[str, ...]]:
    """The examples by kind."""
    read = json.loads((files("tutor") / "outside.json").read_text(encoding="utf-8"))
    return {kind: tuple(listed) for kind, listed in read.items()}


class Outside:
    """The examples as vectors, embedded once and kept beside the index.

    Args:
        embedder: The embedding model of the index.
        folder: Where the vectors are kept; None keeps them in memory only.
    """

    def __init__(self, embedder: "Embedder", folder: Path | None = None) -> None:
        self._embedder = embedder
        self._folder = folder
        self._vectors: NDArray[np.float32] | None = None

    def prepare(self) -> None:
        """Read the vectors, or embed the examples and keep them; a folder that cannot be written does no harm."""
        import numpy as np

        texts = [text for listed in examples().values() for text in listed]
        name = hashlib.sha256("\0".join([self._embedder.id, *texts]).encode()).hexdigest()[:16]
        path = self._folder / f"outside-{name}.npy" if self._folder is not None else None
        try:
            vectors = np.load(path) if path is not None and path.exists() else None
        except (OSError, ValueError):
            vectors = None
        if vectors is None or vectors.shape != (len(texts), self._embedder.dimension):
            vectors = np.asarray(self._embedder.embed_documents(texts), dtype=np.float32)
            if path is not None:
                _keep(path, vectors)
        self._vectors = vectors

    async def nearness(self, question: str) -> Nearness:
        """How near a question comes to each kind."""
        if self._vectors is None:
            await asyncio.to_thread(self.prepare)
        import numpy as np

        vector = np.asarray(await self._embedder.aembed_query(question), dtype=np.float32)
        assert self._vectors is not None
        cosines = self._vectors @ vector
        found, start = {}, 0
        for kind, listed in examples().items():
            found[kind] = float(cosines[start : start + len(listed)].max())
            start += len(listed)
        return Nearness(**found)


def _keep(path: Path, vectors: "NDArray[np.float32]") -> None:
    import numpy as np

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npy")
        np.save(part, vectors)
        part.replace(path)
    except OSError:
        return
