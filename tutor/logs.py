"""The log: what each line holds, as text or as JSON, and that no line holds what a learner wrote.

Knows nothing of HTTP or of who writes lines.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

OURS = ("tutor", "ui", "vectorstore")
"""The loggers that the level is for: libraries below WARNING write prompts and addresses."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being served; empty outside of one."""


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send all log lines to one stream.

    Args:
        level: Lowest level of our own lines.
        form: ``text`` or ``json``.
        stream: Where to; standard error when not given.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLine() if form == "json" else TextLine())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    for name in OURS:
        logging.getLogger(name).setLevel(level)


class JsonLine(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: moment, level, logger, message, request, the record's own fields, where an error came from."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = origin(record.exc_info[1])
        return json.dumps({name: value for name, value in line.items() if value != ""}, ensure_ascii=False)


class TextLine(logging.Formatter):
    """Words for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it where an error came from."""
        line = f"{record.levelname} {record.name}: {record.getMessage()}"
        if fields := getattr(record, "fields", {}):
            line += " " + " ".join(f"{name}={value}" for name, value in fields.items())
        if number := request_id.get():
            line += f" [{number}]"
        if record.exc_info and record.exc_info[1]:
            line += "\n  " + "\n  ".join(origin(record.exc_info[1]))
        return line


def origin(error: BaseException) -> list[str]:
    """Kinds and places of an error and of its causes, newest last, without their messages.

    An error's message may hold what a learner wrote: a database names its parameters, a parser what it could not read.

    Example:
        >>> try:
        ...     int("words of a learner")
        ... except ValueError as error:
        ...     "words" in str(origin(error))
        False
    """
    lines: list[str] = []
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        frames = traceback.extract_tb(each.__traceback__)
        places = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        lines = [f"{type(each).__module__}.{type(each).__name__}", *(f"at {place}" for place in places), *lines]
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return lines


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-2:])
