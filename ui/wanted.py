"""What a learner asked for on the Ask page: read from the composer, from a button under an answer or from a card.

Knows nothing of layout or of what is done about it.
"""

import json
from dataclasses import dataclass

from ui.pressed import Pressed, pressed_of


@dataclass(frozen=True)
class Wanted:
    """What a learner asked for.

    Args:
        question: The words.
        skill: Id of the skill to ask about; empty for all.
        conversation: Id of the open conversation; empty for a new one.
        retry_of: Id of the stored answer to replace; empty for a new question.
    """

    question: str
    skill: str = ""
    conversation: str = ""
    retry_of: str = ""


def wanted_of(question: str, skill: str | None, opened: str, wish: str) -> Wanted:
    """What was asked for: the composer's words, or what a button under an answer wished for."""
    if wish:
        try:
            asked = json.loads(wish)
            return Wanted(str(asked["question"]), skill or "", opened, str(asked.get("retry_of", "")))
        except (ValueError, KeyError, TypeError, AttributeError):
            return Wanted("")
    return Wanted(question or "", skill or "", opened)


def pressed_in(wish: str) -> Pressed | None:
    """What was pressed on an item's card; None when a question is wished for."""
    try:
        found = json.loads(wish) if wish else None
    except ValueError:
        return None
    return pressed_of(found["item"]) if isinstance(found, dict) and "item" in found else None
