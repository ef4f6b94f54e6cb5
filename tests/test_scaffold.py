"""Scaffolds: what is written passes the check, nothing is overwritten, the author is told what comes next."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.check import check
from tutor.cli import main
from tutor.curriculum import load
from tutor.errors import TutorError
from tutor.scaffold import name_of, new_lesson, new_quiz, new_skill, write

TODAY = date(2026, 11, 26)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(new_skill(tmp_path, "Safe prompting", TODAY))
    return tmp_path


def test_a_new_skill_with_lesson_and_quiz_passes_as_a_draft(folder: Path) -> None:
    write(new_lesson(folder, "safe-prompting", 'What "may" I paste: a question?', TODAY))
    write(new_quiz(folder, "safe-prompting", "safe-prompting-1"))
    report = check([folder], "draft")
    # A source is what only the author can supply.
    assert report.passed() and {fault.code for fault in report.faults} <= {"L010"}
    (skill,) = load([folder]).skills
    assert [lesson.id for lesson in skill.lessons] == ["01-first-lesson", "02-what-may-i-paste-a-question"]
    assert skill.lessons[1].title == 'What "may" I paste: a question?' and len(skill.items) == 2


def test_nothing_is_overwritten_and_nothing_else_is_written(folder: Path) -> None:
    lesson = folder / "safe-prompting" / "01-first-lesson.md"
    lesson.write_text("mine")
    (folder / "safe-prompting" / "skill.yaml").unlink()
    with pytest.raises(TutorError, match="exists already"):
        write(new_skill(folder, "Safe prompting", TODAY))
    assert lesson.read_text() == "mine" and not (folder / "safe-prompting" / "skill.yaml").exists()


def test_what_is_missing_is_said(folder: Path) -> None:
    with pytest.raises(TutorError, match=r"no skill 'gone'.*safe-prompting"):
        new_lesson(folder, "gone", "x", TODAY)
    with pytest.raises(TutorError, match=r"no objective 'gone'.*safe-prompting-1"):
        new_quiz(folder, "safe-prompting", "gone")
    with pytest.raises(TutorError, match="letter"):
        name_of("???")


@given(st.text(max_size=40))
def test_any_title_makes_a_usable_skill_or_a_plain_refusal(
    tmp_path_factory: pytest.TempPathFactory, title: str
) -> None:
    folder = tmp_path_factory.mktemp("s")
    try:
        made = new_skill(folder, title, TODAY)
    except TutorError:
        return
    write(made)
    assert check([folder], "draft").passed()


def test_the_command_writes_and_tells_the_next_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "skill", "Team prompts", "--folder", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "Written:" in told and "genai-tutor check" in told and "genai-tutor new quiz team-prompts" in told
    assert main(["new", "quiz", "team-prompts", "team-prompts-1", "--folder", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"][0].endswith("team-prompts-1.md")
    assert main(["new", "skill", "Team prompts", "--folder", str(tmp_path)]) == 2
    assert main(["new", "lesson", "team-prompts", "--folder", str(tmp_path)]) == 2
    assert "exists already" in (errors := capsys.readouterr().err) and "genai-tutor new lesson" in errors


def test_the_shipped_folder_is_never_written_to_unasked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("TUTOR_CURRICULA", raising=False)
    assert main(["new", "skill", "x"]) == 2 and "--folder" in capsys.readouterr().err
    monkeypatch.setenv("TUTOR_CURRICULA", str(tmp_path))
    assert main(["new", "skill", "x"]) == 0 and (tmp_path / "x" / "skill.yaml").is_file()
