"""A conversation's messages as turns: each question with its answer.

Knows nothing of how a turn looks or of where messages are kept.
"""

from tutor.store import Message
from ui.runs import Frame

Pair = tuple[Message, Message | None]
"""A learner's message and the answer to it."""


def pairs(kept: list[Message]) -> list[Pair]:
    """Messages as questions with their answers; a question without one is a turn of its own."""
    found: list[Pair] = []
    for each in kept:
        if each.role == "learner":
            found.append((each, None))
        elif found and found[-1][1] is None:
            found[-1] = (found[-1][0], each)
    return found


def split(kept: list[Message], running: Frame | None) -> tuple[list[Pair], Pair | None]:
    """The turns before the newest, and the newest; while an answer is written its own turn is in neither."""
    found = pairs(kept)
    if running is not None:
        if found and found[-1][0].text == running.question:
            found.pop()
        return found, None
    return (found[:-1], found[-1]) if found else ([], None)
