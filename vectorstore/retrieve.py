"""The LangChain retriever over the index: a question in, whole sections out, best first.

Knows nothing of curricula, conversations or models that answer.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from vectorstore.index import Index
from vectorstore.search import Hit, Mode, search


class SectionRetriever(BaseRetriever):
    """Sections that fit a question, by meaning and by words, from the index's current version.

    Example:
        >>> SectionRetriever(index=index).search("What is a token?", k=3)[0].metadata["score"]  # doctest: +SKIP
        0.84
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    """Where the sections are; its embedding model also embeds the questions."""

    k: int = 8
    """Most sections that `invoke` returns."""

    skill: str | None = None
    """Only this skill's sections; None for all."""

    mode: Mode = "fusion"
    """How signals are combined: fusion, dense, bm25 or rrf."""

    asks: bool = True
    """Whether the questions that sections list take part in the search."""

    def search(
        self, query: str, k: int = 8, skill: str | None = None, vector: Sequence[float] | None = None
    ) -> list[Document]:
        """Find sections.

        Args:
            query: The question; nothing but blanks finds nothing.
            k: Most sections to return.
            skill: Only sections of this skill; empty or None for all.
            vector: The question's vector when it is known already.

        Returns:
            Whole sections as they were indexed, best first, with "score" (0 to 1), "cosine", "bm25" and "chunks"
            (text and cosine of each chunk, in order) in the metadata.

        Raises:
            VectorstoreError: The index cannot be opened, or the embedding model is missing.
        """
        if not query.strip():
            return []
        if vector is None and self.mode != "bm25":
            vector = self.index.embedder.embed_query(query)
        return self._ranked(query, k, skill, vector)

    async def asearch(
        self, query: str, k: int = 8, skill: str | None = None, vector: Sequence[float] | None = None
    ) -> list[Document]:
        """Find sections without blocking the event loop; questions that wait together are embedded together.

        Arguments, result and errors are those of `search`.
        """
        if not query.strip():
            return []
        if vector is None and self.mode != "bm25":
            vector = await self.index.embedder.aembed_query(query)
        return await asyncio.to_thread(self._ranked, query, k, skill, vector)

    def _ranked(self, query: str, k: int, skill: str | None, vector: Sequence[float] | None) -> list[Document]:
        import numpy as np

        unit = None
        if vector is not None:
            unit = np.asarray(vector, np.float32)
            unit = unit / max(float(np.linalg.norm(unit)), 1e-12)
        snapshot = self.index.open()
        return [_document(hit) for hit in search(snapshot, query, unit, k, skill, self.mode, self.asks)]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return self.search(query, self.k, self.skill)

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        return await self.asearch(query, self.k, self.skill)


def _document(hit: Hit) -> Document:
    facts: dict[str, Any] = {**hit.section.metadata, "score": hit.score, "cosine": hit.cosine, "bm25": hit.bm25}
    facts["chunks"] = list(hit.chunks)
    return Document(id=hit.section.id, page_content=hit.section.text, metadata=facts)
