"""What stands on the skill maps."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tutor.curriculum import Curriculum
from tutor.outline import Outline, outline_of
from tutor.progress import Progress, Standing
from tutor.report import evidence
from ui.progress_map import between_skills, chosen_skill, within_skill

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
LEARNED = Standing(0.97, 4, 4, NOW, 0, NOW, "i")


@pytest.fixture
def outline(shipped: Curriculum) -> Outline:
    """The shipped topics, but one of PyTorch needs one of natural language processing."""
    outline = outline_of(shipped)
    first = outline.of_skill("pytorch")[0]
    changed = replace(first, requires=("nlp-tok",))
    return Outline(tuple(changed if each is first else each for each in outline.topics), outline.skills)


def test_what_another_skill_must_teach_first_is_on_the_map_with_its_skill(
    shipped: Curriculum, outline: Outline
) -> None:
    found = evidence(Progress(objectives={"nlp-tok": LEARNED}), outline, NOW)
    drawing = within_skill(shipped, outline, found, "pytorch")
    outside = [each.node for each in drawing.map.nodes if each.node.outside]
    assert [(node.id, node.state) for node in outside] == [("nlp-tok", "learned")]
    assert outside[0].title.startswith("Natural language processing: ")
    assert ("nlp-tok", outline.of_skill("pytorch")[0].id) in {(e.source, e.target) for e in drawing.map.edges}
    assert drawing.addresses["nlp-tok"] == "practise?objective=nlp-tok"


def test_skills_that_need_each_other_have_a_map_of_their_own(shipped: Curriculum, outline: Outline) -> None:
    progress = Progress(objectives={topic.id: LEARNED for topic in outline.of_skill("nlp")} | {"pt-x": LEARNED})
    drawing = between_skills(shipped, outline, evidence(progress, outline, NOW))
    assert drawing is not None
    states = {each.node.id: each.node.state for each in drawing.map.nodes}
    assert states.keys() == set(outline.skills)
    assert (states["nlp"], states["pytorch"]) == ("learned", "new")
    assert [(edge.source, edge.target) for edge in drawing.map.edges] == [("nlp", "pytorch")]
    assert drawing.addresses["pytorch"] == "progress?skill=pytorch#map"


def test_without_needs_between_skills_there_is_no_such_map(shipped: Curriculum) -> None:
    outline = outline_of(shipped)
    apart = Outline(tuple(replace(topic, requires=()) for topic in outline.topics), outline.skills)
    skills = tuple(replace(skill, requires=()) for skill in shipped.skills)
    assert between_skills(replace(shipped, skills=skills), apart, evidence(Progress(), apart, NOW)) is None


def test_the_map_begins_with_the_skill_practised_last(outline: Outline) -> None:
    practised = Progress(last_objective="nlp-tok")
    assert chosen_skill(outline, practised, "") == "nlp"
    assert chosen_skill(outline, practised, "pytorch") == "pytorch"
    assert chosen_skill(outline, Progress(last_objective="withdrawn"), "no-such") == outline.skills[0]
