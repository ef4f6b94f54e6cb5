"""The lesson runner itself, on small lessons made here and with the Python of the tests."""

import socket
import sys
from pathlib import Path

import pytest
import run
from hypothesis import given
from hypothesis import strategies as st
from output_match import mismatch

HEAD = "---\ntitle: T\nminutes: 5\nupdated: 2026-11-24\n---\n\nOpening.\n\n"


def lesson(folder: Path, *sections: str) -> Path:
    path = folder / "01-made.md"
    path.write_text(
        HEAD + "\n".join(f"## Section {i}\n\n{text}\n" for i, text in enumerate(sections)), encoding="utf-8"
    )
    return path


def block(code: str, output: str | None = None, info: str = "python") -> str:
    shown = "" if output is None else f"\n```output\n{output}\n```\n"
    return f"```{info}\n{code}\n```\n{shown}"


def failures(path: Path, timeout: float = 20) -> tuple[str, ...]:
    return run.run_lesson(path, sys.executable, timeout).failures


def test_right_output_passes(tmp_path: Path) -> None:
    result = run.run_lesson(lesson(tmp_path, block("print(1 + 1)", "2")), sys.executable, 20)
    assert (result.failures, result.ran, result.blocks) == ((), 1, 1)


def test_wrong_output_fails_at_the_line_of_the_output_block(tmp_path: Path) -> None:
    path = lesson(tmp_path, block("print('tokens', 7)", "tokens 8"))
    (failure,) = failures(path)
    lines = path.read_text().split("\n")
    assert failure.startswith(f"{path}:{lines.index('tokens 8') + 1} ")
    assert "shown:   tokens 8" in failure and "printed: tokens 7" in failure


def test_an_exception_fails_with_the_lessons_own_line(tmp_path: Path) -> None:
    path = lesson(tmp_path, block("def half(x):\n    return 1 / x\n\nhalf(0)", "1"))
    (failure,) = failures(path)
    line = path.read_text().split("\n").index("    return 1 / x") + 1
    assert "ZeroDivisionError" in failure and f'{path}", line {line}' in failure and "return 1 / x" in failure


def test_a_syntax_error_fails_and_later_blocks_still_run(tmp_path: Path) -> None:
    path = lesson(tmp_path, block("print(", "x"), block("print(2)", "3"))
    first, second = failures(path)
    assert "SyntaxError" in first and "printed: 2" in second


def test_blocks_of_one_section_share_names_in_order(tmp_path: Path) -> None:
    assert failures(lesson(tmp_path, block("a = 20") + block("print(a + 1)", "21"))) == ()


def test_another_section_starts_fresh(tmp_path: Path) -> None:
    path = lesson(tmp_path, block("a = 20\nopen('kept.txt', 'w').close()"), block("print('a' in globals())", "False"))
    assert failures(path) == ()
    path = lesson(tmp_path, block("open('kept.txt', 'w').close()"), block("import os\nprint(os.listdir())", "[]"))
    assert failures(path) == ()


def test_a_section_is_not_failed_for_a_setting_that_an_earlier_one_changed(tmp_path: Path) -> None:
    seen = block("import sys\nprint(sys.getrecursionlimit() < 4321)", "True")
    assert failures(lesson(tmp_path, block("import sys\nsys.setrecursionlimit(4321)"), seen)) == ()
    path = lesson(tmp_path, block("import sys\nsys.setrecursionlimit(4321)") + seen)
    assert len(failures(path)) == 1


def test_no_run_blocks_are_counted_and_not_run(tmp_path: Path) -> None:
    path = lesson(
        tmp_path, block("raise SystemExit(3)", "never", 'python no-run="needs a camera"') + block("print(1)", "1")
    )
    result = run.run_lesson(path, sys.executable, 20)
    assert (result.failures, result.no_run, result.ran) == ((), 1, 1)


def test_a_share_of_no_run_over_ten_percent_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = [block(f"print({i})", str(i)) for i in range(9)]
    idle = block("x", None, 'python no-run="needs weights"')
    results = [run.run_lesson(lesson(tmp_path, *made, idle), sys.executable, 20)]
    assert run._summary(results) == 0
    results = [run.run_lesson(lesson(tmp_path, *made[1:], idle), sys.executable, 20)]
    assert run._summary(results) == 1
    assert "Over 10% of the blocks are no-run" in capsys.readouterr().out


def test_printing_without_an_output_block_fails(tmp_path: Path) -> None:
    (failure,) = failures(lesson(tmp_path, block("print('unseen')")))
    assert "no output block" in failure


def test_what_a_child_process_prints_is_compared_too(tmp_path: Path) -> None:
    code = "import subprocess, sys\nprint('a')\nsubprocess.run([sys.executable, '-c', 'print(7)'])\nprint('b')"
    assert failures(lesson(tmp_path, block(code, "a\n7\nb"))) == ()


def test_an_outside_address_is_refused(tmp_path: Path) -> None:
    code = "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/', timeout=2)"
    (failure,) = failures(lesson(tmp_path, block(code, "x")))
    assert "lessons run without a network" in failure
    code = "import socket\nsocket.getaddrinfo('example.org', 443)"
    (failure,) = failures(lesson(tmp_path, block(code, "x")))
    assert "asked for example.org" in failure


