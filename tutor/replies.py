"""The sentences of replies.json: what the tutor says when it does not teach.

Knows nothing of when they are said.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from json import loads


@cache
def replies() -> Mapping[str, str]:
    """What the tutor says when it does not teach, by code."""
    made: dict[str, str] = loads((files("tutor") / "replies.json").read_text(encoding="utf-8"))
    return made
