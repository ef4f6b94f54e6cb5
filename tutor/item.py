"""The values of a quiz: an item, its options and its key points.

Knows nothing of how a quiz is written down, of learners or of how answers are graded.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tutor.markdown import Link

Kind = Literal["single", "multiple", "numeric", "accepted", "free"]
KINDS: tuple[Kind, ...] = ("single", "multiple", "numeric", "accepted", "free")
CONSTRUCTED: tuple[Kind, ...] = ("numeric", "accepted", "free")
BLOOM = ("remember", "understand", "apply", "analyse", "evaluate", "create")


@dataclass(frozen=True)
class Option:
    """One option of a choice.

    Args:
        text: Markdown of the option.
        correct: Whether it is a key.
        feedback: What the misconception behind it is; empty for most keys.
    """

    text: str
    correct: bool
    feedback: str = ""


@dataclass(frozen=True)
class Point:
    """One key point of a free-text answer, and other wordings of it."""

    text: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One question of the bank.

    Args:
        id: Stable id: the objective's id, a hyphen, a suffix without hyphens.
        skill: Id of the skill in whose folder it lies.
        objective: Id of the objective that it tests.
        bloom: One of BLOOM.
        kind: ``single`` or ``multiple`` choice, ``numeric``, ``accepted`` answer or ``free`` text.
        stem: The question, as plain text.
        body: Markdown of the case between the question and the answer; may be empty.
        options: Of a choice, in the order of the file; they are shuffled when shown.
        value: Of a numeric item.
        tolerance: Largest distance from value that is still right, 0 or more.
        accepted: Accepted answers.
        points: Key points of a free-text answer.
        hints: Author's hints, the gentler first.
        why: Markdown of the explanation.
        path: The file.
        line: Line of the heading, from 1.
        links: Links of the item, for the checks across files.
    """

    id: str
    skill: str
    objective: str
    bloom: str
    kind: Kind
    stem: str
    body: str
    options: tuple[Option, ...]
    value: float | None
    tolerance: float
    accepted: tuple[str, ...]
    points: tuple[Point, ...]
    hints: tuple[str, ...]
    why: str
    path: Path
    line: int
    links: tuple[Link, ...] = field(default=(), repr=False)

    @property
    def keys(self) -> tuple[Option, ...]:
        """The right options."""
        return tuple(option for option in self.options if option.correct)

    @property
    def constructed(self) -> bool:
        """Whether the learner writes the answer rather than choosing it."""
        return self.kind in CONSTRUCTED

    @property
    def content_hash(self) -> str:
        """SHA-256 of all that a learner sees or is graded by; place in the file and links are left out."""
        seen = [
            self.id, self.bloom, self.kind, self.stem, self.body,
            [(option.text, option.correct, option.feedback) for option in self.options],
            self.value, self.tolerance, self.accepted, [(point.text, point.synonyms) for point in self.points],
            self.hints, self.why,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(seen, ensure_ascii=True).encode()).hexdigest()
