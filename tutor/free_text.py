"""Free text graded without a model: evidence for each key point against two thresholds, and "not sure" in between.

Knows nothing of other kinds of items or of models. Pure; figures are in docs/grading.md.
"""

from collections.abc import Sequence
from math import exp

from tutor.evidence import Evidence, Similarity, evidence, told_apart
from tutor.grade import LONGEST_ANSWER, Grade, PointResult, Verdict, by_points, graded
from tutor.item import Item
from tutor.language import language_of
from tutor.plain_answer import bare_list, clauses, normal, sentences, units
from tutor.told_grader import told_grader

BUILT_IN = "built-in"
# Logistic regressions (L2) on the tuning half of tests/evals/grading.jsonl, made by benchmarks/calibrate_grading.py: near,
# best, shared, denied; and without cosines: shared, covered, denied.
INTERCEPT = -2.72
WEIGHTS = (1.96, 1.42, 3.09, -2.46)
TERMS_INTERCEPT = -1.97
TERMS_WEIGHTS = (3.07, 1.66, -1.96)
MET_FROM = 0.7
NOT_MET_TO = 0.35
TERMS_MET_FROM = 0.75


def free_text(item: Item, text: str, similarity: Similarity | None = None) -> Grade:
    """Grade a free-text answer by its key points.

    Right needs RIGHT_FROM of the points met. Lists of bare terms, answers that speak to the grader and answers in
    another language than the key points are at best "unsure": the learner compares them with the points.

    Args:
        item: A free-text item.
        text: What the learner wrote.
        similarity: Cosines of one sentence to several; without it fewer answers are graded and more are unsure.
    """
    if len(text) > LONGEST_ANSWER:
        return graded("invalid", text, reason="too_long", by=BUILT_IN)
    plain = normal(text)
    if not any(char.isalnum() for char in plain):
        return graded("invalid", plain, reason="empty", by=BUILT_IN)
    said = [sentence for sentence in sentences(plain) if not told_grader(sentence)]
    told = len(said) < len(sentences(plain)) or told_grader(plain)
    pieces = told_apart([unit for sentence in said for unit in units(sentence)], item)
    points = tuple(_point(item, number, pieces, similarity) for number in range(len(item.points)))
    if doubt := _doubt(item, plain, told):
        return _doubtful(points, plain, doubt)
    verdict, score = by_points(points)
    if verdict == "right" and _thin(points, said):
        verdict = "unsure"
    reason = "weak_evidence" if verdict == "unsure" else "repeats_question" if not pieces else ""
    return graded(verdict, plain, score=score, reason=reason, by=BUILT_IN, points=points)


def probability(found: Evidence, measured: bool) -> float:
    """Probability, 0 to 1, that an answer with this evidence makes the point.

    Args:
        found: The evidence.
        measured: Whether cosines were measured.
    """
    if measured:
        weights, values = WEIGHTS, (found.near, found.best, found.shared, found.denied)
        return 1 / (1 + exp(-(INTERCEPT + sum(w * x for w, x in zip(weights, values, strict=True)))))
    values = (found.shared, found.covered, found.denied)
    return 1 / (1 + exp(-(TERMS_INTERCEPT + sum(w * x for w, x in zip(TERMS_WEIGHTS, values, strict=True)))))


def _point(item: Item, number: int, pieces: Sequence[str], similarity: Similarity | None) -> PointResult:
    found = evidence(item, item.points[number], pieces, similarity)
    chance = probability(found, similarity is not None)
    met_from = MET_FROM if similarity is not None else TERMS_MET_FROM
    met = True if chance >= met_from else None if chance > NOT_MET_TO else False
    return PointResult(item.points[number].text, met, found.quote if met else "")


def _doubt(item: Item, plain: str, told: bool) -> str:
    """Why an answer may not be graded as right or wrong; empty when it may."""
    if told:
        return "told_the_grader"
    if bare_list(plain):
        return "keywords"
    own = language_of(" ".join([item.stem, *(point.text for point in item.points)]))
    return "language" if language_of(plain) != own else ""


def _doubtful(points: tuple[PointResult, ...], plain: str, reason: str) -> Grade:
    """At best unsure; what speaks to the grader and is not right anyway stays what it is."""
    verdict, score = by_points(points)
    if reason == "language":
        unknown = tuple(PointResult(point.point, None) for point in points)
        return graded("unsure", plain, score=0.0, reason=reason, by=BUILT_IN, points=unknown)
    doubtful: Verdict = "unsure" if verdict == "right" else verdict
    return graded(doubtful, plain, score=score, reason=reason, by=BUILT_IN, points=points)


def _thin(points: tuple[PointResult, ...], said: Sequence[str]) -> bool:
    """Whether fewer thoughts were written than points are met: one sentence that is near to everything."""
    thoughts = sum(len(clauses(sentence)) for sentence in said)
    return thoughts < sum(point.met is True for point in points)
