"""What a learner does next, and why: rules in a fixed order over where the learner stands.

Knows nothing of the store or of words: a reason is a code with values, for the catalogue of texts.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tutor.history import AWAY
from tutor.item_choice import choose_item, test_out_item
from tutor.learning import SITTING
from tutor.mastery import LEARNED
from tutor.outline import Outline, Reading, Topic
from tutor.progress import Progress, Purpose, Standing
from tutor.review import MOST_IN_SESSION, due, retrievability

ActivityKind = Literal["resume", "example", "review", "probe", "lesson", "item", "mixed", "nothing"]

WRONG_IN_ROW = 2
SHORT_SESSION = 5
"""Minutes of the first session after AWAY, and reviews in it."""


@dataclass(frozen=True)
class Activity:
    """One next step.

    Args:
        kind: What it is.
        skill: Id of the skill; empty for mixed.
        objective: Id of the objective; empty for mixed.
        item: Id of the item; empty when it is no item.
        reading: The section to read; None when it is no reading.
        purpose: What the item is shown for.
        reason: Code of the reason.
        values: What the reason's sentence needs: ``days``, ``count``, ``topic`` ...
        minutes: How long it takes.
    """

    kind: ActivityKind
    skill: str = ""
    objective: str = ""
    item: str = ""
    reading: Reading | None = None
    purpose: Purpose = "practice"
    reason: str = ""
    values: dict[str, int | str] = field(default_factory=dict)
    minutes: int = 1


@dataclass(frozen=True)
class Focus:
    """What the learner wants to practise; empty for whatever is best. An objective goes before a skill."""

    skill: str = ""
    objective: str = ""
    allowed: tuple[str, ...] = ()
    """Skills that an LMS link allows; empty for all."""
    link: bool = False
    """Whether it is the quiz of the link by which the learner came; everything else of it is the link's to say."""


NO_FOCUS = Focus()


def next_activity(progress: Progress, outline: Outline, now: datetime, focus: Focus = NO_FOCUS) -> Activity:
    """The one next step. Nothing is locked: the order only ranks suggestions.

    Args:
        progress: Where the learner stands.
        outline: The topics in the order of the learner's path.
        now: The present moment; aware.
        focus: What the learner wants to practise.
    """
    topics = _within(outline, focus)
    open_topic = outline.objective_of.get(progress.open.item) if progress.open else None
    if progress.open is not None and open_topic is not None:
        showing = progress.open
        values: dict[str, int | str] = {"topic": outline.by_id[open_topic].title}
        return Activity("resume", showing.skill, open_topic, showing.item, None, showing.purpose, "resume", values)
    rules: tuple[Callable[[Progress, Sequence[Topic], Outline, datetime, Focus], Activity | None], ...] = (
        _testing, _example, _review, _probe, _new, _mixed,
    )  # fmt: skip
    found = (rule(progress, topics, outline, now, focus) for rule in rules)
    return next((activity for activity in found if activity is not None), Activity("nothing", reason="nothing"))


def _within(outline: Outline, focus: Focus) -> list[Topic]:
    topics = [topic for topic in outline.topics if not focus.allowed or topic.skill in focus.allowed]
    if focus.objective:
        return [topic for topic in topics if topic.id == focus.objective]
    return [topic for topic in topics if not focus.skill or topic.skill == focus.skill]


def _testing(
    progress: Progress, topics: Sequence[Topic], outline: Outline, now: datetime, focus: Focus
) -> Activity | None:
    """A test-out under way goes on: an unseen item, one of the two written."""
    testing = progress.testing
    topic = next((each for each in topics if testing and each.id == testing.objective), None)
    if testing is None or topic is None:
        return None
    item = test_out_item(progress, topic)
    if item is None:
        return None
    left = 2 - len(testing.right)
    values: dict[str, int | str] = {"topic": topic.title, "count": left}
    return Activity("item", topic.skill, topic.id, item.id, None, "test_out", "test_out", values, left)


def _example(
    progress: Progress, topics: Sequence[Topic], outline: Outline, now: datetime, focus: Focus
) -> Activity | None:
    """Two wrong in a row: the worked example and its section before any new item."""
    topic = next((each for each in topics if each.id == progress.last_objective), None)
    standing = progress.standing(progress.last_objective)
    if topic is None or standing.wrong_in_row < WRONG_IN_ROW or not topic.readings:
        return None
    reading = min(
        topic.readings, key=lambda each: (each.address in progress.read, progress.read.get(each.address, now))
    )
    values: dict[str, int | str] = {"topic": topic.title, "count": standing.wrong_in_row}
    return Activity("example", topic.skill, topic.id, "", reading, "practice", "example", values, reading.minutes)


def due_topics(progress: Progress, topics: Iterable[Topic], now: datetime) -> list[tuple[Topic, Standing]]:
    """Topics whose review is due, the most forgotten first."""
    found = []
    for topic in topics:
        standing = progress.objectives.get(topic.id)
        if standing and standing.card and topic.items and due(standing.card) <= now:
            found.append((retrievability(standing.card, now), topic.id, topic, standing))
    return [(topic, standing) for _, _, topic, standing in sorted(found, key=lambda each: each[:2])]


def reviews_left(progress: Progress, now: datetime) -> int:
    """How many reviews this session may still hold."""
    most = SHORT_SESSION if away(progress, now) else MOST_IN_SESSION
    sitting = progress.sitting
    running = sitting is not None and timedelta() <= now - sitting.last <= SITTING
    return max(0, most - (sitting.reviews if sitting and running else 0))


