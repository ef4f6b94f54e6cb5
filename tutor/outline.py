"""The curriculum as practice sees it: objectives in order, what each needs, its items and the sections that teach it.

Knows nothing of learners or of the text of lessons and items.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tutor.curriculum import Curriculum
from tutor.item import BLOOM, Kind
from tutor.paths import objectives_of
from tutor.skill import Skill

FEWEST_ITEMS = 4
"""Items below which an objective cannot be learned by practice; reading it is then enough for what builds on it."""
WORDS_A_MINUTE = 180


@dataclass(frozen=True)
class ItemOutline:
    """An item without its words.

    Args:
        id: Its id.
        kind: Its kind.
        bloom: 0 for remember to 5 for create.
        options: Number of options.
        constructed: Whether the learner writes the answer.
    """

    id: str
    kind: Kind
    bloom: int
    options: int
    constructed: bool


@dataclass(frozen=True)
class Reading:
    """A section that teaches an objective: where it is and how long it takes to read."""

    skill: str
    lesson: str
    anchor: str
    heading: str
    minutes: int

    @property
    def address(self) -> str:
        """``skill/lesson#anchor``, as a progress remembers it."""
        return f"{self.skill}/{self.lesson}#{self.anchor}"


@dataclass(frozen=True)
class Topic:
    """An objective: what it needs, what tests and what teaches it."""

    id: str
    skill: str
    title: str
    requires: tuple[str, ...]
    items: tuple[ItemOutline, ...]
    readings: tuple[Reading, ...]

    @property
    def practicable(self) -> bool:
        """Whether there are enough items to learn it by practice."""
        return len(self.items) >= FEWEST_ITEMS


@dataclass(frozen=True)
class Outline:
    """All topics in the order in which they are learned.

    Args:
        topics: In order.
        skills: Ids of the skills in order.
    """

    topics: tuple[Topic, ...]
    skills: tuple[str, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Topic]:
        """Every topic by its id."""
        return {topic.id: topic for topic in self.topics}

    @cached_property
    def objective_of(self) -> Mapping[str, str]:
        """The objective of every item."""
        return {item.id: topic.id for topic in self.topics for item in topic.items}

    def along(self, objectives: Sequence[str]) -> "Outline":
        """The same topics, those of a learning path first and in its order."""
        place = {name: number for number, name in enumerate(objectives)}
        ordered = sorted(self.topics, key=lambda topic: place.get(topic.id, len(place)))
        skills = tuple(dict.fromkeys(topic.skill for topic in ordered))
        return Outline(tuple(ordered), skills)

    def of_skill(self, skill: str) -> tuple[Topic, ...]:
        """The topics of one skill, in order."""
        return tuple(topic for topic in self.topics if topic.skill == skill)


def outline_of(curriculum: Curriculum) -> Outline:
    """The outline of a curriculum, its skills by rank and their objectives so that what is needed comes first."""
    topics = [topic for skill in curriculum.skills for topic in _topics(skill)]
    return Outline(tuple(topics), tuple(skill.id for skill in curriculum.skills))


def along_path(outline: Outline, curriculum: Curriculum, path: str) -> Outline:
    """The outline in the order of a learning path; as it is when there is no such path."""
    found = next((each for each in curriculum.paths if each.id == path), None)
    if found is None:
        return outline
    return outline.along(objectives_of(found, {skill.id: skill for skill in curriculum.skills}))


def _topics(skill: Skill) -> Iterator[Topic]:
    readings: dict[str, list[Reading]] = {}
    for lesson in skill.lessons:
        for section in lesson.sections:
            minutes = max(1, round(len(section.text.split()) / WORDS_A_MINUTE))
            reading = Reading(skill.id, lesson.id, section.anchor, section.heading, minutes)
            for objective in section.objectives if section.teaching else ():
                readings.setdefault(objective, []).append(reading)
    for objective in _ordered(skill):
        items = tuple(
            ItemOutline(item.id, item.kind, BLOOM.index(item.bloom), len(item.options), item.constructed)
            for item in skill.items
            if item.objective == objective
        )
        one = next(each for each in skill.objectives if each.id == objective)
        yield Topic(objective, skill.id, one.title, one.requires, items, tuple(readings.get(objective, ())))


def _ordered(skill: Skill) -> list[str]:
    """Ids of a skill's objectives, each after those of the same skill that it requires, else as they are listed."""
    own = {objective.id: objective for objective in skill.objectives}
    done: dict[str, None] = {}

    def visit(name: str, above: frozenset[str]) -> None:
        for needed in own[name].requires:
            if needed in own and needed not in done and needed not in above:
                visit(needed, above | {name})
        done.setdefault(name)

    for name in own:
        visit(name, frozenset({name}))
    return list(done)
