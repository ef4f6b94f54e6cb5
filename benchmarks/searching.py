"""Search at the shipped size and at generated ones, against plain numpy over the same vectors in the same run.

Knows nothing of chats.
"""

import gc
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.load import questions as real_questions
from benchmarks.table import Table, Target, percentile, ratio, seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.index import Index

SIZES = (0, 10_000, 100_000)
"""Sections; 0 is the shipped lessons."""
QUESTIONS = 200
TIMES = 3
"""How many times numpy's matrix product may be taken, beside the embedding."""
K = 8


def measure(work: Path, sizes: Sequence[int] = SIZES) -> tuple[list[Table], list[Target]]:
    """Search at each size.

    Args:
        work: A folder; ``work/data`` holds the index of the shipped lessons, generated ones are made beside it.
        sizes: Numbers of sections.
    """
    from vectorstore.embed import MiniLM

    model = MiniLM()
    model.load()
    asked = [f"{question} " for question in real_questions()[:QUESTIONS]]
    embedded = _timed(lambda number: model.embed_query(f"{asked[number % len(asked)]}{number}"), QUESTIONS)
    rows = [
        ["embedding of a question", "", "", seconds(percentile(embedded, 0.5)), seconds(percentile(embedded, 0.95)), ""]
    ]
    found = []
    for size in sizes:
        more, target = _at(size, work, model, percentile(embedded, 0.95))
        gc.collect()  # the next size needs the room
        rows += more
        found.append(target)
    table = Table(
        "Search",
        f"{QUESTIONS} questions one after the other, the {K} best sections each. Numpy: one matrix product over all "
        "rows and the best of them. The generated sections have vectors without a model: there the question's vector "
        "is known, at the shipped size it is embedded (no question twice): the model's weights then push the vectors out of "
        "the cache, for numpy as for the search. The ratio is of p95, without the embedding.",
        ["what", "sections", "rows", "p50", "p95", "to numpy"],
        rows,
    )
    return [table], found


def _at(size: int, work: Path, model: Any, embedding: float) -> tuple[list[list[str]], Target]:
    import numpy as np

    from vectorstore.retrieve import SectionRetriever

    index, asked = (_shipped(work, model), real_questions()) if not size else _generated(size, work)
    snapshot = index.open()
    vectors = [np.array(index.embedder.embed_query(question), np.float32) for question in asked[:QUESTIONS]]
    retriever = SectionRetriever(index=index)

    def ours(number: int) -> object:
        n = number % len(vectors)
        return retriever.search(asked[n], K, vector=vectors[n].tolist())

    for number in range(5):
        ours(number)
    plain = _timed(lambda number: _nearest(snapshot.vectors, vectors[number % len(vectors)]), QUESTIONS)
    known = _timed(ours, QUESTIONS)
    scoped = _timed(
        lambda n: retriever.search(
            asked[n % len(vectors)], K, snapshot.sections[0].skill, vectors[n % len(vectors)].tolist()
        ),
        QUESTIONS,
    )
    base = percentile(plain, 0.95)
    sections, held = f"{len(snapshot.sections):,}", f"{len(snapshot.vectors):,}"
    rows = [
        _row("plain numpy", sections, held, plain, base),
        _row("search, vector known", sections, held, known, base),
        _row("search within one skill, vector known", sections, held, scoped, base),
    ]
    whole = percentile(known, 0.95) + embedding
    if not size:
        after = _after_embedding(index.embedder, snapshot.vectors, asked)
        rows.append(_row("plain numpy right after an embedding", sections, held, after, base))
        base = percentile(after, 0.95)
        together = _timed(lambda n: retriever.search(f"Question {n}: {asked[n % len(vectors)]}", K), QUESTIONS)
        rows.append(_row("search with embedding", sections, held, together, base + embedding))
        whole = percentile(together, 0.95)
    name = f"search of {sections} sections, p95 (3 x numpy + embedding)"
    return rows, Target(name, whole, TIMES * base + embedding)


def _row(name: str, sections: str, rows: str, times: Sequence[float], base: float) -> list[str]:
    high = percentile(times, 0.95)
    return [name, sections, rows, seconds(percentile(times, 0.5)), seconds(high), ratio(high, base)]


def _after_embedding(embedder: Any, matrix: "NDArray[np.float32]", asked: Sequence[str]) -> list[float]:
    """Plain numpy as a question meets it: the embedding model has just pushed the vectors out of the cache."""
    import numpy as np

    taken = []
    for number in range(QUESTIONS):
        vector = np.array(embedder.embed_query(f"{number}. {asked[number % len(asked)]}"), np.float32)
        began = time.perf_counter()
        _nearest(matrix, vector)
        taken.append(time.perf_counter() - began)
    return taken


def _nearest(matrix: "NDArray[np.float32]", vector: "NDArray[np.float32]") -> object:
    import numpy as np

    cosines = matrix @ vector
    best = np.argpartition(-cosines, K)[:K]
    return best[np.argsort(-cosines[best])]


def _timed(run: Callable[[int], object], times: int) -> list[float]:
    taken = []
    for number in range(times):
        began = time.perf_counter()
        run(number)
        taken.append(time.perf_counter() - began)
    return taken


def _shipped(work: Path, model: Any) -> "Index":
    from tutor.assembly import open_index, update_index
    from tutor.curriculum import load
    from tutor.settings import Settings, shipped_curricula

    index = open_index(Settings(data=work / "data"), model)
    update_index(index, load([shipped_curricula()]))
    return index


def _generated(size: int, work: Path) -> "tuple[Index, list[str]]":
    from benchmarks.generated import Generated, documents, questions
    from vectorstore.index import Index

    index = Index(work / f"generated-{size}", Generated())
    began = time.perf_counter()
    index.update(documents(size))
    print(f"{size:,} generated sections indexed in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return index, questions(QUESTIONS)
