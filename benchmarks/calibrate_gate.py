"""Fit the gate's weights to the tuning half of tests/evals and print them; the reporting half is only measured.

    python benchmarks/calibrate_gate.py

Logistic regression with an L2 penalty by Newton's method, of off-topic questions against answerable ones; features and
thresholds as in tutor/gate.py. What the guard refuses beforehand is left out.
"""

import asyncio
import json
from pathlib import Path

import numpy as np

from tutor import condense, gate, guard
from tutor.assembly import make_tutor
from tutor.chain import closing_last
from tutor.settings import load_settings

PENALTY = 0.02
DECLINED = 4.0  # weight of an off-topic question: there are a tenth as many
FILES = ("answer", "follow_up", "decline", "alarming")
EVALS = Path(__file__).resolve().parent.parent / "tests" / "evals"


def lines(half):
    """The labelled questions of one half that reach the gate."""
    for name in FILES:
        for text in (EVALS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            known = line["expected"] in {"answer", "decline"}
            if line["half"] == half and known and guard.judge(line["question"]).allowed:
                yield line


async def measured(tutor, half, fitting):
    """Features, labels, questions and refusals of one half; for fitting only off-topic questions are to decline."""
    rows, labels, questions, refused = [], [], [], []
    for line in lines(half):
        history = [condense.Turn(turn["role"], turn["text"]) for turn in line.get("history") or ()]
        question = condense.standalone(line["question"], history)
        found = closing_last(await tutor.search(question, 8), line["question"])
        near = await tutor.outside.nearness(line["question"])
        if line["expected"] == "decline" and line["kind"] != "off_topic" and fitting:
            continue
        rows.append(gate.features(found, near))
        refused.append(bool(gate.refusal(found, near)))
        labels.append(line["expected"] == "answer")
        questions.append(line["question"])
    return np.array(rows), np.array(labels, float), questions, np.array(refused)


def fit(rows, labels):
    """Weights with the intercept first."""
    design = np.hstack([np.ones((len(rows), 1)), rows])
    weights = np.zeros(design.shape[1])
    share = np.where(labels == 1, 1.0, DECLINED)
    ridge = PENALTY * np.eye(len(weights))
    ridge[0, 0] = 0
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (share * (p - labels)) + ridge @ weights
        hessian = (design * (share * p * (1 - p))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(hessian, gradient)
    return weights


def report(name, weights, rows, labels, questions, refused):
    """Print refusals of one half, and the questions on the wrong side."""
    p = 1 / (1 + np.exp(-(weights[0] + rows @ weights[1:])))
    kept = (p >= gate.THRESHOLD) & ~refused
    print(
        f"{name}: false refusals {np.mean(~kept[labels == 1]):.3f}, missed {np.mean(kept[labels == 0]):.3f} (before the guard's)"
    )
    for question, value, label, ok, no in sorted(
        zip(questions, p, labels, kept, refused, strict=True), key=lambda e: e[1]
    ):
        if ok != bool(label) and name == "tune":
            print(f"   {value:.2f} {'refused ' if no else ''}{'answer ' if label else 'decline'} {question[:110]}")


async def main():
    """Fit, print, measure."""
    tutor, _ = make_tutor(load_settings(), remember=False)
    fitted = await measured(tutor, "tune", fitting=True)
    weights = fit(*fitted[:2])
    print("INTERCEPT =", round(float(weights[0]), 2))
    print("WEIGHTS =", tuple(round(float(w), 2) for w in weights[1:]), gate.FEATURES)
    report("tune", weights, *await measured(tutor, "tune", fitting=False))
    report("report", weights, *await measured(tutor, "report", fitting=False))


if __name__ == "__main__":
    asyncio.run(main())
