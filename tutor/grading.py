"""Grades an answer by the kind of its item, without a model: the same answer always gets the same grade.

Knows nothing of learners, of what a grade changes, or of models (tutor.judge grades free text with one). Pure.

Example:
    >>> grade(item, Answer(text="60 %"))  # doctest: +SKIP
    Grade(verdict='right', correct=True, score=1.0, ...)
"""

from tutor.evidence import Similarity
from tutor.free_text import free_text
from tutor.grade import Answer, Grade, PointResult, Verdict, graded
from tutor.item import Item
from tutor.numeric_answer import numeric_answer
from tutor.short_answer import short_answer

__all__ = ["Answer", "Grade", "PointResult", "Similarity", "Verdict", "grade"]


def grade(item: Item, answer: Answer, similarity: Similarity | None = None) -> Grade:
    """Grade one answer.

    Args:
        item: The item.
        answer: Choices as indices into item.options in the order of the file, or a text.
        similarity: Cosines of one sentence to several, for free text; without it more answers are "unsure".

    Returns:
        A grade for whatever was given; nothing is raised.
    """
    if item.kind == "free":
        return free_text(item, answer.text, similarity)
    if item.kind == "numeric":
        return numeric_answer(item, answer.text)
    if item.kind == "accepted":
        return short_answer(item, answer.text)
    return _choice(item, answer.choices)


def _choice(item: Item, choices: tuple[int, ...]) -> Grade:
    """Single choice: the key. Multiple choice: exactly the keys; more keys than wrong options are partly right."""
    chosen = tuple(sorted(set(choices)))
    if not chosen:
        return graded("invalid", chosen, reason="empty")
    if not all(0 <= place < len(item.options) for place in chosen):
        return graded("invalid", chosen, reason="unknown_option")
    if item.kind == "single" and len(chosen) > 1:
        return graded("invalid", chosen, reason="choose_one")
    keys = {place for place, option in enumerate(item.options) if option.correct}
    if set(chosen) == keys:
        return graded("right", chosen)
    hits = len(keys & set(chosen))
    score = max(0.0, (hits - (len(chosen) - hits)) / max(1, len(keys)))
    return graded("partly" if score else "wrong", chosen, score=score)
