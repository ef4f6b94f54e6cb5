"""Items made by hand for tests of grading."""

from pathlib import Path
from typing import Any

from tutor.item import Item, Kind, Option, Point


def item(kind: Kind, stem: str = "What is it?", **values: Any) -> Item:
    """An item with whatever a test does not care about filled in."""
    given: dict[str, Any] = {
        "body": "", "options": (), "value": None, "tolerance": 0.0, "accepted": (), "points": (), "hints": ("Think.",),
        "why": "Because.", "path": Path("quiz.md"), "line": 1, **values,
    }  # fmt: skip
    return Item("x-1-a", "x", "x-1", "apply", kind, stem, **given)


def numeric(value: float, tolerance: float = 0.0, stem: str = "How much is it?", **values: Any) -> Item:
    """A numeric item."""
    return item("numeric", stem, value=value, tolerance=tolerance, **values)


def accepted(*answers: str, stem: str = "What is it called?") -> Item:
    """An item with accepted answers."""
    return item("accepted", stem, accepted=answers)


def choice(*keys: bool) -> Item:
    """A choice whose options at these places are keys."""
    options = tuple(Option(f"option {place}", key) for place, key in enumerate(keys))
    return item("single" if sum(keys) == 1 else "multiple", options=options)


NOISE = item(
    "free",
    "A scan has single black and white pixels, and a colleague applies a Gaussian filter with growing strength until they "
    "are invisible. Explain what goes wrong and what to do instead.",
    points=(
        Point("the Gaussian filter averages stray values into their surroundings", ("smears", "grey smudges")),
        Point("edges and fine detail get soft as well", ("blurred", "loses detail")),
        Point("use a small median filter", ("median", "rank filter")),
        Point("choose the smallest window that makes the next step work", ("small window", "measure with PSNR")),
    ),
)
GOOD = (
    "A Gaussian blur averages the stray pixels into their surroundings as grey smudges. Edges and fine detail get soft on "
    "the way. A small median filter removes them, and I would take the smallest window with which the next step works."
)
WRONG = "The Gaussian filter is right for this, since it does not touch the edges. The strength was just too low, I would double it."
