"""From settings to a working tutor: lessons, index, search, model, memory put together.

Knows nothing of pages or of the command line; tells its progress to whoever asks.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.curriculum import Curriculum, documents, load
from tutor.errors import IndexUnavailable, TutorError
from tutor.parsed import FILE, Kept
from tutor.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.documents import Document
    from numpy.typing import NDArray

    from tutor.session import Tutor
    from vectorstore.embed import Embedder
    from vectorstore.index import Index, Report
    from vectorstore.retrieve import SectionRetriever

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
OWN_QUESTIONS = 50
"""Questions of a skill that are enough to see what it is about."""


class LateRetriever:
    """The LangChain retriever over an index, made at the first search: importing it takes long.

    Args:
        index: Where the sections are.
    """

    def __init__(self, index: "Index") -> None:
        self.index = index

    @cached_property
    def made(self) -> "SectionRetriever":
        """The retriever."""
        from vectorstore.retrieve import SectionRetriever

        return SectionRetriever(index=self.index)

    async def asearch(self, query: str, k: int = 8, skill: str | None = None) -> "Sequence[Document]":
        """Find sections; see `SectionRetriever.search`."""
        retriever = self.made if "made" in vars(self) else await asyncio.to_thread(lambda: self.made)
        return await retriever.asearch(query, k, skill)


def read_lessons(settings: Settings) -> Curriculum:
    """The curriculum that the settings name; only files that changed since the last time are parsed.

    Raises:
        CurriculumError: No folder holds a usable lesson.
    """
    kept = Kept(settings.data / FILE)
    curriculum = load(settings.curricula, parsing=kept)
    kept.save()
    return curriculum


def open_index(settings: Settings, embedder: "Embedder | None" = None) -> "Index":
    """The index that the settings name, embedded or on a Chroma server.

    Raises:
        IndexUnavailable: The embedding model is missing or damaged.
    """
    from vectorstore.embed import MiniLM
    from vectorstore.errors import VectorstoreError
    from vectorstore.index import Index

    try:
        return Index(settings.index, embedder=embedder or MiniLM(), chroma_url=settings.chroma_url)
    except VectorstoreError as error:
        raise IndexUnavailable(str(error)) from error


def update_index(index: "Index", curriculum: Curriculum, progress: Progress | None = None) -> "Report":
    """Bring the index to the state of the lessons.

    Raises:
        IndexUnavailable: It can be neither updated nor made anew.
    """
    from vectorstore.errors import VectorstoreError
    from vectorstore.prepared import NAME

    try:
        return index.update(documents(curriculum), progress, [skill.path / NAME for skill in curriculum.skills])
    except VectorstoreError as error:
        raise IndexUnavailable(str(error)) from error


def write_vectors(index: "Index", curriculum: Curriculum) -> list[Path]:
    """Keep each skill's vectors beside its lessons, so that nobody else need embed them.

    Returns:
        The files that changed.

    Raises:
        IndexUnavailable: The index cannot be read.
        TutorError: A file cannot be written.
    """
    from vectorstore.errors import VectorstoreError
    from vectorstore.prepared import NAME, write

    try:
        snapshot = index.open()
    except VectorstoreError as error:
        raise IndexUnavailable(str(error)) from error
    changed = []
    for skill in curriculum.skills:
        path = skill.path / NAME
        try:
            if write(path, index.embedder, snapshot.vector_of(skill.id)):
                changed.append(path)
        except OSError as error:
            raise TutorError(f"{path} cannot be written: {error.strerror or error}.") from error
    return changed


def _own_questions(index: "Index") -> "dict[str, tuple[list[str], NDArray[np.float32]]]":
    snapshot = index.open()
    return {skill: snapshot.questions(skill, OWN_QUESTIONS) for skill in snapshot.skills}


def prepare(tutor: "Tutor") -> None:
    """Load what only answers need: LangChain, the embedding model, the sections' parts and sentences, and for a model's
    check the vectors of these sentences.

    Belongs into the background: the first time it may take the processor for half a minute.

    Raises:
        IndexUnavailable: It cannot be opened, or the embedding model is missing.
    """
    from tutor.citations import passage_sentences
    from tutor.outside import Outside
    from tutor.selection import take_apart
    from tutor.similar import Similar
    from vectorstore.errors import VectorstoreError

    try:
        tutor.load()
        asyncio.run(tutor.search("What can I learn here?", k=1))
        if isinstance(tutor.outside, Outside):
            tutor.outside.ready()
        texts = [section.text for section in tutor.curriculum.sections()]
        for text in texts:
            take_apart(text)
            time.sleep(0)  # a question that comes meanwhile goes first
        if tutor.model is not None and isinstance(tutor.similarity, Similar):
            tutor.similarity.prepare(sentence for text in texts for sentence in passage_sentences(text))
    except VectorstoreError as error:
        raise IndexUnavailable(str(error)) from error


def make_tutor(
    settings: Settings, *, remember: bool = True, progress: Progress | None = None
) -> "tuple[Tutor, Report]":
    """A tutor ready to be asked; the index is brought up to date first.

    Args:
        settings: All settings.
        remember: Keep conversations in the database; False on the command line.
        progress: Called with chunks done and chunks in all while indexing.

    Returns:
        The tutor and what indexing did.

    Raises:
        TutorError: Lessons, index, database or model settings cannot be used; the message says which and what to do.
    """
    from tutor.models import chat_model
    from tutor.outside import Outside
    from tutor.session import Tutor
    from tutor.similar import Similar
    from tutor.store import open_store

    curriculum = read_lessons(settings)
    memory = open_store(settings.database) if remember else None
    index = open_index(settings)
    report = update_index(index, curriculum, progress)
    index.open()
    outside = Outside(index.embedder, lambda: _own_questions(index))
    retriever = LateRetriever(index)
    similar = Similar(index.embedder, settings.data)
    tutor = Tutor(settings, curriculum, retriever, memory, chat_model(settings), similar, outside)
    return tutor, report
