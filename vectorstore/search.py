"""A question's vector and words to the best sections of one snapshot: exact, deterministic, no input or output.

Knows nothing of embedding models, files or LangChain.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from vectorstore.rows import Section
from vectorstore.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Mode = Literal["fusion", "dense", "bm25", "rrf"]

WORDS = 0.3
MEANING = 0.7
"""Shares of BM25 and cosine in the fused score: the best on the tuning half of tests/evals."""

TEXT = 0.3
"""Share of a section's best chunk in its cosine; the rest is its best questions', where it lists any. Same half."""

QUESTIONS, IN_EIGHT = 3, 8
"""Of how many of its questions the mean is taken: one in eight, most three. One alone may come near by accident."""

SKILL, SKILL_FROM, SKILL_ORDERS = 0.2, 30, 5
"""What a skill's share in the 30 best sections adds when the first five are put in order: a question is about one
skill, and the sections found besides tell which. Same half."""

ASIDE = 0.1
"""What a section loses in ``fusion`` that is aside ("aside" in its metadata holds the words by which it is asked for):
a case or an exercise tells a story and so comes near to many questions that it does not answer. Same half."""

RRF_K = 60
"""Cormack, Clarke and Büttcher 2009."""

LARGE = 50_000
"""Rows above which an unscoped search asks Chroma's graph for candidates instead of scanning all vectors."""

_CANDIDATES = 200


@dataclass(frozen=True)
class Hit:
    """A section that was found.

    Args:
        section: The whole section.
        score: What it was ranked by, 0 to 1.
        cosine: Best cosine of the question to the section's vectors, -1 to 1; 0 in mode ``bm25``.
        bm25: BM25 of the section, not normalised; 0 in mode ``dense``.
        chunks: The section's text chunks in their order, each with the question's cosine; none in mode ``bm25``.
    """

    section: Section
    score: float
    cosine: float
    bm25: float
    chunks: tuple[tuple[str, float], ...] = ()


def search(
    snapshot: Snapshot,
    question: str,
    vector: "NDArray[np.float32] | None",
    k: int = 8,
    skill: str | None = None,
    mode: Mode = "fusion",
    asks: bool = True,
) -> list[Hit]:
    """Rank sections; equal scores keep the order of (skill, id).

    Args:
        snapshot: What is searched.
        question: Its words, for BM25.
        vector: Its unit vector; None only in mode ``bm25``.
        k: Most sections to return.
        skill: Only sections of this skill; empty or None for all, an unknown one finds nothing.
        mode: ``fusion`` is WORDS bm25 / max + MEANING of the weighted mean of best chunk and questions, less ASIDE;
            ``rrf`` reciprocal ranks; the others one signal alone.
        asks: Whether the questions that sections list take part.

    Returns:
        At most k hits, best first; in mode ``bm25`` only sections that share a word with the question.
    """
    import numpy as np

    if mode not in get_args(Mode):
        raise ValueError(f"mode {mode!r}: allowed are {', '.join(get_args(Mode))}")
    if vector is None and mode != "bm25":
        raise ValueError(f"mode {mode!r} needs the question's vector")
    scope = snapshot.skills.get(skill, slice(0, 0)) if skill else slice(0, len(snapshot.sections))
    numbers: NDArray[np.int64] = np.arange(scope.start, scope.stop)
    words = np.zeros(len(numbers), np.float32)
    if mode != "dense":
        words = (snapshot.lexicon if asks else snapshot.plain_lexicon).score(question)[scope]
    most_words = float(words.max(initial=0.0))
    if vector is not None and not skill and len(snapshot.vectors) > LARGE and snapshot.nearest:
        numbers = _candidates(snapshot, words, np.asarray(vector, np.float32), k)
        words = words[numbers]
    nearest = mixed = np.zeros(len(numbers), np.float32)
    if vector is not None and mode != "bm25":
        nearest, mixed = _cosines(snapshot, numbers, np.asarray(vector, np.float32), asks)
    scores = _scores(words, most_words, mixed, mode)
    if mode == "fusion" and snapshot.asides:
        scores = np.maximum(scores - ASIDE * _steps_back(snapshot, question)[numbers], 0)
    leading = _top(scores, max(k, SKILL_FROM))
    best = [i for i in leading[: max(k, 0)] if mode != "bm25" or words[i] > 0]
    if mode == "fusion" and not skill:
        best = _by_skill(snapshot, numbers, scores, best, leading[:SKILL_FROM])
    ranked = sorted((float(scores[i]) for i in best), reverse=True)
    return [
        Hit(
            snapshot.sections[numbers[i]], score, round(float(nearest[i]), 6), round(float(words[i]), 6),
            _chunk_cosines(snapshot, int(numbers[i]), vector) if mode != "bm25" else (),
        )
        for i, score in zip(best, ranked, strict=True)
    ]  # fmt: skip


def _by_skill(
    snapshot: Snapshot, numbers: "NDArray[np.int64]", scores: "NDArray[np.float64]",
    best: list[int], leading: "NDArray[np.int64]",
) -> list[int]:  # fmt: skip
    """The best sections, those of the skill that most of the leading ones belong to a little earlier."""
    least, share = float(scores[leading[-1]]) if len(leading) else 0.0, dict[str, float]()
    for i in leading:
        name = snapshot.sections[numbers[i]].skill
        share[name] = share.get(name, 0.0) + float(scores[i]) - least
    total = sum(share.values())
    if not total:
        return best
    first = sorted(
        best[:SKILL_ORDERS],
        key=lambda i: -round(float(scores[i]) + SKILL * share[snapshot.sections[numbers[i]].skill] / total, 6),
    )
    return [*first, *best[SKILL_ORDERS:]]


