"""The quiz of a link in a course on the Practise page: its next question, or its result.

Knows nothing of the store or of gradebooks.
"""

from typing import TYPE_CHECKING

from tutor import link_quiz
from tutor.learner import Learner
from tutor.lti_link import LinkSettings
from tutor.lti_score import over
from tutor.policy import Focus
from tutor.practice import Practice
from tutor.progress import Progress
from tutor.step import Step
from ui.frame import day, fragment
from ui.item import focus_json
from ui.texts import text

if TYPE_CHECKING:
    from ui.practice import PractisePage

QUIZ = Focus(link=True)


def quiz_page(page: "PractisePage", learner: Learner, again: bool = False) -> str:
    """The next question of the quiz of the learner's link, or the result when it has ended.

    Args:
        page: Shows questions.
        learner: The verified identity.
        again: Whether the learner asked for another try.

    Raises:
        NotFound: The learner came by no link to a quiz.
        StoreError: The database failed.
    """
    practice = page.practice
    progress = link_quiz.go_on(practice, learner, again)
    showing = progress.open
    if showing is not None and showing.link == learner.link:
        step = Step(progress, practice.stand(learner).activity, practice.question(progress, showing))
        return page.shown(step, QUIZ)
    return result(progress, link_quiz.settings_of(practice, learner), learner, over_now(practice, learner))


def over_now(practice: Practice, learner: Learner) -> str:
    """What there is to say when the due date of the learner's link has passed; empty before."""
    settings = practice.told(learner)
    if settings is None or settings.due is None or not over(settings, practice.clock()):
        return ""
    return text("quiz.over", date=f"{day(settings.due)}, {settings.due:%H:%M}")


def result(progress: Progress, settings: LinkSettings, learner: Learner, late: str) -> str:
    """What the quiz came to.

    Args:
        progress: Where the learner stands.
        settings: What the link was told.
        learner: Whose link.
        late: What there is to say of the due date; empty for nothing.
    """
    quiz = link_quiz.quiz_of(progress, learner)
    count = len(quiz.asked)
    left = settings.attempts - quiz.taken if settings.attempts else -1
    return fragment(
        "quiz.html",
        taken=quiz.taken,
        right=quiz.right,
        count=count,
        best=round(100 * quiz.best),
        again=link_quiz.may_begin(quiz, settings),
        left=left,
        used=settings.attempts,
        late=late,
        focus=focus_json(QUIZ),
    )
