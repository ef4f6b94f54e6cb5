"""From a tutor to its practice: answers graded by its model where there is one and it answers, else by rule.

Knows nothing of how either grades.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from tutor.errors import ModelError, TutorError
from tutor.grade import Answer, Grade
from tutor.grading import grade
from tutor.item import Item
from tutor.models import model_name
from tutor.practice import Grader, Practice

if TYPE_CHECKING:
    from tutor.session import Tutor

log = logging.getLogger(__name__)


def grader_of(tutor: "Tutor") -> Grader:
    """Grades as this tutor can: free text by its model, and by the built-in grader when that fails."""
    from tutor.judge import Judge

    judge = None
    if tutor.model is not None:
        judge = Judge(tutor.model, model_name(tutor.settings), tutor.settings.model_timeout)

    async def graded(item: Item, answer: Answer) -> Grade:
        if judge is not None and item.kind == "free":
            try:
                return await judge.grade(item, answer.text)
            except ModelError as error:
                log.warning("the model did not grade: %s: %s", error.code, error)
        return await asyncio.to_thread(grade, item, answer, tutor.similarity)

    return graded


def practice_of(tutor: "Tutor") -> Practice:
    """Practice over a tutor's lessons and store.

    Raises:
        TutorError: The tutor keeps nothing.
    """
    if tutor.store is None:
        raise TutorError("Practice needs a store, and this tutor keeps nothing.")
    return Practice(lambda: tutor.curriculum, tutor.store, grader_of(tutor))
