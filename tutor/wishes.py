"""What a learner does besides answering: reads, plans, says "I know this", disputes, corrects, begins anew.

Knows nothing of pages or of SQL; each becomes events through tutor.practice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tutor import attempts
from tutor.attempts import Happening
from tutor.errors import NotFound
from tutor.learner import Learner
from tutor.practice import Practice
from tutor.progress import Progress
from tutor.step import Step

NOTE_CHARACTERS = 2000
GOAL_CHARACTERS = 200
AGAIN = timedelta(minutes=10)
"""Time in which opening the same section again is one opening."""


def _happened(practice: Practice, learner: Learner, kind: str, payload: Mapping[str, Any]) -> Progress:
    return practice.advance(learner, lambda progress: [Happening(kind, payload)], practice.clock())


def begin_test_out(practice: Practice, learner: Learner, objective: str) -> Progress:
    """The learner says "I know this": two unseen items are to prove it.

    Raises:
        NotFound: There is no such objective.
        StoreError: The database failed.
    """
    topic = practice.known()[1].by_id.get(objective)
    if topic is None:
        raise NotFound(f"There is no objective {objective!r} here.")
    now = practice.clock()

    def decide(progress: Progress) -> Sequence[Happening]:
        left = [attempts.closed(progress.open, "left")] if progress.open else []
        offered = [Happening("offered", {"skill": topic.skill, "taken": True})]
        return [*left, *offered, attempts.begin_test_out(objective)]

    return practice.advance(learner, decide, now)


def decline_probe(practice: Practice, learner: Learner, skill: str) -> Progress:
    """The learner would rather begin at the beginning; the probe of this skill is not offered again.

    Raises:
        NotFound: There is no such skill.
        StoreError: The database failed.
    """
    practice.curriculum().skill(skill)
    return _happened(practice, learner, "offered", {"skill": skill, "taken": False})


def opened(practice: Practice, learner: Learner, skill: str, lesson: str, anchor: str) -> None:
    """Keep that a section was opened; twice in AGAIN is once.

    Raises:
        NotFound: There is no such section.
        StoreError: The database failed.
    """
    section = practice.curriculum().section(skill, lesson, anchor)
    now = practice.clock()
    payload = {
        "skill": skill, "lesson": lesson, "section": anchor, "objectives": list(section.objectives),
    }  # fmt: skip

    def decide(progress: Progress) -> Sequence[Happening]:
        before = progress.read.get(f"{skill}/{lesson}#{anchor}")
        answered = progress.standing(progress.last_objective).last
        # Opened again after a wrong answer is news: the next step waits for it.
        if before is not None and timedelta() <= now - before < AGAIN and (answered is None or answered <= before):
            return ()
        return [Happening("opened", payload)]

    practice.advance(learner, decide, now)


def finished(practice: Practice, learner: Learner, skill: str, lesson: str) -> None:
    """Keep that a lesson was read to its end: each of its sections counts as opened.

    Raises:
        NotFound: There is no such lesson.
        StoreError: The database failed.
    """
    read = practice.curriculum().lesson(skill, lesson)
    sections = [
        Happening(
            "opened",
            {"skill": skill, "lesson": lesson, "section": each.anchor, "objectives": list(each.objectives)},
        )
        for each in read.sections
        if each.teaching
    ]
    ended = Happening("finished", {"skill": skill, "lesson": lesson})
    practice.advance(learner, lambda progress: [*sections, ended], practice.clock())


def plan(practice: Practice, learner: Learner, path: str, goal: str, minutes: int) -> Progress:
    """Keep what a learner says of themselves.

    Args:
        practice: Where it is kept.
        learner: The verified identity.
        path: Id of a learning path; empty for none.
        goal: Their aim in their own words.
        minutes: Minutes a week, 0 for not said, at most a week's.

    Raises:
        NotFound: There is no such path.
        StoreError: The database failed.
    """
    if path and all(each.id != path for each in practice.curriculum().paths):
        raise NotFound(f"There is no learning path {path!r} here.")
    minutes = min(max(minutes, 0), 7 * 24 * 60)
    return _happened(
        practice, learner, "planned", {"path": path, "goal": goal.strip()[:GOAL_CHARACTERS], "minutes": minutes}
    )


def reset(practice: Practice, learner: Learner, objective: str) -> Progress:
    """Begin an objective anew.

    Raises:
        NotFound: There is no such objective, and the learner never had one.
        StoreError: The database failed.
    """
    _own(practice, learner, objective)
    return _happened(practice, learner, "reset", {"objective": objective})


def correct(practice: Practice, learner: Learner, objective: str, known: float = 0.5) -> Progress:
    """Lower an estimate that the learner finds too high; it is raised by answers and by test-outs alone.

    Raises:
        NotFound: There is no such objective.
        StoreError: The database failed.
    """
    _own(practice, learner, objective)
    return _happened(practice, learner, "corrected", {"objective": objective, "known": min(max(known, 0.0), 1.0)})


def dispute(practice: Practice, learner: Learner, showing: str, note: str) -> None:
    """Keep that a learner finds a grade wrong, with the answer, for whoever looks after the lessons.

    Raises:
        NotFound: That item is neither open nor the last one.
        StoreError: The database failed.
    """
    progress = practice.progress(learner)
    last = progress.closed.showing if progress.closed else None
    seen = next((each for each in (progress.open, last) if each and each.id == showing), None)
    if seen is None:
        raise NotFound("That question is not in front of you any more, so its grade cannot be disputed here.")
    payload = {
        "showing": seen.id, "item": seen.item, "objective": seen.objective, "skill": seen.skill,
        "content": seen.content, "order": list(seen.order), "answer": seen.answer,
        "note": note.strip()[:NOTE_CHARACTERS],
    }  # fmt: skip
    _happened(practice, learner, "disputed", payload)


def assess(practice: Practice, learner: Learner, showing: str, met: Sequence[int]) -> Step:
    """Keep which key points the learner found in their own answer when the grader was not sure; no evidence.

    Raises:
        StoreError: The database failed.
    """
    progress = practice.progress(learner)
    last = progress.closed.showing if progress.closed else None
    if last is None or last.id != showing:
        return practice.answered(progress, showing)
    payload = {
        "showing": last.id, "item": last.item, "objective": last.objective, "skill": last.skill,
        "by": "self", "met": sorted(set(met)), "answer": last.answer,
    }  # fmt: skip
    _happened(practice, learner, "graded", payload)
    return replace(practice.answered(practice.progress(learner), showing), notice="assessed")


def _own(practice: Practice, learner: Learner, objective: str) -> None:
    if objective not in practice.known()[1].by_id and objective not in practice.progress(learner).objectives:
        raise NotFound(f"There is no objective {objective!r} here.")
