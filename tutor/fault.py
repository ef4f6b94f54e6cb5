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
    "R006": ("ignore", "error", "an objective names a sub-topic that required.yaml does not list"),
    "G001": ("warning", "error", "a term of the glossary has no definition"),
    "G002": ("warning", "error", "a term of the glossary links to no section that exists"),
    "G003": ("warning", "error", "the glossary names a term twice"),
    "P001": ("error", "error", "a path or a step of it lacks a field"),
    "P002": ("warning", "error", "a path has a value that is not allowed"),
    "P003": ("error", "error", "the id of a path is used twice"),
    "P004": ("error", "error", "a path has no usable step"),
    "P005": ("warning", "error", "a step of a path names a skill or objective that does not exist"),
    "P006": ("warning", "error", "a path teaches something before its prerequisite"),
    "P007": ("ignore", "error", "a required role has no learning path"),
    "P008": ("warning", "error", "prerequisites across skills form a cycle"),
    "P009": ("ignore", "warning", "two paths give the same reason for a step"),
    "Q001": ("error", "error", "an item has no `<!-- item: id bloom -->` line"),
    "Q002": ("error", "error", "an item's id is not an objective's id, a hyphen and a suffix"),
    "Q003": ("error", "error", "an item's id is used twice"),
    "Q004": ("warning", "error", "an item names no Bloom level, or an unknown one"),
    "Q005": ("error", "error", "an item belongs to an objective that no skill.yaml lists"),
    "Q006": ("error", "error", "an item has no key: no [x], no Answer and no Points"),
    "Q007": ("error", "error", "an item's answer cannot be read, or it has answers of two kinds"),
    "Q008": ("error", "error", "a choice has under two options, or an option without text or box"),
    "Q009": ("warning", "error", "two options of an item are the same"),
    "Q010": ("ignore", "error", "an item has no Hint"),
    "Q011": ("ignore", "error", "an item has no Why"),
    "Q012": ("warning", "error", "a link of an item leads nowhere"),
    "Q013": ("warning", "error", "a hint states the key"),
    "Q014": ("warning", "error", "the stem states an accepted answer"),
    "Q015": ("error", "error", "an item has no stem"),
    "Q016": ("warning", "error", "a blockquote of an item begins with neither Hint nor Why"),
    "Q017": ("warning", "error", "a quiz file holds no item"),
    "W001": ("warning", "warning", "the stem is negative (not, except)"),
    "W002": ("ignore", "warning", "a choice has fewer than 3 or more than 5 options"),
    "W003": ("warning", "warning", "an option is all or none of the above"),
    "W004": ("ignore", "warning", "an option uses an absolute or vague term"),
    "W005": ("ignore", "warning", "a distractor has no feedback"),
    "W006": ("warning", "warning", "the key is the longest option and over 1.5 times the mean"),
    "W007": ("ignore", "warning", "only the key repeats words of the stem"),
    "W008": ("ignore", "warning", "an article before the blank fits only some options"),
    "W009": ("ignore", "warning", "the options are not parallel in form"),
    "W010": ("ignore", "warning", "numbers as options are not in order"),
    "W011": ("ignore", "warning", "options overlap: one range or wording holds another"),
    "W012": ("ignore", "warning", "the stem has over 80 words"),
    "W013": ("ignore", "warning", "the item asks for yes or no, true or false"),
    "W014": ("ignore", "warning", "an item has more than two hints"),
    "W015": ("warning", "warning", "every option is right"),
    "B001": ("ignore", "warning", "key positions are uneven (chi-square, p < .01)"),
    "B002": ("ignore", "warning", "an objective has under 8 items"),
    "B003": ("ignore", "warning", "under a third of an objective's items ask for a constructed response"),
    "B004": ("ignore", "warning", "no item of an objective is above apply"),
    "B005": ("ignore", "warning", "two stems nearly repeat each other (Jaccard > .8)"),
    "B006": ("ignore", "warning", "choosing the longest option beats chance by over 10 points"),
    "B007": ("ignore", "warning", "choosing the option nearest to the stem beats chance by over 10 points"),
    "B008": ("ignore", "warning", "choosing the first option beats chance by over 10 points"),
    "B009": ("ignore", "warning", "choosing the last option beats chance by over 10 points"),
    "B010": ("ignore", "warning", "choosing the shortest option beats chance by over 10 points"),
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
