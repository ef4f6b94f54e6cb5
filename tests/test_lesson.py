"""Lessons: what is read, every fault at its line, and no input that breaks the parser or makes it slow."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from broken_markdown import DENSE, broken
from hypothesis import HealthCheck, given, settings

from tutor.lesson import parse_lesson

HEAD = """---
title: "Tokens"
minutes: 12
updated: 2026-11-24
sources:
  - title: "A paper"
    address: https://example.org/paper
---
"""
GOOD = f"""{HEAD}
After this you can count tokens.

## What is a token?
<!-- teaches: nlp-tok, nlp-pre -->
<!-- asks: Is it a word? | How many? -->

A token is a piece of text. {"word " * 100}

```python
# <!-- stays -->
print(1)
```

## What is a token?

Again.
"""


def parse(folder: Path, text: str | bytes):
    path = folder / "01-tokens.md"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse_lesson(path, "nlp")


def codes(folder: Path, text: str | bytes) -> list[tuple[str, int]]:
    return [(fault.code, fault.line) for fault in parse(folder, text)[1]]


def test_a_lesson_is_read_with_sections_objectives_and_questions(tmp_path: Path) -> None:
    lesson, _ = parse(tmp_path, GOOD)
    assert lesson is not None
    assert (lesson.id, lesson.title, lesson.minutes, lesson.updated) == ("01-tokens", "Tokens", 12, date(2026, 11, 24))
    assert lesson.opening == "After this you can count tokens."
    first, second = lesson.sections
    assert (first.anchor, second.anchor) == ("what-is-a-token", "what-is-a-token-1")
    assert first.objectives == ("nlp-tok", "nlp-pre")
    assert first.asks == ("Is it a word?", "How many?")
    assert GOOD.split("\n")[first.line - 1] == "## What is a token?"


def test_comments_leave_the_text_but_not_the_code(tmp_path: Path) -> None:
    lesson, _ = parse(tmp_path, GOOD)
    assert lesson is not None
    assert "teaches" not in lesson.sections[0].text
    assert "# <!-- stays -->" in lesson.sections[0].text


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (("minutes: 12", "minutes: many"), "F004", 1),
        (('title: "Tokens"', "titel: x"), "F003", 1),
        (("updated: 2026-11-24", "updated: 2026-13-99"), "F002", 2),
        (("updated: 2026-11-24", "updated: soon"), "F004", 1),
        (("minutes: 12", "minutes: [1"), "F002", 4),
        (("https://example.org/paper", "example"), "L010", 1),
        (("After this you can count tokens.", ""), "L001", 9),
        (("<!-- teaches: nlp-tok, nlp-pre -->\n", ""), "L003", 12),
        (("<!-- asks: Is it a word? | How many? -->\n", ""), "L008", 12),
        (("\nAgain.\n", ""), "L011", 23),
        (("```python", "```python no-run"), "L007", 18),
        (("print(1)\n```", "print(1)"), "L005", 18),
        (("word " * 100, ""), "L009", 12),
    ],
)
def test_each_fault_is_told_at_its_line(tmp_path: Path, change: tuple[str, str], code: str, line: int) -> None:
    assert (code, line) in codes(tmp_path, GOOD.replace(*change))


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("minutes: 12", "minutes: 0").replace("updated: 2026-11-24", "updated: x").replace("Again.", "")
    assert {"F004", "L011", "L003"} <= {code for code, _ in codes(tmp_path, text)}


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"---\ntitle: a\0b\n---\n", b"a" * 2_000_001])
def test_a_file_that_is_no_lesson_text_is_one_fault(tmp_path: Path, data: bytes) -> None:
    lesson, faults = parse(tmp_path, data)
    assert lesson is None
    assert [fault.code for fault in faults] == ["F001"]


def test_front_matter_that_cannot_be_parsed_is_one_fault_and_no_list_of_missing_fields(tmp_path: Path) -> None:
    found = codes(tmp_path, GOOD.replace("minutes: 12", "minutes: [1"))
    assert [code for code, _ in found if code.startswith("F")] == ["F002"]


def test_a_missing_file_is_a_fault_and_no_exception(tmp_path: Path) -> None:
    lesson, (fault,) = parse_lesson(tmp_path / "none.md", "nlp")
    assert lesson is None and fault.code == "F001"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    plain, _ = parse(tmp_path, GOOD)
    windows, _ = parse(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert plain == windows


def test_yaml_that_expands_without_end_is_refused(tmp_path: Path) -> None:
    layers = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30))
    text = GOOD.replace("sources:\n", f"a0: &a0 [x]\n{layers}\nmore: *a29\nsources:\n")
    assert ("F002", 2) in codes(tmp_path, text)


@settings(max_examples=150, deadline=timedelta(seconds=5), suppress_health_check=list(HealthCheck))
@given(data=broken("lesson"))
def test_broken_lessons_give_faults_or_a_lesson_and_never_an_exception(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lesson, faults = parse(Path(folder), data)
    assert lesson is not None or any(fault.fatal for fault in faults)
    lines = data.count(b"\n") + data.count(b"\r") + 2
    assert all(0 <= fault.line <= lines and fault.message for fault in faults)
    for section in lesson.sections if lesson else ():
        assert section.text and section.anchor is not None


@pytest.mark.parametrize("name", DENSE)
def test_hostile_text_is_read_in_time(tmp_path: Path, name: str) -> None:
    lesson, faults = parse(tmp_path, (HEAD + "\nOpening.\n\n## S\n\n").encode() + DENSE[name])
    assert lesson is not None or faults