def _steps_back(snapshot: Snapshot, question: str) -> "NDArray[np.bool_]":
    """Which sections are aside and not asked for by name."""
    import numpy as np

    said = set(re.findall(r"\w+", question.lower()))
    found = np.zeros(len(snapshot.sections), np.bool_)
    for words, sections in snapshot.asides:
        if said.isdisjoint(words):
            found |= sections
    return found


def _chunk_cosines(
    snapshot: Snapshot, number: int, vector: "NDArray[np.float32] | None"
) -> tuple[tuple[str, float], ...]:
    if vector is None:
        return ()
    found = snapshot.chunks(number)
    cosines = snapshot.vectors[[row for _, row in found]] @ vector
    return tuple((text, round(float(cosine), 6)) for (text, _), cosine in zip(found, cosines, strict=True))


def _scores(
    words: "NDArray[np.float32]", most_words: float, meaning: "NDArray[np.float32]", mode: Mode
) -> "NDArray[np.float64]":
    import numpy as np

    lexical = words.astype(np.float64) / (most_words or 1.0)
    dense = np.clip(meaning.astype(np.float64), 0.0, 1.0)
    if mode == "rrf":
        parts = [1 / (RRF_K + _ranks(lexical)) * (lexical > 0), 1 / (RRF_K + _ranks(meaning.astype(np.float64)))]
        scores = (parts[0] + parts[1]) * (RRF_K + 1) / 2
    else:
        share = {"fusion": (WORDS, MEANING), "dense": (0.0, 1.0), "bm25": (1.0, 0.0)}[mode]
        scores = share[0] * lexical + share[1] * dense
    # Sums over different blocks of memory differ in the last bits; rounded, a tie stays a tie.
    rounded: NDArray[np.float64] = np.round(scores, 6)
    return rounded


def _ranks(values: "NDArray[np.float64]") -> "NDArray[np.int64]":
    import numpy as np

    ranks = np.empty(len(values), np.int64)
    ranks[np.argsort(-np.round(values, 6), kind="stable")] = np.arange(1, len(values) + 1)
    return ranks


def _top(scores: "NDArray[np.float64]", k: int) -> "NDArray[np.int64]":
    """Positions of the k highest, the lower position first among equals."""
    import numpy as np

    if k <= 0 or not len(scores):
        return np.empty(0, np.int64)
    least = np.partition(scores, -k)[-k] if k < len(scores) else -np.inf
    found = np.flatnonzero(scores >= least)
    return found[np.argsort(-scores[found], kind="stable")][:k]


def _cosines(
    snapshot: Snapshot, numbers: "NDArray[np.int64]", vector: "NDArray[np.float32]", asks: bool
) -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
    """Best cosine of each section, and the mean of its best chunk's and its best questions'; exact."""
    import numpy as np

    if not len(numbers):
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    ends = snapshot.ends
    if numbers[-1] - numbers[0] + 1 == len(numbers):  # a run of sections is a run of rows: nothing is copied
        rows = slice(snapshot.starts[numbers[0]], ends[numbers[-1]])
        vectors, ask = snapshot.vectors[rows], snapshot.ask[rows]
        starts = snapshot.starts[numbers[0] : numbers[-1] + 1] - rows.start
    else:
        picked = np.concatenate([np.arange(snapshot.starts[n], ends[n]) for n in numbers])
        lengths = ends[numbers] - snapshot.starts[numbers]
        vectors, ask, starts = snapshot.vectors[picked], snapshot.ask[picked], np.cumsum(lengths) - lengths
    # Row by row: a product of the whole matrix runs in threads that wait for each other on a busy machine (8 ms instead
    # of 0.1), and its sums depend on where a row lies. This way a scoped search gives the same cosines to the last bit.
    cosines = np.vecdot(vectors, vector)
    listing = bool(ask.any())
    texts: NDArray[np.float32] = np.maximum.reduceat(
        np.where(ask, np.float32(-1), cosines) if listing else cosines, starts
    )
    if not (asks and listing):
        return texts, texts
    nearest, questions = _best_questions(np.where(ask, cosines, np.float32(-1)), ask, starts)
    listed = nearest > -1
    mixed = np.where(listed, np.float32(TEXT) * texts + np.float32(1 - TEXT) * questions, texts)
    return np.maximum(texts, nearest), mixed


def _best_questions(
    cosines: "NDArray[np.float32]", ask: "NDArray[np.bool_]", starts: "NDArray[np.int64]"
) -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
    """Cosine of each section's best question, and the mean of its best ones; -1 where it lists none."""
    import numpy as np

    counted = np.add.reduceat(ask.astype(np.int32), starts)
    taken = np.clip((counted + IN_EIGHT // 2) // IN_EIGHT, 1, QUESTIONS)
    section = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(cosines)))
    left = cosines.copy()
    best: list[NDArray[np.float32]] = []
    for _ in range(QUESTIONS):
        best.append(np.maximum.reduceat(left, starts))
        left[left >= best[-1][section]] = -1
    total = sum(np.where(taken > n, each, np.float32(0)) for n, each in enumerate(best))
    return best[0], (total / taken).astype(np.float32)


def _candidates(
    snapshot: Snapshot, words: "NDArray[np.float32]", vector: "NDArray[np.float32]", k: int
) -> "NDArray[np.int64]":
    """Sections worth an exact look in a large index: near by the graph, or among the best by words."""
    import numpy as np

    most = max(_CANDIDATES, 10 * k)
    found = snapshot.nearest(vector, most) if snapshot.nearest else None
    if found is None:
        return np.arange(len(snapshot.sections))
    near = {snapshot.numbers[row.rpartition("~")[0]] for row in found}
    shared = [number for number in _top(words.astype(np.float64), most).tolist() if words[number] > 0]
    return np.array(sorted(near.union(shared)), np.int64)
