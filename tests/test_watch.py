"""A saved lesson is served; a broken one keeps its last good version and its faults are told."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.small_curriculum import LESSON, SKILL
from tutor.curriculum import Curriculum, load
from tutor.errors import IndexUnavailable
from tutor.watch import Change, apply, watch

FIRST = "how-does-byte-pair-encoding-choose-its-tokens"
LONG_ENOUGH = 30.0  # seconds; how quick it really is stands in docs/speed.md


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    skill = tmp_path / "text"
    skill.mkdir()
    (skill / "skill.yaml").write_text(SKILL, encoding="utf-8")
    (skill / "01-tokens.md").write_text(LESSON, encoding="utf-8")
    return tmp_path


def serving(folder: Path) -> Any:
    """All that watching needs of a tutor."""
    return SimpleNamespace(curriculum=load([folder]))


def first_section(curriculum: Curriculum) -> str:
    return curriculum.section("text", "01-tokens", FIRST).text


def test_a_saved_lesson_becomes_the_tutors(folder: Path) -> None:
    tutor, indexed = serving(folder), []
    path = folder / "text" / "01-tokens.md"
    path.write_text(LESSON.replace("Frequent words", "Common words"), encoding="utf-8")
    assert apply(tutor, [folder], indexed.append).problem == ""
    assert "Common words" in first_section(tutor.curriculum)
    assert indexed == [tutor.curriculum]


def test_a_broken_lesson_keeps_its_last_good_version_and_says_why(folder: Path) -> None:
    tutor = serving(folder)
    path = folder / "text" / "01-tokens.md"
    path.write_text("---\ntitle: [broken\n---\n\nNothing here.\n", encoding="utf-8")
    change = apply(tutor, [folder], lambda _: None)
    assert any(fault.path == path and fault.code == "F002" for fault in change.faults) and change.problem == ""
    assert "Frequent words" in first_section(tutor.curriculum)
    path.write_text(LESSON, encoding="utf-8")
    assert not any(fault.code == "F002" for fault in apply(tutor, [folder], lambda _: None).faults)


def test_an_index_that_cannot_be_written_leaves_everything_as_it_was(folder: Path) -> None:
    tutor = serving(folder)
    before = tutor.curriculum

    def full(_: Curriculum) -> None:
        raise IndexUnavailable("The disk is full.")

    (folder / "text" / "01-tokens.md").write_text(LESSON.replace("Frequent", "Common"), encoding="utf-8")
    assert apply(tutor, [folder], full).problem == "The disk is full."
    assert tutor.curriculum is before


async def test_saving_is_noticed_and_each_change_is_told(folder: Path) -> None:
    tutor, stop, indexed = serving(folder), asyncio.Event(), []
    path = folder / "text" / "01-tokens.md"
    changes: list[Change] = []

    async def look() -> None:
        async for change in watch(tutor, [folder], indexed.append, stop):
            changes.append(change)
            if "Common words" in first_section(tutor.curriculum):
                stop.set()

    async def save() -> None:
        while not stop.is_set():  # the watcher may not look yet when the first change is saved
            path.write_text(LESSON.replace("Frequent words", "Common words"), encoding="utf-8")
            await asyncio.sleep(0.5)

    async with asyncio.timeout(LONG_ENOUGH):
        await asyncio.gather(look(), save())
    assert changes and changes[-1].problem == ""
    assert indexed[-1] is tutor.curriculum
