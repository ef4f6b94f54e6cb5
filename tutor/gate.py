"""Whether the lessons cover a question, from how well its passages fit and how near it comes to what they do not teach.

Knows nothing of search itself. Pure: scores in, a verdict out. Two decisions: what comes nearer to harm or to
an attack than to the lessons is refused; what comes nearer to other subjects is not covered.
"""

from collections.abc import Sequence
from math import exp

from tutor.answer import Passage
from tutor.outside import Nearness

COVERED = ("score", "inside", "off_topic", "lean_off_topic", "words")
REFUSED = (
    *("cosine", "score", "inside", "harm", "hidden_harm", "lean_harm"),
    *("injection", "hidden_injection", "lean_injection"),
)
# Two logistic regressions (L2) on the tuning half of tests/evals, made by benchmarks/calibrate_gate.py; docs/quality.md
# holds what came of them on the other half. Questions that are not covered count five times: there are few of them.
COVERED_INTERCEPT = -1.43
COVERED_WEIGHTS = (13.39, 8.57, -13.82, -6.37, 8.04)
UNMEASURED = (-6.0, (13.0,))  # where nearness is not measured the score decides: about even at 0.46
COVERED_FROM = 0.62
REFUSED_INTERCEPT = -10.86
REFUSED_WEIGHTS = (-0.63, -8.18, -7.01, 11.49, 7.7, 9.4, 5.91, 0.62, 9.72)
MOST_WORDS = 30.0  # BM25 above which more common words say nothing new
KNOWN = 0.92  # cosine from which a question is, nearly word for word, one that the lessons list
REFUSED_FROM = 0.3


def features(passages: Sequence[Passage], near: Nearness, names: Sequence[str]) -> tuple[float, ...]:
    """The named features: best cosine and fused score of the passages, BM25 of the first; nearness to examples."""
    best = {"cosine": max((found.cosine for found in passages), default=0.0)}
    best["score"] = max((found.score for found in passages), default=0.0)
    best["words"] = min(passages[0].bm25, MOST_WORDS) / MOST_WORDS if passages else 0.0
    return tuple(best[name] if name in best else float(getattr(near, name)) for name in names)


def _logistic(intercept: float, weights: Sequence[float], values: Sequence[float]) -> float:
    return 1 / (1 + exp(-(intercept + sum(w * x for w, x in zip(weights, values, strict=True)))))


def probability(passages: Sequence[Passage], near: Nearness) -> float:
    """Probability, 0 to 1, that the question is one for the lessons, refusals aside."""
    if not passages:
        return 0.0
    if near == Nearness():
        return _logistic(*UNMEASURED, features(passages, near, ("score",)))
    return _logistic(COVERED_INTERCEPT, COVERED_WEIGHTS, features(passages, near, COVERED))


def refusal(passages: Sequence[Passage], near: Nearness) -> str:
    """Why a question is refused: ``harm`` or ``injection``; empty when it is not."""
    if max((found.cosine for found in passages), default=0.0) >= KNOWN:
        return ""
    if near.off_topic >= max(
        near.hidden_harm, near.hidden_injection
    ):  # another subject: not covered, and nothing to refuse
        return ""
    if _logistic(REFUSED_INTERCEPT, REFUSED_WEIGHTS, features(passages, near, REFUSED)) < REFUSED_FROM:
        return ""
    return "harm" if near.hidden_harm > near.hidden_injection else "injection"


def covered(passages: Sequence[Passage], near: Nearness) -> bool:
    """Whether the question is answered at all."""
    return not refusal(passages, near) and probability(passages, near) >= COVERED_FROM
