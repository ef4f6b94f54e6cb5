"""Learning paths: an order of skills and objectives for a role or a general aim, from a folder's paths.yaml.

Knows nothing of learners, of what they know already, or of the text of lessons.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from reprlib import repr as brief
from typing import Any

import yaml

from tutor.fault import Fault
from tutor.parsed import Parsing, afresh
from tutor.skill import Objective, Skill
from tutor.text_file import load_yaml, read_text

FILE = "paths.yaml"
KINDS = ("role", "general")
_LINE = "\0line"  # no YAML text can hold this key


@dataclass(frozen=True)
class Step:
    """One stretch of a path.

    Args:
        skill: Id of the skill.
        objectives: Ids in the order in which they are learned; empty for all of the skill, in its own order.
        why: What the role does with it, one sentence.
        line: Line in paths.yaml, from 1.
    """

    skill: str
    objectives: tuple[str, ...]
    why: str
    line: int


@dataclass(frozen=True)
class LearningPath:
    """Steps in order, for a job role or for a general aim.

    Args:
        id: Unique over all folders.
        title: As people read it.
        kind: One of KINDS.
        audience: The role as required.yaml writes it, or whom a general path is for.
        steps: In order.
        path: The paths.yaml.
        line: Line in it, from 1.
    """

    id: str
    title: str
    kind: str
    audience: str
    steps: tuple[Step, ...]
    path: Path
    line: int


class _Lined(yaml.SafeLoader):
    """Puts the line of each mapping into it, because a fault is told at its line."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        return {**super().construct_mapping(node, deep), _LINE: node.start_mark.line + 1}


def parse_paths(file: Path, parsing: Parsing = afresh) -> tuple[tuple[LearningPath, ...] | None, list[Fault]]:
    """Read one paths.yaml.

    Returns:
        The paths that can be used, None when the file cannot be read at all, and all faults. No file is no fault.

    Example:
        >>> parse_paths(Path("nowhere/paths.yaml"))
        ((), [])
    """
    if not file.is_file():
        return (), []
    text, faults = read_text(file)
    return (None, faults) if faults else parsing(paths_of, text, file)


def paths_of(text: str, file: Path) -> tuple[tuple[LearningPath, ...] | None, list[Fault]]:
    """The paths in a text, as `parse_paths`."""
    listed, faults = load_yaml(text, file)
    if faults:
        return None, faults
    if not isinstance(listed, list):
        return None, [Fault(file, 1, "P001", "is not a list of paths; begin each with `- id: `.")]
    found = []
    for entry in yaml.load(text, _Lined):
        path, more = _path(entry, file)
        faults += more
        if path is not None:
            found.append(path)
    return tuple(found), faults


def _path(entry: Any, file: Path) -> tuple[LearningPath | None, list[Fault]]:
    if not isinstance(entry, dict):
        return None, [Fault(file, 1, "P001", f"a path is {brief(entry)}; give id, title, kind, for and steps.")]
    line = entry[_LINE]
    named = {name: _text(entry.get(name)) for name in ("id", "title", "for")}
    shown = named["id"] or "a path"
    faults = [Fault(file, line, "P001", f"{shown} has no {name}.") for name, value in named.items() if not value]
    kind = _text(entry.get("kind"))
    if kind not in KINDS:
        faults.append(Fault(file, line, "P002", f"{shown}: kind is {brief(kind)}; allowed are role and general."))
        kind = "general"
    steps = []
    listed = entry.get("steps")
    for given in listed if isinstance(listed, list) else []:
        step, more = _step(given, shown, file, line)
        faults += more
        if step is not None:
            steps.append(step)
    if not steps:
        faults.append(Fault(file, line, "P004", f"{shown} has no usable step."))
    if not all(named.values()) or not steps:
        return None, faults
    return LearningPath(named["id"], named["title"], kind, named["for"], tuple(steps), file, line), faults


def _step(given: Any, shown: str, file: Path, line: int) -> tuple[Step | None, list[Fault]]:
    if not isinstance(given, dict) or not _text(given.get("skill")):
        at = given[_LINE] if isinstance(given, dict) else line
        return None, [Fault(file, at, "P001", f"{shown}: a step names no skill.")]
    line, skill, why = given[_LINE], _text(given["skill"]), _text(given.get("why"))
    faults = [] if why else [Fault(file, line, "P001", f"{shown}: the step {skill} does not say why.")]
    # A comma in a sentence without quotation marks cuts it: what follows becomes a key of its own.
    for extra in sorted(map(str, given.keys() - {"skill", "objectives", "why", _LINE})):
        message = f"{shown}: a step has no field {extra[:40]!r}; put a sentence with a comma into quotation marks."
        faults.append(Fault(file, line, "P002", message))
    listed = given.get("objectives", [])
    if not isinstance(listed, list) or not all(_text(name) for name in listed):
        faults.append(Fault(file, line, "P002", f"{shown}: objectives is {brief(listed)}; give a list of ids."))
        listed = []
    return Step(skill, tuple(dict.fromkeys(map(_text, listed))), why, line), faults


