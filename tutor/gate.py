"""Whether the lessons cover a question, from how well its passages fit and how near it comes to what they do not teach.

Knows nothing of search itself. Pure: scores in, a verdict out. Two decisions: what comes nearer to harm or to
an attack than to the lessons is refused; one that comes nearer to other subjects is not covered.
"""

from collections.abc import Sequence
from math import exp

from tutor.answer import Passage
from tutor.outside import Nearness

FEATURES = ("cosine", "score", "off_topic")
# Logistic regression (L2) on the tuning half of tests/evals, made by benchmarks/calibrate_gate.py; docs/quality.md
# holds what came of it on the other half. How many words of the question the sections hold was tried and made it worse:
# people who describe a symptom share few words.
INTERCEPT = -9.84
WEIGHTS = (16.15, 13.43, -5.97)
THRESHOLD = 0.35  # in the middle of the gap between the two kinds there
# Same half: all of its attacks and harmful requests are refused from 0.54 to 0.60 and with these margins.
REFUSE = 0.56
HARM_MARGIN = 0.05  # a harmful request comes nearer to its kind than to the lessons
INJECTION_MARGIN = -0.1  # an attack may come nearer to the lessons: it names a topic to get past


def features(passages: Sequence[Passage], near: Nearness) -> tuple[float, ...]:
    """What coverage is decided by: best cosine, best fused score, cosine to the nearest example of another subject."""
    if not passages:
        return (0.0, 0.0, near.off_topic)
    return (max(found.cosine for found in passages), max(found.score for found in passages), near.off_topic)


def probability(passages: Sequence[Passage], near: Nearness) -> float:
    """Probability, 0 to 1, that the question is one for the lessons, refusals aside."""
    if not passages:
        return 0.0
    total = INTERCEPT + sum(w * x for w, x in zip(WEIGHTS, features(passages, near), strict=True))
    return 1 / (1 + exp(-total))


def refusal(passages: Sequence[Passage], near: Nearness) -> str:
    """Why a question is refused: ``harm`` or ``injection``; empty when it is not."""
    lessons = max((found.cosine for found in passages), default=0.0)
    harm = near.harm >= REFUSE and near.harm >= lessons + HARM_MARGIN
    injection = near.injection >= REFUSE and near.injection >= lessons + INJECTION_MARGIN
    if harm and injection:
        return "harm" if near.harm > near.injection else "injection"
    return "harm" if harm else "injection" if injection else ""


def covered(passages: Sequence[Passage], near: Nearness) -> bool:
    """Whether the question is answered at all."""
    return not refusal(passages, near) and probability(passages, near) >= THRESHOLD
