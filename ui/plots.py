"""Where the bars, dots and lines of a plot lie; templates/plots.html draws them.

Knows nothing of learners, of words or of colours. Pure: numbers in, places in pixels out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 46, 22, 12, 28
"""Room for the numbers at the axes."""


@dataclass(frozen=True)
class Mark:
    """A number at an axis: where, and what it says."""

    at: float
    words: str


@dataclass(frozen=True)
class Bar:
    """A rectangle of a bar."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """One stacked bar, the lower part first, and where it says what it is."""

    lower: Bar
    upper: Bar
    middle: float


@dataclass(frozen=True)
class Dot:
    """A point with its radius."""

    x: float
    y: float
    radius: float


def across(share: float) -> float:
    """The x of a share of the width of the plot, from 0 to 1."""
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def up(share: float) -> float:
    """The y of a share of the height of the plot, 0 at its foot."""
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def top_of(most: int) -> int:
    """The number at the top of an axis of counts: the next of 10, 20, 30, 40, 60, 80, 100, 200 ... that is not less."""
    scale = 10
    while scale * 8 < most:
        scale *= 10
    return next(scale * step for step in (1, 2, 3, 4, 6, 8) if scale * step >= most)


def columns(pairs: Sequence[tuple[int, int]]) -> tuple[Column, ...]:
    """Stacked bars side by side.

    Args:
        pairs: The lower and the upper count of each; at least one pair.
    """
    most = top_of(max((sum(pair) for pair in pairs), default=0))
    step = 1 / max(1, len(pairs))
    made = []
    for place, (lower, upper) in enumerate(pairs):
        x, width = across(place * step + step * 0.15), round(step * 0.7 * (WIDTH - LEFT - RIGHT), 1)
        y1, y2 = up(lower / most), up((lower + upper) / most)
        bars = Bar(x, y1, width, round(up(0) - y1, 1)), Bar(x, y2, width, round(y1 - y2, 1))
        made.append(Column(*bars, across((place + 0.5) * step)))
    return tuple(made)


def dots(points: Sequence[tuple[float, float, int]]) -> tuple[Dot, ...]:
    """Points in a square of shares; the area of each grows with its count.

    Args:
        points: Share across, share up, and a count of at least 1.
    """
    most = max((count for _, _, count in points), default=1)
    return tuple(Dot(across(x), up(y), round(4 + 6 * (count / most) ** 0.5, 1)) for x, y, count in points)


def line(shares: Sequence[float]) -> str:
    """A line through shares at equal distances, as the points of an SVG polyline."""
    last = max(1, len(shares) - 1)
    return " ".join(f"{across(place / last)},{up(share)}" for place, share in enumerate(shares))
