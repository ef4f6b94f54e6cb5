"""Folders of skills: what is read, what keeps serving when a file breaks, and the faults between files."""

import shutil
from pathlib import Path

import pytest
from test_lesson import GOOD
from test_quiz import CHOICE

from tutor.curriculum import documents, load, read
from tutor.errors import CurriculumError, NotFound
from tutor.settings import shipped_curricula

SKILL = """id: {id}
title: Made
rank: {rank}
summary: Two sentences.
roles: [tester]
requires: []
objectives:
  - id: nlp-tok
    subtopic: tokenization
    text: Explain tokens.
    bloom: apply
  - {{id: nlp-pre, text: Clean text., bloom: apply, requires: [nlp-tok]}}
"""
ITEM = CHOICE.replace("pr-02-a", "nlp-tok-a").replace("02-structure.md#schemas", "01-tokens.md#what-is-a-token-1")


def skill_folder(folder: Path, name: str = "made", rank: int = 1, **files: str) -> Path:
    made = folder / name
    made.mkdir(parents=True)
    (made / "skill.yaml").write_text(files.get("skill", SKILL.format(id=name, rank=rank)))
    (made / "01-tokens.md").write_text(files.get("lesson", GOOD))
    (made / "quiz.md").write_text(files.get("quiz", ITEM))
    return made


def pictured(picture: str) -> str:
    return ITEM.replace("A colleague's script breaks.", picture)


def codes(folder: Path) -> list[str]:
    return [fault.code for fault in read([folder]).faults]


