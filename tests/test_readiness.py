"""Ready is who can answer; who cannot says which part."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import plain_settings

from tutor.assembly import make_tutor
from tutor.curriculum import Curriculum
from tutor.readiness import faults
from tutor.session import Tutor


@pytest.fixture
def own(own_data: Path) -> Tutor:
    tutor, _ = make_tutor(plain_settings(own_data))
    yield tutor
    assert tutor.store is not None
    tutor.store.close()


def test_a_tutor_with_all_its_parts_is_ready(own: Tutor) -> None:
    assert faults(own) == {}


def test_a_database_that_is_gone_is_named_and_nothing_is_given_away(own: Tutor, own_data: Path) -> None:
    assert own.store is not None
    own.store.close()
    (own_data / "tutor.sqlite3").write_bytes(b"no database" * 1000)
    for rest in ("-wal", "-shm"):
        (own_data / f"tutor.sqlite3{rest}").unlink(missing_ok=True)
    assert faults(own) == {"database": "The database does not answer."}


def test_an_index_that_cannot_be_opened_is_named(own_data: Path) -> None:
    from vectorstore.index import Index
    from vectorstore.retrieve import SectionRetriever

    tutor, _ = make_tutor(plain_settings(own_data), remember=False)
    shutil.rmtree(own_data / "index")
    fresh = Index(own_data / "index", embedder=tutor.retriever.index.embedder)  # type: ignore[attr-defined]
    tutor.retriever = SectionRetriever(index=fresh)
    assert faults(tutor) == {"index": "The index cannot be opened."}


def test_a_tutor_without_lessons_is_not_ready(own: Tutor) -> None:
    own.curriculum = replace(own.curriculum, skills=())
    assert isinstance(own.curriculum, Curriculum)
    assert faults(own) == {"lessons": "No lessons are loaded."}
