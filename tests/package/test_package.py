"""The product as people install it: `pipx install .`, then used from a folder that knows nothing of the checkout."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.package
ROOT = Path(__file__).resolve().parents[2]
PORT = 7871


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command, in an environment of its own made by pipx."""
    home = tmp_path_factory.mktemp("pipx")
    subprocess.run([sys.executable, "-m", "venv", str(home / "tool")], check=True)
    python = str(home / "tool" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "pipx"], check=True)
    places = {"PIPX_HOME": str(home / "home"), "PIPX_BIN_DIR": str(home / "bin"), "PIPX_MAN_DIR": str(home / "man")}
    subprocess.run([python, "-m", "pipx", "install", str(ROOT)], check=True, env={**os.environ, **places})
    return home / "bin" / "genai-tutor"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


def environment(folder: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TUTOR_", "OPENAI_", "PYTHONPATH", "VIRTUAL_ENV"))
    }
    return {**kept, "TUTOR_DATA": str(folder / "data")}


def run(command: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([command, *arguments], cwd=folder, env=environment(folder), capture_output=True, text=True)


def test_the_command_is_there(command: Path, elsewhere: Path) -> None:
    done = run(command, elsewhere, "--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "genai-tutor")


def test_it_answers_from_the_shipped_lessons(command: Path, elsewhere: Path) -> None:
    done = run(command, elsewhere, "ask", "--json", "What is a token, and why not simply a word?")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["covered"] and answer["citations"][0]["lesson"] == "02-tokenization"


def test_the_shipped_lessons_pass_the_check(command: Path, elsewhere: Path) -> None:
    done = run(command, elsewhere, "check", "--profile", "house")
    assert done.returncode == 0 and "0 errors" in done.stdout, done.stdout[-2000:]


def test_it_serves_pages_with_the_lessons_pictures(command: Path, elsewhere: Path) -> None:
    words = [str(command), "serve", "--port", str(PORT)]
    with (elsewhere / "log").open("w") as log:
        process = subprocess.Popen(words, cwd=elsewhere, env=environment(elsewhere), stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{PORT}"
        for path, told in _shown(address, process):
            assert told in fetch(f"{address}{path}"), path
    finally:
        process.terminate()
        assert process.wait(timeout=30) in {0, -signal.SIGTERM}  # the server ends itself by the signal it was sent


def _shown(address: str, process: "subprocess.Popen[bytes]") -> Iterator[tuple[str, bytes]]:
    end = time.monotonic() + 120
    while b"ok" not in fetch(f"{address}/healthz") and time.monotonic() < end and process.poll() is None:
        time.sleep(0.5)
    yield "/", b"Model tuning"
    yield "/read?lesson=nlp/02-tokenization", b"What is a token"
    yield "/picture?of=pytorch/attention.png", b"PNG"
    yield "/ask", b"gradio"


def fetch(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return bytes(answer.read())
    except OSError:
        return b""
