"""Vectors made beforehand and kept beside the lessons, so that a first index need not embed them again.

Knows nothing of indexes or of lessons: keys and vectors in a file, and out of it.
"""

import logging
import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embed import Embedder

NAME = "vectors.npz"
"""Name of the file beside a skill's lessons."""

_log = logging.getLogger(__name__)


def rounded(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Vectors to the precision in which they are kept (float16), so that one read is like one made here."""
    import numpy as np

    kept: NDArray[np.float32] = vectors.astype(np.float16).astype(np.float32)
    return kept


def write(path: Path, embedder: "Embedder", vectors: "Mapping[bytes, NDArray[np.float32]]") -> bool:
    """Write a file, the same bytes for the same vectors.

    Args:
        path: The file; it is replaced in one step.
        embedder: Whose vectors they are.
        vectors: Unit vectors by the key of what was embedded.

    Returns:
        Whether the file changed.

    Raises:
        OSError: It cannot be written.
    """
    import numpy as np

    keys = sorted(vectors)
    if set(keys) == set(read([path], embedder, keys)) and _count(path) == len(keys):
        return False
    draft = path.with_suffix(".part.npz")
    try:
        with draft.open("wb") as file:
            np.savez(
                file,
                embedder=np.array(embedder.id),
                keys=np.array(keys, "S32"),
                vectors=np.array([vectors[key] for key in keys], np.float16).reshape(-1, embedder.dimension),
            )
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return True


def read(paths: Iterable[Path], embedder: "Embedder", wanted: Collection[bytes]) -> "dict[bytes, NDArray[np.float32]]":
    """The wanted vectors that some files hold; a file that is damaged or of another embedding model gives none."""
    import numpy as np

    found: dict[bytes, NDArray[np.float32]] = {}
    for path in paths:
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                if str(file["embedder"]) != embedder.id or file["vectors"].shape[1:] != (embedder.dimension,):
                    continue
                keys, vectors = file["keys"].tolist(), file["vectors"].astype(np.float32)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            _log.warning("%s cannot be read (%s); its lessons are embedded anew.", path, error)
            continue
        found.update((key, vector) for key, vector in zip(keys, vectors, strict=False) if key in wanted)
    return found


def _count(path: Path) -> int:
    import numpy as np

    with np.load(path, allow_pickle=False) as file:
        return len(file["keys"])
