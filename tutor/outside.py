"""How near a question comes to what the tutor does not do: other subjects, harm, attacks on the tutor itself.

Knows nothing of lessons. The examples lie in outside.json; the gate weighs their nearness against that of the lessons.
"""

import asyncio
import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.disguise import revealed
from vectorstore.prepared import read, write

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embed import Embedder


@dataclass(frozen=True)
class Nearness:
    """Cosine of a question to the nearest example of each kind, -1 to 1; 0 where it was not measured.

    Args:
        off_topic: Other subjects.
        harm: Requests that would do harm.
        injection: Attacks on the tutor itself.
        inside: Questions that look alarming and are for the lessons all the same.
        hidden_harm: Harm in any one clause of the question.
        hidden_injection: An attack in any one clause of the question.
        lean_harm: How harm speaks from the whole question, about 0 to 1, by all examples and lessons together.
        lean_injection: The same for attacks.
        lean_off_topic: The same for other subjects.
    """

    off_topic: float = 0.0
    harm: float = 0.0
    injection: float = 0.0
    inside: float = 0.0
    hidden_harm: float = 0.0
    hidden_injection: float = 0.0
    lean_harm: float = 0.0
    lean_injection: float = 0.0
    lean_off_topic: float = 0.0

    @property
    def kind(self) -> str:
        """The kind that comes nearest: ``off_topic``, ``harm`` or ``injection``."""
        return max(("off_topic", "harm", "injection"), key=lambda name: float(getattr(self, name)))


@cache
def examples() -> Mapping[str, tuple[str, ...]]:
    """The examples by kind."""
    read = json.loads((files("tutor") / "outside.json").read_text(encoding="utf-8"))
    return {kind: tuple(listed) for kind, listed in read.items()}


_LEARNT = ("harm", "injection", "off_topic")
LESSON_ROWS = 4000
"""Vectors of lessons that are enough to learn from."""

VECTORS = (Path(__file__).with_name("outside.npz"),)
"""Where the shipped examples' vectors are."""


def key(text: str) -> bytes:
    """Under what an example's vector is kept."""
    return hashlib.sha256(text.encode()).hexdigest()[:32].encode()


