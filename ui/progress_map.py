"""The skill map of one skill and the map between skills, with the learner's states on them.

Knows nothing of HTML or of how the map is laid out (ui.skill_map).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from tutor.curriculum import Curriculum
from tutor.outline import Outline
from tutor.progress import Progress
from tutor.report import Evidence
from ui.skill_map import Branch, Node, SkillMap, branches, skill_map


@dataclass(frozen=True)
class Drawing:
    """A map, the same as a nested list, and where each node leads."""

    map: SkillMap
    branches: tuple[Branch, ...]
    addresses: Mapping[str, str]


def chosen_skill(outline: Outline, progress: Progress, wanted: str) -> str:
    """The skill whose map is shown: the wanted one, else the one practised last, else the first."""
    if wanted in outline.skills:
        return wanted
    last = outline.by_id.get(progress.last_objective)
    return last.skill if last else outline.skills[0]


def within_skill(curriculum: Curriculum, outline: Outline, found: Sequence[Evidence], skill: str) -> Drawing:
    """The objectives of a skill and those of other skills that they need."""
    states = {each.topic.id: each.state for each in found}
    own = outline.of_skill(skill)
    needed = [name for topic in own for name in topic.requires if name in states]
    others = [outline.by_id[name] for name in dict.fromkeys(needed) if outline.by_id[name].skill != skill]
    nodes = [
        Node(topic.id, f"{curriculum.skill(topic.skill).title}: {topic.title}", states[topic.id], outside=True)
        for topic in others
    ]
    nodes += [Node(topic.id, topic.title, states[topic.id], topic.requires) for topic in own]
    return Drawing(
        skill_map(nodes), branches(nodes), {node.id: f"practise?objective={quote(node.id)}" for node in nodes}
    )


def between_skills(curriculum: Curriculum, outline: Outline, found: Sequence[Evidence]) -> Drawing | None:
    """The skills and what they need from each other; None when no skill needs another."""
    home = {topic.id: topic.skill for topic in outline.topics}
    nodes = []
    for name in outline.skills:
        skill = curriculum.skill(name)
        needed = [home[each] for topic in outline.of_skill(name) for each in topic.requires if each in home]
        requires = tuple(each for each in dict.fromkeys([*skill.requires, *needed]) if each != name)
        nodes.append(Node(name, skill.title, _state(name, found), requires))
    if not any(node.requires for node in nodes):
        return None
    return Drawing(
        skill_map(nodes), branches(nodes), {node.id: f"progress?skill={quote(node.id)}#map" for node in nodes}
    )


def _state(skill: str, found: Sequence[Evidence]) -> str:
    own = [each for each in found if each.topic.skill == skill]
    if own and all(each.state == "mastered" for each in own):
        return "mastered"
    if own and all(each.learned for each in own):
        return "learned"
    return "started" if any(each.state != "new" for each in own) else "new"
