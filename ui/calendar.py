"""Due reviews as a calendar file (iCalendar, RFC 5545): one all-day entry a day.

Knows nothing of HTTP or of the store.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from tutor.progress import Progress
from tutor.review import due
from ui.texts import text

DAYS = 60
"""Days ahead for which entries are made."""
_LINE = 74
"""Octets of a folded line, without its end (RFC 5545, 3.1)."""


def calendar(progress: Progress, address: str, now: datetime) -> str:
    """The calendar file.

    Args:
        progress: Where the learner stands.
        address: Address of the practice page, for each entry.
        now: The present moment; aware.
    """
    today = now.date()
    days = Counter(max(due(standing.card).date(), today) for standing in progress.objectives.values() if standing.card)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//genai-tutor//reviews//EN", "CALSCALE:GREGORIAN"]
    for day, count in sorted(days.items()):
        if day <= today + timedelta(days=DAYS):
            lines += _entry(day, count, address, now)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _fold(line))


def _entry(day: date, count: int, address: str, now: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:reviews-{day:%Y%m%d}@genai-tutor",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(text('calendar.summary', count=count))}",
        f"DESCRIPTION:{_escaped(text('calendar.description'))}",
        f"URL:{address}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _fold(line: str) -> list[str]:
    """A line in pieces of at most 75 octets, each after the first beginning with a space."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > _LINE:
            pieces.append(piece)
            piece = " "
        piece += character
    return [*pieces, piece]
