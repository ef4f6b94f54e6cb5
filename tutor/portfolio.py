"""What a learner wrote for the tasks of the lessons, with their own tick for each criterion: written, read, removed.

Knows nothing of pages or of SQL. Each saving is an event that holds the whole piece; of one piece the last one counts.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from tutor import store
from tutor.errors import NotFound, TutorError
from tutor.grade import PointResult
from tutor.learner import Learner
from tutor.tasks import Task

LONGEST = 20_000
"""Characters of one piece."""

MOST = 200
"""Pieces of one learner: about twice as many as the lessons have tasks."""

HOLDING = ("wrote", "viewed")
"""Kinds of events that hold what a learner wrote, or parts of it."""


@dataclass(frozen=True)
class Criterion:
    """What good work shows, and whether the learner finds it in theirs."""

    text: str
    met: bool


@dataclass(frozen=True)
class Opinion:
    """What a model found in a piece; an opinion beside the learner's own, never in its place.

    Args:
        model: The model's name.
        at: When; UTC.
        points: One for each criterion; ``met`` is None when the model quoted what is not in the text.
    """

    model: str
    at: datetime
    points: tuple[PointResult, ...]


@dataclass(frozen=True)
class Piece:
    """One piece of a portfolio.

    Args:
        id: Unique among a learner's pieces.
        skill: Id of the skill.
        lesson: Id of the lesson.
        section: Anchor of the section that set the task.
        title: Title of the lesson as it was then.
        text: Markdown, as the learner wrote it.
        criteria: As they were when it was saved last.
        begun: When it was saved first; UTC.
        saved: When it was saved last; UTC.
        version: Id of the event that holds this text.
        opinion: A model's, of this very text; None when it was not asked for or the text has changed since.
    """

    id: str
    skill: str
    lesson: str
    section: str
    title: str
    text: str
    criteria: tuple[Criterion, ...]
    begun: datetime
    saved: datetime
    version: str
    opinion: Opinion | None = None

    @property
    def met(self) -> int:
        """How many criteria the learner finds met."""
        return sum(criterion.met for criterion in self.criteria)


def pieces(memory: store.Store, learner: Learner) -> list[Piece]:
    """A learner's portfolio, the piece saved last first.

    Raises:
        StoreError: The database failed.
    """
    return pieces_from(store.events_in_order(memory, learner, (*HOLDING, "unwrote")))


def piece(memory: store.Store, learner: Learner, name: str) -> Piece:
    """One piece of a learner's portfolio.

    Raises:
        NotFound: It is not there, or not the learner's.
        StoreError: The database failed.
    """
    found = next((each for each in pieces(memory, learner) if each.id == name), None)
    if found is None:
        raise NotFound("That piece is not in your portfolio any more.")
    return found


def pieces_from(events: Iterable[store.Event]) -> list[Piece]:
    """The portfolio that events leave, the piece saved last first; other kinds of events are passed over.

    Args:
        events: In the order in which they were stored.
    """
    made: dict[str, Piece] = {}
    for event in events:
        name = str(event.payload.get("id", ""))
        before = made.get(name)
        if event.kind == "wrote":
            made.pop(name, None)  # the last one saved goes to the end
            made[name] = _piece(event, before.begun if before else event.at)
        elif event.kind == "unwrote":
            made.pop(name, None)
        elif event.kind == "viewed" and before is not None and before.version == event.payload["version"]:
            made[name] = replace(before, opinion=_opinion(event))
    return list(reversed(made.values()))


def write(
    memory: store.Store, learner: Learner, task: Task, name: str, text: str, met: Collection[str], *, now: datetime
) -> str:
    """Save a piece; the same text with the same ticks is not stored again.

    Args:
        memory: The store.
        learner: The verified identity.
        task: What it was written for.
        name: Id of the piece, as the page that it was written on got it; an unusable one is replaced.
        text: The learner's words; lines may end in any way.
        met: The criteria that the learner finds met, in the words of the page.
        now: The present moment; aware.

    Returns:
        The piece's id.

    Raises:
        TutorError: There is no text, or too much, or too many pieces.
        StoreError: The database failed; nothing is saved.
    """
    text = unified(text)
    if not text.strip():
        raise TutorError("There is nothing to save yet: write something first.", "empty")
    if len(text) > LONGEST:
        raise TutorError(
            f"Your text has {len(text):,} characters and a piece may have {LONGEST:,}. Nothing is saved yet: shorten "
            "it, and link to what is longer.",
            "too_long",
        )
    name = name if re.fullmatch(r"[0-9a-f]{32}", name) else store.new_id()
    criteria = tuple(Criterion(words, words in met) for words in task.criteria)
    kept = pieces(memory, learner)
    before = next((each for each in kept if each.id == name), None)
    if before is None and len(kept) >= MOST:
        raise TutorError(f"Your portfolio has {MOST} pieces, which is all it can hold. Delete one first.", "full")
    if before is not None and (before.text, before.criteria) == (text, criteria):
        return name
    payload = {
        "id": name, "skill": task.skill, "lesson": task.lesson, "section": task.section, "title": task.title,
        "text": text, "criteria": [asdict(criterion) for criterion in criteria], "by": "self",
    }  # fmt: skip
    store.append(memory, store.Event(learner.principal, "wrote", now, payload, learner.tenant, learner.context))
    return name


def keep_opinion(
    memory: store.Store, learner: Learner, seen: Piece, model: str, points: Sequence[PointResult], *, now: datetime
) -> None:
    """Keep what a model found in a piece.

    Raises:
        StoreError: The database failed.
    """
    payload = {
        "id": seen.id, "version": seen.version, "model": model, "points": [asdict(point) for point in points],
    }  # fmt: skip
    store.append(memory, store.Event(learner.principal, "viewed", now, payload, learner.tenant, learner.context))


def remove(memory: store.Store, learner: Learner, name: str, *, now: datetime) -> None:
    """Remove a piece with all its earlier versions and the opinions of it, for good.

    Raises:
        NotFound: It is not there, or not the learner's.
        StoreError: The database failed; nothing is removed.
    """
    last = store.Event(learner.principal, "unwrote", now, {"id": name}, learner.tenant, learner.context)
    if not store.delete_named(memory, learner, HOLDING, name, last):
        raise NotFound("That piece is not in your portfolio any more.")


def unified(text: str) -> str:
    """A text with one kind of line end, and without what would be lost in storing it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")


def _piece(event: store.Event, begun: datetime) -> Piece:
    payload: Mapping[str, Any] = event.payload
    return Piece(
        id=payload["id"],
        skill=payload["skill"],
        lesson=payload["lesson"],
        section=payload["section"],
        title=payload["title"],
        text=payload["text"],
        criteria=tuple(Criterion(each["text"], bool(each["met"])) for each in payload["criteria"]),
        begun=begun,
        saved=event.at,
        version=event.id,
    )


def _opinion(event: store.Event) -> Opinion:
    points = tuple(PointResult(each["point"], each["met"], each["quote"]) for each in event.payload["points"])
    return Opinion(event.payload["model"], event.at, points)
