"""One skill.yaml to a Skill with its objectives, with every fault of the file.

Knows nothing of how its lessons and items are read, or of other skills.
"""

from dataclasses import dataclass, field
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from tutor.fault import Fault
from tutor.item import BLOOM, Item
from tutor.lesson import Lesson
from tutor.text_file import load_yaml

LONGEST_TITLE = 70


@dataclass(frozen=True)
class Objective:
    """What a learner can do afterwards.

    Args:
        id: Stable id, such as ``nlp-tok``.
        skill: Id of its skill.
        subtopic: The sub-topic of required.yaml that it covers; empty when it goes beyond the list.
        text: "Explain and choose ...".
        bloom: One of BLOOM.
        requires: Ids of objectives that come first.
        name: A few words for lists and cards; empty when the file gives no title (see ``title``).
    """

    id: str
    skill: str
    subtopic: str
    text: str
    bloom: str
    requires: tuple[str, ...] = ()
    name: str = ""

    @property
    def title(self) -> str:
        """A short name: the one given, else the sub-topic in words, else the beginning of the text."""
        if self.name:
            return self.name
        if self.subtopic:
            words = self.subtopic.replace("-", " ")
            return words[0].upper() + words[1:]
        short = self.text.split(",")[0].split(";")[0].rstrip(".")
        return short if len(short) <= LONGEST_TITLE else short[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


@dataclass(frozen=True)
class Skill:
    """One skill: its objectives and its lessons in order.

    Args:
        id: Id, unique over all folders.
        title: Name as people write it.
        rank: Place in the list of skills, from 1.
        summary: Two sentences.
        roles: Job roles that the skill serves.
        requires: Ids of skills that come first.
        objectives: What its lessons teach.
        lessons: In the order of their file names.
        status: ``full``, or ``opening`` for a skill of which only the opening lesson is written.
        path: Its folder.
        items: Its item bank, in the order of the files.
    """

    id: str
    title: str
    rank: int
    summary: str
    roles: tuple[str, ...]
    requires: tuple[str, ...]
    objectives: tuple[Objective, ...]
    lessons: tuple[Lesson, ...]
    status: str
    path: Path
    items: tuple[Item, ...] = field(default=(), repr=False)


def skill_of(text: str, file: Path) -> tuple[Skill | None, list[Fault]]:
    """The skill in the text of a skill.yaml, without lessons and items, or None; and its faults."""
    fields, faults = load_yaml(text, file)
    if not faults and not isinstance(fields, dict):
        faults.append(Fault(file, 1, "F002", "is not a list of `name: value` lines."))
    return (None, faults) if faults else _skill_fields(fields, file)


def _skill_fields(fields: dict[str, Any], file: Path) -> tuple[Skill | None, list[Fault]]:
    faults = [
        Fault(file, 1, "F003", f"has no {name}.") for name in ("id", "title") if not str(fields.get(name) or "").strip()
    ]
    if faults:
        return None, faults
    skill_id = str(fields["id"]).strip()
    objectives: list[Objective] = []
    listed = fields.get("objectives")
    for entry in listed if isinstance(listed, list) else []:
        objective, more = _objective(entry, skill_id, file)
        faults += more
        if objective is not None:
            objectives.append(objective)
    rank = fields.get("rank", 1000)
    if not isinstance(rank, int):
        faults.append(Fault(file, 1, "F004", f"rank is {brief(rank)}; give a whole number."))
        rank = 1000
    status = str(fields.get("status", "full"))
    if status not in {"full", "opening"}:
        faults.append(Fault(file, 1, "F004", f"status is {brief(status)}; allowed are full and opening."))
        status = "full"
    return Skill(
        skill_id, str(fields["title"]).strip(), rank, " ".join(str(fields.get("summary") or "").split()),
        _strings(fields.get("roles")), _strings(fields.get("requires")), tuple(objectives), (), status, file.parent,
    ), faults  # fmt: skip


def _objective(entry: Any, skill: str, file: Path) -> tuple[Objective | None, list[Fault]]:
    if not isinstance(entry, dict) or not entry.get("id") or not entry.get("text"):
        return None, [Fault(file, 1, "F003", f"an objective is {brief(entry)}; give id, subtopic, text and bloom.")]
    faults = []
    bloom = str(entry.get("bloom", "understand"))
    if bloom not in BLOOM:
        faults.append(
            Fault(file, 1, "F004", f"objective {entry['id']}: bloom is {bloom!r}; allowed: {', '.join(BLOOM)}.")
        )
        bloom = "understand"
    subtopic = str(entry.get("subtopic") or "")
    return Objective(
        str(entry["id"]), skill, subtopic, " ".join(str(entry["text"]).split()), bloom, _strings(entry.get("requires")),
        " ".join(str(entry.get("title") or "").split()),
    ), faults  # fmt: skip


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(str(entry) for entry in value) if isinstance(value, list) else ()
