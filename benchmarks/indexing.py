"""The index from nothing, unchanged, and after one lesson changed: as the command that a person runs.

Knows nothing of searching.
"""

import json
import shutil
import sys
from pathlib import Path

from benchmarks.process import ROOT, timed
from benchmarks.table import Table, Target, median, ratio, seconds

RUNS = 5
UNCHANGED = 1.0
WORD = "the"


def measure(work: Path, runs: int = RUNS) -> tuple[list[Table], list[Target]]:
    """One index from nothing, then several updates of it.

    Args:
        work: A folder that is not there yet.
        runs: How many times the updates are measured.
    """
    lessons, data = work / "curricula", work / "data"
    shutil.copytree(ROOT / "curricula", lessons)
    changing = sorted(lessons.glob("*/[0-9]*.md"))[0]
    nothing, report = _indexed(data, ROOT / "curricula")
    shutil.copytree(data / "index", work / "changed" / "index")
    unchanged = [_indexed(data, ROOT / "curricula")[0] for _ in range(runs)]
    imports = [
        timed("-c", "import tutor.assembly, vectorstore.index, langchain_core.documents")[0] for _ in range(runs)
    ]
    changed, sections = [], 0
    for _ in range(runs):
        _change(changing)
        taken, done = _indexed(work / "changed", lessons)
        changed.append(taken)
        sections = max(sections, done["updated"] + done["added"])
    whole = report["added"]
    rows = [
        [f"from nothing: {whole} sections", seconds(nothing), seconds(nothing), "1.00x"],
        ["unchanged", seconds(median(unchanged)), seconds(max(unchanged)), ratio(median(unchanged), nothing)],
        [
            f"one lesson changed: {sections} sections",
            seconds(median(changed)),
            seconds(max(changed)),
            ratio(median(changed), nothing),
        ],
        ["only the imports", seconds(median(imports)), seconds(max(imports)), ratio(median(imports), nothing)],
    ]
    table = Table(
        "Index",
        f"The command `index` in a fresh process, starting Python and reading the lessons included; {runs} runs, from "
        "nothing once. The ratio is to the index from nothing.",
        ["what", "median", "slowest", "to nothing"],
        rows,
    )
    return [table], [Target("index, unchanged", median(unchanged), UNCHANGED)]


def _indexed(data: Path, lessons: Path) -> tuple[float, dict[str, int]]:
    taken, said = timed(
        "-m", "tutor", "index", "--json", env={"TUTOR_DATA": str(data), "TUTOR_CURRICULA": str(lessons)}
    )
    print(f"index: {seconds(taken)} {said.strip()}", file=sys.stderr, flush=True)
    report: dict[str, int] = json.loads(said)
    return taken, report


def _change(lesson: Path) -> None:
    """Change one word in each section of a lesson, as an edit of the whole lesson does."""
    sections = lesson.read_text(encoding="utf-8").split("\n## ")
    changed = [section.replace(f" {WORD} ", f" {WORD} {WORD} ", 1) for section in sections]
    lesson.write_text("\n## ".join(changed), encoding="utf-8")
