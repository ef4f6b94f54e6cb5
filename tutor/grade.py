"""The values of grading: what a learner answered, and what came of it point by point.

Knows nothing of how an answer is judged.
"""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["right", "partly", "wrong", "unsure", "invalid"]

RIGHT_FROM = 0.75
"""Share of key points from which a free-text answer is right (design: pedagogy)."""
LONGEST_ANSWER = 4000
"""Characters of an answer that are looked at at all; a longer one is invalid."""
LONGEST_KEPT = 400
"""Characters of an invalid answer that are kept for the record."""


@dataclass(frozen=True)
class Answer:
    """What a learner gave.

    Args:
        choices: Indices into item.options, in the order of the file and not of the display.
        text: What was written, for the kinds without options.
    """

    choices: tuple[int, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class PointResult:
    """One key point of a free-text answer.

    Args:
        point: Text of the key point.
        met: Whether the answer makes the point; None when that is not sure.
        quote: The part of the learner's answer that shows it, verbatim; may be empty.
    """

    point: str
    met: bool | None
    quote: str = ""


@dataclass(frozen=True)
class Grade:
    """What came of one answer.

    Args:
        verdict: ``right``, ``partly``, ``wrong``; ``unsure`` where evidence is weak; ``invalid`` where it is no answer.
        correct: True for right, False for partly and wrong; None counts as no evidence.
        score: Share of points met, 0 to 1.
        points: Of a free text, in the order of the item.
        reason: Code of a sentence that says why; empty when the verdict says it all. Of invalid answers: ``empty``,
            ``too_long``, ``choose_one``, ``unknown_option``, ``not_a_number``, ``several_numbers``, ``unit``,
            ``separator``. Of unsure ones: ``weak_evidence``, ``keywords``, ``told_the_grader``, ``language``,
            ``extra_words``. Of wrong ones: ``several_answers``, ``negated``, ``repeats_question``. Of right ones:
            ``typo``.
        by: ``rule``, ``built-in`` or the model's name.
        answer: The answer in a normal form, for the record.
    """

    verdict: Verdict
    correct: bool | None
    score: float
    points: tuple[PointResult, ...] = ()
    reason: str = ""
    by: str = "rule"
    answer: str | tuple[int, ...] = ""


_CORRECT: dict[Verdict, bool | None] = {"right": True, "partly": False, "wrong": False}


def graded(
    verdict: Verdict,
    answer: str | tuple[int, ...],
    *,
    score: float | None = None,
    reason: str = "",
    by: str = "rule",
    points: tuple[PointResult, ...] = (),
) -> Grade:
    """A grade whose ``correct`` fits its verdict.

    Args:
        verdict: The verdict.
        answer: The normalised answer; of invalid ones only the beginning is kept.
        score: Share of points met; by default 1 for right and 0 for all else.
        reason: Code of a sentence.
        by: Who graded.
        points: Results by key point.
    """
    kept = answer[:LONGEST_KEPT] if verdict == "invalid" else answer
    share = float(verdict == "right") if score is None else score
    return Grade(verdict, _CORRECT.get(verdict), share, points, reason, by, kept)


def by_points(points: tuple[PointResult, ...]) -> tuple[Verdict, float]:
    """Verdict and score from the key points: right from RIGHT_FROM, unsure while the open points could make it right.

    Example:
        >>> by_points((PointResult("a", True), PointResult("b", True), PointResult("c", True), PointResult("d", False)))
        ('right', 0.75)
    """
    total = max(1, len(points))
    met = sum(point.met is True for point in points)
    possible = met + sum(point.met is None for point in points)
    if met and met >= RIGHT_FROM * total:
        return "right", met / total
    if possible and (not met or possible >= RIGHT_FROM * total):
        return "unsure", met / total
    return ("partly" if met else "wrong"), met / total
