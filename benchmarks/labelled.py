"""The labelled questions of tests/evals by file and half, and tables of shares.

Knows nothing of what is measured on them.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tutor.evaluation import Case, case_from_dict

EVALS = Path(__file__).resolve().parent.parent / "tests" / "evals"
HALVES = ("report", "tune")
REAL = tuple(f"forum/{path.stem}" for path in sorted((EVALS / "forum").glob("*.jsonl")))
HARD = ("answer", "follow_up")
REFUSALS = ("alarming", "decline")


def cases(names: Sequence[str], half: str, most: int | None = None) -> list[Case]:
    """The labelled questions of some files and one half."""
    lines = [json.loads(line) for name in names for line in (EVALS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [case_from_dict(line) for line in lines if line["half"] == half][:most]


def row(cells: Sequence[Any]) -> str:
    """A line of a table; shares with two digits behind the point."""
    shown = ("–" if c is None else f"{c:.2f}" if isinstance(c, float) else str(c) for c in cells)
    return "| " + " | ".join(shown) + " |"


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A markdown table."""
    return "\n".join([row(header), "|---" * len(header) + "|", *map(row, rows)])
