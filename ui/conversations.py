"""The learner's conversations as a list: open, rename, delete.

Knows nothing of HTTP or of the database: it is given what it shows.
"""

from collections.abc import Sequence
from datetime import datetime

from tutor.store import Conversation
from ui.frame import ago, page
from ui.texts import text

LONGEST_TITLE = 120


def conversations_page(found: Sequence[Conversation], now: datetime, notice: str = "") -> str:
    """The list, newest first.

    Args:
        found: The learner's conversations.
        now: The present moment; aware.
        notice: A code of the catalogue for what was just done; empty for nothing.
    """
    return page(
        "conversations.html",
        title=text("conversations.title"),
        entries=[(each, ago(each.updated, now)) for each in found],
        notice=text(notice) if notice else "",
        longest=LONGEST_TITLE,
    )


def title_of(words: str, longest: int = LONGEST_TITLE) -> str:
    """A title as it is stored: one line, not too long, never empty."""
    title = " ".join(words.split()) or text("conversations.untitled")
    return title if len(title) <= longest else title[: longest - 1].rstrip() + "…"
