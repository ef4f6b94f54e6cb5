"""What was parsed and kept is what parsing gives, whatever happens to the text or to the file."""

import os
import shutil
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
from broken_markdown import broken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_curriculum import LESSON, SKILL

from tutor import parsed
from tutor.assembly import read_lessons
from tutor.curriculum import Curriculum, load, read
from tutor.glossary import parse_glossary
from tutor.lesson import parse_lesson
from tutor.parsed import FILE, Kept
from tutor.paths import parse_paths
from tutor.quiz import parse_quiz
from tutor.settings import Settings, shipped_curricula

ROOT = Path(__file__).resolve().parent.parent


def twice(text: str) -> list[str]:
    """A parser that says when it ran."""
    RAN.append(text)
    return [text, text]


RAN: list[str] = []


def written(folder: Path) -> Path:
    """One small skill."""
    (folder / "text").mkdir(parents=True)
    (folder / "text" / "skill.yaml").write_text(SKILL, encoding="utf-8")
    (folder / "text" / "01-tokens.md").write_text(LESSON, encoding="utf-8")
    return folder


@pytest.fixture
def ran() -> list[str]:
    RAN.clear()
    return RAN


def kept_load(folder: Path, data: Path, previous: Curriculum | None = None) -> Curriculum:
    kept = Kept(data / FILE)
    curriculum = load([folder], previous, kept)
    kept.save()
    return curriculum


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lesson=broken("lesson"), quiz=broken("quiz"), other=st.one_of(broken("quiz"), st.just(b"- id: a\n  title: b\n")))
def test_what_was_kept_of_a_broken_file_is_what_parsing_gives(
    tmp_path: Path, lesson: bytes, quiz: bytes, other: bytes
) -> None:
    names = {"01-a.md": lesson, "quiz.md": quiz, "glossary.md": other, "paths.yaml": other}
    for name, text in names.items():
        (tmp_path / name).write_bytes(text)

    def parse(*parsing: Kept) -> list[object]:
        return [
            parse_lesson(tmp_path / "01-a.md", "made", *parsing),
            parse_quiz(tmp_path / "quiz.md", "made", *parsing),
            parse_glossary(tmp_path / "glossary.md", *parsing),
            parse_paths(tmp_path / "paths.yaml", *parsing),
        ]

    fresh, first = parse(), Kept(tmp_path / FILE)
    assert parse(first) == fresh
    assert parse(first) == fresh
    first.save()
    again = parse(Kept(tmp_path / FILE))
    assert again == fresh
    assert repr(again) == repr(fresh)


def test_the_shipped_lessons_come_back_whole(tmp_path: Path, shipped: Curriculum) -> None:
    assert kept_load(shipped_curricula(), tmp_path) == shipped
    again = kept_load(shipped_curricula(), tmp_path)
    assert again == shipped
    assert again.faults == shipped.faults
    assert again.glossary == shipped.glossary
    assert again.paths == shipped.paths


def test_a_second_run_parses_only_what_changed(tmp_path: Path, ran: list[str]) -> None:
    first = Kept(tmp_path / FILE)
    assert [first(twice, text) for text in "ab"] == [["a", "a"], ["b", "b"]]
    first.save()
    second = Kept(tmp_path / FILE)
    assert [second(twice, text) for text in "abc"] == [["a", "a"], ["b", "b"], ["c", "c"]]
    assert ran == ["a", "b", "c"]


def test_the_same_text_elsewhere_is_another_one(tmp_path: Path) -> None:
    kept = Kept(tmp_path / FILE)
    for name in ("01-a.md", "02-b.md"):
        (tmp_path / name).write_text("---\n", encoding="utf-8")
    paths = [parse_lesson(tmp_path / name, "made", kept)[1][0].path.name for name in ("01-a.md", "02-b.md")]
    assert paths == ["01-a.md", "02-b.md"]


def test_an_edit_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    folder = written(tmp_path / "lessons")
    file = next(folder.glob("*/[0-9]*.md"))
    before = kept_load(folder, tmp_path)
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    text = file.read_text(encoding="utf-8")
    title = next(skill.lessons[0].title for skill in before.skills if skill.lessons and skill.lessons[0].path == file)
    file.write_text(text.replace(title, title[::-1]), encoding="utf-8")
    os.utime(file, ns=times)
    after = kept_load(folder, tmp_path)
    assert title[::-1] in {lesson.title for skill in after.skills for lesson in skill.lessons}
    assert after == load([folder])


def test_what_is_not_asked_for_any_more_is_not_kept(tmp_path: Path, ran: list[str]) -> None:
    for text in ("a", "b", "a"):
        kept = Kept(tmp_path / FILE)
        kept(twice, text)
        kept.save()
    assert ran == ["a", "b", "a"]
    assert len((tmp_path / FILE).read_bytes().splitlines()) == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "changed", "foreign", "folder", "binary"])
