"""Whether the lessons cover a question, from how well its best passages fit.

Knows nothing of search itself. Pure: scores and words in, a probability out.
"""

from collections.abc import Sequence
from math import exp

from tutor.answer import Passage
from tutor.intent import topic_terms
from tutor.terms import terms

# Logistic regression on the tuning half of tests/evals (`genai-tutor eval`, docs/quality.md): intercept, best cosine,
# mean cosine of the best three, share of the question's terms in the best passage, in the best three.
WEIGHTS = (-6.0, 9.0, 3.0, 2.0, 1.0)
THRESHOLD = 0.5


def features(question: str, passages: Sequence[Passage]) -> tuple[float, float, float, float]:
    """What the gate looks at: best cosine, mean of the best three, term shares in the best passage and the best three."""
    if not passages:
        return (0.0, 0.0, 0.0, 0.0)
    asked = set(topic_terms(question))
    cosines = sorted((passage.cosine for passage in passages), reverse=True)[:3]
    held = [set(terms(f"{passage.section} {passage.text}")) for passage in passages[:3]]
    first = len(asked & held[0]) / len(asked) if asked else 0.5
    three = len(asked & set().union(*held)) / len(asked) if asked else 0.5
    return (cosines[0], sum(cosines) / len(cosines), first, three)


def probability(question: str, passages: Sequence[Passage]) -> float:
    """Probability, 0 to 1, that the lessons cover the question."""
    if not passages:
        return 0.0
    intercept, *weights = WEIGHTS
    total = intercept + sum(w * x for w, x in zip(weights, features(question, passages), strict=True))
    return 1 / (1 + exp(-total))


def covered(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question is answered at all."""
    return probability(question, passages) >= THRESHOLD
