"""The check of a whole curriculum: every fault of every file at once, figures, and how they are written down.

Knows nothing of how single faults are found.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor.bank import bank, near_duplicates
from tutor.curriculum import Curriculum, Skill, read
from tutor.examples import examples
from tutor.fault import CODES, Fault, Profile
from tutor.item import KINDS
from tutor.lint import lint
from tutor.required import FILE, coverage, covered, required_of
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
    rows = [_figures(skill) for skill in curriculum.skills]
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


def rows(curriculum: Curriculum) -> Iterator[dict[str, Any]]:
    """The figures of each skill, as in `table`, for JSON."""
    required = required_of(curriculum)
    for skill in curriculum.skills:
        requirement = required.get(skill.id)
        yield _figures(skill) | {
            "subtopics_covered": len(covered(skill, requirement)) if requirement else 0,
            "subtopics_required": len(requirement.subtopics) if requirement else 0,
        }


def _figures(skill: Skill) -> dict[str, Any]:
    blocks = [example for lesson in skill.lessons for example in examples(lesson.path)]
    texts = [text for lesson in skill.lessons for text in (lesson.opening, *(s.text for s in lesson.sections))]
    kinds = Counter(item.kind for item in skill.items)
    oldest = min((lesson.updated for lesson in skill.lessons), default=None)
    return {
        "skill": skill.id,
        "status": skill.status,
        "lessons": len(skill.lessons),
        "sections": sum(len(lesson.sections) for lesson in skill.lessons),
        "words": sum(len(text.split()) for text in texts),
        "objectives": len(skill.objectives),
        "items": len(skill.items),
        "items_by_kind": {kind: kinds[kind] for kind in KINDS},
        "blocks": len(blocks),
        "no_run": sum(bool(example.no_run) for example in blocks),
        "sources": len({source.address for lesson in skill.lessons for source in lesson.sources}),
        "oldest_updated": oldest.isoformat() if oldest else "",
    }


def table(curriculum: Curriculum) -> str:
    """A markdown table: one row a skill, and the totals."""
    head = (
        "skill", "lessons", "words", "objectives", "sub-topics", "items", *KINDS, "blocks run", "no-run", "sources",
        "oldest updated",
    )  # fmt: skip
    body = [_row(figures) for figures in rows(curriculum)]
    lines = [head, tuple("---" if i in {0, len(head) - 1} else "---:" for i in range(len(head))), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in [*lines, _totals(curriculum)])


def _row(figures: Mapping[str, Any]) -> tuple[str, ...]:
    name = figures["skill"] + (" (opening)" if figures["status"] == "opening" else "")
    kinds = [str(figures["items_by_kind"][kind]) for kind in KINDS]
    subtopics = f"{figures['subtopics_covered']}/{figures['subtopics_required']}"
    return (
        name, str(figures["lessons"]), str(figures["words"]), str(figures["objectives"]), subtopics,
        str(figures["items"]), *kinds, str(figures["blocks"] - figures["no_run"]), str(figures["no_run"]),
        str(figures["sources"]), figures["oldest_updated"],
    )  # fmt: skip


def _totals(curriculum: Curriculum) -> tuple[str, ...]:
    every = list(rows(curriculum))
    whole: dict[str, Any] = {"skill": "total", "status": ""}
    for name in ("lessons", "words", "objectives", "items", "blocks", "no_run", "sources"):
        whole[name] = sum(row[name] for row in every)
    for name in ("subtopics_covered", "subtopics_required"):
        whole[name] = sum(row[name] for row in every)
    whole["items_by_kind"] = {kind: sum(row["items_by_kind"][kind] for row in every) for kind in KINDS}
    whole["oldest_updated"] = min((row["oldest_updated"] for row in every if row["oldest_updated"]), default="")
    return _row(whole)


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
