"""The page of learning paths: each with its steps, why, and how far the learner is on it.

Knows nothing of HTTP or of the database: it is given what it shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tutor.curriculum import Curriculum
from tutor.outline import Outline
from tutor.paths import LearningPath, Step, objectives_of
from tutor.progress import Progress
from tutor.report import Evidence, evidence
from ui.frame import page
from ui.progress import state_words
from ui.texts import text
from ui.today import paths_by_kind


@dataclass(frozen=True)
class StepView:
    """One step as displayed; ``topics`` are id, title and state of each objective."""

    skill: str
    title: str
    why: str
    words: str
    topics: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class PathView:
    """One path as displayed; ``taken`` when it is the learner's."""

    id: str
    title: str
    audience: str
    words: str
    share: int
    taken: bool
    steps: tuple[StepView, ...]


def paths_page(curriculum: Curriculum, outline: Outline, progress: Progress, now: datetime) -> str:
    """The page.

    Args:
        curriculum: All lessons.
        outline: The topics.
        progress: Where the learner stands.
        now: The present moment; aware.
    """
    found = {each.topic.id: each for each in evidence(progress, outline, now)}
    groups = paths_by_kind(curriculum)
    return page(
        "paths.html",
        title=text("paths.title"),
        states=state_words(),
        plan=progress.plan,
        groups=[
            (kind, [path_view(curriculum, path, found, progress.plan.path) for path in paths])
            for kind, paths in reversed(groups)  # the few aims before the many roles
        ],
    )


def path_view(curriculum: Curriculum, path: LearningPath, found: Mapping[str, Evidence], taken: str) -> PathView:
    """A path with how far the learner is."""
    every = objectives_of(path, {skill.id: skill for skill in curriculum.skills})
    learned = sum(found[name].learned for name in every)
    return PathView(
        path.id,
        path.title,
        path.audience,
        text("skill.learned", learned=learned, total=len(every)),
        round(100 * learned / max(1, len(every))),
        path.id == taken,
        tuple(_step(curriculum, step, found) for step in path.steps),
    )


def _step(curriculum: Curriculum, step: Step, found: Mapping[str, Evidence]) -> StepView:
    skill = curriculum.skill(step.skill)
    names = step.objectives or tuple(objective.id for objective in skill.objectives)
    own = [found[name] for name in names]
    words = text("skill.learned", learned=sum(each.learned for each in own), total=len(own))
    topics = tuple((each.topic.id, each.topic.title, each.state) for each in own)
    return StepView(step.skill, skill.title, step.why, words, topics)
