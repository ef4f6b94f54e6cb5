"""The frame that all pages share: templates, top bar, menu, words.

Knows nothing of what a page holds.
"""

import hashlib
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tutor.keeping import REASONS
from ui.markdown import plain
from ui.texts import text

HERE = Path(__file__).parent
STATIC = HERE / "static"

account: ContextVar[str] = ContextVar("account", default="")
"""Whether the menu offers to sign ``in`` or ``out``, for the request that is being served; empty for neither."""

teaches: ContextVar[bool] = ContextVar("teaches", default=False)
"""Whether the menu leads to the class table, for the request that is being served."""


@cache
def templates() -> Environment:
    """The templates, escaping everything that is not said to be safe."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["plain"] = plain
    environment.globals.update(text=text, reasons=REASONS, asset=asset, read=read_address, ask=ask_address, day=day)
    environment.globals.update(account=account.get, teaches=teaches.get)
    environment.globals.update(write=write_address)
    return environment


def page(template: str, /, *, title: str, here: str = "", **values: Any) -> str:
    """A whole page.

    Args:
        template: File name under templates/.
        title: Title of the document, without the product's name.
        here: Which tab is current: ``today``, ``ask`` or none.
        **values: What the template shows.
    """
    return templates().get_template(template).render(title=title, here=here, **values)


def fragment(template: str, /, **values: Any) -> str:
    """A part of a page."""
    return templates().get_template(template).render(**values)


@cache
def asset(name: str) -> str:
    """Address of a static file; it changes with the file, so that browsers may keep it for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"static/{name}?v={digest}"


# Every page has a path of one segment, so relative addresses work under any path prefix.


def read_address(skill: str, lesson: str, section: str = "", quotation: str = "") -> str:
    """Address of a lesson or of one of its sections."""
    query = {"lesson": f"{skill}/{lesson}", "section": section, "quote": quotation}
    hash_part = f"#{quote(section)}" if section else ""
    return f"read?{_query(query)}{hash_part}"


def write_address(skill: str, lesson: str, section: str, piece: str = "") -> str:
    """Address at which the work for a section's task is written."""
    return f"write?{_query({'lesson': f'{skill}/{lesson}', 'section': section, 'id': piece})}"


def ask_address(question: str = "", skill: str = "", conversation: str = "") -> str:
    """Address of the Ask page."""
    query = _query({"c": conversation, "q": question, "skill": skill})
    return f"ask?{query}" if query else "ask"


def _query(values: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in values.items() if value}, safe="/", quote_via=quote)


def day(when: date) -> str:
    """A date in words: 3 November 2026."""
    return f"{when.day} {when:%B %Y}"


def ago(when: datetime, now: datetime) -> str:
    """How long ago, in words."""
    minutes = int((now - when).total_seconds() // 60)
    if minutes < 2:
        return text("when.now")
    if minutes < 60:
        return text("when.minutes", count=minutes)
    if minutes < 24 * 60:
        return text("when.hours", count=minutes // 60)
    days = (now.date() - when.date()).days
    return text("when.days", count=days) if days < 14 else text("when.date", date=day(when))
