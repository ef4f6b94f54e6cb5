"""The words of the pages, from one JSON catalogue: codes in tutor/, words here.

Knows nothing of where a text is shown.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("texts.json")


@cache
def catalogue() -> Mapping[str, str]:
    """Every text by its code."""
    texts: dict[str, str] = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return texts


def text(code: str, /, **values: object) -> str:
    """The words for a code, with values filled in.

    Args:
        code: A key of the catalogue, such as ``ask.send``.
        **values: What the text names in braces. ``count`` picks the text with the ending ``.one`` when it is 1.

    Raises:
        KeyError: The code is not in the catalogue, or a value that the text names is missing.

    Example:
        >>> text("ask.sections", count=1)
        '1 section'
    """
    texts = catalogue()
    if values.get("count") == 1 and f"{code}.one" in texts:
        code = f"{code}.one"
    return texts[code].format(**values)


def has(code: str) -> bool:
    """Whether the catalogue has words for a code."""
    return code in catalogue()
