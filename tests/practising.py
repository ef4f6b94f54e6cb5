"""A bank of items over the small lessons, and a practice over a store with a clock that is set by hand.

A test fixture only; run as a program it lets a child answer items and kills it.
"""

import asyncio
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from tests.small_curriculum import small_curriculum
from tutor import wishes
from tutor.curriculum import Curriculum, load
from tutor.grade import Answer, Grade
from tutor.grading import grade
from tutor.item import Item
from tutor.learner import Learner
from tutor.practice import Practice
from tutor.progress import Progress
from tutor.store import Store, open_store

BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CHOICE = """### What does case {n} of {objective} show?
<!-- item: {objective}-{n} {bloom} -->

- [ ] Wrong {n}
  > That is the misconception of case {n}.
- [x] Right {n}
- [ ] Else {n}

> Hint: Think of case {n}.

> Why: Because of case {n}. See [tokens](01-tokens.md).

"""
NUMBER = """### How many are there in case {n} of {objective}?
<!-- item: {objective}-{n} {bloom} -->

Answer: 1{n} +- 0.5

> Hint: Count case {n}.

> Why: There are 1{n}.

"""
BLOOMS = ("remember", "understand", "apply", "apply", "analyse", "evaluate")


def bank(objective: str, size: int = 8) -> str:
    """Markdown of items, every third a number."""
    return "".join(
        (NUMBER if n % 3 == 0 else CHOICE).format(n=n, objective=objective, bloom=BLOOMS[n % len(BLOOMS)])
        for n in range(1, size + 1)
    )


def with_items(folder: Path) -> Curriculum:
    """The small lessons with eight items an objective."""
    small_curriculum(folder)
    (folder / "text" / "quiz.md").write_text(bank("tx-tok") + bank("tx-stop"), encoding="utf-8")
    return load([folder])


@dataclass
class Desk:
    """A practice, the lessons under it and its clock."""

    practice: Practice
    folder: Path
    now: datetime = BEGIN
    curriculum: Curriculum | None = None

    def wait(self, **time: float) -> None:
        """Set the clock forward, or back."""
        self.now += timedelta(**time)

    def go(self, learner: Learner) -> Progress:
        """Go on until an item is open: read what is to be read, decline what is offered."""
        for _ in range(20):
            step = self.practice.proceed(learner)
            if step.progress.open is not None:
                return step.progress
            if step.activity.reading is not None:
                reading = step.activity.reading
                wishes.opened(self.practice, learner, reading.skill, reading.lesson, reading.anchor)
            elif step.activity.kind == "probe":
                wishes.decline_probe(self.practice, learner, step.activity.skill)
            self.wait(hours=7)
        raise AssertionError("there is nothing to answer")

    def edit(self, old: str, new: str) -> None:
        """Change the bank as its author would."""
        path = self.folder / "text" / "quiz.md"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        self.curriculum = load([self.folder])

    async def answer(self, learner: Learner, right: bool) -> Progress:
        """Answer the open item right or wrong."""
        showing = self.practice.progress(learner).open
        assert showing is not None
        item = self.practice.item(showing.item)
        step = await self.practice.submit(learner, showing.id, showing.attempts, an_answer(item, right))
        return step.progress


def an_answer(item: Item, right: bool) -> Answer:
    """A right or a wrong answer to an item."""
    if item.options:
        return Answer((next(n for n, option in enumerate(item.options) if option.correct == right),))
    assert item.value is not None
    return Answer(text=f"{item.value + (0 if right else 7):g}")


def desk(store: Store, folder: Path) -> Desk:
    """A practice over a store and the small lessons."""
    made: list[Desk] = []

    async def graded(item: Item, answer: Answer) -> Grade:
        return grade(item, answer)

    practice = Practice(lambda: made[0].curriculum or with_items(folder), store, graded, lambda: made[0].now)
    made.append(Desk(practice, folder))
    made[0].curriculum = with_items(folder)
    return made[0]


def answer_for_ever(address: str, folder: Path, acknowledge: Callable[[str], None]) -> None:
    """Answer items and say each answer that was acknowledged."""
    at = desk(open_store(address), folder)
    learner = Learner("anon:anna")

    async def run() -> None:
        for n in count():
            showing = at.go(learner).open
            assert showing is not None
            await at.answer(learner, right=n % 3 != 0)
            acknowledge(f"{showing.id}:{showing.attempts + 1}\n")

    asyncio.run(run())


def main() -> None:
    """Let a child answer and kill it at a random moment, so many times: address, folder, how often."""
    address, folder, draw = sys.argv[1], Path(sys.argv[2]), random.Random(20261126)
    for number in range(int(sys.argv[3])):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            answer_for_ever(address, folder / str(number), partial(print_to, writing))
        os.close(writing)
        with os.fdopen(reading) as lines:
            for _ in range(draw.randrange(1, 6)):
                sys.stdout.write(lines.readline())
            threading.Event().wait(draw.random() * 0.05)
            os.kill(child, signal.SIGKILL)
            sys.stdout.write("".join(line for line in lines if line.endswith("\n")))
        os.waitpid(child, 0)


def print_to(pipe: int, line: str) -> None:
    """Write a line at once."""
    os.write(pipe, line.encode())


if __name__ == "__main__":
    main()
