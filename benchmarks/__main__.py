"""Measure the tutor's speed and memory: python -m benchmarks [PART ...] [options].

Prints each part's table with ratios to a baseline of the same run, and writes all to docs/speed.md when every part ran.
Targets are told as reached or MISSED; nothing fails on time.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import chats, indexing, memory, practice, searching, simulate_learners, start
from benchmarks.process import ROOT, timed
from benchmarks.table import Table, Target, targets

PARTS = ("start", "index", "search", "chats", "practice", "memory", "learners")
PAGE = ROOT / "docs" / "speed.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that were named, or all."""
    given = _parser().parse_args(arguments)
    parts = [part for part in PARTS if part in given.parts] or list(PARTS)
    work = Path(tempfile.mkdtemp(prefix="tutor-bench-"))
    try:
        text = _page(_measured(parts, work, given), parts)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(text)
    goal = given.write or (PAGE if len(parts) == len(PARTS) else None)
    if goal is not None:
        goal.write_text(text, encoding="utf-8")
        print(f"Written to {goal}", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the tutor's speed and memory.")
    made.add_argument("parts", nargs="*", choices=PARTS, help=f"which parts (default: all): {', '.join(PARTS)}")
    made.add_argument("--chats", type=_numbers, default=chats.SIZES, help="numbers of chats, such as 10,50")
    made.add_argument("--window", type=float, default=10.0, help="seconds in which they arrive (default 10)")
    made.add_argument(
        "--sections", type=_numbers, default=searching.SIZES, help="sizes to search; 0 is the shipped one"
    )
    made.add_argument("--learners", type=_numbers, default=practice.SIZES, help="numbers of learners in the store")
    made.add_argument("--runs", type=int, default=start.RUNS, help=f"runs of each start (default {start.RUNS})")
    made.add_argument("--data", type=Path, help="a data folder with an index, instead of making one")
    made.add_argument("--write", type=Path, help="where to write the page (default: docs/speed.md after all parts)")
    return made


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part.replace("_", "")) for part in text.split(","))


def _measured(parts: Sequence[str], work: Path, given: argparse.Namespace) -> tuple[list[Table], list[Target]]:
    if given.data:
        (work / "data").symlink_to(given.data.resolve(), target_is_directory=True)
    data = work / "data"
    measures: dict[str, Callable[[], tuple[list[Table], list[Target]]]] = {
        "start": lambda: start.measure(data, given.runs),
        "index": lambda: indexing.measure(work / "indexing", given.runs),
        "search": lambda: searching.measure(work, given.sections),
        "chats": lambda: chats.measure(data, given.chats, given.window),
        "practice": lambda: (practice.measure(work, given.learners), []),
        "memory": lambda: memory.measure(data),
        "learners": simulate_learners.measure,
    }
    if not data.exists() and parts != ["learners"]:
        print("Indexing the lessons once, for all parts", file=sys.stderr, flush=True)
        timed("-m", "tutor", "index", env={"TUTOR_DATA": str(data)})
    tables: list[Table] = []
    reached: list[Target] = []
    for part in parts:
        print(f"Measuring: {part}", file=sys.stderr, flush=True)
        more, found = measures[part]()
        tables += more
        reached += found
    return tables, reached


def _page(measured: tuple[list[Table], list[Target]], parts: Sequence[str]) -> str:
    tables, reached = measured
    head = f"# Speed\n\nMeasured on {datetime.now(UTC):%d %B %Y} by `make bench`{_only(parts)}: {_machine()}.\n"
    return "\n".join([head, *([str(targets(reached))] if reached else []), *map(str, tables)])


def _only(parts: Sequence[str]) -> str:
    return "" if len(parts) == len(PARTS) else f" (only {', '.join(parts)})"


def _machine() -> str:
    """Cores, memory, Python, the state of the code and how busy the machine was; nothing that names it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    held = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else float("nan")
    busy = f"{os.getloadavg()[0]:.1f} processes running on average at the end" if hasattr(os, "getloadavg") else ""
    python = ".".join(map(str, sys.version_info[:3]))
    return ", ".join(filter(None, [f"{cores} cores", f"{held:.0f} GB memory", f"Python {python}", _commit(), busy]))


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return f"commit {done.stdout.strip()}" if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
