"""Fit the weights of tutor/free_text.py to the tuning half of tests/evals/grading.jsonl and print them.

    python -m benchmarks.calibrate_grading

Two logistic regressions with an L2 penalty by Newton's method, one row a key point. Labels are those of whole answers:
the points of right answers count as met, those of wrong ones as not met; partly right ones, lists and answers to the
grader are left out. Each item is also held out once, so that the table of thresholds shows answers that the weights have not seen.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tutor.curriculum import load
from tutor.evidence import Evidence, Similarity, evidence, told_apart
from tutor.free_text import DENIED, NOT_MET_TO
from tutor.grade import PointResult, by_points
from tutor.item import Item
from tutor.plain_answer import normal, sentences, units
from tutor.settings import shipped_curricula
from tutor.similar import Similar
from vectorstore.embed import MiniLM

PENALTY = 1.0
FILE = Path(__file__).resolve().parent.parent / "tests" / "evals" / "grading.jsonl"
SETS = {"cosine": ("near", "best", "shared", "denied"), "terms": ("shared", "covered", "denied")}
FITTED = ("right", "wrong_fluent", "off_topic", "question_repeated")
SHOWN = ("right", "partly", "wrong_fluent")


def answers() -> list[tuple[dict[str, Any], Item]]:
    """The free-text answers of the tuning half with their items."""
    items = {item.id: item for item in load([shipped_curricula()]).items}
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    return [(row, items[row["item"]]) for row in rows if row["half"] == "tune" and items[row["item"]].kind == "free"]


def found(row: dict[str, Any], item: Item, similarity: Similarity | None) -> list[Evidence]:
    """Evidence by key point."""
    pieces = told_apart([unit for sentence in sentences(normal(row["answer"])) for unit in units(sentence)], item)
    return [evidence(item, point, pieces, similarity) for point in item.points]


def fit(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Weights with the intercept first."""
    design = np.hstack([np.ones((len(rows), 1)), rows])
    weights = np.zeros(design.shape[1])
    ridge = PENALTY * np.eye(len(weights))
    ridge[0, 0] = 1e-6
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ weights))
        hessian = (design * (p * (1 - p))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(hessian, design.T @ (p - labels) + ridge @ weights)
    return weights


def verdict(chances: Sequence[float], denials: Sequence[float], high: float, low: float) -> str:
    """The verdict on an answer whose points have these probabilities and are denied to this degree."""

    def met(chance: float, denial: float) -> bool | None:
        return True if chance >= high and denial <= DENIED else None if chance > low else False

    return by_points(tuple(PointResult("", met(*pair)) for pair in zip(chances, denials, strict=True)))[0]


def main() -> None:
    """Print weights, and what thresholds would do to held-out items."""
    listed = answers()
    similar = Similar(MiniLM())
    for name, fields in SETS.items():
        measured = [found(row, item, similar if name == "cosine" else None) for row, item in listed]
        values = [np.array([[getattr(one, field) for field in fields] for one in points]) for points in measured]
        used = [place for place, (row, _) in enumerate(listed) if row["class"] in FITTED]

        def fitted(without: str, values: list[np.ndarray] = values, used: list[int] = used) -> np.ndarray:
            kept = [place for place in used if listed[place][0]["item"] != without]
            labels = [float(listed[place][0]["label"] == "right") for place in kept for _ in values[place]]
            return fit(np.vstack([values[place] for place in kept]), np.array(labels))

        print(name, ["intercept", *fields], np.round(fitted(""), 2))
        held = {item.id: fitted(item.id) for _, item in listed}
        for high in (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9):
            counts: Counter[tuple[str, str]] = Counter()
            for (row, item), points in zip(listed, values, strict=True):
                weights = held[item.id]
                chances = 1 / (1 + np.exp(-(weights[0] + points @ weights[1:])))
                counts[row["class"], verdict(chances, points[:, fields.index("denied")], high, NOT_MET_TO)] += 1
            for group in SHOWN:
                print(high, group, {one: counts[group, one] for one in ("right", "unsure", "partly", "wrong")})


if __name__ == "__main__":
    main()
