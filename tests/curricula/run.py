"""Runs every Python example of every lesson and compares what it prints with what the lesson shows.

Knows nothing of what the lessons teach. Started by `make test-curricula`:

    python tests/curricula/run.py [--jobs 2] [--timeout 300] [--images] [lesson.md or folder ...]

An image that a lesson shows from its images/ folder must be one that its own code saves under that name; --images takes
them over from the run.

The examples run in the lessons' own environment: TUTOR_LESSONS_PYTHON, or .venv-lessons/bin/python. Examples that call
an OpenAI-compatible API run against the server on this machine that OPENAI_BASE_URL names, or against one that is started
with the Python that TUTOR_MODEL_PYTHON names (make test-curricula does so); without either they are skipped loudly.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT)]

from output_match import mismatch  # noqa: E402

from tutor.examples import Example, examples  # noqa: E402

NO_RUN_SHARE = 0.10
IMAGE = re.compile(r"!\[[^\]]*\]\(images/([\w.-]+)\)")
API = re.compile(r"\bOpenAI\(|\bopenai\.|\bChatOpenAI\(|\bOPENAI_BASE_URL\b|\bOpenAIEmbeddings\(")


@dataclass(frozen=True)
class Result:
    """What became of one lesson.

    Args:
        path: The lesson.
        blocks: Its Python blocks.
        ran: Blocks that ran.
        no_run: Blocks marked no-run.
        skipped: Blocks that need an API server while none is running.
        failures: `file:line what`, one for each block that failed.
        seconds: Time taken.
    """

    path: Path
    blocks: int
    ran: int
    no_run: int
    skipped: int
    failures: tuple[str, ...]
    seconds: float


def lesson_python() -> str:
    """The Python of the lessons' environment.

    Raises:
        SystemExit: There is none; the message says how to make it.
    """
    python = os.environ.get("TUTOR_LESSONS_PYTHON") or str(ROOT / ".venv-lessons" / "bin" / "python")
    if not Path(python).exists():
        raise SystemExit(f"There is no {python}. Run `make test-curricula`, or name a Python in TUTOR_LESSONS_PYTHON.")
    return python


def api_server(environment: Mapping[str, str]) -> str:
    """Address of the OpenAI-compatible server: OPENAI_BASE_URL when it is on this machine, else empty."""
    address = environment.get("OPENAI_BASE_URL", "")
    return address if urlsplit(address).hostname in {"127.0.0.1", "localhost", "::1"} else ""


@contextlib.contextmanager
def api(environment: Mapping[str, str]) -> Iterator[str]:
    """Address of the API server for the lessons: the one there is, or one that lives as long as the run; or empty."""
    python = environment.get("TUTOR_MODEL_PYTHON", "")
    if api_server(environment) or not python:
        yield api_server(environment)
        return
    command = [python, str(HERE.parent / "model" / "serve_model.py")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        if not said:
            raise SystemExit(f"{python} could not serve a model. Run `make test-model` to see why.")
        yield f"{said if '://' in said else f'http://{said}'}/v1"
    finally:
        process.kill()
        process.wait()


def run_lesson(path: Path, python: str, timeout: float, server: str = "", keep_images: bool = False) -> Result:
    """Run one lesson's examples in a process of its own, in a temporary folder, without a network.

    Args:
        path: The lesson.
        python: The interpreter that runs them.
        timeout: Seconds for the whole lesson.
        server: Address of a local OpenAI-compatible server; empty when there is none.
        keep_images: Take the images that the lesson shows over from the run.

    A section makes sense when read alone, so one that fails is run again in a process of its own before it counts as a
    failure: an earlier section may have changed a setting of a library (torch's default dtype, a global seed).
    """
    started = time.monotonic()
    found = examples(path)
    skipped = [block for block in found if not block.no_run and not server and API.search(block.code)]
    chosen = [block for block in found if not block.no_run and block not in skipped]
    made: dict[str, bytes] = {}
    failures = _check(path, chosen, python, timeout, server, made)
    for section in dict.fromkeys(block.section for block in chosen if block in failures):
        alone = [block for block in chosen if block.section == section]
        if len(alone) < len(chosen):
            failures = {block: text for block, text in failures.items() if block.section != section}
            failures |= _check(path, alone, python, timeout, server, made)
    told = tuple(failures[block] for block in chosen if block in failures)
    if not skipped:
        told += tuple(_image_failures(path, made, keep_images))
    no_run = sum(bool(block.no_run) for block in found)
    took = time.monotonic() - started
    return Result(path, len(found), len(chosen), no_run, len(skipped), told, took)


def _image_failures(path: Path, made: Mapping[str, bytes], keep: bool) -> Iterator[str]:
    """Images that the lesson shows and its code does not save, or that are not taken over yet."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for name in IMAGE.findall(line):
            target = path.parent / "images" / name
            if name not in made:
                yield f"{path}:{number} shows images/{name}, which no block of this lesson saves"
            elif keep:
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(made[name])
            elif not target.is_file():
                yield f"{path}:{number} shows images/{name}, which is not there: run with --images"


def _check(
    path: Path, blocks: Sequence[Example], python: str, timeout: float, server: str, made: dict[str, bytes]
) -> dict[Example, str]:
    """Run blocks in one process; what went wrong, by block. The images they save are added to `made`."""
    if not blocks:
        return {}
    with tempfile.TemporaryDirectory(prefix="lesson-", ignore_cleanup_errors=True) as folder:
        results, trouble = _run_blocks(path, blocks, Path(folder), python, timeout, server)
        made |= {image.name: image.read_bytes() for end in ("png", "svg") for image in Path(folder).glob(f"*/*.{end}")}
    return {block: text for block in blocks if (text := _failure(path, block, results.get(block.line), trouble))}


def _run_blocks(
    path: Path, blocks: Sequence[Example], folder: Path, python: str, timeout: float, server: str
) -> tuple[dict[int, dict[str, str]], str]:
    """Results by line of the block, and why the process ended early (empty when it did not)."""
    task, result = folder / "task.json", folder / "result.jsonl"
    listed = [{"section": block.section, "line": block.line, "code": block.code} for block in blocks]
    task.write_text(json.dumps({"path": str(path), "blocks": listed}), encoding="utf-8")
    command = [python, "-u", str(HERE / "lesson_worker.py"), str(task), str(result)]
    with (folder / "stderr").open("w+b") as stderr:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(folder, server), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=stderr, start_new_session=True,
        )  # fmt: skip
        trouble = ""
        try:
            code = process.wait(timeout)
            if code:
                stderr.seek(0)
                tail = stderr.read().decode("utf-8", "replace")[-2000:]
                trouble = f"the process ended with code {code}\n{tail}"
        except subprocess.TimeoutExpired:
            trouble = f"still running after {timeout:g} s; stopped"
        finally:
            _stop(process)
    lines = result.read_text(encoding="utf-8").splitlines() if result.exists() else []
    return {entry["line"]: entry for entry in map(json.loads, lines)}, trouble


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the lesson's process group, children that it left behind included."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(folder: Path, server: str) -> dict[str, str]:
    """Built from nothing, so that no key, proxy or cache of the machine reaches a lesson."""
    caches = Path(tempfile.gettempdir()) / f"lessons-cache-{os.getuid()}"
    caches.mkdir(exist_ok=True)
    made = {
        "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONUTF8": "1", "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(HERE / "offline"), "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(caches), "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1",
        "NO_PROXY": "*",
    }  # fmt: skip
    return made | ({"OPENAI_BASE_URL": server, "OPENAI_API_KEY": "local"} if server else {})


