"""Where a learner stands: the values on which the next step depends, and their JSON.

Knows nothing of the store, of lessons or of how the values change (tutor.history).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from tutor.item import Kind
from tutor.mastery import START

Status = Literal["new", "started", "learned", "mastered"]
Purpose = Literal["practice", "review", "probe", "test_out", "mixed", "quiz"]
Outcome = Literal["right", "wrong", "unsure", "shown", "skipped", "changed", "withdrawn", "left"]
Place = Literal["practise", "chat", "today"]


@dataclass(frozen=True)
class Standing:
    """What is known of one objective.

    Args:
        known: P(known), from 0 to 1.
        answers: Counted first answers.
        right: Right ones among them.
        last: When the last one was given; None before the first.
        wrong_in_row: Wrong ones since the last right one, or since its section was read.
        learned: When ``known`` reached LEARNED; None before.
        learned_by: Id of the item whose answer did it; empty for a test-out of two.
        mastered: When it was answered right once more, most of a day later; None before and after a failed review.
        card: The FSRS card as JSON; None until it is learned.
        rated: The day (UTC, ISO) of the last rating; a second answer on that day rates nothing.
    """

    known: float = START
    answers: int = 0
    right: int = 0
    last: datetime | None = None
    wrong_in_row: int = 0
    learned: datetime | None = None
    learned_by: str = ""
    mastered: datetime | None = None
    card: dict[str, Any] | None = None
    rated: str = ""

    @property
    def status(self) -> Status:
        """The standing in a word."""
        if self.mastered:
            return "mastered"
        if self.learned:
            return "learned"
        return "started" if self.answers else "new"


@dataclass(frozen=True)
class Seen:
    """One item in a learner's past: when it was shown last and when an answer counted last."""

    shown: datetime
    counted: datetime | None = None


@dataclass(frozen=True)
class Showing:
    """An item in front of the learner.

    Args:
        id: Unique id of this showing.
        item: Id of the item.
        objective: Id of its objective.
        skill: Id of its skill.
        content: Content hash of the item as shown.
        kind: Kind of the item.
        options: Number of its options.
        order: Indices of its options in the order shown.
        constructed: Whether the learner writes the answer.
        purpose: Why it is shown.
        place: Where it is shown.
        conversation: Id of the conversation it stands in; empty elsewhere.
        shown: When.
        level: The hint level reached, 0 to 4.
        attempts: Answers so far.
        attempts_at_level: Answers that had been given when the last hint came.
        ruled_out: Indices of options that a wrong answer has shown to be wrong.
        answer: The last answer as it was given and graded; empty before the first.
        link: Id of the link in a course whose quiz it belongs to; empty outside of a quiz.
    """

    id: str
    item: str
    objective: str
    skill: str
    content: str
    kind: Kind
    options: int
    order: tuple[int, ...]
    constructed: bool
    purpose: Purpose
    place: Place
    shown: datetime
    conversation: str = ""
    level: int = 0
    attempts: int = 0
    attempts_at_level: int = 0
    ruled_out: tuple[int, ...] = ()
    answer: dict[str, Any] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True)
class Closed:
    """The showing that ended last, and what came of it."""

    showing: Showing
    outcome: Outcome


@dataclass(frozen=True)
class TestOut:
    """A test-out ("I know this") under way: items answered right, and whether one of them was written."""

    objective: str
    right: tuple[str, ...] = ()
    constructed: bool = False


@dataclass(frozen=True)
class Plan:
    """What the learner said of themselves: a learning path, an aim in their own words, minutes a week.

    ``asked`` says that the questions were shown and need not come again.
    """

    path: str = ""
    goal: str = ""
    minutes: int = 0
    asked: bool = False


@dataclass(frozen=True)
class Sitting:
    """One session of practice: from the first answer until a pause of half an hour."""

    begun: datetime
    last: datetime
    answers: int = 0
    right: int = 0
    reviews: int = 0
    learned: tuple[str, ...] = ()
    mastered: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quiz:
    """The quiz of one link in a course.

    Args:
        taken: Tries begun.
        finished: Tries ended.
        best: The best share right, from 0 to 1.
        last: The share right of the try that ended last.
        items: Questions of the try under way; 0 when none is.
        asked: Its questions that are closed.
        right: How many of them were right.
        begun: When the last try was begun; None before the first.
        chat: Whether the chat answers meanwhile.
    """

    taken: int = 0
    finished: int = 0
    best: float = 0.0
    last: float = 0.0
    items: int = 0
    asked: tuple[str, ...] = ()
    right: int = 0
    begun: datetime | None = None
    chat: bool = True


@dataclass(frozen=True)
class Progress:
    """All that the next step depends on.

    Args:
        objectives: Standing of each objective touched, by id.
        items: Past of each item shown, by id.
        read: When each section was opened last, by ``skill/lesson#anchor``.
        finished: When each lesson was finished, by ``skill/lesson``.
        open: The item in front of the learner; None when there is none.
        closed: The showing that ended last.
        testing: The test-out under way.
        probed: Skills whose probe was offered.
        recent: The last ten counted answers, the newest last.
        reviewed_last: Whether the activity that ended last was a review.
        last_objective: Id of the objective answered last.
        plan: What the learner said of themselves.
        sitting: The session of practice that began last.
        active: When the learner did anything last.
        returned: When the learner came back last after a long absence.
        asked: Questions asked in the chat.
        quizzes: The quizzes of links in courses, by the link's id.
    """

    objectives: dict[str, Standing] = field(default_factory=dict)
    items: dict[str, Seen] = field(default_factory=dict)
    read: dict[str, datetime] = field(default_factory=dict)
    finished: dict[str, datetime] = field(default_factory=dict)
    open: Showing | None = None
    closed: Closed | None = None
    testing: TestOut | None = None
    probed: tuple[str, ...] = ()
    recent: tuple[bool, ...] = ()
    reviewed_last: bool = False
    last_objective: str = ""
    plan: Plan = field(default_factory=Plan)
    sitting: Sitting | None = None
    active: datetime | None = None
    returned: datetime | None = None
    asked: int = 0
    quizzes: dict[str, Quiz] = field(default_factory=dict)

    def standing(self, objective: str) -> Standing:
        """The standing of an objective; the first one when it was never touched."""
        return self.objectives.get(objective) or _FIRST


_FIRST = Standing()


@cache
def _adapter() -> TypeAdapter[Progress]:
    return TypeAdapter(Progress)


def to_json(progress: Progress) -> dict[str, Any]:
    """A progress as a JSON object; what is as at the beginning is left out."""
    made: dict[str, Any] = _adapter().dump_python(progress, mode="json", exclude_defaults=True)
    return made


def from_json(value: Mapping[str, Any] | None) -> Progress:
    """A progress from its JSON object; the beginning from None."""
    return _adapter().validate_python(value or {})
