"""Whether the lessons cover a question, from how well its passages fit and how near it comes to what they do not teach.

Knows nothing of search itself. Pure: scores and words in, a probability out.
"""

from collections.abc import Sequence
from math import exp

from tutor.answer import Passage
from tutor.intent import topic_terms
from tutor.outside import Nearness
from tutor.terms import terms

FEATURES = ("cosine", "mean_of_three", "terms_in_first", "terms_in_three", "off_topic", "harm", "injection")
# Logistic regression (L2) on the tuning half of tests/evals, made by benchmarks/calibrate_gate.py; docs/quality.md holds
# what came of it on the other half.
INTERCEPT = -1.0
WEIGHTS = (6.0, 4.0, 1.0, 0.5, -6.0, -5.0, -4.0)
THRESHOLD = 0.5


def features(question: str, passages: Sequence[Passage], near: Nearness) -> tuple[float, ...]:
    """What the gate looks at, in the order of FEATURES.

    Returns:
        Best cosine, mean of the three best, share of the question's topic terms in the first section and in the first
        three (0.5 when it names none), and the cosines to the nearest example of each kind outside.
    """
    asked = set(topic_terms(question))
    cosines = sorted((passage.cosine for passage in passages), reverse=True)[:3] or [0.0]
    held = [set(terms(f"{passage.section} {passage.text}")) for passage in passages[:3]]
    first = len(asked & held[0]) / len(asked) if asked and held else 0.5
    three = len(asked & set().union(*held)) / len(asked) if asked and held else 0.5
    return (cosines[0], sum(cosines) / len(cosines), first, three, near.off_topic, near.harm, near.injection)


def probability(question: str, passages: Sequence[Passage], near: Nearness) -> float:
    """Probability, 0 to 1, that the question is one for the lessons."""
    if not passages:
        return 0.0
    total = INTERCEPT + sum(w * x for w, x in zip(WEIGHTS, features(question, passages, near), strict=True))
    return 1 / (1 + exp(-total))


def covered(question: str, passages: Sequence[Passage], near: Nearness) -> bool:
    """Whether the question is answered at all."""
    return probability(question, passages, near) >= THRESHOLD


def refusal(near: Nearness) -> str:
    """Why an uncovered question is not answered: ``harm``, ``injection``, or empty for one that is only off topic."""
    return near.kind if near.kind != "off_topic" and max(near.harm, near.injection) >= 0.5 else ""
