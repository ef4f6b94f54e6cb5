"""Whether the lessons cover a question, from how well its passages fit and how much it looks like something else.

Knows nothing of search itself. Pure: scores in, a verdict out; of the words only whether they name a skill. Two
decisions: what looks like harm or an attack rather than a question for the lessons is refused; what looks like another
subject and finds no good passage is not covered.
"""

from collections.abc import Sequence
from math import exp

from tutor.answer import Passage
from tutor.outside import Nearness
from tutor.terms import terms

COVERED = ("score", "words", "off_topic")
REFUSED = ("score", "danger", "hidden")
# Two logistic regressions (L2) on the tuning half of tests/evals, made by benchmarks/calibrate_gate.py; docs/quality.md
# holds what came of them on the other half. Questions that are not covered count five times: there are few of them.
COVERED_INTERCEPT = -14.79
COVERED_WEIGHTS = (20.8, 8.3, -11.07)
UNMEASURED = (-6.0, (13.0,))  # where nearness is not measured the score decides: about even at 0.46
COVERED_FROM = 0.3
NAMED_FROM = 0.1  # instead, for a question that names the skill whose section fits best; same half
REFUSED_INTERCEPT = 1.94
REFUSED_WEIGHTS = (-4.34, 8.93, 3.72)
MOST_WORDS = 30.0  # BM25 above which more common words say nothing new
MOST_ODDS = 10.0  # log-odds beyond which a text is no clearer a case
FITS = 0.65  # fused score of a section from which it answers, whatever else the question looks like; same half
KNOWN = 0.92  # cosine from which a question is, nearly word for word, one that the lessons list
REFUSED_FROM = 0.6


def features(passages: Sequence[Passage], near: Nearness, names: Sequence[str]) -> tuple[float, ...]:
    """The named features: best fused score of the passages, BM25 of the first, both 0 to 1; log-odds, -1 to 1.

    ``danger`` is the likelier of harm and attack in the whole question, ``hidden`` in any clause of it, both against
    the likelier of what is harmless: a question for the lessons, or another subject.
    """
    harmless = max(0.0, near.off_topic)
    known = {
        "score": max((found.score for found in passages), default=0.0),
        "words": min(passages[0].bm25, MOST_WORDS) / MOST_WORDS if passages else 0.0,
        "off_topic": _bounded(near.off_topic_in(passages[0].skill) if passages else near.off_topic),
        "danger": _bounded(max(near.harm, near.injection) - harmless),
        "hidden": _bounded(max(near.hidden_harm, near.hidden_injection) - harmless),
    }
    return tuple(known[name] for name in names)


def _bounded(odds: float) -> float:
    return max(-MOST_ODDS, min(MOST_ODDS, odds)) / MOST_ODDS


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
    if near == Nearness():
        return ""
    if _logistic(REFUSED_INTERCEPT, REFUSED_WEIGHTS, features(passages, near, REFUSED)) < REFUSED_FROM:
        return ""
    return "harm" if near.hidden_harm > near.hidden_injection else "injection"


def names_skill(question: str, skill: str) -> bool:
    """Whether a question names a skill, all words of its id but "ai".

    Example:
        >>> names_skill("hex colours in stable diffusion", "stable-diffusion")
        True
    """
    name = set(terms(skill.replace("-", " "))) - {"ai"}
    return bool(name) and name <= set(terms(question))


def covered(passages: Sequence[Passage], near: Nearness, question: str = "") -> bool:
    """Whether the question is answered at all."""
    if refusal(passages, near):
        return False
    least = NAMED_FROM if passages and names_skill(question, passages[0].skill) else COVERED_FROM
    return any(found.score >= FITS for found in passages) or probability(passages, near) >= least