def _failure(path: Path, block: Example, result: Mapping[str, str] | None, trouble: str) -> str:
    """What is wrong with one block, as `file:line what`; empty when it is as shown."""
    if result is None:
        return f"{path}:{block.line} did not run: {trouble or 'the process ended before it'}"
    if result["error"]:
        return f"{path}:{block.line} raised an error\n{result['error'].rstrip()}"
    if block.output is None:
        printed = result["output"].rstrip()
        return f"{path}:{block.line} prints, but no output block follows it:\n{printed}" if printed else ""
    difference = mismatch(block.output, result["output"])
    return f"{path}:{block.output_line} {difference}" if difference else ""


def lessons_of(places: Sequence[Path]) -> list[Path]:
    """The lesson files of the places given: files as they are, of folders all lessons of all skills in them."""
    found = []
    for place in places:
        if not place.exists():
            raise SystemExit(f"There is no {place}.")
        found += [place] if place.is_file() else sorted([*place.glob("[0-9]*.md"), *place.glob("*/[0-9]*.md")])
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the lessons given, print one line each and all failures; 0 when everything is as shown."""
    parser = argparse.ArgumentParser(description="Run the Python examples of lessons and compare their output.")
    parser.add_argument("places", nargs="*", type=Path, default=[ROOT / "curricula"], help="lessons or folders")
    parser.add_argument("--jobs", type=int, default=2, help="lessons at a time")
    parser.add_argument("--images", action="store_true", help="take the images that lessons show over from the run")
    parser.add_argument("--timeout", type=float, default=300, help="seconds a lesson")
    options = parser.parse_args(arguments)
    python = lesson_python()
    lessons = lessons_of([_relative(place) for place in options.places])
    with api(os.environ) as server, ThreadPoolExecutor(options.jobs) as pool:
        results = []
        for result in pool.map(lambda path: run_lesson(path, python, options.timeout, server, options.images), lessons):
            print(_line(result), flush=True)
            results.append(result)
    return _summary(results)


def _relative(path: Path) -> Path:
    """Shorter to read and to click: relative to where the person is."""
    resolved = path.resolve()
    return resolved.relative_to(Path.cwd()) if resolved.is_relative_to(Path.cwd()) else path


def _line(result: Result) -> str:
    skipped = f", {result.skipped} SKIPPED (no API server)" if result.skipped else ""
    word = "FAIL" if result.failures else "ok"
    return f"{word:4} {result.path}  {result.ran} run, {result.no_run} no-run{skipped}  {result.seconds:.1f} s"


def _summary(results: Sequence[Result]) -> int:
    for result in results:
        for failure in result.failures:
            print(f"\n{failure}")
    blocks, no_run = sum(result.blocks for result in results), sum(result.no_run for result in results)
    failed, skipped = sum(len(result.failures) for result in results), sum(result.skipped for result in results)
    share = no_run / blocks if blocks else 0.0
    print(
        f"\n{blocks} blocks in {len(results)} lessons: "
        f"{failed} failed, {skipped} skipped, {no_run} no-run ({share:.0%})"
    )
    if not blocks:
        print("No Python block was found: nothing was tested.")
    if share > NO_RUN_SHARE:
        print(f"Over {NO_RUN_SHARE:.0%} of the blocks are no-run: make more of them run here.")
    return int(bool(failed) or not blocks or share > NO_RUN_SHARE)


if __name__ == "__main__":
    raise SystemExit(main())
