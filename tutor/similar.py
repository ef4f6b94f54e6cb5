"""How near sentences are in meaning, with the index's embedding model; vectors of the lessons' sentences are kept.

Knows nothing of answers: the check of a model's claims asks, and those that start the server prepare.
"""

import hashlib
import json
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embed import Embedder

REMEMBERED = 16_384
"""Sentences in memory, 25 MB: all of the shipped lessons, and what models wrote lately."""
AT_ONCE = 16
"""Sentences embedded in one go in the background: a question that comes meanwhile waits some 50 ms at most."""


class Similar:
    """Cosines of one sentence to several. Safe to share between threads.

    Args:
        embedder: The embedding model of the index.
        folder: Where the lessons' vectors are kept; None keeps them in memory only.
    """

    def __init__(self, embedder: "Embedder", folder: Path | None = None) -> None:
        self._embedder = embedder
        name = hashlib.sha256(embedder.id.encode()).hexdigest()[:16]
        self._path = folder / f"sentences-{name}.npz" if folder is not None else None
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._taking = threading.Lock()
        self._making = threading.Lock()

    def __call__(self, claim: str, pool: Sequence[str]) -> list[float]:
        """Cosine of a claim to each sentence of a pool, -1 to 1."""
        import numpy as np

        vectors = self._vectors([claim, *pool])
        return [float(cosine) for cosine in np.einsum("ij,j->i", vectors[1:], vectors[0])]

    def prepare(self, sentences: Iterable[str]) -> None:
        """Have the vectors of these sentences at hand, from the folder as far as it holds them.

        A folder that cannot be read or written does no harm. From nothing it takes some 5 ms of a processor a sentence.
        """
        wanted = list(dict.fromkeys(sentences))
        with self._taking:
            self._known.update(self._read(set(wanted)))
        missing = [text for text in wanted if text not in self._known]
        # Slice by slice, so that a check in between does not wait for all.
        for start in range(0, len(missing), AT_ONCE):
            self._vectors(missing[start : start + AT_ONCE])
        if missing and self._path is not None:
            _keep(self._path, wanted, self._vectors(wanted))

    def _vectors(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        found = self._remembered(texts)
        if len(found) < len(set(texts)):
            # One at a time: answers that are checked at once mostly lack the same sentences.
            with self._making:
                found = self._remembered(texts)
                missing = [text for text in dict.fromkeys(texts) if text not in found]
                for start in range(0, len(missing), AT_ONCE):
                    found.update(self._made(missing[start : start + AT_ONCE]))
        return np.array([found[text] for text in texts])

    def _remembered(self, texts: Iterable[str]) -> "dict[str, NDArray[np.float32]]":
        with self._taking:
            found = {text: self._known[text] for text in texts if text in self._known}
            for text in found:
                self._known.move_to_end(text)
        return found

    def _made(self, texts: list[str]) -> "dict[str, NDArray[np.float32]]":
        import numpy as np

        # As documents: many at once, and not in the line in which learners' questions wait.
        vectors = np.array(self._embedder.embed_documents(texts), np.float32)
        made = {text: vector.copy() for text, vector in zip(texts, vectors, strict=True)}
        with self._taking:
            self._known.update(made)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return made

    def _read(self, wanted: set[str]) -> "dict[str, NDArray[np.float32]]":
        import numpy as np

        if self._path is None or not self._path.exists():
            return {}
        try:
            with self._path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                texts, vectors = json.loads(file["texts"].tobytes()), file["vectors"]
            if vectors.shape != (len(texts), self._embedder.dimension):
                return {}
            return {text: vector for text, vector in zip(texts, vectors, strict=True) if text in wanted}
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return {}


def _keep(path: Path, texts: Sequence[str], vectors: "NDArray[np.float32]") -> None:
    import numpy as np

    part = path.with_suffix(".part.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(part, texts=np.frombuffer(json.dumps(texts).encode(), np.uint8), vectors=vectors)
        part.replace(path)
    except OSError:
        return
