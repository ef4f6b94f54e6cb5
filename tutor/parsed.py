"""What was parsed of each text, kept in one file of the data folder, so that a start parses only what changed.

Knows nothing of what is parsed: it is given pure functions of a text, and gives back what they give.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, get_type_hints

from tutor import __version__

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "parsed"
"""Name of the file in the data folder."""
LIBRARIES = ("markdown-it-py", "mdurl", "PyYAML", "pydantic")
"""What else decides how a text is parsed and how it is written down."""
T = TypeVar("T")


class Parsing(Protocol):
    """Gives ``parse(text, *where)``, made now or kept from an earlier run."""

    def __call__(self, parse: Callable[..., T], text: str, *where: Path | str) -> T:
        """What the function gives."""


def afresh(parse: Callable[..., T], text: str, *where: Path | str) -> T:
    """Parsing that keeps nothing."""
    return parse(text, *where)


class Kept:
    """Parsing that looks into a file first. Safe with several processes on one file: the last to save wins.

    Example:
        >>> kept = Kept(data / FILE)  # doctest: +SKIP
        >>> load(folders, parsing=kept)  # doctest: +SKIP
        >>> kept.save()  # doctest: +SKIP

    Args:
        file: Where values are kept. What is no file of this version of the program is taken for an empty one.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._found: dict[bytes, bytes] | None = None
        self._used: dict[bytes, bytes] = {}
        self._grown = False

    def __call__(self, parse: Callable[..., T], text: str, *where: Path | str) -> T:
        """What a function gives for a text, from the file where it is there.

        Args:
            parse: A pure function at the top of a module of this package, with a return type.
            text: What is parsed.
            *where: Its other arguments; they hold no NUL.
        """
        from pydantic import ValidationError

        if self._found is None:
            self._found = _read(self._file)
        named = "\0".join([parse.__module__, parse.__qualname__, *map(str, where), text])
        key = hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest().encode()
        adapter: TypeAdapter[T] = _adapter(parse)
        if (written := self._found.get(key)) is not None:
            with suppress(ValidationError):
                value = adapter.validate_json(written)
                self._used[key] = written
                return value
        value = parse(text, *where)
        if (written := _written(adapter, value)) is not None:
            self._used[key] = written
            self._grown = True
        return value

    def save(self) -> None:
        """Write what was asked for, if any of it is new; a folder that cannot be written costs only time."""
        if not self._grown:
            return
        rest = b"".join(b"%b %b\n" % entry for entry in self._used.items())
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=self._file.parent, prefix=f"{self._file.name}.")
            try:
                with open(handle, "wb") as opened:
                    opened.write(_head(rest) + rest)
                os.replace(part, self._file)
            except OSError:
                os.unlink(part)
                raise
        self._found, self._grown = self._used, False


@cache
def edition() -> str:
    """Changes whenever a text might be parsed into something else: with our sources, the libraries and Python."""
    found = hashlib.sha256("\0".join([__version__, sys.version, *map(version, LIBRARIES)]).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        found.update(hashlib.sha256(source.read_bytes()).digest())
    return found.hexdigest()


def _head(rest: bytes) -> bytes:
    return f"{edition()} {hashlib.sha256(rest).hexdigest()}\n".encode()


def _read(file: Path) -> dict[bytes, bytes]:
    """The entries of a file; none when it is missing, cut, damaged or of another edition."""
    try:
        head, _, rest = file.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if head + b"\n" != _head(rest):
        return {}
    return {key: written for key, _, written in (line.partition(b" ") for line in rest.splitlines())}


@cache
def _adapter(parse: Callable[..., Any]) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(get_type_hints(parse)["return"])


def _written(adapter: "TypeAdapter[T]", value: T) -> bytes | None:
    """A value as JSON; None for the rare one that JSON does not give back as it was, such as infinity."""
    from pydantic import ValidationError
    from pydantic_core import PydanticSerializationError

    try:
        written = adapter.dump_json(value, warnings="error")
        return written if adapter.validate_json(written) == value else None
    except (PydanticSerializationError, ValidationError):
        return None