def test_a_damaged_file_is_ignored_and_written_anew(tmp_path: Path, ran: list[str], damage: str) -> None:
    file = tmp_path / FILE
    first = Kept(file)
    first(twice, "a")
    first.save()
    whole = file.read_bytes()
    if damage == "folder":
        file.unlink()
        file.mkdir()
    else:
        changed = whole.replace(b'"a"', b'"b"')
        cut = {"empty": b"", "cut": whole[:-5], "changed": changed, "foreign": b"{}\n", "binary": b"\xff\0" * 99}
        file.write_bytes(cut[damage])
    second = Kept(file)
    assert second(twice, "a") == ["a", "a"]
    second.save()
    assert ran == ["a", "a"]
    assert file.is_dir() or file.read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_an_entry_that_does_not_fit_its_type_is_parsed_again(tmp_path: Path, ran: list[str]) -> None:
    first = Kept(tmp_path / FILE)
    first(twice, "a")
    first.save()
    key = (tmp_path / FILE).read_bytes().splitlines()[1].split(b" ")[0]
    rest = key + b' {"a": 1}\n'
    (tmp_path / FILE).write_bytes(parsed._head(rest) + rest)
    assert Kept(tmp_path / FILE)(twice, "a") == ["a", "a"]
    assert ran == ["a", "a"]


def test_another_edition_reads_nothing_of_this_one(
    tmp_path: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Kept(tmp_path / FILE)
    first(twice, "a")
    first.save()
    monkeypatch.setattr(parsed, "edition", lambda: "another")
    Kept(tmp_path / FILE)(twice, "a")
    assert ran == ["a", "a"]


def test_a_change_of_any_module_is_another_edition(tmp_path: Path) -> None:
    (tmp_path / "tutor").mkdir()
    for source in (ROOT / "tutor").glob("*.py"):
        shutil.copy(source, tmp_path / "tutor")

    def edition() -> str:
        command = [sys.executable, "-c", "from tutor import parsed; print(parsed.__file__, parsed.edition())"]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(tmp_path)}
        )
        assert done.stdout.startswith(str(tmp_path))
        return done.stdout.split()[-1]

    before = edition()
    assert before == parsed.edition()
    with (tmp_path / "tutor" / "lesson.py").open("a", encoding="utf-8") as source:
        source.write("# changed\n")
    assert edition() != before


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, ran: list[str]) -> None:
    (tmp_path / "file").write_text("")
    for _ in range(2):
        kept = Kept(tmp_path / "file" / FILE)
        assert kept(twice, "a") == ["a", "a"]
        kept.save()
    assert ran == ["a", "a"]


def test_nothing_new_writes_nothing(tmp_path: Path, ran: list[str]) -> None:
    for _ in range(2):
        kept = Kept(tmp_path / FILE)
        kept(twice, "a")
        kept.save()
        os.utime(tmp_path / FILE, ns=(1, 1))
    kept.save()
    assert (tmp_path / FILE).stat().st_mtime_ns == 1


def test_only_its_owner_can_read_it(tmp_path: Path, ran: list[str]) -> None:
    kept = Kept(tmp_path / "data" / FILE)
    kept(twice, "a")
    kept.save()
    assert (tmp_path / "data" / FILE).stat().st_mode & 0o077 == 0


def test_a_value_that_json_does_not_give_back_is_parsed_each_time(tmp_path: Path) -> None:
    text = "---\ntitle: A\nminutes: 5\nupdated: 2026-11-24 00:00:00\n---\nOpening.\n\n## B\n\nText.\n"
    (tmp_path / "01-a.md").write_text(text, encoding="utf-8")
    for _ in range(2):
        kept = Kept(tmp_path / FILE)
        lesson, _ = parse_lesson(tmp_path / "01-a.md", "made", kept)
        assert lesson is not None
        assert type(lesson.updated) is datetime
        kept.save()
    assert not (tmp_path / FILE).exists()


def test_many_writers_and_readers_on_one_file_never_meet_half_of_it(tmp_path: Path, ran: list[str]) -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(10):
            kept = Kept(tmp_path / FILE)
            texts = [f"{number} {turn}", "shared", "x" * 100_000]
            wrong.extend(text for text in texts if kept(twice, text) != [text, text])
            kept.save()
            if parsed._read(tmp_path / FILE) == {}:
                wrong.append("nothing could be read")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_lesson_that_breaks_keeps_its_last_good_version_whether_its_text_was_kept_or_not(tmp_path: Path) -> None:
    folder = written(tmp_path / "lessons")
    file = next(folder.glob("*/[0-9]*.md"))
    good = file.read_bytes()
    before = kept_load(folder, tmp_path)
    for text in (b"broken", good, b"broken"):
        file.write_bytes(text)
        after = kept_load(folder, tmp_path, previous=before)
        assert after == load([folder], previous=before)
        assert after.skills == before.skills
        assert (after.faults == before.faults) == (text == good)


def test_check_neither_reads_nor_writes_what_was_kept(tmp_path: Path) -> None:
    folder = written(tmp_path / "lessons")
    read([folder])
    command = [sys.executable, "-m", "tutor", "check", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, env={**os.environ, "TUTOR_DATA": str(tmp_path / "data")})
    assert not (tmp_path / "data" / FILE).exists()


def test_a_start_over_unchanged_lessons_parses_no_markdown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path / "data", curricula=(written(tmp_path / "lessons"),), _env_file=None)
    first = read_lessons(settings)

    def never(*_: object) -> None:
        raise AssertionError("markdown was parsed")

    monkeypatch.setattr("markdown_it.MarkdownIt.parse", never)
    assert read_lessons(settings) == first
    (tmp_path / "lessons" / "text" / "01-tokens.md").write_text(LESSON + "\nMore.\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="markdown was parsed"):
        read_lessons(settings)
