"""What a lesson asks its reader to do and to write up: its "Try it", or the brief of a skill's project.

Knows nothing of learners or of what they wrote. What good work shows is read from the lesson's own list.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tutor.curriculum import Curriculum
from tutor.errors import NotFound
from tutor.lesson import Lesson, Section
from tutor.parts import Block, blocks
from tutor.terms import sentences

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
    every = (each for skill in curriculum.skills for lesson in skill.lessons for each in tasks_of(lesson))
    return next(every, None)


def _tasks(lesson: Lesson) -> Iterator[Task]:
    if lesson.project:
        brief = next(((s, *parted(s.text)) for s in lesson.sections if s.teaching and parted(s.text)[1]), None)
        if brief is not None:
            yield _task(lesson, brief[0], "project", _ASIDE.split(brief[1])[0], brief[2])
    for section in lesson.sections:
        if section.heading.strip().lower() == "try it":
            yield _task(lesson, section, "try", *parted(section.text))


def _task(
    lesson: Lesson, section: Section, kind: Literal["try", "project"], text: str, criteria: tuple[str, ...]
) -> Task:
    return Task(lesson.skill, lesson.id, section.anchor, kind, lesson.title, text, criteria)


def parted(text: str) -> tuple[str, tuple[str, ...]]:
    """A section's markdown without its criteria, and the criteria.

    They follow the words "good work" or "checklist" and a colon: as a list, or in the same paragraph between
    semicolons. A text without them comes back whole.

    Example:
        >>> parted("Count the words. Good work shows: the words; the tokens of each.")
        ('Count the words.', ('the words', 'the tokens of each'))
    """
    found = blocks(text)
    for place, block in enumerate(found):
        lead = _LEAD.search(block.markdown) if block.kind == "paragraph" else None
        if lead is None:
            continue
        rest = block.markdown[lead.end() :].strip()
        listed = found[place + 1 : place + 2] if not rest else []
        criteria = _inline(rest) if rest else _entries(listed)
        if FEWEST <= len(criteria) <= MOST:
            before = [each.markdown for each in found[:place]]
            after = [each.markdown for each in found[place + 1 + len(listed) :]]
            kept = [*before, _before(block.markdown[: lead.start()]), *after]
            return "\n\n".join(part for part in kept if part), criteria
    return text, ()


def _before(words: str) -> str:
    """The whole sentences before the words that lead to the criteria."""
    whole = _SENTENCE.match(words)
    kept = whole[0].strip() if whole else ""
    return "" if _LABEL_ALONE.fullmatch(kept) else kept


def _entries(listed: list[Block]) -> tuple[str, ...]:
    if not listed or listed[0].kind != "list":
        return ()
    return _clean(_ENTRY.split(listed[0].markdown))


def _inline(rest: str) -> tuple[str, ...]:
    # A semicolon inside brackets separates nothing.
    parts = re.split(r";\s+(?![^()]*\))", rest)
    return _clean(parts if len(parts) > 1 else sentences(rest))


def _clean(parts: list[str]) -> tuple[str, ...]:
    every = (_AND.sub("", " ".join(part.split()).rstrip(" .;,")) for part in parts)
    return tuple(words for words in every if words)
