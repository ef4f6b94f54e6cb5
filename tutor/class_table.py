"""The class table: learners by objectives, as a value and as CSV.

Knows nothing of the database or of pages.
"""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tutor.outline import Topic
from tutor.store.classes import Enrolled

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or skips before one."""


@dataclass(frozen=True)
class ClassRow:
    """One learner in the table.

    Args:
        name: The platform's, or a short pseudonym.
        last: When they were here last; UTC.
        standings: ``learned`` or ``mastered`` by objective; what is neither is left out.
    """

    name: str
    last: datetime
    standings: Mapping[str, str]

    def count(self, topics: Sequence[Topic], mastered: bool = False) -> int:
        """How many of some topics are learned; what is mastered is learned too."""
        wanted = ("mastered",) if mastered else ("learned", "mastered")
        return sum(self.standings.get(topic.id) in wanted for topic in topics)


def class_table(learners: Sequence[Enrolled], names: Mapping[str, str]) -> list[ClassRow]:
    """The table.

    Args:
        learners: Who learns in the course.
        names: Names that the platform gave, by the platform's own id of a person.
    """
    rows = [
        ClassRow(names.get(each.subject, "") or pseudonym(each.principal), each.last, _standings(each))
        for each in learners
    ]
    return sorted(rows, key=lambda row: row.name.casefold())


def pseudonym(principal: str) -> str:
    """A short name for somebody whose name is not known: always the same, and no way back to the identity.

    Example:
        >>> pseudonym("lti:1") == pseudonym("lti:1") != pseudonym("lti:2")
        True
    """
    return f"Learner {hashlib.sha256(principal.encode()).hexdigest()[:6]}"


def as_csv(rows: Sequence[ClassRow], topics: Sequence[Topic]) -> str:
    """The table with one column an objective; no cell is a formula to a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written)
    head = ["name", "last active (UTC)", "learned", "mastered", *(f"{topic.skill}: {topic.title}" for topic in topics)]
    writer.writerow([safe(each) for each in head])
    for row in rows:
        counts = [str(row.count(topics)), str(row.count(topics, mastered=True))]
        cells = [row.name, f"{row.last:%Y-%m-%d %H:%M}", *counts, *(row.standings.get(each.id, "") for each in topics)]
        writer.writerow([safe(each) for each in cells])
    return written.getvalue()


def safe(cell: str) -> str:
    """A cell that a spreadsheet takes for text.

    Example:
        >>> safe("=HYPERLINK(1)"), safe("Anna")
        ("'=HYPERLINK(1)", 'Anna')
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _standings(learner: Enrolled) -> dict[str, str]:
    found = learner.state.get("objectives") or {}
    told = {
        name: "mastered" if each.get("mastered") else "learned" if each.get("learned") else ""
        for name, each in found.items()
    }
    return {name: standing for name, standing in told.items() if standing}
