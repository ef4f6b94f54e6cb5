"""The command line as other tools use it: JSON lines in and out, nothing else on standard output."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_curriculum import LESSON, SKILL
from tutor.cli import COMMANDS, main

SECTION = "How does byte-pair encoding choose its tokens?"
ASK_FIELDS = {"question", "standalone", "answer", "declined", "covered", "citations", "unsupported", "model", "ms"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A curriculum of one lesson and its data."""
    made = tmp_path_factory.mktemp("cli")
    skill = made / "curricula" / "text"
    skill.mkdir(parents=True)
    (skill / "skill.yaml").write_text(SKILL, encoding="utf-8")
    (skill / "01-tokens.md").write_text(LESSON, encoding="utf-8")
    return made


@pytest.fixture(autouse=True)
def own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_CURRICULA", str(folder / "curricula"))
    monkeypatch.setenv("TUTOR_DATA", str(folder / "data"))
    for name in ("OPENAI_API_KEY", "TUTOR_BASE_URL", "TUTOR_MODEL", "TUTOR_CHROMA_URL", "TUTOR_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)


def lines(captured: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def questions(folder: Path, *rows: object) -> str:
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_search_prints_the_fixed_fields_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--json", SECTION]) == 0
    (found,) = lines(capsys)
    assert list(found) == ["query", "covered", "passages", "ms"]
    first = found["passages"][0]  # type: ignore[index]
    assert list(first) == ["skill", "lesson", "section", "anchor", "objectives", "score", "text"]
    assert (first["skill"], first["lesson"], first["section"], first["objectives"]) == (
        "text",
        "01-tokens",
        SECTION,
        ["tx-tok"],
    )


def test_ask_prints_the_fixed_fields_with_quotations_from_the_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--json", SECTION]) == 0
    (said,) = lines(capsys)
    assert set(said) == ASK_FIELDS
    assert (said["question"], said["covered"], said["declined"], said["model"]) == (SECTION, True, False, "built-in")
    citations = said["citations"]
    assert citations and all(c["quote"] in LESSON.replace("\\\n", "") for c in citations)  # type: ignore[union-attr]


def test_a_file_of_questions_gives_a_line_each_and_loads_once(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import tutor.assembly

    made = []
    real = tutor.assembly.make_tutor
    monkeypatch.setattr("tutor.assembly.make_tutor", lambda *a, **k: made.append(1) or real(*a, **k))
    history = [{"role": "learner", "text": SECTION}, {"role": "tutor", "text": "It merges pairs. [1]"}]
    asked = questions(
        folder,
        {"question": SECTION},
        {"question": "an example?", "history": history},
        {"question": "what is the capital of Peru", "skill": "text"},
    )
    assert main(["ask", "--json", "--input", asked]) == 0
    first, second, third = lines(capsys)
    assert len(made) == 1
    assert first["covered"] and second["standalone"] != "an example?"
    assert not third["covered"]


def test_a_line_that_cannot_be_answered_says_so_and_the_others_go_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = questions(folder, {"question": "?!"}, {"question": SECTION, "skill": "nobody"}, {"question": SECTION})
    assert main(["ask", "--json", "--input", asked]) == 0
    empty, unknown, good = lines(capsys)
    assert "Type a question" in str(empty["answer"]) and empty["declined"]
    assert "nobody" in str(unknown["error"])
    assert good["covered"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"not json\n", ":1 is not JSON"),
        (b'{"question": "x"}\n[1]\n', ':2 is not an object with a "question"'),
        (b'{"question": 3}\n', ':1 is not an object with a "question"'),
        (b'{"question": "\xff"}\n', "is not JSON"),
        (None, "cannot be read"),
    ],
)
def test_a_bad_file_is_one_plain_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, told: str
) -> None:
    path = folder / "bad.jsonl"
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    assert main(["search", "--json", "--input", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err and "Traceback" not in said.err


def test_no_question_at_all_is_one_plain_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask"]) == 2
    assert "Give a question" in capsys.readouterr().err


def test_a_wrong_setting_names_the_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTOR_PORT", "many")
    assert main(["index"]) == 2
    said = capsys.readouterr().err
    assert "TUTOR_PORT" in said and "many" in said and "Traceback" not in said


def test_index_says_what_changed_and_a_second_time_nothing_did(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index"])
    capsys.readouterr()
    assert main(["index", "--json"]) == 0
    (again,) = lines(capsys)
    assert (again["added"], again["updated"], again["removed"], again["unchanged"]) == (0, 0, 0, 3)
    lesson = folder / "curricula" / "text" / "01-tokens.md"
    try:
        lesson.write_text(LESSON.replace("Frequent words", "Common words"), encoding="utf-8")
        assert main(["index", "--json"]) == 0
        (changed,) = lines(capsys)
        assert (changed["updated"], changed["unchanged"]) == (1, 2)
    finally:
        lesson.write_text(LESSON, encoding="utf-8")


def test_vectors_are_kept_beside_the_lessons_and_taken_from_there(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["index", "--vectors", "--json"]) == 0
    (report,) = lines(capsys)
    path = folder / "curricula" / "text" / "vectors.npz"
    try:
        assert str(path) in report["written"]  # type: ignore[operator]
        monkeypatch.setenv("TUTOR_DATA", str(tmp_path / "fresh"))
        monkeypatch.setattr("vectorstore.embed.MiniLM.embed_documents", lambda *_: pytest.fail("embedded again"))
        assert main(["index", "--json"]) == 0
        assert lines(capsys)[0]["added"] == 3
    finally:
        path.unlink(missing_ok=True)


def test_check_lists_every_fault_at_its_line_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = folder / "broken" / "text"
    broken.mkdir(parents=True, exist_ok=True)
    (broken / "skill.yaml").write_text(SKILL, encoding="utf-8")
    (broken / "01-tokens.md").write_text(
        LESSON.replace("tx-tok", "tx-none") + "\n```python\nprint(1)\n", encoding="utf-8"
    )
    assert main(["check", "--profile", "house", str(folder / "broken")]) == 1
    said = capsys.readouterr().out
    assert "01-tokens.md:" in said and " L005 " in said and " R002 " in said


def test_eval_prints_figures_by_skill(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = questions(
        folder,
        {
            "question": "Which pairs does byte-pair encoding merge?",
            "skill": "text",
            "objective": "tx-tok",
            "answer_facts": ["most often"],
        },
        {"question": "what is the capital of Peru", "expected": "decline"},
    )
    assert main(["eval", "--json", asked]) == 0
    (made,) = lines(capsys)
    assert made["text"]["skill_at_1"] == 1 and made["text"]["facts_in_answer"] == 1  # type: ignore[index]
    assert made["all"]["missed_refusals"] == 0  # type: ignore[index]
    assert main(["eval", asked]) == 0
    assert "| text |" in capsys.readouterr().out


def test_every_command_is_there_and_help_names_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in COMMANDS)


def test_the_grammar_needs_no_database_and_no_model() -> None:
    heavy = "sqlalchemy", "pydantic", "chromadb", "gradio", "numpy", "langchain_core"
    script = f"import sys, tutor.cli; tutor.cli.parser(); print([name for name in {heavy} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
