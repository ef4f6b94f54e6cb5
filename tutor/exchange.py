"""Questions in and answers out as JSON lines, in the fields that other tools rely on.

Knows nothing of how questions are answered.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from tutor.answer import Answer
from tutor.condense import Turn
from tutor.errors import TutorError


def lines(question: str | None, file: Path | None) -> Iterator[dict[str, Any]]:
    """The questions of the command line: one argument, standard input, or a file of JSON lines.

    Raises:
        TutorError: No question was given, or a line cannot be read.
    """
    if file is None:
        asked = sys.stdin.read() if question == "-" else question
        if not asked or not asked.strip():
            raise TutorError('Give a question, such as: genai-tutor ask "What is a token?"')
        yield {"question": asked}
        return
    source = sys.stdin if str(file) == "-" else _opened(file)
    with source:
        yield from _json_lines(source, str(file))


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8")
    except OSError as error:
        raise TutorError(f"{path} cannot be read: {error.strerror}.") from error


def _json_lines(source: TextIO, name: str) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        for number, line in enumerate(source, 1):
            if line.strip():
                read = json.loads(line)
                if not isinstance(read, dict) or not isinstance(read.get("question"), str):
                    raise TutorError(f'{name}:{number} is not an object with a "question".')
                yield read
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise TutorError(f"{name}:{number + isinstance(error, UnicodeDecodeError)} is not JSON: {error}.") from error


def history(line: Mapping[str, Any]) -> list[Turn]:
    """The conversation before a line's question.

    Raises:
        TutorError: A turn lacks its role.
    """
    made = []
    for turn in line.get("history") or ():
        if not isinstance(turn, dict) or turn.get("role") not in {"learner", "tutor"}:
            raise TutorError('Each turn of "history" needs "role" (learner or tutor) and "text".')
        made.append(Turn(turn["role"], str(turn.get("text", ""))))
    return made


def answer_json(answer: Answer | None, question: str, error: str = "") -> dict[str, Any]:
    """An answer in its fixed fields; without one, why there is none."""
    if answer is None:
        return {
            "question": question,
            "standalone": question,
            "answer": error,
            "declined": True,
            "covered": False,
            "citations": [],
            "unsupported": [],
            "model": "built-in",
            "ms": 0,
            "error": error,
        }
    distinct = list(dict.fromkeys(answer.citations))
    return {
        "question": question,
        "standalone": answer.standalone,
        "answer": answer.text,
        "declined": answer.declined,
        "covered": answer.covered,
        "citations": [
            {"n": c.n, "skill": c.skill, "lesson": c.lesson, "section": c.section, "anchor": c.anchor, "quote": c.quote}
            for c in distinct
        ],
        "unsupported": list(answer.unsupported),
        "model": answer.model,
        "ms": answer.ms,
    }
