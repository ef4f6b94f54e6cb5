"""Cosines of sentences, and their vectors kept beside the index."""

from pathlib import Path

import pytest

from tutor.similar import Similar


class Letters:
    """Vectors of two numbers: how many a and b a text has; counts what it embeds."""

    id, dimension = "letters", 2

    def __init__(self) -> None:
        self.made: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.made += texts
        return [[float(text.count("a")), float(text.count("b"))] for text in texts]


def test_a_sentence_is_embedded_once() -> None:
    letters = Letters()
    similar = Similar(letters)  # type: ignore[arg-type]
    assert similar("a", ["a", "b", "ab"]) == [1.0, 0.0, 1.0]
    assert similar("b", ["a", "ab"]) == [0.0, 1.0]
    assert sorted(letters.made) == ["a", "ab", "b"]


def test_prepared_sentences_are_kept_for_the_next_start(tmp_path: Path) -> None:
    Similar(Letters(), tmp_path).prepare(["a", "b", "a"])  # type: ignore[arg-type]
    letters = Letters()
    later = Similar(letters, tmp_path)  # type: ignore[arg-type]
    later.prepare(["a", "b"])
    assert later("a", ["b"]) == [0.0]
    assert letters.made == []


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: bytes) -> None:
    Similar(Letters(), tmp_path).prepare(["a"])  # type: ignore[arg-type]
    (kept,) = tmp_path.glob("sentences-*.npz")
    kept.write_bytes(damage)
    letters = Letters()
    Similar(letters, tmp_path).prepare(["a"])  # type: ignore[arg-type]
    assert letters.made == ["a"]
    assert kept.read_bytes() != damage


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    similar = Similar(Letters(), tmp_path / "file")  # type: ignore[arg-type]
    similar.prepare(["a"])
    assert similar("a", ["a"]) == [1.0]
