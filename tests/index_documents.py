"""Sections and an embedding model that is quick and exact, for tests of the index."""

import hashlib
import os
import re

import numpy as np
from langchain_core.documents import Document


class WordVectors:
    """Each word a direction of its own by its hash: texts with common words are near. Counts what it embeds."""

    def __init__(self, id="words-1", dimension=64):
        self.id = id
        self.dimension = dimension
        self.embedded = []

    def _vector(self, text):
        total = np.zeros(self.dimension)
        for word in re.findall(r"\w+", text.lower()):
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
            total += np.random.default_rng(seed).normal(size=self.dimension)
        return (total / max(np.linalg.norm(total), 1e-9)).astype(np.float32)

    def embed_documents(self, texts):
        self.embedded += texts
        return [self._vector(text).tolist() for text in texts]

    def embed_query(self, text):
        return self._vector(text).tolist()

    async def aembed_query(self, text):
        return self.embed_query(text)


def document(anchor, text, skill="nlp", lesson="01-words", asks=(), **metadata):
    heading = anchor.replace("-", " ").capitalize()
    return Document(
        id=f"{skill}/{lesson}#{anchor}",
        page_content=f"{heading}\n\n{text}",
        metadata={
            "skill": skill, "skill_title": skill.upper(), "lesson": lesson, "lesson_title": "Words", "section": heading,
            "anchor": anchor, "objectives": [f"{skill}-a"], "asks": list(asks), **metadata,
        },
    )  # fmt: skip


TOPICS = (
    "stemming",
    "tokens",
    "dropout",
    "momentum",
    "prompts",
    "diffusion",
    "lemmas",
    "embeddings",
    "warmup",
    "seeds",
)


def edition(number, count=40):
    """The same sections, each saying which edition it is of: a mixture of two editions cannot hide."""
    return [
        document(
            f"{TOPICS[i % 10]}-{i}",
            f"About {TOPICS[i % 10]} and {TOPICS[(i + 3) % 10]}. Edition {number}. " + f"Detail {i}. " * 120,
            skill=("nlp", "tuning")[i % 2],
            asks=[f"What is {TOPICS[i % 10]} number {i}?"],
            edition=number,
        )
        for i in range(count)
    ]


def tree(folder):
    """Every file of a folder with its size and time, to see that nothing was touched."""
    return {
        os.path.join(place, name): os.stat(os.path.join(place, name)).st_mtime_ns
        for place, _, names in os.walk(folder)
        for name in names
    }
