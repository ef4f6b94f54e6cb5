"""Train the model that tells what kind of message a text is; writes tutor/kinds.npz.

    python -m benchmarks.train_kinds

Learns from benchmarks/messages.json, the questions that the lessons list and the riddles of tests/evals/learners (tuning
half). Nothing else of tests/evals takes part, so that the gate's own weights can be fitted there (calibrate_gate.py).
Cross entropy with an L2 penalty over hashed words and letters and a hidden layer of rectified units on the embedding, with
dropout (Srivastava and others 2014), by Adam (Kingma and Ba 2015) with a cosine schedule. Takes two minutes.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.assembly import open_index, read_lessons
from tutor.kinds import KINDS, LETTERS, PARTS, WEIGHTS, WORDS, Kinds, folded, letters, words
from tutor.settings import load_settings

MESSAGES = Path(__file__).with_name("messages.json")
RIDDLES = Path(__file__).resolve().parent.parent / "tests" / "evals" / "learners"
EPOCHS, BATCH = 12, 512
RATE, PENALTY = 0.05, 5e-5
"""Of the weights of words and letters."""
NETWORKS = 4
"""Trained from different beginnings. What they say is averaged, by one network in which their units stand side by side."""
UNITS, DROPOUT = 128, 0.3
UNITS_RATE, UNITS_PENALTY = 0.01, 1e-4
MEANING = 4.0
"""Length of an embedding beside those of words and letters, which are 1."""
SHARES = {"lessons": 2.0, "off_topic": 1.0, "harm": 1.0, "injection": 1.0}
"""How much each kind counts in all, however many examples it has."""
INSIDE = 3.0
"""How often a message counts that looks like another kind and is for the lessons all the same."""
FORMS = ("what is {}?", "explain {} to me", "how does {} work", "what does {} mean", "{}")
"""In which people ask for a term of the glossary."""


@dataclass(frozen=True)
class Examples:
    """Texts as the model reads them: rows of the weights with their values, text after text, and the embeddings."""

    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    values: NDArray[np.float32]
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str], vectors: NDArray[np.float32]) -> "Examples":
        """Read texts; letters come after the words."""
        rows, values, starts = [], [], [0]
        for text in map(folded, texts):
            (word, much), (letter, more) = words(text), letters(text)
            rows += [word, letter + WORDS]
            values += [much, more]
            starts.append(starts[-1] + len(word) + len(letter))
        return cls(np.array(starts), np.concatenate(rows), np.concatenate(values), np.float32(MEANING) * vectors)

    def __len__(self) -> int:
        """How many texts there are."""
        return len(self.vectors)

    def batch(self, which: NDArray[np.int64]) -> "Examples":
        """Some of the texts."""
        lengths = self.starts[which + 1] - self.starts[which]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.starts[which] - starts[:-1], lengths) + np.arange(starts[-1])
        return Examples(starts, self.rows[places], self.values[places], self.vectors[which])


Weights = list[NDArray[np.float32]]
"""Of words with letters, of the embedding, the hidden units' thresholds, of the units, and the bias."""


def begun(dimension: int, chance: np.random.Generator) -> Weights:
    """The weights before the first step."""
    meaning = chance.normal(size=(dimension, UNITS)) * MEANING / np.sqrt(dimension)
    hidden = chance.normal(size=(UNITS, len(KINDS))) * 0.1
    sparse, thresholds, bias = (
        np.zeros(shape) for shape in ((WORDS + LETTERS, len(KINDS)), (1, UNITS), (1, len(KINDS)))
    )
    return [each.astype(np.float32) for each in (sparse, meaning, thresholds, hidden, bias)]


def averaged(networks: Sequence[Weights]) -> Weights:
    """One network that says the mean of what several say."""
    share = np.float32(1 / len(networks))
    sparse, meaning, thresholds, hidden, bias = zip(*networks, strict=True)
    units = np.concatenate(meaning, 1), np.concatenate(thresholds, 1), np.concatenate(hidden) * share
    return [sum(sparse) * share, *units, sum(bias) * share]


