"""Whether the lessons cover a question, from how well its passages fit and how near it comes to what they do not teach.

Knows nothing of search itself. Pure: scores in, a verdict out. Two decisions: a question that comes nearer to harm or to an attack
than to the lessons is refused; one that comes nearer to other subjects is not covered.
"""

from collections.abc import Sequence
from math import exp

from tutor.answer import Passage
from tutor.outside import Nearness

FEATURES = ("cosine", "score", "off_topic")
# Logistic regression (L2) on the tuning half of tests/evals, made by benchmarks/calibrate_gate.py; docs/quality.md holds
# what came of it on the other half. How many words of the question the sections hold was tried and made it worse: people
# who describe a symptom share few words.
INTERCEPT = -9.54
WEIGHTS = (15.38, 13.7, -6.81)
THRESHOLD = 0.5
# Same half: attacks and harmful requests come nearer than this to an example, questions about them do not.
REFUSE = 0.56
MARGIN = 0.1  # a refusal may come this much less near than the lessons do: attacks name a topic to get past


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
    nearest = max(near.harm, near.injection)
    lessons = max((found.cosine for found in passages), default=0.0)
    if nearest < REFUSE or nearest < lessons - MARGIN:
        return ""
    return "harm" if near.harm > near.injection else "injection"


def covered(passages: Sequence[Passage], near: Nearness) -> bool:
    """Whether the question is answered at all."""
    return not refusal(passages, near) and probability(passages, near) >= THRESHOLD
