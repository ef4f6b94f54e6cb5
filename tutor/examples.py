"""The Python examples of a lesson: code, the output printed under it, or the reason why it is not run.

Knows nothing of how code is run or how outputs are compared.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it.token import Token

from tutor.markdown import commonmark, plain_inline
from tutor.text_file import front_matter, read_text


@dataclass(frozen=True)
class Example:
    """One Python block of a lesson.

    Args:
        section: Number of its section from 1; 0 for the opening. Examples of one section share their names.
        heading: Heading of the section.
        line: Line of the block's first line of code, from 1.
        code: The code.
        output: The text of the output block under it; None without one.
        output_line: Line of the output's first line; 0 without one.
        no_run: Why it cannot run here; empty when it is run.
    """

    section: int
    heading: str
    line: int
    code: str
    output: str | None = None
    output_line: int = 0
    no_run: str = ""


def examples(path: Path) -> tuple[Example, ...]:
    """The Python examples of a lesson file, in order; none when it cannot be read."""
    text, faults = read_text(path)
    if faults:
        return ()
    _, offset, _ = front_matter(text, path)
    tokens = commonmark().parse("\n".join(text.split("\n")[offset:]))
    return tuple(_examples(tokens, offset))


def _examples(tokens: list[Token], offset: int) -> Iterator[Example]:
    section, heading = 0, ""
    waiting: Example | None = None
    for i, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2" and token.level == 0:
            if waiting is not None:
                yield waiting
            waiting, section, heading = None, section + 1, plain_inline(tokens[i + 1])
        elif token.type == "fence" and token.map is not None:
            language, _, rest = token.info.strip().partition(" ")
            line = offset + token.map[0] + 2
            if language in {"python", "py"}:
                if waiting is not None:
                    yield waiting
                waiting = Example(section, heading, line, token.content, no_run=_reason(rest))
            elif language == "output" and waiting is not None:
                done = waiting
                yield Example(done.section, heading, done.line, done.code, token.content, line, done.no_run)
                waiting = None
    if waiting is not None:
        yield waiting


def _reason(rest: str) -> str:
    found = re.search(r'no-run(?:="([^"]*)")?', rest)
    return (found.group(1) or "no reason given") if found else ""
