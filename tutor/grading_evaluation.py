"""How well grading agrees with labelled answers: agreement, kappa, abstentions, by class of answer and for each grader.

Knows nothing of how answers are graded. Figures are shares from 0 to 1.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.errors import ModelError, TutorError
from tutor.grade import Answer, Grade
from tutor.grading import grade
from tutor.item import Item

if TYPE_CHECKING:
    from tutor.evidence import Similarity
    from tutor.settings import Settings

LABELS = ("right", "partly", "wrong")
Figures = dict[str, float | int | None]
Grader = Callable[[Item, str], Awaitable[Grade]]


@dataclass(frozen=True)
class Labelled:
    """One answer with what a person says of it.

    Args:
        item: The item.
        answer: What was written.
        label: One of LABELS.
        group: Class of the answer, such as ``keyword_soup``.
        half: ``tune`` or ``report``; may be empty.
    """

    item: Item
    answer: str
    label: str
    group: str
    half: str = ""


@dataclass(frozen=True)
class Outcome:
    """A labelled answer and its grade; ``fallback`` when the model failed and the built-in grader took over."""

    labelled: Labelled
    grade: Grade
    fallback: bool = False


def read(path: Path, items: Mapping[str, Item], half: str = "") -> list[Labelled]:
    """The labelled answers of a file of JSON lines, of one half or of all.

    Raises:
        TutorError: The file or a line cannot be used; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TutorError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    found = [_labelled(line, f"{path}:{n}", items) for n, line in enumerate(lines, 1) if line.strip()]
    kept = [one for one in found if not half or one.half == half]
    if not kept:
        raise TutorError(f"{path} holds no answers{f' of the half {half}' if half else ''}.")
    return kept


def _labelled(line: str, place: str, items: Mapping[str, Item]) -> Labelled:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise TutorError(f"{place} is not JSON: {error}.") from error
    if not isinstance(row, dict) or not isinstance(row.get("answer"), str):
        raise TutorError(f'{place} is not an object with an "item", an "answer" and a "label".')
    if row.get("label") not in LABELS:
        raise TutorError(f"{place} has the label {row.get('label')!r}; allowed: {', '.join(LABELS)}.")
    item = items.get(str(row.get("item")))
    if item is None or not item.constructed:
        raise TutorError(f"{place} names {row.get('item')!r}, which is no item with a written answer in the lessons.")
    return Labelled(
        item, row["answer"], row["label"], str(row.get("class") or row["label"]), str(row.get("half") or "")
    )


def built_in(similarity: "Similarity | None") -> Grader:
    """The grader without a model."""

    async def run(item: Item, text: str) -> Grade:
        return grade(item, Answer(text=text), similarity)

    return run


async def outcomes(labelled: Iterable[Labelled], grader: Grader, similarity: "Similarity | None") -> list[Outcome]:
    """Grade all, one after the other; where a model fails the built-in grader takes over, as it does for learners."""
    found = []
    for one in labelled:
        try:
            found.append(Outcome(one, await grader(one.item, one.answer)))
        except ModelError:
            found.append(Outcome(one, grade(one.item, Answer(text=one.answer), similarity), fallback=True))
    return found


def figures(found: Sequence[Outcome]) -> Figures:
    """Counts and shares of a group of answers; None where nothing can be counted.

    ``abstained``: unsure or invalid. ``agreement`` and ``kappa`` compare the three labels where the grader did not
    abstain. ``right_found``: share of the right answers that got "right". ``false_right``: answers that got "right" and
    are not, as a number. ``false_wrong``: right answers that got "partly" or "wrong", as a number.
    """
    decided = [(one.labelled.label, one.grade.verdict) for one in found if one.grade.correct is not None]
    right = [one for one in found if one.labelled.label == "right"]
    return {
        "answers": len(found),
        "abstained": _share(len(found) - len(decided), len(found)),
        "agreement": _share(sum(label == verdict for label, verdict in decided), len(decided)),
        "kappa": kappa(decided),
        "right_found": _share(sum(one.grade.verdict == "right" for one in right), len(right)),
        "false_right": sum(one.grade.verdict == "right" and one.labelled.label != "right" for one in found),
        "false_wrong": sum(one.grade.correct is False for one in right),
        "fallbacks": sum(one.fallback for one in found),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa (1960) of pairs of a label and a verdict; None where all labels are the same: it says nothing then.

    Example:
        >>> kappa([("right", "right"), ("wrong", "wrong"), ("wrong", "right"), ("right", "right")])
        0.5
    """
    total = len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    if len(first) < 2:
        return None
    chance = sum(first[name] * second[name] for name in first) / total**2
    observed = sum(one == other for one, other in pairs) / total
    return (observed - chance) / (1 - chance)


def by_group(found: Sequence[Outcome]) -> dict[str, Figures]:
    """Figures of free text by class of answer, of the other kinds, and of all."""
    groups: dict[str, list[Outcome]] = {}
    for one in found:
        kind = one.labelled.item.kind
        groups.setdefault(one.labelled.group if kind == "free" else kind, []).append(one)
    free = [one for one in found if one.labelled.item.kind == "free"]
    shown = {name: figures(held) for name, held in sorted(groups.items(), key=lambda entry: entry[0])}
    return {**shown, **({"free text": figures(free)} if free else {}), "all": figures(found)}


def table(grouped: Mapping[str, Figures]) -> str:
    """The figures as a markdown table, a row a group."""
    columns = list(next(iter(grouped.values()), {}))
    lines = ["| class | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in grouped.items():
        cells = (row[column] for column in columns)
        shown = ["–" if cell is None else f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells]
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def evaluated(settings: "Settings", path: Path, half: str = "") -> dict[str, dict[str, Figures]]:
    """Figures for the built-in grader, and for the model when one is configured, by its name.

    Raises:
        TutorError: The file, the lessons or the model's settings cannot be used.
    """
    from tutor.curriculum import load
    from tutor.judge import Judge
    from tutor.models import chat_model, model_name
    from tutor.similar import Similar
    from vectorstore.embed import MiniLM

    items = {item.id: item for item in load(settings.curricula).items}
    labelled = read(path, items, half)
    similarity = Similar(MiniLM())
    graders = {"built-in": built_in(similarity)}
    model = chat_model(settings)
    if model is not None:
        graders[model_name(settings)] = Judge(model, model_name(settings), settings.model_timeout).grade

    async def run() -> dict[str, dict[str, Figures]]:
        return {name: by_group(await outcomes(labelled, grader, similarity)) for name, grader in graders.items()}

    return asyncio.run(run())


def render(measured: Mapping[str, Mapping[str, Figures]]) -> str:
    """The figures of all graders as markdown."""
    return "\n\n".join(f"Grader: {name}\n\n{table(grouped)}" for name, grouped in measured.items())


def as_json(measured: Mapping[str, Mapping[str, Figures]]) -> dict[str, Any]:
    """The figures of all graders for a program."""
    return {name: dict(grouped) for name, grouped in measured.items()}
