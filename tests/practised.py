"""A learner with weeks of practice behind them, made through the practice itself with a grader that cannot err.

A test fixture only.
"""

import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from tutor import wishes
from tutor.curriculum import Curriculum
from tutor.grade import Answer, Grade, graded
from tutor.item import Item
from tutor.learner import Learner
from tutor.policy import Focus
from tutor.practice import Practice
from tutor.step import Step
from tutor.store import Store

BEGUN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday."""


async def by_word(item: Item, answer: Answer) -> Grade:
    """Right when the answer says so, whatever the item."""
    return graded("right" if answer.text == "right" else "wrong", answer.text)


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: datetime = BEGUN) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


def practice_over(curriculum: Curriculum, store: Store, clock: Callable[[], datetime]) -> Practice:
    """A practice whose answers are ``right`` or ``wrong``."""
    return Practice(lambda: curriculum, store, by_word, clock)


def finished(work: Coroutine[Any, Any, Step]) -> Step:
    """The result of a coroutine that never waits, so that no event loop is needed, or disturbed."""
    try:
        work.send(None)
    except StopIteration as done:
        step: Step = done.value
        return step
    raise AssertionError("the practice waited for something")


def go_on(practice: Practice, learner: Learner, focus: Focus) -> Step:
    """Go on until an item is open: read what is to be read, begin at the beginning."""
    step = practice.proceed(learner, focus)
    for _ in range(20):
        if step.question is not None:
            break
        activity = step.activity
        if activity.kind == "probe":
            wishes.decline_probe(practice, learner, activity.skill)
        elif activity.reading is not None:
            reading = activity.reading
            wishes.opened(practice, learner, reading.skill, reading.lesson, reading.anchor)
        step = practice.proceed(learner, focus)
    return step


def practised(
    practice: Practice, learner: Learner, clock: Clock, *, skill: str, days: int, answers: int = 6, share: float = 0.8
) -> None:
    """Answer some items of a skill each day; ``share`` of the first tries are right."""
    luck = random.Random(skill)
    for _ in range(days):
        for _ in range(answers):
            step = go_on(practice, learner, Focus(skill))
            if step.question is None:
                break
            showing = step.question.showing
            said = Answer(text="right" if luck.random() < share else "wrong")
            after = finished(practice.submit(learner, showing.id, showing.attempts, said))
            if after.progress.open is not None:
                practice.skip(learner, showing.id)
            clock.wait(minutes=2)
        clock.wait(hours=24 * luck.choice((1, 1, 2, 4)))
