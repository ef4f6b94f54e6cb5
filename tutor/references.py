"""What lessons, items and objectives say of each other: ids used twice, dead links, prerequisites that lead nowhere.

Knows nothing of how they are read, or of what a profile makes of a fault.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tutor.fault import Fault
from tutor.item import Item
from tutor.lesson import Lesson
from tutor.markdown import anchors
from tutor.parsed import Parsing, afresh
from tutor.skill import Skill
from tutor.text_file import read_text

if TYPE_CHECKING:
    from tutor.curriculum import Curriculum


class _Targets:
    """What the links of one curriculum lead to; each file is looked at once, because many links lead to it."""

    def __init__(self, parsing: Parsing) -> None:
        self._parsing = parsing
        self._file = cache(self._found)
        self._anchors = cache(self._read)

    def dead(self, target: str, path: Path) -> bool:
        """Whether a relative link of a file leads to no file or no heading; addresses on the web are not tried."""
        if target.startswith(("http://", "https://", "mailto:")):
            return False
        name, _, anchor = unquote(target).partition("#")
        file = self._file(path.parent, name) if name else path
        return file is None or (bool(anchor) and anchor not in self._anchors(file))

    def _found(self, folder: Path, name: str) -> Path | None:
        file = (folder / name).resolve()
        return file if file.exists() else None

    def _read(self, file: Path) -> frozenset[str]:
        text, faults = read_text(file)
        if text.startswith("---\n") and (end := text.find("\n---", 4)) != -1:
            text = text[end + 4 :]
        return frozenset() if faults else self._parsing(anchors, text)


def cross_faults(curriculum: "Curriculum", parsing: Parsing = afresh) -> list[Fault]:
    """The faults that only show between files: unknown objectives, dead links, ids used twice, cycles."""
    faults: list[Fault] = []
    targets = _Targets(parsing)
    seen: dict[str, Path] = {}
    for skill in curriculum.skills:
        file = skill.path / "skill.yaml"
        for objective in skill.objectives:
            if objective.id in seen:
                faults.append(
                    Fault(file, 1, "F005", f"objective id {objective.id!r} is also used in {seen[objective.id]}.")
                )
            seen[objective.id] = file
    for skill in curriculum.skills:
        faults += _prerequisite_faults(skill, curriculum)
        for lesson in skill.lessons:
            for section in lesson.sections:
                for objective_id in section.objectives:
                    if objective_id not in seen:
                        message = f"section {section.heading!r} teaches {objective_id!r}, which no skill.yaml lists."
                        faults.append(Fault(lesson.path, section.line, "L004", message))
            faults += _link_faults(lesson, targets)
    return faults + list(_item_faults(curriculum, targets))


def _item_faults(curriculum: "Curriculum", targets: _Targets) -> Iterator[Fault]:
    seen: dict[str, Item] = {}
    for item in (item for skill in curriculum.skills for item in skill.items):
        first = seen.setdefault(item.id, item)
        if first is not item:
            message = f"item id {item.id!r} is also used in {first.path}:{first.line}; take a new one."
            yield Fault(item.path, item.line, "Q003", message)
        if item.objective not in curriculum.objectives:
            message = f"item {item.id} tests {item.objective!r}, which no skill.yaml lists."
            yield Fault(item.path, item.line, "Q005", message)
        for link in item.links:
            if link.image and not link.target:
                yield Fault(item.path, link.line, "L013", "an image has no alt text; say what it shows.")
            elif targets.dead(link.target, item.path):
                yield Fault(item.path, link.line, "Q012", f"the link {link.target!r} leads nowhere.")


def _prerequisite_faults(skill: "Skill", curriculum: "Curriculum") -> Iterator[Fault]:
    file = skill.path / "skill.yaml"
    skills = {other.id: other.requires for other in curriculum.skills}
    objectives = {objective.id: objective.requires for objective in curriculum.objectives.values()}
    named = [("skill", skill.id, skills), *(("objective", objective.id, objectives) for objective in skill.objectives)]
    for kind, name, requires in named:
        for required in requires[name]:
            if required not in requires:
                yield Fault(file, 1, "R004", f"{kind} {name} requires {required!r}, which does not exist.")
        if _reaches(name, requires):
            yield Fault(file, 1, "R004", f"the prerequisites of {kind} {name} lead back to itself.")


def _reaches(goal: str, requires: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether following what is required leads from an id back to it."""
    seen: set[str] = set()
    waiting = list(requires.get(goal, ()))
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            waiting += requires.get(name, ())
    return False


def _link_faults(lesson: Lesson, targets: _Targets) -> Iterator[Fault]:
    for link in lesson.links:
        if link.image and not link.target:
            yield Fault(lesson.path, link.line, "L013", "an image has no alt text; say what it shows.")
        elif targets.dead(link.target, lesson.path):
            yield Fault(lesson.path, link.line, "L006", f"the link {link.target!r} leads nowhere.")
