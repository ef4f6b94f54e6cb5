"""Measured numbers as markdown tables, and the few statistics they are made of.

Knows nothing of what is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One benchmark's result.

    Args:
        title: Its heading.
        note: How it was measured, in one or two sentences.
        head: The columns' names.
        rows: One a measurement, as text.
    """

    title: str
    note: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [f"## {self.title}", "", self.note, "", _line(self.head)]
        lines.append(_line(["---"] + ["---:"] * (len(self.head) - 1)))
        return "\n".join([*lines, *map(_line, self.rows)]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of all lies, interpolated; infinite when there is none."""
    ordered = sorted(values)
    if not ordered:
        return float("inf")
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    if ordered[high] == ordered[low]:
        return ordered[low]
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Sequence[float]) -> float:
    """The middle of the values."""
    return percentile(values, 0.5)


def seconds(value: float) -> str:
    """A duration for people: µs, ms or s, three digits."""
    if value == float("inf"):
        return "never"
    if value < 0.001:
        return f"{value * 1e6:.0f} µs"
    if value < 1:
        return f"{value * 1000:.{2 if value < 0.01 else 0}f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def ratio(value: float, baseline: float) -> str:
    """How many times the baseline a value is."""
    if float("inf") in (value, baseline) or not baseline:
        return "-"
    times = value / baseline
    return f"{times:.2f}x" if times < 10 else f"{times:.0f}x"


@dataclass(frozen=True)
class Target:
    """A figure that was to be reached: told, never enforced.

    Args:
        name: What was measured.
        value: What came out, in seconds.
        most: What was to be reached, in seconds.
    """

    name: str
    value: float
    most: float

    @property
    def row(self) -> list[str]:
        """As a line of the table of targets."""
        verdict = "reached" if self.value <= self.most else "MISSED"
        return [self.name, seconds(self.most), seconds(self.value), verdict]


def targets(all_of_them: Sequence[Target]) -> Table:
    """The targets of all parts in one table."""
    return Table(
        "Targets",
        "Figures for a machine with 2 cores and nothing else to do.",
        ["what", "target", "measured", "verdict"],
        [each.row for each in all_of_them],
    )
