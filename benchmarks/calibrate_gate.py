"""Fit the gate's weights to the tuning half of tests/evals and print them; the reporting half is only measured.

    python -m benchmarks.calibrate_gate

Two logistic regressions with an L2 penalty by Newton's method: refused or not, and for what is not refused covered or not;
features as in tutor/gate.py. What the guard refuses beforehand is left out. Each is first fitted five times to four fifths,
so that the printed errors of the tuning half are those on questions that the weights have not seen.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tutor import condense, following, gate, guard
from tutor.assembly import make_tutor
from tutor.chain import closing_last
from tutor.session import Tutor
from tutor.settings import load_settings

PENALTY = 0.02
FORMS = ("what is {}?", "what exactly is a {}?", "explain {} to me", "{}", "how does {} work")
NOT_COVERED = 5.0
"""How often a question that is not covered counts: there are few of them."""
FOLDS = 5
FILES = ("answer", "follow_up", "decline", "alarming", "gate", "messages")
FOLDERS = ("forum",)
EVALS = Path(__file__).resolve().parent.parent / "tests" / "evals"
REFUSED_KINDS = ("harmful", "injection")


def _files() -> list[Path]:
    each = [sorted((EVALS / folder).glob("*.jsonl")) for folder in FOLDERS]
    return [*(EVALS / f"{name}.jsonl" for name in FILES), *(path for listed in each for path in listed)]


def lines(half: str) -> Iterator[dict[str, Any]]:
    """The labelled questions of one half that reach the gate."""
    for path in _files():
        for text in path.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            if (
                line["half"] == half
                and line["expected"] in {"answer", "decline"}
                and guard.judge(line["question"]).allowed
            ):
                yield line


def of_terms(tutor: Tutor) -> Iterator[dict[str, Any]]:
    """Questions for the terms of the glossary, in the short forms in which people ask: all are for the lessons."""
    for number, term in enumerate(tutor.curriculum.glossary):
        for form in FORMS[number % 2 :: 2]:
            yield {"question": form.format(term.name.lower()), "expected": "answer"}


async def measured(tutor: Tutor, half: str) -> list[tuple[str, str, list[Any], Any]]:
    """Label (answer, off_topic, harmful or injection), question, passages and nearness of one half."""
    assert tutor.outside is not None
    rows = []
    for line in (*lines(half), *(of_terms(tutor) if half == "tune" else ())):
        history = [condense.Turn(turn["role"], turn["text"]) for turn in line.get("history") or ()]
        meant = await following.read(line["question"], history, tutor.search)
        found = closing_last(await tutor.search(meant, 8), line["question"])
        near = await tutor.outside.nearness(line["question"])
        label = "answer" if line["expected"] == "answer" else line["kind"]
        rows.append((label, line["question"], found, near))
    return rows


def fit(rows: np.ndarray, labels: np.ndarray, weight: float = 1.0) -> np.ndarray:
    """Weights with the intercept first; rows labelled 0 count ``weight`` times."""
    design = np.hstack([np.ones((len(rows), 1)), rows])
    weights = np.zeros(design.shape[1])
    ridge = PENALTY * np.eye(len(weights))
    ridge[0, 0] = 0
    times = np.where(labels == 1, 1.0, weight)
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (times * (p - labels)) + ridge @ weights
        hessian = (design * (times * p * (1 - p))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(hessian, gradient)
    return weights


def predicted(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Probabilities of the positive class."""
    return 1 / (1 + np.exp(-(weights[0] + rows @ weights[1:])))


def unseen(rows: np.ndarray, labels: np.ndarray, weight: float) -> np.ndarray:
    """Probabilities for each row by weights that were fitted without it."""
    fold = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    made = np.zeros(len(rows))
    for k in range(FOLDS):
        made[fold == k] = predicted(fit(rows[fold != k], labels[fold != k], weight), rows[fold == k])
    return made


def show(
    name: str, features: Sequence[str], rows: np.ndarray, labels: np.ndarray, questions: Sequence[str], weight: float
) -> None:
    """Print the weights, and how thresholds divide questions that the weights have not seen."""
    weights = fit(rows, labels, weight)
    print(f"{name}_INTERCEPT = {weights[0]:.2f}")
    print(f"{name}_WEIGHTS = {tuple(round(float(w), 2) for w in weights[1:])}  # {features}")
    p = unseen(rows, labels, weight)
    for least in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7):
        print(
            f"  from {least}: {np.mean(p[labels == 1] >= least):.3f} of the ones, {np.mean(p[labels == 0] >= least):.3f} of the others"
        )
    for value, label, question in sorted(zip(p, labels, questions, strict=True)):
        if (value >= 0.5) != bool(label):
            print(f"   {value:.2f} {int(label)} {question[:110]}")


async def main() -> None:
    """Fit, print, measure."""
    tutor, _ = make_tutor(load_settings(), remember=False)
    rows = await measured(tutor, "tune")
    for name, features, kept, positive, weight in (
        ("REFUSED", gate.REFUSED, rows, REFUSED_KINDS, 1.0),
        ("COVERED", gate.COVERED, [row for row in rows if row[0] not in REFUSED_KINDS], ("answer",), NOT_COVERED),
    ):
        made = np.array([gate.features(found, near, features) for _, _, found, near in kept])
        labels = np.array([label in positive for label, *_ in kept], float)
        show(name, features, made, labels, [question for _, question, *_ in kept], weight)
    for half in ("tune", "report"):
        verdicts = [
            (label, gate.covered(found, near, asked)) for label, asked, found, near in await measured(tutor, half)
        ]
        for label in ("answer", "off_topic", *REFUSED_KINDS):
            answered = [covered for kind, covered in verdicts if kind == label]
            print(f"{half} {label}: {sum(answered)} of {len(answered)} answered, with the weights of tutor/gate.py")


if __name__ == "__main__":
    asyncio.run(main())