def train(examples: Examples, labels: NDArray[np.int64], weights: NDArray[np.float64], seed: int) -> Weights:
    """The weights after all epochs.

    Args:
        examples: The texts.
        labels: Number of each text's kind.
        weights: How much each text counts.
        seed: Of the beginning, the order of the texts and the dropout.
    """
    chance = np.random.default_rng(seed)
    made = begun(examples.vectors.shape[1], chance)
    rates = (RATE, UNITS_RATE, UNITS_RATE, UNITS_RATE, RATE)
    mean, square = ([np.zeros_like(each) for each in made] for _ in range(2))
    weights = weights / weights.mean()
    batches = (len(examples) + BATCH - 1) // BATCH
    step, steps = 0, EPOCHS * batches
    for _ in range(EPOCHS):
        for which in np.array_split(chance.permutation(len(examples)), batches):
            step += 1
            falling = 0.5 * (1 + np.cos(np.pi * step / steps))
            kept = (chance.random((len(which), UNITS)) > DROPOUT) / (1 - DROPOUT)
            gradients = _gradients(made, examples.batch(which), labels[which], weights[which], kept.astype(np.float32))
            for each, slope, first, second, rate in zip(made, gradients, mean, square, rates, strict=True):
                first += 0.1 * (slope - first)
                second += 0.001 * (slope * slope - second)
                each -= rate * falling * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return made


def _gradients(
    made: Weights, batch: Examples, labels: NDArray[np.int64], weights: NDArray[np.float64], kept: NDArray[np.float32]
) -> Weights:
    """Slopes of the weighted cross entropy with the penalty; ``kept`` are the units that take part, texts x units."""
    sparse, meaning, thresholds, hidden, bias = made
    before = batch.vectors @ meaning + thresholds
    units = np.maximum(before, 0) * kept
    scores = np.add.reduceat(sparse[batch.rows] * batch.values[:, None], batch.starts[:-1])
    scores += units @ hidden + bias
    wrong = np.exp(scores - scores.max(1, keepdims=True))
    wrong /= wrong.sum(1, keepdims=True)
    wrong[np.arange(len(labels)), labels] -= 1
    wrong *= (weights / len(labels))[:, None].astype(np.float32)
    text = np.repeat(np.arange(len(labels)), np.diff(batch.starts))
    back = (wrong @ hidden.T) * kept * (before > 0)
    columns = [np.bincount(batch.rows, batch.values * wrong[text, kind], len(sparse)) for kind in range(len(KINDS))]
    return [
        np.stack(columns, 1).astype(np.float32) + np.float32(PENALTY) * sparse,
        batch.vectors.T @ back + np.float32(UNITS_PENALTY) * meaning,
        back.sum(0, keepdims=True),
        units.T @ wrong + np.float32(UNITS_PENALTY) * hidden,
        wrong.sum(0, keepdims=True),
    ]


def collected() -> tuple[list[str], NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]:
    """All texts, their embeddings, the number of each one's kind, and how much each counts."""
    settings = load_settings()
    listed = json.loads(MESSAGES.read_text(encoding="utf-8"))
    lessons = read_lessons(settings)
    asked = [each for section in lessons.sections() for each in (section.heading, *section.asks)]
    asked += [line["question"] for line in _riddles() if line["half"] == "tune"]
    asked += [form.format(term.name) for term in lessons.glossary for form in FORMS]
    groups = {"lessons": asked, **listed}
    texts = [text for group in groups.values() for text in group]
    labels = np.repeat([KINDS.index(kind) if kind in KINDS else 0 for kind in groups], [*map(len, groups.values())])
    weights = np.repeat([INSIDE if kind == "inside" else 1.0 for kind in groups], [*map(len, groups.values())])
    for number, kind in enumerate(KINDS):
        weights[labels == number] *= SHARES[kind] / weights[labels == number].sum()
    vectors = np.asarray(open_index(settings).embedder.embed_documents(texts), np.float32)
    return texts, vectors, labels, weights


def _riddles() -> Iterator[dict[str, Any]]:
    """Questions for the lessons that share no word with them (tests/evals/learners); the gate is not fitted to these."""
    for path in sorted(RIDDLES.glob("*.jsonl")):
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def main() -> None:
    """Train, write, and say how the training texts are told apart."""
    texts, vectors, labels, weights = collected()
    print(f"{len(texts):,} texts", file=sys.stderr, flush=True)
    examples = Examples.of(texts, vectors)
    networks = [train(examples, labels, weights, seed) for seed in range(NETWORKS)]
    sparse, meaning, thresholds, hidden, bias = averaged(networks)
    made = (sparse[:WORDS], sparse[WORDS:], MEANING * meaning, thresholds[0], hidden, bias[0])
    np.savez_compressed(WEIGHTS, **{name: each.astype(np.float16) for name, each in zip(PARTS, made, strict=True)})  # type: ignore[arg-type]
    odds = Kinds().odds(texts, vectors)
    told = np.concatenate([np.zeros((len(odds), 1)), odds], 1).argmax(1)
    for number, kind in enumerate(KINDS):
        print(f"{kind}: {np.mean(told[labels == number] == number):.3f} of {np.sum(labels == number):,} told")
    print(f"other subjects, median over the lessons' own questions: {np.median(odds[labels == 0, 0]):.2f}")


if __name__ == "__main__":
    main()
