"""What kind of message a text is, by words, letters and meaning: for the lessons, another subject, harm, an attack.

Knows nothing of passages or verdicts. A small network: hashed words and letters count linearly, the embedding through a
hidden layer. Its weights lie in kinds.npz and are made by benchmarks/train_kinds.py.
"""

import re
import unicodedata
import zlib
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("lessons", "off_topic", "harm", "injection")
"""The classes, in the order of the weights' columns."""

WEIGHTS = Path(__file__).with_name("kinds.npz")
WORDS, LETTERS = 2**15, 2**16
"""Rows of the weights for words with pairs of words, and for runs of 2 to 5 letters; where they fall is a hash."""

PARTS = ("words", "letters", "meaning", "threshold", "hidden", "bias")
"""The weights, as they are kept: WORDS x 4, LETTERS x 4, dimension x units, units, units x 4, 4."""

_RUNS = range(2, 6)
_HALF = 2000  # characters read from the beginning and from the end of a long text
_WORD = re.compile(r"\w+|[?!]")
_PRIME, _MIX = 0x01000193, 0x9E3779B1


def folded(text: str) -> str:
    """A text in one spelling: compatibility forms, lower case, nothing invisible, single spaces; its ends if long."""
    if len(text) > 2 * _HALF:
        text = f"{text[:_HALF]} {text[-_HALF:]}"
    text = unicodedata.normalize("NFKC", text).lower()
    return " ".join("".join(char for char in text if unicodedata.category(char) != "Cf").split())


def words(text: str) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Rows of a folded text's words and pairs of neighbours, and their values: a vector of length 1."""
    import numpy as np

    found = _WORD.findall(text)
    pairs = [" ".join(pair) for pair in pairwise(found)]
    return _weighed(np.array([zlib.crc32(each.encode()) % WORDS for each in (*found, *pairs)], np.int64))


def letters(text: str) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Rows of a folded text's runs of letters, word ends included, and their values: a vector of length 1."""
    import numpy as np

    codes = np.frombuffer(f" {text} ".encode("utf-32-le", "replace"), np.uint32)
    rows = []
    for run in _RUNS:
        if len(codes) < run:
            break
        hashed = np.full(len(codes) - run + 1, run, np.uint32)
        for offset in range(run):
            hashed *= np.uint32(_PRIME)  # all products modulo 2**32, as the type wraps around
            hashed += codes[offset : len(codes) - run + 1 + offset]
        hashed *= np.uint32(_MIX)
        rows.append((hashed >> np.uint32(16)) % np.uint32(LETTERS))
    return _weighed(np.concatenate(rows).astype(np.int64))


def _weighed(rows: "NDArray[np.int64]") -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Each row once, with 1 + log of how often it came, to length 1."""
    import numpy as np

    once, counts = np.unique(rows, return_counts=True)
    values = (1 + np.log(counts)).astype(np.float32)
    return once, values / max(float(np.linalg.norm(values)), 1e-9)


class Kinds:
    """The network.

    Args:
        path: Its weights, by the names of ``PARTS``.
    """

    def __init__(self, path: Path = WEIGHTS) -> None:
        self._path = path

    @cached_property
    def _weights(self) -> "dict[str, NDArray[np.float32]]":
        import numpy as np

        with np.load(self._path) as kept:
            return {name: kept[name].astype(np.float32) for name in PARTS}

    def load(self) -> None:
        """Read the weights now rather than with the first text."""
        _ = self._weights

    def odds(self, texts: Sequence[str], vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """Log-odds of each kind but the first against "for the lessons".

        Args:
            texts: Messages or their clauses.
            vectors: A unit vector for each.

        Returns:
            texts x 3: other subjects, harm, attacks.
        """
        import numpy as np

        held = self._weights
        # Not a matrix product: that of one text and that of many may differ in the last digit, and so in the verdict.
        units = np.maximum(np.einsum("ij,jk->ik", vectors, held["meaning"]) + held["threshold"], 0)
        scores = np.einsum("ij,jk->ik", units, held["hidden"]) + held["bias"]
        for row, text in enumerate(map(folded, texts)):
            for name, read in (("words", words), ("letters", letters)):
                rows, values = read(text)
                scores[row] += values @ held[name][rows]
        against: NDArray[np.float32] = scores[:, 1:] - scores[:, :1]
        return against
