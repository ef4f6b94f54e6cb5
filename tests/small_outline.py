"""Two small skills as practice sees them, and a learner who works through them event by event.

Knows nothing of the real lessons or of a store; each payload goes through JSON, as a store would have it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tutor import attempts
from tutor.attempts import Given, Happening
from tutor.history import apply
from tutor.item import BLOOM, Item, Kind, Option
from tutor.outline import ItemOutline, Outline, Reading, Topic
from tutor.policy import NO_FOCUS, Activity, Focus, next_activity
from tutor.progress import Place, Progress, Purpose, Standing

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
KINDS: tuple[Kind, ...] = ("single", "numeric", "single", "free", "multiple", "accepted", "single", "numeric")


def make_item(name: str, objective: str, skill: str, kind: Kind, bloom: str = "apply", options: int = 4) -> Item:
    """An item with only what practice needs."""
    chosen = tuple(Option(str(n), n == 0) for n in range(options)) if kind in ("single", "multiple") else ()
    return Item(
        name, skill, objective, bloom, kind, f"What is {name}?", "", chosen, None, 0.0, (), (), (), "", Path("q.md"), 1
    )


def outlined(item: Item) -> ItemOutline:
    """The item as the outline has it."""
    return ItemOutline(item.id, item.kind, BLOOM.index(item.bloom), len(item.options), item.constructed)


def make_topic(
    name: str, skill: str, items: int, requires: Sequence[str] = (), readings: int = 1, kinds: Sequence[Kind] = KINDS
) -> tuple[Topic, list[Item]]:
    """A topic with items of all kinds and Bloom levels, and its items."""
    made = [
        make_item(f"{name}-{n}", name, skill, kinds[n % len(kinds)], BLOOM[n % 5], 4 if n % 3 else 3)
        for n in range(items)
    ]
    read = tuple(Reading(skill, "01-first", f"{name}-s{n}", f"About {name}", 3 + n) for n in range(readings))
    return Topic(name, skill, name.upper(), tuple(requires), tuple(map(outlined, made)), read), made


PARTS = (
    make_topic("a1", "a", 6),
    make_topic("a2", "a", 4, ["a1"], 2),
    make_topic("a3", "a", 2, ["a1"]),
    make_topic("b1", "b", 5, ["a2"]),
    make_topic("b2", "b", 0, ["b1"]),
)
OUTLINE = Outline(tuple(topic for topic, _ in PARTS), ("a", "b"))
ITEMS: Mapping[str, Item] = {item.id: item for _, made in PARTS for item in made}


def as_json(value: Any) -> Any:
    """What is left of a value that was stored as JSON."""
    return json.loads(json.dumps(value))


class Desk:
    """A learner at work: the events so far and where they stand.

    Args:
        now: The first moment.
        outline: What there is to learn.
        items: Its items by id.
    """

    def __init__(self, now: datetime = START, outline: Outline = OUTLINE, items: Mapping[str, Item] = ITEMS) -> None:
        self.now = now
        self.outline = outline
        self.items = items
        self.progress = Progress()
        self.log: list[tuple[str, datetime, Any]] = []
        self._shown = 0

    def happen(self, happenings: Sequence[Happening]) -> list[Happening]:
        """Keep events and apply them."""
        for each in happenings:
            payload = as_json(each.payload)
            self.log.append((each.kind, self.now, payload))
            self.progress = apply(self.progress, each.kind, self.now, payload)
        return list(happenings)

    def event(self, kind: str, **payload: Any) -> None:
        """One event as it is."""
        self.happen([Happening(kind, payload)])

    def wait(self, **time: float) -> None:
        """Let time pass; a negative one puts the clock back."""
        self.now += timedelta(**time)

    def show(self, item: str, purpose: Purpose = "practice", place: Place = "practise") -> None:
        """Put an item in front of the learner."""
        self._shown += 1
        shown = self.items[item]
        order = range(len(shown.options))
        self.happen(attempts.show(self.progress, shown, order, purpose, place, f"s{self._shown}"))

    def answer(self, correct: bool | None, choice: int | None = None) -> list[Happening]:
        """Answer the open item."""
        return self.happen(attempts.attempt(self.progress, Given(correct, {"text": "so"}, choice), self.now))

    def hint(self, level: int) -> None:
        """Take a hint for the open item."""
        assert self.progress.open is not None
        self.happen(attempts.hint(self.progress.open, level))

    def end(self, outcome: Any) -> None:
        """End the showing without an answer."""
        assert self.progress.open is not None
        self.happen([attempts.closed(self.progress.open, outcome)])

    def did(self, item: str, correct: bool, level: int = 0, purpose: Purpose = "practice", minutes: float = 1) -> None:
        """Show an item, perhaps take a hint, answer it, and leave it if it is still open."""
        self.show(item, purpose)
        if level:
            self.hint(level)
        self.wait(minutes=minutes)
        self.answer(correct)
        if self.progress.open is not None:
            self.end("left")

    def read(self, reading: Reading) -> None:
        """Open a section."""
        taught = [topic.id for topic in self.outline.topics if reading in topic.readings]
        self.event("opened", skill=reading.skill, lesson=reading.lesson, section=reading.anchor, objectives=taught)

    def begin_probe(self, activity: Activity) -> None:
        """Take the offer of a probe."""
        self.event("offered", skill=activity.skill, taken=True)
        self.happen([attempts.begin_test_out(activity.objective)])

    def standing(self, objective: str = "a1") -> Standing:
        """Where the learner stands in an objective."""
        return self.progress.standing(objective)

    def next(self, focus: Focus = NO_FOCUS) -> Activity:
        """What comes next."""
        return next_activity(self.progress, self.outline, self.now, focus)

    def learn(self, objective: str, items: Sequence[str] | None = None) -> None:
        """Answer items right until the objective is learned."""
        for name in items or [item.id for item in self.outline.by_id[objective].items]:
            if self.standing(objective).learned is None:
                self.did(name, True)
        assert self.standing(objective).learned
