"""Puts what a learner has earned into the outbox of scores, after each answer and lesson.

Knows nothing of how a score is computed or sent.
"""

import logging
from collections.abc import Callable

from tutor.errors import TutorError
from tutor.learner import Learner
from tutor.lti_score import earned
from tutor.practice import Practice
from tutor.progress import Progress
from tutor.store.lti_scores import enqueue

log = logging.getLogger(__name__)


def scoring(practice: Practice) -> Callable[[Learner, Progress], None]:
    """What a practice tells of each learner whose progress changed.

    Args:
        practice: Knows the lessons, the links and the store.
    """

    def score(learner: Learner, progress: Progress) -> None:
        if not learner.link or learner.role != "learner":
            return
        try:
            settings = practice.told(learner)
            if settings is None:
                return
            curriculum, outline, _ = practice.known()
            now = practice.clock()
            found = earned(progress, settings, learner.link, curriculum, outline, now)
            if found is not None:
                enqueue(practice.store, learner, found.score, found.completed, now=now)
        except TutorError as error:
            # The answer is stored; the score is computed anew from it after the next one.
            log.warning("a score for link %s was not put into the outbox: %s", learner.link, error)

    return score
