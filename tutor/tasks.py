"""What a lesson asks its reader to do and to write up: its "Try it", or the brief of a skill's project.

Knows nothing of learners or of what they wrote. What good work shows is read from the lesson's own list.
"""

import re
from dataclasses import dataclass
from typing import Literal

from tutor.curriculum import Curriculum
from tutor.errors import NotFound
from tutor.lesson import Lesson

FEWEST, MOST = 2, 8
"""Criteria that a list must have to be taken for one."""

_LEAD = re.compile(r"\b(?:good\s+work|checklist)\b(?:[^.:;]*:|[^.:;]*\sshows\s\w+\sthings\.)", re.IGNORECASE)
_ENTRY = re.compile(r"^(?:[-*+]|\d{1,2}[.)])\s+", re.MULTILINE)
_SENTENCE = re.compile(r".*[.!?](?=\s)", re.DOTALL)
_ASIDE = re.compile(r"\n\n\*\*(?:Why it matters|Common mistake|Think of it as|Compare)\.\*\*")
_AND = re.compile(r"^and\s+", re.IGNORECASE)
_LABEL_ALONE = re.compile(r"\*\*[^*]+\*\*")


@dataclass(frozen=True)
class Task:
    """Something to do and to write up.

    Args:
        skill: Id of the skill.
        lesson: Id of the lesson.
        section: Anchor of the section that sets it.
        kind: ``try`` for a lesson's Try it, ``project`` for the brief of a skill's project.
        title: Title of the lesson.
        text: Markdown of what is to be done, without the criteria.
        criteria: What good work shows, each in the lesson's words; empty when the lesson does not say.
    """

    skill: str
    lesson: str
    section: str
    kind: Literal["try", "project"]
    title: str
    text: str
    criteria: tuple[str, ...]


def tasks_of(lesson: Lesson) -> tuple[Task, ...]:
    """What a lesson asks its reader to do: the brief of a project first, then its Try it."""
    return tuple(_tasks(lesson))


def task(curriculum: Curriculum, skill: str, lesson: str, section: str) -> Task:
    """The task that a section sets.

    Raises:
        NotFound: There is no such lesson, or that section sets no task.
    """
    found = curriculum.lesson(skill, lesson)
    for each in tasks_of(found):
        if each.section == section:
            return each
    raise NotFound(f"The lesson “{found.title}” has no task there any more; open it to see what it asks for now.")


def first_task(curriculum: Curriculum) -> Task | None:
    """The first task of the first skill that has one."""
    every = (_AND.sub("", " ".join(part.split()).rstrip(" .;,")) for part in parts)
    return tuple(words for words in every if words)
