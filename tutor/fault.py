"""What can be wrong with a curriculum: every code, how grave it is in each profile, and one fault at its place.

Knows nothing of how faults are found.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Profile = Literal["draft", "house"]
Severity = Literal["error", "warning", "ignore"]

CODES: dict[str, tuple[Severity, Severity, str]] = {
    # code: (severity in draft, severity in house, what it means)
    "F001": ("error", "error", "the file cannot be read as UTF-8 text"),
    "F002": ("error", "error", "the front matter or YAML cannot be parsed"),
    "F003": ("error", "error", "a required field is missing"),
    "F004": ("warning", "error", "a field has a value that is not allowed"),
    "F005": ("error", "error", "an id is used twice"),
    "F006": ("error", "error", "a folder or file is missing"),
    "L001": ("warning", "error", "the lesson has no opening text before its first section"),
    "L002": ("error", "error", "the lesson has no section"),
    "L003": ("warning", "error", "a section does not say which objectives it teaches"),
    "L004": ("warning", "error", "a section teaches an objective that no skill.yaml lists"),
    "L005": ("error", "error", "a code fence is never closed"),
    "L006": ("warning", "error", "a link leads nowhere"),
    "L007": ("warning", "error", "a no-run block gives no reason"),
    "L008": ("ignore", "warning", "a teaching section has no asks"),
    "L009": ("ignore", "warning", "a teaching section is under 80 or over 600 words"),
    "L010": ("warning", "error", "the lesson names no source"),
    "L011": ("error", "error", "a section is empty"),
    "L012": ("ignore", "warning", "the lesson has no Try it or no At work"),
    "L013": ("ignore", "error", "an image has no alt text"),
    "R001": ("ignore", "error", "a required sub-topic has no objective"),
    "R002": ("ignore", "error", "an objective is taught by no section"),
    "R003": ("ignore", "error", "a required role is missing from its skill"),
    "R004": ("warning", "error", "a prerequisite is unknown or prerequisites form a cycle"),
    "R005": ("ignore", "error", "a required skill is missing"),
}


@dataclass(frozen=True, order=True)
class Fault:
    """One fault at its place.

    Args:
        path: The file, as the curriculum folder names it.
        line: Line from 1; 0 when the fault is of the whole file.
        code: A key of CODES.
        message: What is wrong here and what to do.
    """

    path: Path
    line: int
    code: str
    message: str

    def severity(self, profile: Profile) -> Severity:
        """How grave the fault is in a profile."""
        draft, house, _ = CODES[self.code]
        return draft if profile == "draft" else house

    @property
    def fatal(self) -> bool:
        """Whether the file cannot work as it is: the last good version serves meanwhile."""
        return CODES[self.code][0] == "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.code} {self.message}"
