"""Folders of markdown to a Curriculum: skills, objectives, lessons; every fault of every file at once.

Knows nothing of search, learners or how faults are shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.errors import CurriculumError, NotFound
from tutor.fault import Fault
from tutor.glossary import FILE as GLOSSARY
from tutor.glossary import Term, parse_glossary, resolved
from tutor.item import Item
from tutor.lesson import PRACTICE_WORDS, Lesson, Section, parse_lesson
from tutor.parsed import Parsing, afresh
from tutor.paths import FILE as PATHS
from tutor.paths import LearningPath, cycle_faults, parse_paths, path_faults, usable
from tutor.quiz import parse_quiz, quiz_files
from tutor.references import cross_faults
from tutor.skill import Objective, Skill, skill_of
from tutor.text_file import read_text

if TYPE_CHECKING:
    from langchain_core.documents import Document


@dataclass(frozen=True)
class Curriculum:
    """All skills, learning paths and terms of all folders, and all faults found in them.

    Example:
        >>> from tutor.settings import shipped_curricula
        >>> load([shipped_curricula()]).lesson("nlp", "02-tokenization").skill
        'nlp'
    """

    skills: tuple[Skill, ...]
    faults: tuple[Fault, ...] = field(default=(), repr=False)
    paths: tuple[LearningPath, ...] = field(default=(), repr=False)
    glossary: tuple[Term, ...] = field(default=(), repr=False)

    @cached_property
    def objectives(self) -> Mapping[str, Objective]:
        """Every objective by its id."""
        return {objective.id: objective for skill in self.skills for objective in skill.objectives}

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, skill by skill; of two with one id only the first."""
        return tuple({item.id: item for skill in reversed(self.skills) for item in reversed(skill.items)}.values())[
            ::-1
        ]

    @cached_property
    def _lessons(self) -> Mapping[tuple[str, str], Lesson]:
        return {(lesson.skill, lesson.id): lesson for skill in self.skills for lesson in skill.lessons}

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Every lesson as ``skill/lesson``."""
        return frozenset(f"{skill}/{lesson}" for skill, lesson in self._lessons)

    @cached_property
    def _skills(self) -> Mapping[str, Skill]:
        return {skill.id: skill for skill in self.skills}

    @property
    def taught(self) -> str:
        """The titles of the skills in a row, without what only leads to them (rank 0)."""
        return ", ".join(skill.title for skill in self.skills if skill.rank or len(self.skills) == 1)

    def skill(self, skill: str) -> Skill:
        """The skill with this id; NotFound when there is none."""
        try:
            return self._skills[skill]
        except KeyError:
            raise NotFound(f"There is no skill {skill!r} here.") from None

    def lesson(self, skill: str, lesson: str) -> Lesson:
        """The lesson with these ids; NotFound when there is none."""
        try:
            return self._lessons[skill, lesson]
        except KeyError:
            raise NotFound(f"There is no lesson {skill}/{lesson} here; it may have been renamed.") from None

    def section(self, skill: str, lesson: str, anchor: str) -> Section:
        """The section with these ids; NotFound when there is none."""
        section = self.lesson(skill, lesson).section(anchor)
        if section is None:
            raise NotFound(f"The lesson {skill}/{lesson} has no section {anchor!r}; it may have been renamed.")
        return section

    def sections(self) -> Iterator[Section]:
        """All sections, skill by skill, in reading order."""
        for skill in self.skills:
            for lesson in skill.lessons:
                yield from lesson.sections


def load(folders: Sequence[Path], previous: Curriculum | None = None, parsing: Parsing = afresh) -> Curriculum:
    """Read all skills of all folders to teach from.

    Args:
        folders: Curriculum folders; each holds one folder a skill.
        previous: The curriculum served until now. A lesson or item that cannot be parsed any more keeps its last good
            version.
        parsing: Parses what was read, or knows what came of it before.

    Raises:
        CurriculumError: No folder holds a usable lesson; the message names the first faults.
    """
    curriculum = read(folders, previous, parsing)
    if not any(skill.lessons for skill in curriculum.skills):
        listed = "; ".join(str(fault) for fault in curriculum.faults[:3])
        where = ", ".join(str(folder) for folder in folders)
        raise CurriculumError(f"No usable lesson in {where}. {listed}".strip())
    return curriculum


def read(folders: Sequence[Path], previous: Curriculum | None = None, parsing: Parsing = afresh) -> Curriculum:
    """Read all skills of all folders to check them: as `load`, but a curriculum without a lesson is no error."""
    faults: list[Fault] = []
    skills: dict[str, Skill] = {}
    for folder in folders:
        if not folder.is_dir():
            faults.append(Fault(folder, 0, "F006", "is no folder; check TUTOR_CURRICULA."))
            continue
        for path in sorted(entry.parent for entry in folder.glob("*/skill.yaml")):
            skill, more = _load_skill(path, previous, parsing)
            faults += more
            if skill is None:
                continue
            if skill.id in skills:
                other = skills[skill.id].path
                faults.append(Fault(path / "skill.yaml", 1, "F005", f"skill id {skill.id!r} is also used in {other}."))
                continue
            skills[skill.id] = skill
    curriculum = Curriculum(tuple(sorted(skills.values(), key=lambda skill: (skill.rank, skill.id))))
    faults += cross_faults(curriculum, parsing)
    paths, more = _load_paths(folders, curriculum.skills, previous, parsing)
    terms, ill = _load_glossary(folders, curriculum, previous, parsing)
    return replace(curriculum, faults=tuple(sorted({*faults, *more, *ill})), paths=paths, glossary=terms)


def _load_glossary(
    folders: Sequence[Path], curriculum: Curriculum, previous: Curriculum | None, parsing: Parsing
) -> tuple[tuple[Term, ...], list[Fault]]:
    """The terms of all folders; a file that cannot be read any more keeps its last good version."""
    found: list[Term] = []
    faults: list[Fault] = []
    for file in (folder / GLOSSARY for folder in folders):
        terms, more = parse_glossary(file, parsing)
        faults += more
        if terms is None:
            terms = tuple(term for term in previous.glossary if term.path == file) if previous else ()
        found += terms
    sections = {
        f"{lesson.path}#{section.anchor}": f"{skill.id}/{lesson.id}#{section.anchor}"
        for skill in curriculum.skills
        for lesson in skill.lessons
        for section in lesson.sections
    }
    kept, more = resolved(found, sections)
    return kept, [*faults, *more]


def _load_paths(
    folders: Sequence[Path], skills: Sequence[Skill], previous: Curriculum | None, parsing: Parsing
) -> tuple[tuple[LearningPath, ...], list[Fault]]:
    """The paths of all folders; a file that cannot be read any more keeps its last good version."""
    found: list[LearningPath] = []
    faults = list(cycle_faults(skills))
    for file in (folder / PATHS for folder in folders):
        paths, more = parse_paths(file, parsing)
        faults += more
        if paths is None:
            paths = tuple(path for path in previous.paths if path.path == file) if previous else ()
        found += paths
    return usable(found, skills), [*faults, *path_faults(found, skills)]


def _load_skill(path: Path, previous: Curriculum | None, parsing: Parsing) -> tuple[Skill | None, list[Fault]]:
    file = path / "skill.yaml"
    text, faults = read_text(file)
    skill, faults = (None, faults) if faults else parsing(skill_of, text, file)
    if skill is None:
        kept = _kept_skill(previous, path)
        return (_with_lessons(kept, previous, parsing)[0] if kept else None), faults
    skill, more = _with_lessons(skill, previous, parsing)
    return skill, faults + more


def _kept_skill(previous: Curriculum | None, path: Path) -> Skill | None:
    return next((skill for skill in previous.skills if skill.path == path), None) if previous else None


def _with_lessons(skill: Skill, previous: Curriculum | None, parsing: Parsing) -> tuple[Skill, list[Fault]]:
    faults: list[Fault] = []
    lessons = []
    for path in sorted(skill.path.glob("[0-9]*.md")):
        lesson, more = parse_lesson(path, skill.id, parsing)
        faults += more
        if lesson is None and previous is not None:
            lesson = previous._lessons.get((skill.id, path.stem))
        if lesson is not None:
            lessons.append(lesson)
    items: list[Item] = []
    for path in quiz_files(skill.path):
        quiz = parse_quiz(path, skill.id, parsing)
        faults += quiz.faults
        items += quiz.items
        items += _kept_items(previous, path, None if not quiz.readable else quiz.broken)
    return replace(skill, lessons=tuple(lessons), items=tuple(items)), faults


def _kept_items(previous: Curriculum | None, path: Path, names: tuple[str, ...] | None) -> Iterator[Item]:
    """The last good versions of broken items of a file; all of its items when names is None."""
    for item in previous.items if previous else ():
        if item.path == path and (names is None or item.id in names):
            yield item


def documents(curriculum: Curriculum) -> list["Document"]:
    """Every section as a LangChain Document, the form in which the search index takes it.

    Returns:
        Documents whose id is ``skill/lesson#anchor``, whose content is the heading, a blank line and the body, and
        whose metadata holds skill, skill_title, lesson, lesson_title, section, anchor, objectives and asks, and for
        sections that do not teach something new the words by which they are asked for (aside).
    """
    from langchain_core.documents import Document

    made = []
    for skill in curriculum.skills:
        for lesson in skill.lessons:
            for section in lesson.sections:
                metadata = {
                    "skill": skill.id, "skill_title": skill.title, "lesson": lesson.id, "lesson_title": lesson.title,
                    "section": section.heading, "anchor": section.anchor, "objectives": list(section.objectives),
                    "asks": list(section.asks),
                }  # fmt: skip
                if lesson.project or not section.teaching:
                    metadata["aside"] = [*PRACTICE_WORDS]
                key = f"{skill.id}/{lesson.id}#{section.anchor}"
                made.append(Document(id=key, page_content=f"{section.heading}\n\n{section.text}", metadata=metadata))
    return made
