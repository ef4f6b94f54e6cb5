"""The check of whole folders: profiles, what is required, and the forms of the report."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from test_curriculum import ITEM, SKILL, skill_folder

from tutor.check import as_json, check, codes_document, render
from tutor.examples import examples
from tutor.fault import CODES
from tutor.figures import guesses, page, table
from tutor.settings import shipped_curricula

REQUIRED = """skills:
  - id: made
    subtopics: [tokenization, topic-modeling]
    roles: [Tester, writer]
  - id: absent
    subtopics: []
    roles: []
"""
DOCS = Path(__file__).resolve().parent.parent / "docs"


def found(folder: Path, profile: str = "house") -> list[tuple[str, str, int]]:
    report = check([folder], profile)  # type: ignore[arg-type]
    return [(fault.code, fault.path.name, fault.line) for fault in report.faults]


def test_the_shipped_lessons_pass_in_house() -> None:
    report = check([shipped_curricula()], "house")
    assert [str(fault) for fault in report.faults if fault.severity("house") == "error"] == []
    assert report.passed() and report.counts["skills"] == 11


def test_the_copy_of_what_is_required_is_complete() -> None:
    report = check([shipped_curricula()])
    rows = list(as_json(report)["skills"])
    assert sum(row["subtopics_required"] for row in rows) == 79
    full = [row for row in rows if row["status"] == "full"]
    assert full and all(row["subtopics_covered"] == row["subtopics_required"] for row in full)


def test_what_is_required_and_missing_is_told_at_its_line(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    (tmp_path / "required.yaml").write_text(REQUIRED)
    faults = found(tmp_path)
    assert ("R001", "skill.yaml", 7) in faults
    assert ("R003", "skill.yaml", 5) in faults
    assert ("R005", "required.yaml", 5) in faults
    assert ("R006", "skill.yaml", 8) not in faults


def test_an_objective_that_no_section_teaches_is_told_at_its_line(tmp_path: Path) -> None:
    made = skill_folder(tmp_path)
    lesson = made / "01-tokens.md"
    lesson.write_text(lesson.read_text().replace("nlp-tok, nlp-pre", "nlp-tok"))
    assert ("R002", "skill.yaml", 12) in found(tmp_path)


def test_a_sub_topic_that_is_not_on_the_list_is_told(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    (tmp_path / "required.yaml").write_text(REQUIRED.replace("tokenization, ", ""))
    assert ("R006", "skill.yaml", 8) in found(tmp_path)


def test_an_opening_skill_is_exempt_from_coverage_items_and_bank(tmp_path: Path) -> None:
    skill_folder(tmp_path, skill=SKILL.format(id="made", rank=1) + "status: opening\n")
    (tmp_path / "required.yaml").write_text(REQUIRED)
    assert not [code for code, _, _ in found(tmp_path) if code == "R001" or code[0] in "WB"]
    assert "R003" in [code for code, _, _ in found(tmp_path)]


def test_another_folder_needs_no_list(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    assert not [code for code, _, _ in found(tmp_path) if code in {"R001", "R003", "R005", "F006"}]


@pytest.mark.parametrize("text", ["skills: [", "skills: 3", "- a", "skills:\n  - {title: x}"])
def test_a_broken_list_is_a_fault_and_no_exception(tmp_path: Path, text: str) -> None:
    skill_folder(tmp_path)
    (tmp_path / "required.yaml").write_text(text)
    assert "required.yaml" in [name for _, name, _ in found(tmp_path)]


def test_draft_lets_a_first_quiz_pass_where_house_does_not(tmp_path: Path) -> None:
    skill_folder(tmp_path, quiz="### Which?\n<!-- item: nlp-tok-a apply -->\n\n- [x] this one\n- [ ] that one\n")
    assert check([tmp_path], "draft").passed()
    house = check([tmp_path], "house")
    assert not house.passed() and {"Q010", "Q011"} <= {fault.code for fault in house.faults}


def test_strict_fails_on_warnings(tmp_path: Path) -> None:
    skill_folder(tmp_path, quiz=ITEM)
    report = check([tmp_path], "draft")
    warned = check([tmp_path], "house")
    assert report.passed() and (report.passed(strict=True) == (report.counts["warnings"] == 0))
    assert warned.counts["warnings"] > 0 and not warned.passed(strict=True)


def test_a_folder_without_lessons_is_a_fault_and_no_exception(tmp_path: Path) -> None:
    assert not check([tmp_path]).passed()
    assert not check([tmp_path / "gone"]).passed()


def test_the_report_is_one_line_a_fault_and_a_total(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    report = check([tmp_path], "house")
    *lines, total = render(report).split("\n")
    assert len(lines) == len(report.faults) > 0
    assert all(re.fullmatch(r".+:\d+ [A-Z]\d{3} .+", line) for line in lines)
    assert total.startswith(f"{report.counts['errors']} errors, {report.counts['warnings']} warnings in 1 lessons")


def test_the_report_as_json_holds_the_same(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    report = check([tmp_path], "house")
    made = json.loads(json.dumps(as_json(report)))
    assert len(made["faults"]) == len(report.faults) and made["counts"]["items"] == 1
    assert {fault["severity"] for fault in made["faults"]} <= {"error", "warning"}
    (row,) = made["skills"]
    assert row["oldest_updated"] == date(2026, 11, 24).isoformat() and row["items_by_kind"]["single"] == 1


def test_the_table_has_a_row_a_skill_and_a_total(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    lines = table(check([tmp_path]).curriculum).split("\n")
    assert len(lines) == 4 and lines[2].startswith("| made | 1 |") and lines[3].startswith("| total | 1 |")
    assert len({line.count("|") for line in lines}) == 1


def test_guessing_is_shown_against_chance(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    head, _, row = guesses(check([tmp_path]).curriculum).split("\n")
    assert head.startswith("| skill | single choice | chance | the longest option | the shortest option |")
    assert row.startswith("| made | 1 | 33% |") and row.count("|") == head.count("|")


def test_the_length_of_an_option_tells_nothing_in_the_shipped_banks() -> None:
    banks = {row["skill"]: row["guessing"] for row in as_json(check([shipped_curricula()]))["skills"]}
    for rule in ("the longest option", "the shortest option"):
        assert {skill: found[rule] for skill, found in banks.items() if not 0.15 <= found[rule] <= 0.35} == {}


def test_the_page_of_figures_has_the_shape_that_the_command_writes() -> None:
    def shape(text: str) -> list[str]:
        return [re.split(r"\d", line)[0].rstrip("- ") if line.startswith("|") else line for line in text.split("\n")]

    kept, made = (DOCS / "curriculum.md").read_text(encoding="utf-8"), page(check([shipped_curricula()]).curriculum)
    assert shape(kept) == shape(made), "run: make table"


def test_examples_know_their_lines_output_and_section(tmp_path: Path) -> None:
    path = tmp_path / "01-a.md"
    path.write_text(
        "---\ntitle: a\n---\n\n## One\n\n```python\nprint(1)\n```\n\n```output\n1\n```\n\n"
        '## Two\n\n```python no-run="needs a camera"\nx\n```\n\n```bash\nls\n```\n'
    )
    first, second = examples(path)
    assert (first.section, first.line, first.code, first.output, first.output_line) == (1, 8, "print(1)\n", "1\n", 12)
    assert (second.heading, second.no_run, second.output) == ("Two", "needs a camera", None)


def test_the_page_of_codes_is_the_one_made_from_the_codes() -> None:
    made = codes_document()
    assert all(f"| {code} |" in made for code in CODES)
    assert (DOCS / "lint-codes.md").read_text(encoding="utf-8") == made, (
        'python -c "from tutor.check import codes_document as d; print(d(), end=str())" > docs/lint-codes.md'
    )


def test_a_skill_beyond_the_list_passes_in_house_with_objectives_of_no_sub_topic() -> None:
    (start,) = [row for row in as_json(check([shipped_curricula()], "house"))["skills"] if row["skill"] == "start"]
    assert (start["subtopics_required"], start["subtopics_covered"], start["objectives"]) == (0, 0, 3)
    assert start["items"] >= 8 * start["objectives"]
