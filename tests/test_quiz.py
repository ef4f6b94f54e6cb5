"""Items: what is read, every fault at its line, and no input that breaks the parser."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from broken_markdown import DENSE, broken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor.item import Option, Point
from tutor.lint import lint
from tutor.quiz import Quiz, parse_quiz, quiz_files, quiz_of

CHOICE = """### Which change makes a prompt's *output* easiest to parse?
<!-- item: pr-02-a apply -->

A colleague's script breaks.

- [ ] Ask for brevity
  > Shorter is not
  > the same as structured.
- [x] Ask for JSON that
  follows a schema
- [ ] Raise the temperature
  > That adds variety.

> Hint: What does a script need?

> Hint: Types.

> Why: A schema fixes names. See [Structure](02-structure.md#schemas).
"""
NOTES = "\n> Hint: Think.\n\n> Why: Because.\n"


def parse(folder: Path, text: str | bytes) -> Quiz:
    path = folder / "quiz.md"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse_quiz(path, "pr")


def asked(answer: str) -> str:
    return f"### How much?\n<!-- item: pr-02-a apply -->\n\nA case.\n\n{answer}\n{NOTES}"


def codes(folder: Path, text: str) -> list[tuple[str, int]]:
    return [(fault.code, fault.line) for fault in parse(folder, text).faults]


def test_a_choice_is_read_whole(tmp_path: Path) -> None:
    quiz = parse(tmp_path, "# Bank\n\nWords before.\n\n" + CHOICE)
    (item,) = quiz.items
    assert quiz.faults == ()
    assert (item.id, item.objective, item.bloom, item.kind, item.line) == ("pr-02-a", "pr-02", "apply", "single", 5)
    assert item.stem == "Which change makes a prompt's output easiest to parse?"
    assert item.body == "A colleague's script breaks."
    assert item.options == (
        Option("Ask for brevity", False, "Shorter is not\nthe same as structured."),
        Option("Ask for JSON that\nfollows a schema", True),
        Option("Raise the temperature", False, "That adds variety."),
    )
    assert item.hints == ("What does a script need?", "Types.")
    assert item.why == "A schema fixes names. See [Structure](02-structure.md#schemas)."
    assert [(link.target, link.line) for link in item.links] == [("02-structure.md#schemas", 22)]


def test_several_keys_make_a_multiple_choice(tmp_path: Path) -> None:
    (item,) = parse(tmp_path, CHOICE.replace("[ ] Raise", "[X] Raise")).items
    assert item.kind == "multiple" and len(item.keys) == 2


def test_tables_and_code_stay_in_the_case(tmp_path: Path) -> None:
    case = "- a plain list\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```python\n### no heading\n- [x] no option\n```"
    (item,) = parse(tmp_path, CHOICE.replace("A colleague's script breaks.", case)).items
    assert item.body == case and len(item.options) == 3


@pytest.mark.parametrize(
    ("answer", "value", "tolerance"),
    [
        ("600 +- 5", 600, 5), ("0.25 ± 0.001", 0.25, 0.001), ("-3", -3, 0), ("1,024", 1024, 0),
        ("1e-3 +/- 1e-4", 1e-3, 1e-4),
        ("200 +- 5%", 200, 10), (".5", 0.5, 0), ("−2", -2, 0),
    ],
)  # fmt: skip
def test_numeric_answers(tmp_path: Path, answer: str, value: float, tolerance: float) -> None:
    (item,) = parse(tmp_path, asked(f"Answer: {answer}")).items
    assert (item.kind, item.value, item.tolerance) == ("numeric", pytest.approx(value), pytest.approx(tolerance))
    assert item.constructed


def test_accepted_answers(tmp_path: Path) -> None:
    (item,) = parse(tmp_path, asked("Answer: temperature | sampling temperature | 7B")).items
    assert (item.kind, item.accepted) == ("accepted", ("temperature", "sampling temperature", "7B"))


def test_key_points_with_synonyms(tmp_path: Path) -> None:
    text = "Points:\n\n- each step overshoots (also: jumps past, steps (far) away)\n- it overflows\n  the range"
    (item,) = parse(tmp_path, asked(text)).items
    assert item.kind == "free"
    assert item.points == (
        Point("each step overshoots", ("jumps past", "steps (far) away")),
        Point("it overflows the range"),
    )


@pytest.mark.parametrize(
    ("written", "synonyms"),
    [
        ("use the 200,000 letters, soft labels", ("use the 200,000 letters", "soft labels")),
        ("one,two , three", ("one", "two", "three")),
        ("2,5 times, 3, 4", ("2,5 times", "3", "4")),
        ("broadcasting, (n,) and (n, 1), rows", ("broadcasting", "(n,) and (n, 1)", "rows")),
        ("in 2024, 300 tickets", ("in 2024", "300 tickets")),
        (" , one,", ("one",)),
    ],
)
def test_a_comma_in_a_number_or_in_parentheses_parts_no_synonyms(
    tmp_path: Path, written: str, synonyms: tuple[str, ...]
) -> None:
    (item,) = parse(tmp_path, asked(f"Points:\n\n- a point (also: {written})")).items
    assert item.points == (Point("a point", synonyms),)


@given(st.lists(st.from_regex(r"[a-z]{1,5}( ?[0-9]{1,3}(,[0-9]{3}){0,2})?( [a-z]{1,5})?", fullmatch=True), min_size=1))
def test_synonyms_come_back_as_they_were_listed(synonyms: list[str]) -> None:
    made = quiz_of(asked(f"Points:\n\n- a point (also: {', '.join(synonyms)})"), Path("made/quiz.md"), "pr")
    assert made.items[0].points == (Point("a point", tuple(synonyms)),)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (CHOICE.replace("<!-- item: pr-02-a apply -->\n", ""), "Q001", 1),
        (CHOICE.replace("pr-02-a", "pr_02"), "Q002", 1),
        (CHOICE.replace("a apply", "a"), "Q004", 1),
        (CHOICE.replace("a apply", "a learn"), "Q004", 1),
        (CHOICE.replace("[x]", "[ ]"), "Q006", 1),
        (asked(""), "Q006", 1),
        (asked("Answer: 5\n\n- [x] a\n- [ ] b"), "Q007", 1),
        (asked("Answer: 5\n\nAnswer: 6"), "Q007", 1),
        (asked("Answer: 5 +- many"), "Q007", 6),
        (asked("Answer: 5 +- -1"), "Q007", 6),
        (asked("Answer: 1e999"), "Q007", 6),
        (asked("Answer: |"), "Q007", 6),
        (asked("Points:\n\nNo list."), "Q007", 1),
        (asked("- [x] only one"), "Q008", 1),
        (asked("- [x] a\n- [ ]\n- [ ] c"), "Q008", 7),
        (asked("- [x] a\n- b\n- [ ] c"), "Q008", 7),
        (CHOICE.replace("> Hint: What", "> Tipp: What"), "Q016", 14),
        (CHOICE.replace("### Which change makes a prompt's *output* easiest to parse?", "###"), "Q015", 1),
        (asked("Answer: 5").replace("> Hint: Think.", ""), "Q010", 1),
        (asked("Answer: 5").replace("> Why: Because.", ""), "Q011", 1),
        ("# Only a title\n", "Q017", 1),
    ],
)
def test_each_fault_is_told_at_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    assert (code, line) in codes(tmp_path, text)


def test_a_broken_item_leaves_the_others_working(tmp_path: Path) -> None:
    quiz = parse(tmp_path, CHOICE.replace("[x]", "[ ]") + "\n" + CHOICE.replace("02-a", "02-b"))
    assert [item.id for item in quiz.items] == ["pr-02-b"]
    assert quiz.broken == ("pr-02-a",)


def test_a_first_quiz_without_hints_and_reasons_has_no_error_in_draft(tmp_path: Path) -> None:
    quiz = parse(tmp_path, "### What?\n<!-- item: pr-02-a apply -->\n\n- [x] this\n- [ ] that\n")
    assert len(quiz.items) == 1
    faults = [*quiz.faults, *lint(quiz.items[0])]
    assert "error" not in {fault.severity("draft") for fault in faults}
    assert "error" in {fault.severity("house") for fault in faults}


def test_the_content_hash_changes_with_the_content_and_not_with_the_place(tmp_path: Path) -> None:
    (item,) = parse(tmp_path, CHOICE).items
    (moved,) = parse(tmp_path, "\n\n" + CHOICE).items
    assert moved.line == item.line + 2 and moved.content_hash == item.content_hash
    assert replace(item, why="Other.").content_hash != item.content_hash
    assert replace(item, tolerance=1.0).content_hash != item.content_hash


def test_quiz_md_comes_before_the_files_of_the_quiz_folder(tmp_path: Path) -> None:
    (tmp_path / "quiz").mkdir()
    for name in ("quiz/b.md", "quiz/a.md", "quiz.md", "quiz/notes.txt"):
        (tmp_path / name).write_text("x")
    assert [path.relative_to(tmp_path).as_posix() for path in quiz_files(tmp_path)] == [
        "quiz.md",
        "quiz/a.md",
        "quiz/b.md",
    ]


@settings(max_examples=150, deadline=timedelta(seconds=5), suppress_health_check=list(HealthCheck))
@given(data=broken("quiz"))
def test_broken_quizzes_give_faults_or_items_and_never_an_exception(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        quiz = parse(Path(folder), data)
    assert quiz.items or quiz.faults
    lines = data.count(b"\n") + data.count(b"\r") + 2
    assert all(0 <= fault.line <= lines and fault.message for fault in quiz.faults)
    for item in quiz.items:
        assert item.stem and item.objective and len(item.content_hash) == 64
        assert bool(item.keys) == (item.kind in {"single", "multiple"})
        assert (item.value is not None) == (item.kind == "numeric") and item.tolerance >= 0
        assert bool(item.accepted) == (item.kind == "accepted") and bool(item.points) == (item.kind == "free")
        assert all(fault.line == item.line for fault in lint(item))


@pytest.mark.parametrize("name", DENSE)
def test_hostile_text_is_read_in_time(tmp_path: Path, name: str) -> None:
    quiz = parse(tmp_path, b"### q\n<!-- item: a-b apply -->\n\n" + DENSE[name])
    assert quiz.items or quiz.faults
