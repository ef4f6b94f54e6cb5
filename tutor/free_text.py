"""Free text graded without a model: evidence for each key point against two thresholds, and "not sure" in between.

Knows nothing of other kinds of items or of models. Pure; figures are in docs/grading.md.
"""

from collections.abc import Sequence
from math import exp

from tutor.evidence import Evidence, Similarity, echoed, evidence, told_apart
from tutor.grade import LONGEST_ANSWER, Grade, PointResult, by_points, graded
from tutor.item import Item, Point
from tutor.language import language_of
from tutor.plain_answer import bare_list, clauses, normal, sentences, units
from tutor.told_grader import told_grader

BUILT_IN = "built-in"
# Logistic regressions (L2) on the tuning half of tests/evals/grading.jsonl, made by benchmarks/calibrate_grading.py:
# near, best, shared, denied; and without cosines: shared, covered, denied.
INTERCEPT = -2.78
WEIGHTS = (1.76, 1.97, 2.93, -2.47)
TERMS_INTERCEPT = -2.16
TERMS_WEIGHTS = (2.59, 2.66, -2.48)
MET_FROM = 0.7
NOT_MET_TO = 0.3
TERMS_MET_FROM = 0.7
DENIED = 0.5
"""Share of the common terms that are denied above which a point is not met, however near the words are."""


def free_text(item: Item, text: str, similarity: Similarity | None = None) -> Grade:
    """Grade a free-text answer by its key points.

    Right needs RIGHT_FROM of the points met. Lists of bare terms, answers that speak to the grader and answers in
    another language than the key points are at best "unsure": the learner compares them with the points.

    Args:
        item: A free-text item.
        text: What the learner wrote.
        similarity: Cosines of one sentence to several; without it fewer answers are graded and more are unsure.
    """
    plain = normal(text[: LONGEST_ANSWER + 1])
    if reason := unusable(text, plain):
        return graded("invalid", plain, reason=reason, by=BUILT_IN)
    if language_of(plain) != language_of(_own_words(item)):
        unknown = tuple(PointResult(point.text, None) for point in item.points)
        return graded("unsure", plain, reason="language", by=BUILT_IN, points=unknown)
    said = spoken(item, plain)
    pieces = told_apart([unit for sentence in said for unit in units(sentence)], item)
    points = tuple(_point(item, point, pieces, plain, similarity) for point in item.points)
    verdict, score = by_points(points)
    reason = doubt(item, plain)
    if verdict == "right" and (reason or _thin(points, said)):
        verdict = "unsure"
    if verdict == "unsure":
        reason = reason or "weak_evidence"
    return graded(verdict, plain, score=score, reason=reason, by=BUILT_IN, points=points)


def unusable(text: str, plain: str) -> str:
    """Why a text is no answer at all: ``too_long`` or ``empty``; empty when it is one."""
    if len(text) > LONGEST_ANSWER:
        return "too_long"
    return "" if any(char.isalnum() for char in plain) else "empty"


def doubt(item: Item, plain: str) -> str:
    """Why an answer may not count as right, whoever grades it; empty when it may.

    Args:
        item: A free-text item.
        plain: The answer in its normal form.
    """
    if len(spoken(item, plain)) < len(sentences(plain)) or told_grader(plain, _own_words(item)):
        return "told_the_grader"
    if bare_list(plain):
        return "keywords"
    return "" if told_apart(units(plain), item) else "repeats_question"


def spoken(item: Item, plain: str) -> list[str]:
    """The sentences of an answer that are not meant for the grader."""
    own = _own_words(item)
    return [sentence for sentence in sentences(plain) if not told_grader(sentence, own)]


def _own_words(item: Item) -> str:
    return " ".join([item.stem, item.body, *(point.text for point in item.points)])


def probability(found: Evidence, measured: bool) -> float:
    """Probability, 0 to 1, that an answer with this evidence makes the point.

    Args:
        found: The evidence.
        measured: Whether cosines were measured.
    """
    if measured:
        return _logistic(INTERCEPT, WEIGHTS, (found.near, found.best, found.shared, found.denied))
    return _logistic(TERMS_INTERCEPT, TERMS_WEIGHTS, (found.shared, found.covered, found.denied))


def _logistic(intercept: float, weights: Sequence[float], values: Sequence[float]) -> float:
    return 1 / (1 + exp(-(intercept + sum(w * x for w, x in zip(weights, values, strict=True)))))


def _point(item: Item, point: Point, pieces: Sequence[str], plain: str, similarity: Similarity | None) -> PointResult:
    found = evidence(item, point, pieces, similarity)
    chance = probability(found, similarity is not None)
    met_from = MET_FROM if similarity is not None else TERMS_MET_FROM
    if chance >= met_from and found.denied <= DENIED:
        return PointResult(point.text, True, found.quote)
    return PointResult(point.text, None if chance > NOT_MET_TO or echoed(item, point, plain) else False)


def _thin(points: tuple[PointResult, ...], said: Sequence[str]) -> bool:
    """Whether fewer thoughts were written than points are met: one sentence that is near to everything."""
    thoughts = sum(len(clauses(sentence)) for sentence in said)
    return thoughts < sum(point.met is True for point in points)
