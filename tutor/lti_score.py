"""The score that a learner has earned for a link in a course: from where they stand and what the link was told.

Knows nothing of gradebooks, of the outbox or of pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tutor.curriculum import Curriculum
from tutor.errors import NotFound
from tutor.lesson import Section
from tutor.lti_link import LinkSettings
from tutor.outline import Outline, Topic
from tutor.progress import Progress, Quiz


@dataclass(frozen=True)
class Earned:
    """A score on its way to a gradebook.

    Args:
        score: 0 to 1.
        completed: Whether the learner did all that the link asks for.
    """

    score: float
    completed: bool


def earned(
    progress: Progress, settings: LinkSettings, link: str, curriculum: Curriculum, outline: Outline, now: datetime
) -> Earned | None:
    """What a learner has earned; None when there is nothing to send.

    ``best`` on a link that opens no quiz counts as completion: there is no result to be the best one.

    Args:
        progress: Where the learner stands.
        settings: What the link was told.
        link: Id of the link: its quiz is its own.
        curriculum: The lessons being served now.
        outline: Their topics.
        now: The present moment; aware. After the link's due date nothing is sent.
    """
    if settings.score == "none" or over(settings, now):
        return None
    found = _found(progress, settings, progress.quizzes.get(link) or Quiz(), curriculum, outline)
    return found if found and (found.score > 0 or found.completed) else None


def over(settings: LinkSettings, now: datetime) -> bool:
    """Whether the link's due date has passed."""
    return settings.due is not None and now > settings.due


def topics_of(settings: LinkSettings, curriculum: Curriculum, outline: Outline) -> list[Topic]:
    """The topics that a link is about: a lesson's, a skill's, or all within the link's scope."""
    if settings.kind == "lesson":
        taught = {name for section in _sections(settings, curriculum) for name in section.objectives}
        return [topic for topic in outline.topics if topic.id in taught]
    if settings.kind in {"skill", "quiz"}:
        return list(outline.of_skill(settings.target))
    return [topic for topic in outline.topics if not settings.scope or topic.skill in settings.scope]


def _found(
    progress: Progress, settings: LinkSettings, quiz: Quiz, curriculum: Curriculum, outline: Outline
) -> Earned | None:
    topics = topics_of(settings, curriculum, outline)
    if settings.score == "learned":
        return _share([progress.standing(topic.id).learned is not None for topic in topics])
    if settings.score == "mastered":
        return _share([progress.standing(topic.id).mastered is not None for topic in topics])
    if settings.kind == "quiz":
        if settings.score == "best":
            return Earned(quiz.best, True) if quiz.finished else None
        return Earned(1.0, True) if quiz.finished else _begun(quiz)
    if settings.kind == "lesson":
        return _lesson(progress, settings, _sections(settings, curriculum))
    return _share([_done(progress, topic) for topic in topics])


def _begun(quiz: Quiz) -> Earned | None:
    return Earned(len(quiz.asked) / quiz.items, False) if quiz.items else None


def _lesson(progress: Progress, settings: LinkSettings, sections: Sequence[Section]) -> Earned | None:
    if settings.target in progress.finished:
        return Earned(1.0, True)
    return _share([f"{settings.target}#{section.anchor}" in progress.read for section in sections])


def _sections(settings: LinkSettings, curriculum: Curriculum) -> list[Section]:
    """The teaching sections of a lesson's link; none when the lesson was taken out."""
    skill, _, lesson = settings.target.partition("/")
    try:
        return [section for section in curriculum.lesson(skill, lesson).sections if section.teaching]
    except NotFound:
        return []


def _done(progress: Progress, topic: Topic) -> bool:
    """Learned; where there are too few questions to learn it by, read."""
    if topic.practicable or not topic.readings:
        return progress.standing(topic.id).learned is not None
    return any(reading.address in progress.read for reading in topic.readings)


def _share(done: Sequence[bool]) -> Earned | None:
    return Earned(sum(done) / len(done), all(done)) if done else None
