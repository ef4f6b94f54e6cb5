"""Sections and the rows that stand for them in a collection: one a chunk, one a question.

Knows nothing of vectors or of where rows are kept.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vectorstore.errors import IndexCorrupt, VectorstoreError
from vectorstore.split import VERSION, Chunk, chunks

if TYPE_CHECKING:
    from langchain_core.documents import Document


@dataclass(frozen=True)
class Section:
    """One section as it was given: the unit that search returns.

    Args:
        id: ``skill/lesson#anchor``; unique.
        text: The whole page content.
        metadata: As given, in JSON's types.
    """

    id: str
    text: str
    metadata: Mapping[str, Any]

    @property
    def skill(self) -> str:
        """The skill it belongs to; sections are kept in the order of (skill, id)."""
        return str(self.metadata.get("skill", ""))


@dataclass(frozen=True)
class Row:
    """One vector's record.

    Args:
        id: The section's id, ``~t`` or ``~a``, and a number: ``nlp/02-tokens#bytes~t0``.
        section: Whose row it is.
        chunk: The slice or question.
        key: SHA-256 of what is embedded, the first 32 digits: rows with one key share a vector.
    """

    id: str
    section: Section
    chunk: Chunk
    key: str

    @property
    def metadata(self) -> dict[str, str | int]:
        """What the collection keeps beside the vector; a section's own metadata lies in its first row."""
        kept: dict[str, str | int] = {
            "section": self.section.id, "skill": self.section.skill, "kind": self.chunk.kind, "key": self.key,
            "n": int(self.id.rpartition("~")[2][1:]),
        }  # fmt: skip
        if self.id.endswith("~t0"):
            kept["data"] = json.dumps(self.section.metadata, sort_keys=True, ensure_ascii=False)
        return kept


def sections(documents: "Iterable[Document]") -> list[Section]:
    """Documents as sections, ordered by (skill, id).

    Raises:
        VectorstoreError: A document has no id, or two have the same.
    """
    found: dict[str, Section] = {}
    for document in documents:
        if not document.id or document.id in found:
            raise VectorstoreError(f"Each section needs an id of its own; {document.id!r} is missing or used twice.")
        metadata = json.loads(json.dumps(document.metadata, default=str))
        text = document.page_content.encode("utf-8", "replace").decode("utf-8")
        found[document.id] = Section(document.id, text, metadata)
    return sorted(found.values(), key=lambda section: (section.skill, section.id))


def digest(ordered: Sequence[Section]) -> str:
    """SHA-256 of all that an index is made from, the way of cutting included."""
    content = hashlib.sha256(f"split {VERSION}".encode())
    for section in ordered:
        line = json.dumps([section.id, section.text, section.metadata], sort_keys=True)
        content.update(line.encode() + b"\n")
    return content.hexdigest()


def rows(section: Section) -> list[Row]:
    """Cut a section: its slices in order, then its questions."""
    made: list[Row] = []
    count = {"text": 0, "ask": 0}
    for chunk in chunks(section.text, section.metadata):
        key = hashlib.sha256(chunk.embedded.encode("utf-8", "replace")).hexdigest()[:32]
        made.append(Row(f"{section.id}~{chunk.kind[0]}{count[chunk.kind]}", section, chunk, key))
        count[chunk.kind] += 1
    return made


def from_records(records: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Section]:
    """Put sections together again from the collection's documents and metadata, in any order.

    Raises:
        IndexCorrupt: A section's first row is missing.
    """
    texts: dict[str, list[tuple[int, str]]] = {}
    data: dict[str, Mapping[str, Any]] = {}
    for text, metadata in records:
        if metadata["kind"] == "text":
            texts.setdefault(metadata["section"], []).append((metadata["n"], text))
        if "data" in metadata:
            data[metadata["section"]] = json.loads(metadata["data"])
    if texts.keys() != data.keys():
        raise IndexCorrupt("The index lacks parts of some sections. Index again: it is then rebuilt.")
    whole = [Section(name, "".join(text for _, text in sorted(parts)), data[name]) for name, parts in texts.items()]
    return sorted(whole, key=lambda section: (section.skill, section.id))
