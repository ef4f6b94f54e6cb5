"""What must be taught (required.yaml) held against what a curriculum teaches.

Knows nothing of items and of how lessons are written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor.curriculum import Curriculum
from tutor.fault import Fault
from tutor.paths import roles_without_path
from tutor.skill import Skill
from tutor.text_file import load_yaml, read_text

FILE = "required.yaml"


@dataclass(frozen=True)
class Requirement:
    """What one skill must teach.

    Args:
        skill: Id of the skill.
        subtopics: Ids of the sub-topics, each to be covered by an objective.
        roles: Job roles that the skill must serve.
        path: The required.yaml.
        line: Line of the skill in it, from 1.
    """

    skill: str
    subtopics: tuple[str, ...]
    roles: tuple[str, ...]
    path: Path
    line: int


def requirements(folder: Path) -> tuple[dict[str, Requirement], list[Fault]]:
    """Read a folder's required.yaml; a folder without one requires nothing.

    Returns:
        The requirements by skill id, and the faults of the file.
    """
    path = folder / FILE
    if not path.is_file():
        return {}, []
    text, faults = read_text(path)
    fields, more = load_yaml(text, path) if not faults else (None, [])
    faults = faults + more
    listed = fields.get("skills") if isinstance(fields, dict) else None
    if not isinstance(listed, list) and not faults:
        faults.append(Fault(path, 1, "F003", "has no list of skills."))
    found = {}
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and entry.get("id"):
            name = str(entry["id"])
            line = line_of(text, rf"\s*-\s*id:\s*['\"]?{re.escape(name)}['\"]?\s*(#.*)?")
            found[name] = Requirement(name, _strings(entry.get("subtopics")), _strings(entry.get("roles")), path, line)
        else:
            faults.append(Fault(path, 1, "F003", "a required skill has no id."))
    return found, faults


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(str(entry) for entry in value) if isinstance(value, list) else ()


def line_of(text: str, pattern: str) -> int:
    """The first line, from 1, that a pattern matches as a whole; 1 when none does."""
    for number, line in enumerate(text.split("\n"), 1):
        if re.fullmatch(pattern, line):
            return number
    return 1


def coverage(curriculum: Curriculum, folders: Sequence[Path]) -> list[Fault]:
    """Objectives that no section teaches, and all that the folders' required.yaml ask for and do not get."""
    faults = [fault for skill in curriculum.skills for fault in _untaught(skill, curriculum)]
    skills = {skill.id: skill for skill in curriculum.skills}
    for folder in folders:
        required, more = requirements(folder)
        faults += more
        roles = {role: (r.path, r.line) for r in reversed(required.values()) for role in r.roles}
        faults += roles_without_path(roles, curriculum.paths)
        for requirement in required.values():
            if requirement.skill not in skills:
                message = f"the required skill {requirement.skill!r} is in no folder."
                faults.append(Fault(requirement.path, requirement.line, "R005", message))
            else:
                faults += _gaps(skills[requirement.skill], requirement)
    return faults


def covered(skill: Skill, requirement: Requirement) -> set[str]:
    """The required sub-topics for which the skill has an objective."""
    return {objective.subtopic for objective in skill.objectives} & set(requirement.subtopics)


def _untaught(skill: Skill, curriculum: Curriculum) -> Iterator[Fault]:
    taught = {objective for section in curriculum.sections() for objective in section.objectives}
    file, text = _skill_file(skill)
    for objective in skill.objectives:
        if objective.id not in taught:
            line = _objective_line(text, objective.id)
            yield Fault(file, line, "R002", f"objective {objective.id} is taught by no section.")


def _gaps(skill: Skill, requirement: Requirement) -> Iterator[Fault]:
    file, text = _skill_file(skill)
    if skill.status != "opening":
        for subtopic in requirement.subtopics:
            if subtopic not in covered(skill, requirement):
                line = line_of(text, r"objectives:.*")
                yield Fault(file, line, "R001", f"the required sub-topic {subtopic!r} has no objective.")
    for objective in skill.objectives:
        if objective.subtopic and objective.subtopic not in requirement.subtopics:
            message = f"objective {objective.id} names the sub-topic {objective.subtopic!r}, which is not required."
            yield Fault(file, _objective_line(text, objective.id), "R006", message)
    have = {role.casefold() for role in skill.roles}
    for role in requirement.roles:
        if role.casefold() not in have:
            yield Fault(file, line_of(text, r"roles:.*"), "R003", f"the required role {role!r} is missing.")


def _skill_file(skill: Skill) -> tuple[Path, str]:
    file = skill.path / "skill.yaml"
    return file, read_text(file)[0]


def _objective_line(text: str, objective: str) -> int:
    return line_of(text, rf"\s*-\s*(?:\{{\s*)?id:\s*['\"]?{re.escape(objective)}\b.*")


def required_of(curriculum: Curriculum) -> Mapping[str, Requirement]:
    """The requirements of the folders that hold the curriculum's skills, by skill id."""
    found: dict[str, Requirement] = {}
    for folder in dict.fromkeys(skill.path.parent for skill in curriculum.skills):
        found |= requirements(folder)[0]
    return found
