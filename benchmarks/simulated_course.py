"""A course of one simulated learner: sessions over weeks, under one of four ways to choose what comes next.

Knows nothing of how results are summed up. The tutor's estimates run under every way; only the choice differs.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from benchmarks.simulated_learners import TRULY, SimulatedLearner
from tutor import attempts
from tutor.attempts import Given, Happening
from tutor.history import FRESH, apply
from tutor.item import Item
from tutor.outline import ItemOutline, Outline, Reading, Topic
from tutor.policy import next_activity
from tutor.progress import Progress, Purpose

BEGIN = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
HINTED = 0.65
"""Least chance of a right answer after a hint."""
IN_ROW = 3
AFTER_DAYS = 30


@dataclass(frozen=True)
class Told:
    """One counted first answer."""

    topic: str
    predicted: float
    correct: bool
    hinted: bool
    constructed: bool
    known: float
    """The tutor's estimate afterwards."""
    true: bool
    """Whether the objective is truly mastered afterwards."""


@dataclass
class Course:
    """One learner's course so far.

    Args:
        learner: The simulated learner.
        outline: What there is to learn.
        items: Its items by id.
        rng: Of the course: answers and session lengths.
    """

    learner: SimulatedLearner
    outline: Outline
    items: Mapping[str, Item]
    rng: random.Random
    now: datetime = BEGIN
    progress: Progress = field(default_factory=Progress)
    told: list[Told] = field(default_factory=list)
    answers: int = 0
    readings: int = 0
    on_topic: dict[str, int] = field(default_factory=dict)
    """Answers to each objective."""
    reached: dict[str, int] = field(default_factory=dict)
    """Answers to an objective when it was truly mastered first; 0 for what was known before."""
    declared: dict[str, dict[str, bool]] = field(default_factory=dict)
    """For learned, mastered and in a row: objectives declared so, and whether that was true then."""
    row: dict[str, int] = field(default_factory=dict)
    share_at: dict[int, float] = field(default_factory=dict)
    """Share of objectives truly mastered after so many answers."""
    share_after: dict[int, float] = field(default_factory=dict)
    """The same after so many answers and readings together."""

    @property
    def day(self) -> float:
        """Days since the beginning."""
        return (self.now - BEGIN) / timedelta(days=1)

    def happen(self, *happenings: Happening) -> None:
        """Apply events at the present moment."""
        for each in happenings:
            self.progress = apply(self.progress, each.kind, self.now, each.payload)

    def read(self, topic: Topic, reading: Reading) -> None:
        """Open and read a section."""
        taught = [each.id for each in self.outline.topics if reading in each.readings]
        payload = {
            "skill": reading.skill, "lesson": reading.lesson, "section": reading.anchor, "objectives": taught,
        }  # fmt: skip
        self.happen(Happening("opened", payload))
        self.now += timedelta(minutes=reading.minutes)
        self.readings += 1
        self.learner.read(topic, self.day)
        self._note(topic.id)

    def answer(self, topic: Topic, item: ItemOutline, purpose: Purpose = "practice") -> None:
        """Show an item, let the learner answer it, and keep what came of it."""
        whole = self.items[item.id]
        name = f"s{self.answers}"
        self.happen(*attempts.show(self.progress, whole, range(item.options), purpose, "practise", name))
        testing = purpose in attempts.TEST
        hinted = not testing and self.learner.wants_hint(topic, self.day)
        chance = self.learner.chance(topic, item, self.day)
        if hinted and self.progress.open:
            self.happen(*attempts.hint(self.progress.open, 1))
            chance = max(chance, HINTED)
        correct = self.rng.random() < chance
        self.now += timedelta(seconds=90)
        made = attempts.attempt(self.progress, Given(correct, {}), self.now)
        self.happen(*made)
        if self.progress.open is not None:  # A second try counts for nothing, and none of the learners needs it.
            self.happen(attempts.closed(self.progress.open, "left"))
        self.answers += 1
        self.on_topic[topic.id] = self.on_topic.get(topic.id, 0) + 1
        self.learner.practised(topic, correct, hinted, self.day)
        self._note(topic.id)
        self._declare(topic.id, correct and not hinted)
        self._tell(topic.id, made[0], hinted)

    def _note(self, topic: str) -> None:
        if topic not in self.reached and self.truly(topic):
            self.reached[topic] = self.on_topic.get(topic, 0)

    def _declare(self, topic: str, alone: bool) -> None:
        standing = self.progress.standing(topic)
        self.row[topic] = self.row.get(topic, 0) + 1 if alone else 0
        reached = {
            "learned": standing.learned is not None,
            "mastered": standing.mastered is not None,
            "in a row": self.row[topic] >= IN_ROW,
        }
        for name, yes in reached.items():
            if yes and topic not in self.declared.setdefault(name, {}):
                self.declared[name][topic] = self.truly(topic)

    def _tell(self, topic: str, attempted: Happening, hinted: bool) -> None:
        told = attempted.payload
        if told["counted"]:
            known, true = self.progress.standing(topic).known, self.truly(topic)
            self.told.append(Told(topic, told["predicted"], told["correct"], hinted, told["constructed"], known, true))

    def truly(self, topic: str) -> bool:
        """Whether an objective is truly mastered now: not only in mind for the moment, but a day later."""
        return self.learner.ability(topic, self.day + 1) >= TRULY

    def share(self) -> float:
        """Share of objectives truly mastered now."""
        return sum(self.truly(topic.id) for topic in self.outline.topics) / len(self.outline.topics)


