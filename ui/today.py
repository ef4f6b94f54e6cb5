"""Today: where to begin, where to go on, the skills.

Knows nothing of HTTP or of the database: it is given what it shows.
"""

from datetime import datetime

from tutor.curriculum import Curriculum
from tutor.store import Conversation
from ui.frame import ago, page
from ui.lessons import lesson_count
from ui.texts import text

QUESTIONS = 3


def beginners_questions(curriculum: Curriculum, count: int = QUESTIONS, skill: str = "") -> list[str]:
    """The first question of the first section of the first skills with most to read, one a skill.

    Args:
        curriculum: All lessons.
        count: How many.
        skill: Id of a skill that the learner has come for: then the first of its lessons, one a lesson.
    """
    if skill:
        firsts = ([s.asks[0] for s in lesson.sections if s.asks] for lesson in curriculum.skill(skill).lessons)
        return list(dict.fromkeys(asked[0] for asked in firsts if asked))[:count]
    fullest = sorted(curriculum.skills, key=lambda skill: (skill.status == "opening", skill.rank))
    questions: list[str] = []
    for skill in fullest:
        asked = next((s.asks[0] for lesson in skill.lessons for s in lesson.sections if s.asks), "")
        if asked and asked not in questions:
            questions.append(asked)
    return questions[:count]


def today_page(curriculum: Curriculum, last: Conversation | None, now: datetime) -> str:
    """The first page.

    Args:
        curriculum: All lessons.
        last: The learner's newest conversation; None on the first visit.
        now: The present moment; aware.
    """
    return page(
        "today.html",
        title=text("today.title"),
        here="today",
        last=last,
        when=ago(last.updated, now) if last else "",
        questions=beginners_questions(curriculum),
        skills=[(skill, lesson_count(skill)) for skill in curriculum.skills],
    )