def test_this_machine_can_be_reached(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = (
            f"import socket\nsocket.create_connection(('127.0.0.1', {server.getsockname()[1]})).close()\nprint('met')"
        )
        assert failures(lesson(tmp_path, block(code, "met"))) == ()


def test_a_lesson_over_its_time_is_stopped_and_named(tmp_path: Path) -> None:
    path = lesson(tmp_path, block("print(1)", "1") + block("import time\ntime.sleep(60)"))
    (failure,) = failures(path, timeout=1.5)
    assert "still running after 1.5 s" in failure


def test_a_crash_of_the_interpreter_is_a_failure(tmp_path: Path) -> None:
    (failure,) = failures(lesson(tmp_path, block("import os\nos._exit(9)")))
    assert "ended with code 9" in failure


def test_api_examples_are_skipped_loudly_without_a_server(tmp_path: Path) -> None:
    code = "import os\nprint(os.environ['OPENAI_BASE_URL'])"
    path = lesson(tmp_path, block(code, "http://127.0.0.1:9/v1"))
    result = run.run_lesson(path, sys.executable, 20)
    assert (result.skipped, result.ran, result.failures) == (1, 0, ())
    assert "SKIPPED" in run._line(result)
    result = run.run_lesson(path, sys.executable, 20, server="http://127.0.0.1:9/v1")
    assert (result.skipped, result.ran, result.failures) == (0, 1, ())


def test_only_a_server_on_this_machine_is_used() -> None:
    assert run.api_server({"OPENAI_BASE_URL": "http://127.0.0.1:8080/v1"}) == "http://127.0.0.1:8080/v1"
    assert run.api_server({"OPENAI_BASE_URL": "https://api.example.com/v1"}) == ""
    assert run.api_server({}) == ""


def test_functions_and_classes_of_an_example_can_be_pickled_and_inspected(tmp_path: Path) -> None:
    code = (
        "import inspect, pickle\n\ndef double(x):\n    return 2 * x\n\n"
        "print(pickle.loads(pickle.dumps(double))(4))\nprint(inspect.getsource(double))"
    )
    assert failures(lesson(tmp_path, block(code, "8\ndef double(x):\n    return 2 * x"))) == ()


def test_the_runner_as_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUTOR_LESSONS_PYTHON", sys.executable)
    path = lesson(tmp_path, block("print(1)", "1"))
    assert run.main([str(path)]) == 0
    assert "1 blocks in 1 lessons: 0 failed" in capsys.readouterr().out
    monkeypatch.setenv("TUTOR_LESSONS_PYTHON", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match="TUTOR_LESSONS_PYTHON"):
        run.main([str(path)])


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("loss 0.5", "loss 0.5004"),
        ("9.1e+03", "9.101e+03"),
        ("  9.99 a", " 10.00 a"),
        ("took ... s", "took 1.25 s"),
        ("first\n...\nlast", "first\n1\n2\nlast"),
        ("first\n...", "first"),
        ("[1, ..., 9]", "[1, 2, 3, 9]"),
        ("100,277 entries", "100,278 entries"),
        ("nan", "nan"),
        ("-0.0", "0.0"),
        ("a  b\n", "a b"),
        ("", ""),
    ],
)
def test_outputs_that_agree(shown: str, printed: str) -> None:
    assert mismatch(shown, printed) == ""


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("loss 0.5", "loss 0.501"),
        ("loss 0.5", "gain 0.5"),
        ("5", "-5"),
        ("a\nb", "a"),
        ("a", "a\nb"),
        ("a b", "ab"),
        ("nan", "0.1"),
        ("0", "0.001"),
        ("first\n...\nlast", "first\n1\n2"),
        ("...", "anything"),
        ("...\n...", "anything\nmore"),
        ("", "something"),
        ("acc 0.91 of ... rows", "acc 0.95 of 10 rows"),
    ],
)
def test_outputs_that_differ(shown: str, printed: str) -> None:
    assert mismatch(shown, printed) != ""


@given(st.text(max_size=200))
def test_any_output_agrees_with_itself(text: str) -> None:
    if text.replace("...", "").strip():
        assert mismatch(text, text) == ""


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_outputs_can_be_compared(shown: str, printed: str) -> None:
    assert isinstance(mismatch(shown, printed), str)


SAVES = "open('curve.svg', 'w').write('<svg/>')"


def test_a_shown_image_must_be_saved_by_the_lessons_own_code(tmp_path: Path) -> None:
    path = lesson(tmp_path, block(SAVES) + "\n![A curve](images/other.svg)\n")
    (failure,) = failures(path)
    assert "images/other.svg, which no block of this lesson saves" in failure


def test_images_are_taken_over_when_asked_for(tmp_path: Path) -> None:
    path = lesson(tmp_path, block(SAVES) + "\n![A curve](images/curve.svg)\n")
    (failure,) = failures(path)
    assert "run with --images" in failure
    assert run.run_lesson(path, sys.executable, 20, keep_images=True).failures == ()
    assert (tmp_path / "images" / "curve.svg").read_text() == "<svg/>"
    assert failures(path) == ()