def test_a_skill_its_lessons_and_items_are_read(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    curriculum = load([tmp_path])
    assert curriculum.lesson("made", "01-tokens").title == "Tokens"
    assert curriculum.section("made", "01-tokens", "what-is-a-token-1").text == "Again."
    assert curriculum.objectives["nlp-tok"].subtopic == "tokenization"
    assert [(item.id, item.skill) for item in curriculum.items] == [("nlp-tok-a", "made")]
    with pytest.raises(NotFound, match="no section"):
        curriculum.section("made", "01-tokens", "gone")


def test_documents_carry_the_section_and_never_an_item(tmp_path: Path) -> None:
    skill_folder(tmp_path)
    first, second = documents(load([tmp_path]))
    assert first.id == "made/01-tokens#what-is-a-token"
    assert second.page_content == "What is a token?\n\nAgain."
    assert first.metadata["asks"] == ["Is it a word?", "How many?"]
    assert "follows a schema" not in first.page_content + second.page_content


def test_a_broken_lesson_keeps_its_last_good_version_and_tells_the_fault(tmp_path: Path) -> None:
    made = skill_folder(tmp_path)
    before = load([tmp_path])
    (made / "01-tokens.md").write_text("---\ntitle: [\n---\n")
    after = load([tmp_path], previous=before)
    assert after.lesson("made", "01-tokens") == before.lesson("made", "01-tokens")
    assert "F002" in [fault.code for fault in after.faults]


def test_a_repaired_lesson_replaces_the_kept_one(tmp_path: Path) -> None:
    made = skill_folder(tmp_path)
    first = load([tmp_path])
    (made / "01-tokens.md").write_bytes(b"\xff")
    second = load([tmp_path], previous=first)
    (made / "01-tokens.md").write_text(GOOD.replace("Again.", "Once more."))
    third = load([tmp_path], previous=second)
    assert third.section("made", "01-tokens", "what-is-a-token-1").text == "Once more."


def test_a_deleted_lesson_is_gone_even_with_a_previous_one(tmp_path: Path) -> None:
    made = skill_folder(tmp_path)
    shutil.copy(made / "01-tokens.md", made / "02-more.md")
    before = load([tmp_path])
    (made / "02-more.md").unlink()
    assert [lesson.id for lesson in load([tmp_path], previous=before).skills[0].lessons] == ["01-tokens"]


def test_a_broken_skill_file_keeps_the_skill(tmp_path: Path) -> None:
    made = skill_folder(tmp_path)
    before = load([tmp_path])
    (made / "skill.yaml").write_text("id: [")
    assert load([tmp_path], previous=before).skill("made").title == "Made"


@pytest.mark.parametrize("broken", [ITEM.replace("[x]", "[ ]").encode(), b"\xff\xfe\x00"])
def test_a_broken_item_keeps_its_last_good_version(tmp_path: Path, broken: bytes) -> None:
    made = skill_folder(tmp_path)
    before = load([tmp_path])
    (made / "quiz.md").write_bytes(broken)
    after = load([tmp_path], previous=before)
    assert after.items == before.items
    assert any(fault.fatal for fault in after.faults)
    assert load([tmp_path]).items == ()


def test_a_deleted_item_is_gone(tmp_path: Path) -> None:
    made = skill_folder(tmp_path)
    before = load([tmp_path])
    (made / "quiz.md").write_text(ITEM.replace("nlp-tok-a", "nlp-tok-b"))
    assert [item.id for item in load([tmp_path], previous=before).items] == ["nlp-tok-b"]


def test_several_folders_make_one_curriculum_in_order_of_rank(tmp_path: Path) -> None:
    skill_folder(tmp_path / "a", "late", rank=5)
    other = SKILL.format(id="early", rank=2).replace("nlp-", "team-")
    changes = {"skill": other, "lesson": GOOD.replace("nlp-", "team-"), "quiz": ITEM.replace("nlp-", "team-")}
    skill_folder(tmp_path / "b", "early", **changes)
    curriculum = load([tmp_path / "a", tmp_path / "b"])
    assert [skill.id for skill in curriculum.skills] == ["early", "late"]
    assert [fault for fault in curriculum.faults if fault.code[0] != "L"] == []


def test_the_same_skill_in_two_folders_is_a_fault_and_the_first_one_serves(tmp_path: Path) -> None:
    first, _ = skill_folder(tmp_path / "a"), skill_folder(tmp_path / "b")
    curriculum = load([tmp_path / "a", tmp_path / "b"])
    assert [skill.path for skill in curriculum.skills] == [first]
    assert [fault.code for fault in curriculum.faults if fault.code[0] != "L"] == ["F005"]


def test_our_skills_and_a_teams_own_stand_side_by_side(tmp_path: Path) -> None:
    changes = {"skill": SKILL.replace("nlp-", "own-"), "lesson": GOOD.replace("nlp-", "own-")}
    changes["skill"] = changes["skill"].format(id="own", rank=99)
    skill_folder(tmp_path, "own", quiz=ITEM.replace("nlp-", "own-"), **changes)
    curriculum = load([shipped_curricula(), tmp_path])
    assert len(curriculum.skills) == 12 and curriculum.skills[-1].id == "own"


def test_nothing_usable_is_one_error_that_names_folder_and_fault(tmp_path: Path) -> None:
    with pytest.raises(CurriculumError, match="No usable lesson"):
        load([tmp_path])
    with pytest.raises(CurriculumError, match="is no folder"):
        load([tmp_path / "gone"])


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"lesson": GOOD.replace("nlp-pre", "nlp-gone")}, "L004"),
        ({"lesson": GOOD.replace("Again.", "[x](gone.md)")}, "L006"),
        ({"lesson": GOOD.replace("Again.", "[x](#gone)")}, "L006"),
        ({"lesson": GOOD.replace("Again.", "![](skill.yaml)")}, "L013"),
        ({"quiz": ITEM.replace("nlp-tok-a", "nlp-gone-a")}, "Q005"),
        ({"quiz": ITEM + "\n" + ITEM}, "Q003"),
        ({"quiz": ITEM.replace("#what-is-a-token-1", "#gone")}, "Q012"),
        ({"quiz": pictured("![A curve](images/gone.png)")}, "Q012"),
        ({"quiz": pictured("![](skill.yaml)")}, "L013"),
        ({"skill": SKILL.format(id="made", rank=1).replace("[nlp-tok]", "[gone]")}, "R004"),
        ({"skill": SKILL.format(id="made", rank=1).replace("[nlp-tok]", "[nlp-pre]")}, "R004"),
        ({"skill": SKILL.format(id="made", rank=1).replace("requires: []", "requires: [gone]")}, "R004"),
        ({"skill": SKILL.format(id="made", rank="first")}, "F004"),
        ({"skill": SKILL.format(id="made", rank=1).replace("id: nlp-tok", "id: nlp-pre")}, "F005"),
    ],
)
def test_faults_between_files_are_found(tmp_path: Path, files: dict[str, str], code: str) -> None:
    skill_folder(tmp_path, **files)
    assert code in codes(tmp_path)


def test_a_missing_picture_of_a_case_is_found_at_its_line(tmp_path: Path) -> None:
    made = skill_folder(tmp_path, quiz="# Bank\n")
    bank = made / "quiz" / "nlp-tok.md"
    bank.parent.mkdir()
    bank.write_text(pictured("![A curve](../images/curve.png)").replace("](01-", "](../01-"))
    (fault,) = (fault for fault in read([tmp_path]).faults if fault.code == "Q012")
    assert (fault.path, fault.line) == (bank, 4)
    assert "'../images/curve.png'" in fault.message
    (made / "images").mkdir()
    (made / "images" / "curve.png").write_bytes(b"")
    assert "Q012" not in codes(tmp_path)


def test_a_long_chain_of_prerequisites_is_followed(tmp_path: Path) -> None:
    listed = [f"  - {{id: o-{i}, text: t, bloom: apply, requires: [o-{i + 1}]}}" for i in range(1500)]
    head = SKILL.format(id="made", rank=1).split("  - id")[0]
    skill_folder(tmp_path, skill="\n".join([head.rstrip(), *listed, "  - {id: o-1500, text: t, requires: [o-1490]}"]))
    assert codes(tmp_path).count("R004") == 11


def test_the_shipped_lessons_have_no_fault() -> None:
    assert load([shipped_curricula()]).faults == ()
