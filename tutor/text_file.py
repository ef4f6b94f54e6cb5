"""A file that an author wrote, as text and the YAML in it as values; what cannot be read is a fault at its line.

Knows nothing of what the text or the values mean.
"""

from pathlib import Path
from typing import Any

import yaml

from tutor.fault import Fault

LARGEST = 2_000_000
"""Bytes of the largest file that is read; a lesson has about 20 kB."""


def read_text(path: Path) -> tuple[str, list[Fault]]:
    """Read a file as UTF-8 with unified line ends; a file that is no text gives an empty string and a fault."""
    try:
        if path.stat().st_size > LARGEST:
            return "", [Fault(path, 0, "F001", f"is larger than {LARGEST // 1_000_000} MB; split it.")]
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        return "", [Fault(path, 0, "F001", f"cannot be read: {error.strerror or error}.")]
    except UnicodeDecodeError as error:
        return "", [Fault(path, 0, "F001", f"is not UTF-8 text (byte {error.start}); save it as UTF-8.")]
    if "\0" in text:
        return "", [Fault(path, 0, "F001", "holds NUL bytes; it is a binary file, not a lesson.")]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


def front_matter(text: str, path: Path) -> tuple[dict[str, Any], int, list[Fault]]:
    """Split off the YAML between two `---` lines.

    Returns:
        The fields, the number of lines they take, and the faults.
    """
    lines = text.split("\n")
    if not lines or lines[0].strip() != "---":
        return {}, 0, [Fault(path, 1, "F002", "has no front matter; begin the file with --- and a title.")]
    end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        return {}, 0, [Fault(path, 1, "F002", "has front matter that never ends; add a line with --- after it.")]
    fields, faults = load_yaml("\n".join(lines[1:end]), path, first_line=2)
    if not isinstance(fields, dict):
        faults = faults or [Fault(path, 2, "F002", "has front matter that is not a list of `name: value` lines.")]
        fields = {}
    return fields, end + 1, faults


def load_yaml(text: str, path: Path, first_line: int = 1) -> tuple[Any, list[Fault]]:
    """Parse YAML safely; a syntax error becomes a fault at its line."""
    try:
        if "&" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            return None, [Fault(path, first_line, "F002", "uses YAML aliases (*name); write the values out.")]
        return yaml.safe_load(text), []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark is not None else 0)
        problem = getattr(error, "problem", None) or "not valid YAML"
        return None, [Fault(path, line, "F002", f"YAML cannot be parsed: {problem}.")]
    except (ValueError, RecursionError) as error:
        return None, [Fault(path, first_line, "F002", f"YAML cannot be parsed: {error}.")]
