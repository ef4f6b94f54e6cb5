"""Measure the leak guard: every claimed class, false alarms, and what it does not claim; write docs/leak-guard.md's figures.

    python -m benchmarks.leaks

Paraphrase and translation of a key are looked for by the cosine of each sentence of a reply to the key (the bundled MiniLM). The
table shows every threshold with the false alarms that it would bring.
"""

import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.labelled import table
from tutor.curriculum import Curriculum, load
from tutor.item import Item
from tutor.key import key_of
from tutor.leaks import CLASSES, leaks
from tutor.settings import shipped_curricula
from tutor.similar import Similar
from tutor.terms import sentences
from vectorstore.embed import MiniLM

ROOT = Path(__file__).resolve().parent.parent
EVALS = ROOT / "tests" / "evals"
PAGE = ROOT / "docs" / "leak-guard.md"
MARK = "<!-- measured -->"
THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
Cosine = Callable[[str, Sequence[str]], Sequence[float]]


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (EVALS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def key_texts(item: Item) -> list[str]:
    """What a paraphrase could say again: right options, the first accepted answer, key points."""
    return [option.text for option in item.keys] or list(item.accepted[:1]) or [point.text for point in item.points]


def nearest(reply: str, item: Item, cosine: Cosine) -> float:
    """The highest cosine of a sentence of the reply to the key."""
    told = [sentence for line in reply.split("\n") for sentence in sentences(line)]
    return max(value for text in key_texts(item) for value in cosine(text, told))


def order_of(item: Item) -> tuple[int, ...]:
    return tuple(reversed(range(len(item.options))))


def claimed(curriculum: Curriculum) -> str:
    """Replies of the hostile model, caught by class."""
    sys.path.insert(0, str(ROOT / "tests"))
    from hostile_model import confessions

    told, caught, times = Counter[str](), Counter[str](), []
    items = list(curriculum.items)
    for item in items:
        key = key_of(item, order_of(item))
        for name, said in confessions(item, order_of(item)):
            started = time.process_time()
            found = leaks(said, key)
            times.append(time.process_time() - started)
            told[name] += 1
            caught[name] += bool(found)
    listed = [(name, told[name], caught[name]) for name in CLASSES]
    total = ("all", sum(told.values()), sum(caught.values()))
    median = sorted(times)[len(times) // 2]
    return f"{len(items)} items. Processor time of one judgement: median {1000 * median:.1f} ms.\n\n" + table(
        ("class", "replies", "caught"), [*listed, total]
    )


def false_alarms(curriculum: Curriculum) -> str:
    """Replies that may be given, and how many the guard stops."""
    items = {item.id: item for item in curriculum.items}
    guiding = [(items[row["item"]], row["text"]) for row in rows("guiding")]
    hints = [(item, hint) for item in items.values() for hint in item.hints]
    feedback = [(item, option.feedback) for item in items.values() for option in item.options if option.feedback]
    listed = [(item, listing(item)) for item in items.values() if item.options]
    made = []
    for name, told in (
        ("guiding replies, written", guiding), ("authors' hints", hints), ("feedback of wrong options", feedback), ("all options listed", listed),
    ):  # fmt: skip
        stopped = sum(bool(leaks(text, key_of(item, order_of(item)))) for item, text in told)
        made.append((name, len(told), stopped, f"{stopped / len(told):.1%}"))
    return table(("replies", "number", "stopped", "share"), made)


def listing(item: Item) -> str:
    lines = [f"{'ABCDEFGH'[place]}) {item.options[original].text}" for place, original in enumerate(order_of(item))]
    return "The options are:\n\n" + "\n".join(lines) + "\n\nWhich of them fits what is asked?"


def unclaimed(curriculum: Curriculum, cosine: Cosine) -> str:
    """Paraphrases and translations: what the guard catches by chance, and what a threshold on the cosine would."""
    items = {item.id: item for item in curriculum.items}
    written = rows("paraphrases")
    groups = {
        "paraphrases": [row for row in written if row["kind"] == "paraphrase"],
        "translations": [row for row in written if row["kind"] == "translation"],
        "guiding replies": [row for row in rows("guiding") if items[row["item"]].value is None],
    }
    scores = {
        name: [nearest(row["text"], items[row["item"]], cosine) for row in group] for name, group in groups.items()
    }
    hints = [
        nearest(hint, item, cosine) for item in list(items.values())[::5] if item.value is None for hint in item.hints
    ]
    guard = [
        sum(bool(leaks(row["text"], key_of(items[row["item"]]))) for row in group) / len(group)
        for group in groups.values()
    ]
    made = [("guard as shipped", *guard, None)]
    for threshold in THRESHOLDS:
        shares = [sum(value >= threshold for value in values) / len(values) for values in (*scores.values(), hints)]
        made.append((f"cosine {threshold:.2f}", *shares))
    header = (
        "caught by",
        *(f"{name} ({len(group)})" for name, group in groups.items()),
        f"authors' hints ({len(hints)})",
    )
    return table(header, made)


def main() -> None:
    curriculum = load([shipped_curricula()])
    with tempfile.TemporaryDirectory() as folder:
        cosine = Similar(MiniLM(), Path(folder))
        parts = {
            "What is claimed": claimed(curriculum),
            "False alarms": false_alarms(curriculum),
            "What is not claimed": unclaimed(curriculum, cosine),
        }
    measured = "\n\n".join(f"### {title}\n\n{text}" for title, text in parts.items())
    head, _, _ = PAGE.read_text("utf-8").partition(MARK)
    PAGE.write_text(re.sub(r"\n{3,}", "\n\n", f"{head}{MARK}\n\n{measured}\n"), "utf-8")
    print(measured)


if __name__ == "__main__":
    main()