class Outside:
    """The examples as vectors, embedded once and kept beside the index.

    Args:
        embedder: The embedding model of the index.
        folder: Where the vectors are kept; None keeps them in memory only.
        lessons: Gives what `learn` takes, asked before the first question; None learns nothing.
    """

    def __init__(
        self,
        embedder: "Embedder",
        folder: Path | None = None,
        lessons: "Callable[[], NDArray[np.float32]] | None" = None,
    ) -> None:
        self._embedder = embedder
        self._folder = folder
        self._lessons = lessons
        self._preparing = threading.Lock()
        self._vectors: NDArray[np.float32] | None = None
        self._leaning: NDArray[np.float64] | None = None

    def ready(self) -> None:
        """Do once what a question needs: read the vectors, and learn from the lessons if they were given."""
        with self._preparing:
            if self._vectors is None:
                self.prepare()
            if self._leaning is None and self._lessons is not None:
                self.learn(self._lessons())

    def prepare(self) -> None:
        """Read the vectors, or embed the examples and keep them; a folder that cannot be written does no harm."""
        import numpy as np

        texts = [text for listed in examples().values() for text in listed]
        name = hashlib.sha256("\0".join([self._embedder.id, *texts]).encode()).hexdigest()[:16]
        path = self._folder / f"outside-{name}.npy" if self._folder is not None else None
        try:
            vectors = np.load(path) if path is not None and path.exists() else None
        except (OSError, ValueError, EOFError):
            vectors = None
        if vectors is None or vectors.shape != (len(texts), self._embedder.dimension):
            vectors = self._made(texts)
            if path is not None:
                _keep(path, vectors)
        self._vectors = vectors

    def learn(self, lessons: "NDArray[np.float32]") -> None:
        """Learn to tell each kind from the lessons and the other kinds, for ``lean_harm`` and the like.

        Ridge regression of 1 for the kind and 0 for the rest; each group counts alike, however many examples it has.

        Args:
            lessons: Unit vectors of the lessons, rows x dimension; of many some 4,000 are taken.
        """
        import numpy as np

        if self._vectors is None:
            self.prepare()
        assert self._vectors is not None
        groups = {"lessons": lessons[:: max(1, len(lessons) // LESSON_ROWS)]}
        start = 0
        for kind, listed in examples().items():
            groups[kind] = self._vectors[start : start + len(listed)]
            start += len(listed)
        kept = {kind: rows for kind, rows in groups.items() if len(rows)}
        design = _with_one(np.concatenate(list(kept.values())))
        share = np.concatenate([np.full(len(rows), 1000 / len(rows)) for rows in kept.values()])
        aims = np.concatenate(
            [np.tile([kind == each for each in _LEARNT], (len(rows), 1)) for kind, rows in kept.items()]
        )
        weighted = design * share[:, None]
        self._leaning = np.linalg.solve(weighted.T @ design + np.eye(design.shape[1]), weighted.T @ aims)

    def _made(self, texts: list[str]) -> "NDArray[np.float32]":
        """The examples' vectors: shipped where they are, embedded otherwise."""
        import numpy as np

        known = read(VECTORS, self._embedder, {key(text) for text in texts})
        missing = [text for text in texts if key(text) not in known]
        if missing:
            made = np.asarray(self._embedder.embed_documents(missing), dtype=np.float32)
            known.update(zip(map(key, missing), made, strict=True))
        return np.array([known[key(text)] for text in texts], np.float32)

    def keep(self) -> list[Path]:
        """Write the vectors beside the examples, so that nobody else need embed them; the files that changed."""
        self.prepare()
        assert self._vectors is not None
        texts = [text for listed in examples().values() for text in listed]
        return [
            path
            for path in VECTORS
            if write(path, self._embedder, dict(zip(map(key, texts), self._vectors, strict=True)))
        ]

    async def nearness(self, question: str) -> Nearness:
        """How near a question comes to each kind.

        For harm and attacks each clause counts by itself, so that one hidden in harmless text shows; quoted words do
        not count: whoever reports an attack quotes it.
        """
        if self._vectors is None or (self._leaning is None and self._lessons is not None):
            await asyncio.to_thread(self.ready)
        import numpy as np

        assert self._vectors is not None
        read = [question, *clauses(question), *revealed(question)]
        vectors = np.asarray(await asyncio.gather(*map(self._embedder.aembed_query, read)), dtype=np.float32)
        # Not BLAS: on a busy machine its threads wait for each other, 4 ms for what takes 0.2.
        cosines = np.einsum("ij,kj->ik", vectors, self._vectors)
        found, start = {}, 0
        for kind, listed in examples().items():
            block = cosines[:, start : start + len(listed)]
            found[kind] = float(block[0].max())
            if kind in {"harm", "injection"}:
                found[f"hidden_{kind}"] = float(block.max())
            start += len(listed)
        if self._leaning is not None:
            leaning = np.einsum("j,jk->k", _with_one(vectors[:1])[0], self._leaning)
            found.update({f"lean_{kind}": float(value) for kind, value in zip(_LEARNT, leaning, strict=True)})
        return Nearness(**found)


def _with_one(vectors: "NDArray[np.float32]") -> "NDArray[np.float64]":
    import numpy as np

    return np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])


MOST_CLAUSES = 12
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']{6,}'(?!\w)|`[^`]*`")


def clauses(question: str) -> list[str]:
    """The clauses of at least four words in a longer question, without what it quotes; of many the last ones."""
    text = _QUOTED.sub(" ", question)
    found = [part.strip() for part in re.split(r"[.!?;:,\n]+\s|[\n]+| - ", text)]
    long = [part for part in found if len(part.split()) >= 4]
    return long[-MOST_CLAUSES:] if len(long) > 1 or text != question else []


def _keep(path: Path, vectors: "NDArray[np.float32]") -> None:
    import numpy as np

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npy")
        np.save(part, vectors)
        part.replace(path)
    except OSError:
        return