Way = Callable[[Course], bool]
"""Does one activity; False when there is nothing to do today."""


def ours(course: Course) -> bool:
    """What tutor.policy says, exactly."""
    activity = next_activity(course.progress, course.outline, course.now)
    if activity.kind == "nothing":
        return False
    topic = course.outline.by_id[activity.objective]
    if activity.reading:
        course.read(topic, activity.reading)
    elif activity.kind == "probe":
        offered = Happening("offered", {"skill": activity.skill, "taken": True})
        course.happen(offered, attempts.begin_test_out(activity.objective))
    else:
        item = next(each for each in topic.items if each.id == activity.item)
        course.answer(topic, item, activity.purpose)
    return True


def at_random(course: Course) -> bool:
    """Any item of any objective that was not answered today."""
    fresh = [(topic, item) for topic in course.outline.topics for item in topic.items if _fresh(course, item)]
    if not fresh:
        return False
    _with_reading(course, *course.rng.choice(fresh))
    return True


def in_order(course: Course) -> bool:
    """Each item of each objective in turn, then again from the beginning."""
    every = [(topic, item) for topic in course.outline.topics for item in topic.items]
    _with_reading(course, *every[course.answers % len(every)])
    return True


def three_in_a_row(course: Course) -> bool:
    """One objective after the other until three answers in a row are right; when all are, at random."""
    done = course.declared.get("in a row", {})
    topic = next((topic for topic in course.outline.topics if topic.items and topic.id not in done), None)
    if topic is None:
        return at_random(course)
    seen = course.progress.items
    item = min(topic.items, key=lambda each: seen[each.id].shown.timestamp() if each.id in seen else 0)
    _with_reading(course, topic, item)
    return True


def _fresh(course: Course, item: ItemOutline) -> bool:
    seen = course.progress.items.get(item.id)
    return seen is None or seen.counted is None or course.now - seen.counted >= FRESH


def _with_reading(course: Course, topic: Topic, item: ItemOutline) -> None:
    """The first section before the first item of an objective, as the tutor offers it too."""
    if topic.id not in course.on_topic and topic.readings:
        course.read(topic, topic.readings[0])
    course.answer(topic, item)


WAYS: Mapping[str, Way] = {
    "tutor": ours, "random": at_random, "fixed order": in_order, "three in a row": three_in_a_row,
}  # fmt: skip


def take(course: Course, way: Way, answers: int, marks: tuple[int, ...]) -> Course:
    """Practise in sessions of 10 to 20 answers, one to three days apart, until so many answers were given.

    Args:
        course: At its beginning.
        way: How the next activity is chosen.
        answers: How many answers to give in all.
        marks: Numbers of answers after which the share truly mastered is kept.
    """
    calendar = random.Random(course.rng.random())
    for topic in course.outline.topics:
        course._note(topic.id)
    while course.answers < answers:
        goal = min(answers, course.answers + calendar.randint(10, 20))
        while course.answers < goal and way(course):
            done = course.answers + course.readings
            if course.answers in marks and course.answers not in course.share_at:
                course.share_at[course.answers] = course.share()
            if done in marks and done not in course.share_after:
                course.share_after[done] = course.share()
        evening = timedelta(days=calendar.choice((1, 1, 1, 2, 2, 3)))
        course.now = datetime.combine(course.now.date(), BEGIN.timetz()) + evening
    return course
