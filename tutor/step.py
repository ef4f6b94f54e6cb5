"""What a learner has in front of them: a question as it stands, and what comes next.

Knows nothing of the store or of how the next activity is chosen.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from tutor import attempts
from tutor.attempts import Happening
from tutor.curriculum import Curriculum
from tutor.hints import Help, help_for
from tutor.item import Item
from tutor.learner import Learner
from tutor.lesson import Section
from tutor.policy import Activity, Focus
from tutor.progress import Progress, Showing


@dataclass(frozen=True)
class Question:
    """An item as a learner sees it: while it is open, or with what came of it.

    Args:
        item: The item.
        showing: How it was shown, and the last answer.
        outcome: Empty while it is open.
        helps: The hints given so far.
        sections: Sections that teach it, the first the one to open beside it.
    """

    item: Item
    showing: Showing
    outcome: str = ""
    helps: tuple[Help, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Step:
    """What a learner has in front of them.

    Args:
        progress: Where they stand.
        activity: What comes next.
        question: The item in front of them, or the one just answered; None for a reading or an offer.
        notice: Code of what there is to say about what they just did; empty for nothing.
    """

    progress: Progress
    activity: Activity
    question: Question | None = None
    notice: str = ""


def sections_of(curriculum: Curriculum, objective: str) -> tuple[Section, ...]:
    """The sections that teach an objective, in order."""
    found = curriculum.objectives.get(objective)
    if found is None:
        return ()
    lessons = curriculum.skill(found.skill).lessons
    every = (section for lesson in lessons for section in lesson.sections)
    return tuple(section for section in every if section.teaching and objective in section.objectives)


def question_of(item: Item, showing: Showing, outcome: str, sections: tuple[Section, ...]) -> Question:
    """A showing with its item and the hints given so far.

    Args:
        item: The item that was shown.
        showing: How it was shown.
        outcome: What came of it; empty while it is open.
        sections: Sections that teach the item.
    """
    levels = range(1, min(showing.level, 3) + 1)
    helps = tuple(help_for(item, level, sections, showing.order) for level in levels)
    return Question(item, showing, outcome, helps, sections)


def shuffled(learner: Learner, item: Item) -> tuple[int, ...]:
    """The order in which a learner sees an item's options: always the same for both."""
    order = list(range(len(item.options)))
    random.Random(f"{learner.tenant}\n{learner.principal}\n{item.id}").shuffle(order)
    return tuple(order)


def stale(progress: Progress, items: Mapping[str, Item], focus: Focus) -> tuple[list[Happening], str]:
    """Ends a showing that cannot go on: its item was changed or taken out, or something else is wanted now.

    Args:
        progress: Where the learner stands.
        items: The items being served now, by id.
        focus: What the learner wants.

    Returns:
        The end, or nothing, and the code of what there is to say about it; empty for nothing.
    """
    seen = progress.open
    if seen is None:
        return [], ""
    outside = focus.allowed and seen.skill not in focus.allowed
    if outside or (focus.objective and focus.objective != seen.objective):
        return [attempts.closed(seen, "left")], ""
    item = items.get(seen.item)
    if item is None:
        return [attempts.closed(seen, "withdrawn")], "withdrawn"
    if item.content_hash != seen.content:
        return [attempts.closed(seen, "changed")], "changed"
    return [], ""
