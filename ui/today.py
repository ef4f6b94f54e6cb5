"""Today: the one next step with its reason, what is due, where to go on, the skills.

Knows nothing of HTTP or of the database: it is given what it shows.
"""

from collections.abc import Sequence
from datetime import datetime

from tutor.curriculum import Curriculum
from tutor.outline import Outline
from tutor.paths import LearningPath
from tutor.policy import Activity, away, due_topics
from tutor.progress import Progress
from tutor.skill import Skill
from tutor.step import Step
from tutor.store import Conversation
from tutor.suggestions import beginners_questions
from ui.frame import page, read_address
from ui.item import reason_words
from ui.lessons import lesson_count
from ui.markdown import plain
from ui.texts import text

OTHERS = 3


def today_page(curriculum: Curriculum, outline: Outline, step: Step, last: Conversation | None, now: datetime) -> str:
    """The first page.

    Args:
        curriculum: All lessons.
        outline: The topics in the learner's order.
        step: Where the learner stands and what comes next.
        last: The learner's newest conversation; None on the first visit.
        now: The present moment; aware.
    """
    progress, activity = step.progress, step.activity
    due = len(due_topics(progress, outline.topics, now))
    return page(
        "today.html",
        title=text("today.title"),
        here="today",
        fresh=last is None and progress.active is None,
        first=next((topic.id for topic in outline.topics if topic.skill != "start" and topic.practicable), ""),
        title_words=text("today.away" if away(progress, now) else "today.back"),
        path=path_words(curriculum, progress),
        asking=not progress.plan.asked and bool(progress.asked and progress.sitting),
        plan=progress.plan,
        paths=paths_by_kind(curriculum),
        minutes=activity.minutes if activity.kind != "nothing" else 0,
        next_title=activity_title(curriculum, activity),
        reason=reason_words(curriculum, activity),
        next_address=activity_address(activity),
        others=_others(curriculum, outline, progress, activity),
        due=due,
        calendar=any(standing.card for standing in progress.objectives.values()),
        last=last,
        questions=beginners_questions(curriculum),
        skills=[(skill, *skill_words(skill, progress)) for skill in curriculum.skills],
    )


def activity_title(curriculum: Curriculum, activity: Activity) -> str:
    """What comes next, in a few words."""
    topic = activity.values.get("topic", "")
    if activity.kind in {"lesson", "example"} and activity.reading is not None:
        return text("next.read", heading=plain(activity.reading.heading))
    if activity.kind == "probe":
        return text("probe.title", skill=curriculum.skill(activity.skill).title)
    return text(f"next.{activity.kind}", topic=topic)


def activity_address(activity: Activity) -> str:
    """Where the next step is."""
    return "ask" if activity.kind == "nothing" else "practise"


def path_words(curriculum: Curriculum, progress: Progress) -> str:
    """The learner's path and pace, in a line; empty without a path."""
    path = next((each for each in curriculum.paths if each.id == progress.plan.path), None)
    if path is None:
        return ""
    minutes = progress.plan.minutes
    return (
        text("today.path.minutes", path=path.title, count=minutes) if minutes else text("today.path", path=path.title)
    )


def paths_by_kind(curriculum: Curriculum) -> list[tuple[str, Sequence[LearningPath]]]:
    """Learning paths by kind, those of roles by title."""
    kinds = {kind: [path for path in curriculum.paths if path.kind == kind] for kind in ("role", "general")}
    return [(kind, sorted(paths, key=lambda path: path.title)) for kind, paths in kinds.items() if paths]


def skill_words(skill: Skill, progress: Progress) -> tuple[str, int]:
    """How far a learner is with a skill, in words, and the percentage of its objectives that are learned."""
    total = len(skill.objectives)
    learned = sum(progress.standing(objective.id).learned is not None for objective in skill.objectives)
    touched = any(objective.id in progress.objectives for objective in skill.objectives)
    if not total or not touched:
        return lesson_count(skill), 0
    return text("skill.learned", learned=learned, total=total), round(100 * learned / total)


def _others(
    curriculum: Curriculum, outline: Outline, progress: Progress, activity: Activity
) -> list[tuple[str, str, str]]:
    """Other things to do: the next topics of other skills, to read on, to ask."""
    found = []
    for skill in outline.skills:
        if skill == activity.skill or len(found) >= OTHERS:
            continue
        topic = next((each for each in outline.of_skill(skill) if progress.standing(each.id).learned is None), None)
        if topic is not None:
            title = curriculum.skill(skill).title
            found.append((topic.title, f"practise?skill={skill}", title))
    if activity.reading is None and activity.objective:
        readings = outline.by_id[activity.objective].readings if activity.objective in outline.by_id else ()
        if readings:
            first = readings[0]
            address = read_address(first.skill, first.lesson, first.anchor)
            found.append((plain(first.heading), address, text("today.else.read")))
    return found