def _text(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, (str, int, float)) else ""


def usable(paths: Sequence[LearningPath], skills: Sequence["Skill"]) -> tuple[LearningPath, ...]:
    """The paths with only the steps and objectives that exist; of two with one id the first."""
    own = {skill.id: {objective.id for objective in skill.objectives} for skill in skills}
    kept: dict[str, LearningPath] = {}
    for path in paths:
        steps = []
        for step in path.steps:
            there = tuple(name for name in step.objectives if name in own.get(step.skill, ()))
            if step.skill in own and (there or not step.objectives):
                steps.append(replace(step, objectives=there))
        if steps:
            kept.setdefault(path.id, replace(path, steps=tuple(steps)))
    return tuple(kept.values())


def objectives_of(path: LearningPath, skills: Mapping[str, "Skill"]) -> tuple[str, ...]:
    """Ids of all objectives of a path in the order in which it teaches them, each once."""
    found: dict[str, None] = {}
    for step in path.steps:
        if step.skill in skills:
            every = tuple(objective.id for objective in skills[step.skill].objectives)
            found |= dict.fromkeys(step.objectives or every)
    return tuple(found)


def path_faults(paths: Sequence[LearningPath], skills: Sequence["Skill"]) -> Iterator[Fault]:
    """The faults that show only beside the skills and the other paths."""
    by_id = {skill.id: skill for skill in skills}
    objectives = {objective.id: objective for skill in skills for objective in skill.objectives}
    seen: dict[str, LearningPath] = {}
    for path in paths:
        first = seen.setdefault(path.id, path)
        if first is not path:
            message = f"the id {path.id!r} is also used in {first.path}:{first.line}; take a new one."
            yield Fault(path.path, path.line, "P003", message)
        for step in path.steps:
            yield from _unknown(path, step, by_id)
        yield from _late(path, by_id, objectives)
    yield from _repeated(paths)


def _unknown(path: LearningPath, step: Step, skills: Mapping[str, "Skill"]) -> Iterator[Fault]:
    if step.skill not in skills:
        yield Fault(path.path, step.line, "P005", f"{path.id}: there is no skill {step.skill!r}.")
        return
    own = {objective.id for objective in skills[step.skill].objectives}
    for name in step.objectives:
        if name not in own:
            message = f"{path.id}: the skill {step.skill} has no objective {name!r}."
            yield Fault(path.path, step.line, "P005", message)


def _late(path: LearningPath, skills: Mapping[str, "Skill"], objectives: Mapping[str, "Objective"]) -> Iterator[Fault]:
    order = {name: place for place, name in enumerate(objectives_of(path, skills))}
    for name, place in order.items():
        for required in objectives[name].requires if name in objectives else ():
            if order.get(required, -1) > place:
                yield Fault(
                    path.path, path.line, "P006", f"{path.id}: {name} stands before {required}, its prerequisite."
                )
    first = {step.skill: place for place, step in reversed(list(enumerate(path.steps)))}
    for skill, place in first.items():
        for required in skills[skill].requires if skill in skills else ():
            if first.get(required, -1) > place:
                message = f"{path.id}: the skill {skill} stands before {required}, its prerequisite."
                yield Fault(path.path, path.steps[place].line, "P006", message)


def _repeated(paths: Sequence[LearningPath]) -> Iterator[Fault]:
    said: dict[str, LearningPath] = {}
    for path in paths:
        for step in path.steps:
            first = said.setdefault(step.why.casefold(), path) if step.why else path
            if first is not path:
                message = (
                    f"{path.id}: the reason for {step.skill} is also given in {first.id}; say what this role does."
                )
                yield Fault(path.path, step.line, "P009", message)


def cycle_faults(skills: Sequence["Skill"]) -> Iterator[Fault]:
    """Skills whose prerequisites, those of their objectives included, lead back to themselves."""
    home = {objective.id: skill.id for skill in skills for objective in skill.objectives}
    needs = {
        skill.id: {*skill.requires, *(home[name] for o in skill.objectives for name in o.requires if name in home)}
        - {skill.id}
        for skill in skills
    }
    for skill in skills:
        reached: set[str] = set()
        waiting = list(needs[skill.id])
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += needs.get(name, ())
        if skill.id in reached:
            message = f"the skill {skill.id} and {', '.join(sorted(reached - {skill.id}))} need each other first."
            yield Fault(skill.path / "skill.yaml", 1, "P008", message)


def roles_without_path(roles: Mapping[str, tuple[Path, int]], paths: Sequence[LearningPath]) -> Iterator[Fault]:
    """Required roles that no path is for.

    Args:
        roles: Each role with the required.yaml and the line that asks for it.
        paths: All paths.
    """
    served = {path.audience.casefold() for path in paths if path.kind == "role"}
    for role, (file, line) in roles.items():
        if role.casefold() not in served:
            yield Fault(file, line, "P007", f"the required role {role!r} has no learning path.")
