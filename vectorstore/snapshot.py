"""One version of the index in memory: vectors, sections and words; immutable, so that a search never sees two versions.

Knows nothing of Chroma, of folders, or of how results are ranked.
"""

import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vectorstore.errors import IndexCorrupt
from vectorstore.lexicon import Lexicon
from vectorstore.rows import Row, Section
from vectorstore.split import questions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Nearest = Callable[["NDArray[np.float32]", int], list[str] | None]
"""(unit vector, how many) -> ids of the nearest rows by an approximate search; None when it cannot be had."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that search reads. Rows are grouped by section, sections ordered by (skill, id).

    Args:
        version: Name of the version.
        sections: The whole sections.
        vectors: Unit vectors, float32, rows x dimension.
        starts: First row of each section.
        ask: Which rows are questions.
        keys: Each row's key: what was embedded, hashed.
        lengths: Characters of the slice that a row stands for; of a question 0.
        lexicon: BM25 of sections with their questions.
        nearest: Approximate search in the collection, for indexes too large to scan.
    """

    version: str
    sections: tuple[Section, ...]
    vectors: "NDArray[np.float32]"
    starts: "NDArray[np.int64]"
    ask: "NDArray[np.bool_]"
    keys: "NDArray[np.bytes_]"
    lengths: "NDArray[np.int32]"
    lexicon: Lexicon
    nearest: Nearest | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls, version: str, sections: Sequence[Section], rows: Sequence[Row], vectors: "NDArray[np.float32]"
    ) -> "Snapshot":
        """Put a version together.

        Args:
            version: Its name.
            sections: Ordered by (skill, id).
            rows: Those of the sections, in their order.
            vectors: One for each row.
        """
        import numpy as np

        first: dict[str, int] = {}
        for number, row in enumerate(rows):
            first.setdefault(row.section.id, number)
        return cls(
            version,
            tuple(sections),
            vectors,
            np.array([first[section.id] for section in sections], np.int64),
            np.array([row.chunk.kind == "ask" for row in rows], np.bool_),
            np.array([row.key.encode() for row in rows], "S32"),
            np.array([0 if row.chunk.kind == "ask" else len(row.chunk.text) for row in rows], np.int32),
            Lexicon.of([_words(section) for section in sections]),
        )

    @cached_property
    def skills(self) -> Mapping[str, slice]:
        """Which sections are a skill's."""
        found: dict[str, slice] = {}
        for number, section in enumerate(self.sections):
            begin = found[section.skill].start if section.skill in found else number
            found[section.skill] = slice(begin, number + 1)
        return found

    @cached_property
    def asides(self) -> "Sequence[tuple[frozenset[str], NDArray[np.bool_]]]":
        """Sections that step back until they are asked for: the words that do it, and a mask of the sections."""
        import numpy as np

        words = [frozenset(map(str, section.metadata.get("aside") or ())) for section in self.sections]
        kinds = dict.fromkeys(each for each in words if each)
        return [(kind, np.array([each == kind for each in words], np.bool_)) for kind in kinds]

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Position of each section by its id."""
        return {section.id: number for number, section in enumerate(self.sections)}

    @cached_property
    def plain_lexicon(self) -> Lexicon:
        """BM25 of the sections without their questions; made on first use, only the evaluation asks for it."""
        return Lexicon.of([section.text for section in self.sections])

    @cached_property
    def ends(self) -> "NDArray[np.int64]":
        """First row after each section."""
        import numpy as np

        return np.append(self.starts[1:], len(self.vectors))

    def chunks(self, number: int) -> list[tuple[str, int]]:
        """The slices of a section in their order, each with its row."""
        found, begin = [], 0
        text = self.sections[number].text
        for row in range(int(self.starts[number]), int(self.ends[number])):
            if not self.ask[row]:
                end = begin + int(self.lengths[row])
                found.append((text[begin:end], row))
                begin = end
        return found

    def questions(self, skill: str, most: int) -> "tuple[list[str], NDArray[np.float32]]":
        """Questions of a skill's sections, taken evenly from all of them, with their vectors."""
        import numpy as np

        scope = self.skills[skill]
        texts = [question for section in self.sections[scope] for question in questions(section.metadata)]
        first, last = int(self.starts[scope.start]), int(self.ends[scope.stop - 1])
        rows = first + np.flatnonzero(self.ask[first:last])
        step = max(1, -(-len(rows) // most))
        return texts[::step], self.vectors[rows[::step]]

    def vector_of(self, skill: str = "") -> "dict[bytes, NDArray[np.float32]]":
        """Vectors by key, of one skill or of all, so that what did not change need not be embedded again."""
        scope = self.skills.get(skill, slice(0, 0)) if skill else slice(0, len(self.sections))
        ends = [*self.starts.tolist(), len(self.vectors)]
        rows = slice(ends[scope.start], ends[scope.stop])
        return dict(zip(self.keys[rows].tolist(), self.vectors[rows], strict=True))

    def save(self, path: Path) -> None:
        """Write a file that `load` reads in milliseconds; complete or not there at all.

        Raises:
            OSError: The file cannot be written.
        """
        import numpy as np

        documents = json.dumps([[section.id, section.text, section.metadata] for section in self.sections])
        arrays: dict[str, Any] = {
            "version": np.array(self.version), "sections": np.frombuffer(documents.encode(), np.uint8),
            "vectors": self.vectors, "starts": self.starts, "ask": self.ask, "keys": self.keys,
            "lengths": self.lengths,
        }  # fmt: skip
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                np.savez(file, **(arrays | self.lexicon.to_arrays()))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path, version: str) -> "Snapshot":
        """Read what `save` wrote; zip checksums show damage.

        Raises:
            IndexCorrupt: The file is missing, damaged or of another version.
        """
        import numpy as np

        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            if str(arrays["version"]) != version:
                raise ValueError("another version")
            documents = json.loads(arrays["sections"].tobytes())
            found = tuple(Section(*document) for document in documents)
            lexicon = Lexicon.from_arrays(arrays)
            vectors, starts, ask = arrays["vectors"], arrays["starts"], arrays["ask"]
            keys, lengths = arrays["keys"], arrays["lengths"]
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise IndexCorrupt(f"{path} cannot be read: {error}.") from error
        return cls(version, found, vectors, starts, ask, keys, lengths, lexicon)


def _words(section: Section) -> str:
    return "\n".join([section.text, *map(str, section.metadata.get("asks") or ())])
