"""Lessons that nobody wrote, as many as wanted, with vectors made without a model: to search at sizes we do not have.

Knows nothing of timing. Words follow Zipf's law, and each section's vectors lie around its topic's, as real ones do.
"""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from numpy.typing import NDArray

WORDS = 20_000
TOPICS = 500
LENGTH = 60
"""Words of a section: one chunk, and its heading as a second row."""


class Generated:
    """An embedding model that makes the same unit vector for the same text, near that of the text's topic."""

    id = "generated-1"
    dimension = 384

    def __init__(self) -> None:
        import numpy as np

        made = np.random.default_rng(1).standard_normal((TOPICS, self.dimension))
        self._topics: NDArray[np.float64] = made / np.linalg.norm(made, axis=1, keepdims=True)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """A vector for one text."""
        import numpy as np

        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
        noise = np.random.default_rng(seed).standard_normal(self.dimension)
        vector = self._topics[seed % TOPICS] + 0.8 * noise / np.linalg.norm(noise)
        unit: list[float] = (vector / np.linalg.norm(vector)).astype(np.float32).tolist()
        return unit

    async def aembed_query(self, text: str) -> list[float]:
        """A vector for one text."""
        return self.embed_query(text)


def documents(count: int) -> "list[Document]":
    """So many sections in ten skills."""
    import numpy as np
    from langchain_core.documents import Document

    chance = np.random.default_rng(2)
    ranks = np.minimum(chance.zipf(1.3, (count, LENGTH + 4)), WORDS)
    made = []
    for number, row in enumerate(ranks.tolist()):
        words = [f"w{rank}" for rank in row]
        heading, body = " ".join(words[:4]), " ".join(words[4:])
        skill = f"skill-{number * 10 // count}"
        metadata = {
            "skill": skill,
            "lesson": f"l{number // 8}",
            "lesson_title": "Generated",
            "section": heading,
            "anchor": f"s{number}",
        }
        metadata |= {"objectives": ["o"], "asks": []}
        made.append(
            Document(id=f"{skill}/l{number // 8}#s{number}", page_content=f"{heading}\n\n{body}", metadata=metadata)
        )
    return made


def questions(count: int) -> list[str]:
    """Questions in the same words."""
    import numpy as np

    ranks = np.minimum(np.random.default_rng(3).zipf(1.3, (count, 9)), WORDS)
    return [" ".join(f"w{rank}" for rank in row) for row in ranks.tolist()]
