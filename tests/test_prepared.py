"""Vectors made beforehand: written, read, and taken instead of embedding."""

from pathlib import Path

import numpy as np
import pytest
from index_documents import WordVectors, document

from vectorstore.index import Index
from vectorstore.prepared import NAME, read, rounded, write

VECTORS = {b"a" * 32: np.array([0.6, 0.8, 0.0], np.float32), b"b" * 32: np.array([0.0, 0.0, 1.0], np.float32)}


def test_what_is_written_is_read_again_to_float16(tmp_path: Path) -> None:
    path = tmp_path / NAME
    assert write(path, WordVectors(dimension=3), VECTORS)
    found = read([path], WordVectors(dimension=3), {b"a" * 32, b"c" * 32})
    assert list(found) == [b"a" * 32]
    assert np.array_equal(found[b"a" * 32], rounded(VECTORS[b"a" * 32]))


def test_the_same_vectors_leave_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write(path, WordVectors(dimension=3), VECTORS)
    before = path.read_bytes()
    assert not write(path, WordVectors(dimension=3), VECTORS)
    assert path.read_bytes() == before
    assert write(path, WordVectors(dimension=3), {b"a" * 32: VECTORS[b"a" * 32]})
    assert [each.name for each in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"no zip at all"])
def test_a_damaged_file_gives_nothing(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / NAME
    path.write_bytes(damage)
    assert read([path], WordVectors(dimension=3), VECTORS) == {}
    assert "embedded anew" in caplog.text
    assert write(path, WordVectors(dimension=3), VECTORS)


def test_a_missing_file_or_one_of_another_model_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / NAME
    assert read([path], WordVectors(dimension=3), VECTORS) == {}
    write(path, WordVectors(dimension=3), VECTORS)
    other = WordVectors(dimension=3)
    other.id = "other"
    assert read([path], other, VECTORS) == {}


def test_a_first_index_embeds_only_what_was_not_prepared(tmp_path: Path) -> None:
    first, second = document("one", "Text of one."), document("two", "Text of two.")
    maker = WordVectors(dimension=3)
    index = Index(tmp_path / "first", maker)
    index.update([first])
    snapshot = index.open()
    write(tmp_path / NAME, maker, snapshot.vector_of())

    taker = WordVectors(dimension=3)
    other = Index(tmp_path / "second", taker)
    other.update([first, second], prepared=[tmp_path / NAME])
    assert taker.embedded and all("two" in text.lower() for text in taker.embedded)
    taken, made = other.open().vector_of(), snapshot.vector_of()
    assert all(np.array_equal(taken[key], made[key]) for key in made)


def test_vectors_of_one_skill(tmp_path: Path) -> None:
    index = Index(tmp_path / "index", WordVectors(dimension=3))
    index.update([document("one", "Text of one.")])
    snapshot = index.open()
    skill = snapshot.sections[0].skill
    assert snapshot.vector_of(skill).keys() == snapshot.vector_of().keys()
    assert snapshot.vector_of("nobody") == {}
