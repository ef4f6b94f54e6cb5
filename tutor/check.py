"""The check of a whole curriculum: every fault of every file at once, and how they are written down.

Knows nothing of how single faults are found.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor.bank import bank, near_duplicates
from tutor.curriculum import Curriculum, read
from tutor.fault import CODES, Fault, Profile
from tutor.figures import figures, rows
from tutor.lint import lint
from tutor.required import FILE, coverage
from tutor.settings import shipped_curricula


@dataclass(frozen=True)
class Report:
    """What a check found.

    Args:
        faults: Errors and warnings of the profile, by file and line; what the profile ignores is left out.
        counts: errors, warnings, skills, lessons, sections, words, objectives, items, blocks, no_run.
        profile: The profile that was checked.
        curriculum: What was read, as far as it works.
    """

    faults: tuple[Fault, ...]
    counts: Mapping[str, int]
    profile: Profile
    curriculum: Curriculum

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self.counts["errors"]

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return self.counts["warnings"]

    def passed(self, strict: bool = False) -> bool:
        """Whether there is no error; with strict no warning either."""
        return not self.errors and not (strict and self.warnings)


def check(folders: Sequence[Path], profile: Profile = "draft") -> Report:
    """Check curriculum folders.

    Args:
        folders: Curriculum folders; each holds one folder a skill and may hold a required.yaml.
        profile: ``draft`` (only what cannot work is an error) or ``house`` (the standard of the shipped lessons).

    Example:
        >>> check([shipped_curricula()]).passed()
        True
    """
    curriculum = read(folders)
    faults = list(curriculum.faults) + coverage(curriculum, folders)
    faults += [
        Fault(folder / FILE, 0, "F006", "is missing; the shipped lessons are held against it.")
        for folder in folders
        if folder.resolve() == shipped_curricula() and not (folder / FILE).is_file()
    ]
    full = [skill for skill in curriculum.skills if skill.status != "opening"]
    for skill in full:
        faults += [fault for item in skill.items for fault in lint(item)]
        faults += bank(skill.items, [objective.id for objective in skill.objectives], skill.path / "skill.yaml")
    faults += near_duplicates([item for skill in full for item in skill.items])
    if not any(skill.lessons for skill in curriculum.skills) and folders:
        faults.append(Fault(folders[0], 0, "F006", "no folder holds a usable lesson."))
    shown = tuple(sorted({fault for fault in faults if fault.severity(profile) != "ignore"}))
    return Report(shown, _counts(shown, curriculum, profile), profile, curriculum)


def _counts(faults: Sequence[Fault], curriculum: Curriculum, profile: Profile) -> dict[str, int]:
    rows = [figures(skill) for skill in curriculum.skills]
    grave = Counter(fault.severity(profile) for fault in faults)
    names = ("lessons", "sections", "words", "objectives", "items", "blocks", "no_run")
    return {"errors": grave["error"], "warnings": grave["warning"], "skills": len(rows)} | {
        name: sum(int(row[name]) for row in rows) for name in names
    }


def render(report: Report) -> str:
    """One line a fault, ``file:line CODE message``, and one line that sums up."""
    counts = report.counts
    total = (
        f"{counts['errors']} errors, {counts['warnings']} warnings in {counts['lessons']} lessons and "
        f"{counts['items']} items of {counts['skills']} skills (profile {report.profile})"
    )
    return "\n".join([*map(str, report.faults), total])


def as_json(report: Report) -> dict[str, Any]:
    """The report for `check --json`."""
    return {
        "profile": report.profile,
        "passed": report.passed(),
        "counts": dict(report.counts),
        "faults": [
            {
                "path": str(fault.path),
                "line": fault.line,
                "code": fault.code,
                "severity": fault.severity(report.profile),
                "message": fault.message,
            }
            for fault in report.faults
        ],
        "skills": list(rows(report.curriculum)),
    }


def codes_document() -> str:
    """The markdown of docs/lint-codes.md: every code with its severity in each profile."""
    lines = [
        "# Codes of `genai-tutor check`",
        "",
        "Each fault is one line, `file:line CODE message`. Profile `draft` is for first drafts: only what cannot work",
        "is an error. Profile `house` is the standard of the shipped lessons. `--strict` makes warnings fail.",
        "",
        "This page is made from `CODES` in `tutor/fault.py`; a test holds it equal.",
        "",
        "| code | meaning | draft | house |",
        "| --- | --- | --- | --- |",
    ]
    for code, (draft, house, meaning) in CODES.items():
        grave = [severity.replace("ignore", "-") for severity in (draft, house)]
        lines.append(f"| {code} | {meaning.replace('|', chr(92) + '|')} | {grave[0]} | {grave[1]} |")
    return "\n".join(lines) + "\n"
