"""Learning paths: what is read, which faults are told where, and that broken files break nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_curriculum import SKILL, skill_folder

from tutor.check import check
from tutor.curriculum import load, read
from tutor.paths import KINDS, objectives_of, parse_paths
from tutor.required import required_of
from tutor.settings import shipped_curricula

GOOD = """- id: tester
  title: Tester
  kind: role
  for: tester
  steps:
    - {skill: made, objectives: [nlp-tok, nlp-pre], why: Text has to be cut.}
- id: all
  title: Everything
  kind: general
  for: everybody
  steps:
    - {skill: made, why: It is all there is.}
"""


def faults(folder: Path, text: str) -> list[tuple[str, int]]:
    (folder / "paths.yaml").write_text(text)
    return [(fault.code, fault.line) for fault in read([folder]).faults if fault.path.name == "paths.yaml"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    skill_folder(tmp_path)
    return tmp_path


def test_paths_are_read_with_their_steps(folder: Path) -> None:
    assert faults(folder, GOOD) == []
    curriculum = load([folder])
    role, general = curriculum.paths
    assert (role.audience, role.kind, role.steps[0].objectives, role.line) == (
        "tester",
        "role",
        ("nlp-tok", "nlp-pre"),
        1,
    )
    assert objectives_of(general, {skill.id: skill for skill in curriculum.skills}) == ("nlp-tok", "nlp-pre")


def test_each_role_and_four_aims_have_a_shipped_path() -> None:
    curriculum = load([shipped_curricula()])
    roles = {role for requirement in required_of(curriculum).values() for role in requirement.roles}
    assert len(roles) == 29
    assert {path.audience for path in curriculum.paths if path.kind == "role"} == roles
    assert [path.id for path in curriculum.paths if path.kind == "general"] == [
        "start-here",
        "creator",
        "builder",
        "manager",
    ]


def test_shipped_paths_hold_every_prerequisite_and_each_reason_once() -> None:
    curriculum = load([shipped_curricula()])
    skills = {skill.id: skill for skill in curriculum.skills}
    for path in curriculum.paths:
        known: set[str] = set()
        for name in objectives_of(path, skills):
            assert set(curriculum.objectives[name].requires) <= known, (path.id, name)
            known.add(name)
    reasons = [step.why for path in curriculum.paths for step in path.steps]
    assert len(set(reasons)) == len(reasons) and all(reason.endswith(".") for reason in reasons)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("skill: made, objectives", "skill: gone, objectives", "P005", 6),
        ("[nlp-tok, nlp-pre]", "[nlp-tok, nlp-gone]", "P005", 6),
        ("[nlp-tok, nlp-pre]", "[nlp-pre, nlp-tok]", "P006", 1),
        ("[nlp-tok, nlp-pre]", "nlp-tok", "P002", 6),
        ("kind: general", "kind: other", "P002", 7),
        ("id: all", "id: tester", "P003", 7),
        ("  title: Everything\n", "", "P001", 7),
        ("why: It is all there is.", "about: x", "P001", 12),
        ("    - {skill: made, why: It is all there is.}", "", "P004", 7),
        ("    - {skill: made, why: It is all there is.}", "    - {why: x}", "P001", 12),
        ("It is all there is.", "It is all, and more.", "P002", 12),
        ("It is all there is.", "Text has to be cut.", "P009", 12),
    ],
)
def test_faults_are_told_at_their_lines(folder: Path, old: str, new: str, code: str, line: int) -> None:
    assert old in GOOD
    assert (code, line) in faults(folder, GOOD.replace(old, new))


def test_all_faults_at_once_and_the_rest_loads(folder: Path) -> None:
    text = GOOD + "- 3\n- {id: x}\n- {id: y, title: y, kind: role, for: y, steps: [{skill: gone, why: z.}]}\n"
    assert {code for code, _ in faults(folder, text)} == {"P001", "P002", "P004", "P005"}
    assert [path.id for path in load([folder]).paths] == ["tester", "all"]


def test_a_required_role_without_a_path_is_told_at_its_line(folder: Path) -> None:
    (folder / "required.yaml").write_text("skills:\n  - id: made\n    subtopics: []\n    roles: [tester, baker]\n")
    (folder / "paths.yaml").write_text(GOOD)
    told = [
        (fault.code, fault.line, fault.message) for fault in check([folder], "house").faults if fault.code == "P007"
    ]
    assert [(code, line) for code, line, _ in told] == [("P007", 2)] and "baker" in told[0][2]


def test_skills_that_need_each_other_are_a_cycle_however_it_is_said(tmp_path: Path) -> None:
    other = SKILL.format(id="other", rank=2).replace("nlp-", "two-").replace("[two-tok]", "[two-tok, nlp-pre]")
    skill_folder(tmp_path, skill=SKILL.format(id="made", rank=1).replace("requires: []", "requires: [other]"))
    skill_folder(tmp_path, "other", skill=other)
    told = [fault for fault in read([tmp_path]).faults if fault.code == "P008"]
    assert [fault.path.parent.name for fault in told] == ["made", "other"]


def test_a_file_that_cannot_be_read_keeps_the_last_good_paths(folder: Path) -> None:
    (folder / "paths.yaml").write_text(GOOD)
    before = load([folder])
    (folder / "paths.yaml").write_text("- id: [")
    after = load([folder], previous=before)
    assert after.paths == before.paths and "F002" in [fault.code for fault in after.faults]
    assert load([folder]).paths == ()


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([*KINDS, "made"])
)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["id", "title", "kind", "for", "steps", "skill", "objectives", "why"]), inner, max_size=6), max_leaves=12)  # fmt: skip


@given(st.lists(TREES, max_size=4))
def test_whatever_the_yaml_holds_the_good_path_loads(
    tmp_path_factory: pytest.TempPathFactory, trees: list[object]
) -> None:
    import yaml

    file = tmp_path_factory.mktemp("p") / "paths.yaml"
    good = yaml.safe_load(GOOD)[0]
    file.write_text(yaml.safe_dump([*trees, good], allow_unicode=True), encoding="utf-8")
    paths, told = parse_paths(file)
    # Aliases, which the writer makes of equal parts, are a fault of their own.
    assert paths is None or paths[-1].id == "tester"
    assert paths is not None or told


@given(st.text(max_size=60))
def test_whatever_the_text_it_is_faults_and_no_exception(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("p") / "paths.yaml"
    file.write_text(text, encoding="utf-8")
    paths, told = parse_paths(file)
    assert paths is not None or told