def away(progress: Progress, now: datetime) -> bool:
    """Whether the learner comes back after a long absence, or came back less than half an hour ago."""
    if progress.active is not None and now - progress.active >= AWAY:
        return True
    return progress.returned is not None and timedelta() <= now - progress.returned <= SITTING


def _review(
    progress: Progress, topics: Sequence[Topic], outline: Outline, now: datetime, focus: Focus
) -> Activity | None:
    """Due reviews, at most every second activity while there is something else to do."""
    if not reviews_left(progress, now):
        return None
    waiting = due_topics(progress, topics, now)
    if progress.reviewed_last and _new(progress, topics, outline, now, focus) is not None:
        return None
    for topic, standing in waiting:
        item = choose_item(progress, topic, now)
        if item is not None:
            last = standing.last or now
            values: dict[str, int | str] = {"topic": topic.title, "days": max(0, (now - last).days)}
            return Activity("review", topic.skill, topic.id, item.id, None, "review", "review", values)
    return None


def _probe(
    progress: Progress, topics: Sequence[Topic], outline: Outline, now: datetime, focus: Focus
) -> Activity | None:
    """Before a skill that was never touched: two questions that may make its first objective unnecessary."""
    topic = None if focus.objective else _first_open(progress, topics, outline, now)
    if topic is None or topic.skill in progress.probed or _touched(progress, topic.skill, outline):
        return None
    item = test_out_item(progress, topic)
    if item is None or not topic.practicable:
        return None
    values: dict[str, int | str] = {"topic": topic.title, "skill": topic.skill}
    return Activity("probe", topic.skill, topic.id, item.id, None, "probe", "probe", values, 2)


def _touched(progress: Progress, skill: str, outline: Outline) -> bool:
    if any(address.startswith(f"{skill}/") for address in progress.read):
        return True
    return any(topic.id in progress.objectives for topic in outline.of_skill(skill))


def _new(progress: Progress, topics: Sequence[Topic], outline: Outline, now: datetime, focus: Focus) -> Activity | None:
    """The first topic in order that is ready and not learned: its section, and when that was read its items."""
    topic = _first_open(progress, topics, outline, now)
    if topic is None:
        return None
    standing = progress.standing(topic.id)
    values: dict[str, int | str] = {"topic": topic.title}
    # Who chose the topic wants its questions; the section is one click away.
    if _to_read(progress, topic) and not (focus.objective and topic.items):
        reading = topic.readings[0]
        return Activity("lesson", topic.skill, topic.id, "", reading, "practice", "lesson", values, reading.minutes)
    item = choose_item(progress, topic, now)
    if item is None:
        return None
    reason = "lapsed" if standing.learned else "going" if standing.answers else "begin"
    values |= {"right": standing.right, "answers": standing.answers}
    return Activity("item", topic.skill, topic.id, item.id, None, "practice", reason, values)


def _first_open(progress: Progress, topics: Sequence[Topic], outline: Outline, now: datetime) -> Topic | None:
    """The topic that _new would take: not learned, with something to do now, and preferably ready."""
    waiting = [topic for topic in topics if _unlearned(progress, topic)]
    ready = (topic for topic in waiting if all(_satisfied(progress, name, outline) for name in topic.requires))
    doable = (topic for topic in (*ready, *waiting) if _doable(progress, topic, now))
    return next(doable, None)


def _unlearned(progress: Progress, topic: Topic) -> bool:
    if topic.practicable or not topic.readings:
        return progress.standing(topic.id).known < LEARNED
    return not _read(progress, topic)


def _doable(progress: Progress, topic: Topic, now: datetime) -> bool:
    return _to_read(progress, topic) or choose_item(progress, topic, now) is not None


def _to_read(progress: Progress, topic: Topic) -> bool:
    """Whether its section comes before its items: never opened, and no answers show that it is not needed."""
    unneeded = topic.practicable and progress.standing(topic.id).answers
    return bool(topic.readings) and not unneeded and not _read(progress, topic)


def _read(progress: Progress, topic: Topic) -> bool:
    return any(reading.address in progress.read for reading in topic.readings)


def _satisfied(progress: Progress, objective: str, outline: Outline) -> bool:
    """Whether what builds on an objective may come: it was learned once, or cannot be learned by practice here."""
    topic = outline.by_id.get(objective)
    if topic is None or (not topic.practicable and (not topic.readings or _read(progress, topic))):
        return True
    return progress.standing(objective).learned is not None


def _mixed(
    progress: Progress, topics: Sequence[Topic], outline: Outline, now: datetime, focus: Focus
) -> Activity | None:
    """Everything is learned, or waits for tomorrow: an item of the topic that was answered longest ago.

    When an answer to each item has counted today, one that counts for nothing is better than none.
    """
    practised = [topic for topic in topics if progress.standing(topic.id).answers]
    practised.sort(key=lambda topic: (progress.standing(topic.id).last or now, topic.id))
    for topic, again in [(topic, False) for topic in practised] + [(topic, True) for topic in practised]:
        item = choose_item(progress, topic, now, again)
        if item is not None:
            done = all(not _unlearned(progress, each) for each in topics)
            reason = "mixed" if done else "tomorrow"
            return Activity("mixed", topic.skill, topic.id, item.id, None, "mixed", reason, {"topic": topic.title})
    return None
