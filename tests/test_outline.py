"""The curriculum as practice sees it."""

from dataclasses import replace
from pathlib import Path

from tests.small_curriculum import small_curriculum
from tests.small_outline import OUTLINE
from tutor.curriculum import Curriculum
from tutor.outline import FEWEST_ITEMS, Outline, along_path, outline_of
from tutor.paths import objectives_of
from tutor.skill import Objective


def test_objectives_come_with_the_sections_that_teach_them(tmp_path: Path) -> None:
    outline = outline_of(small_curriculum(tmp_path))
    assert outline.skills == ("text",)
    assert [(topic.id, len(topic.readings)) for topic in outline.topics] == [("tx-tok", 1), ("tx-stop", 2)]
    reading = outline.topics[0].readings[0]
    assert reading.address.startswith("text/01-tokens#") and reading.minutes == 1
    assert outline.topics[0].items == () and not outline.topics[0].practicable


def test_what_an_objective_requires_comes_before_it_even_when_it_is_listed_after_it(tmp_path: Path) -> None:
    curriculum = small_curriculum(tmp_path)
    skill = curriculum.skills[0]
    first, second = skill.objectives
    turned = replace(skill, objectives=(replace(first, requires=(second.id,)), second))
    outline = outline_of(replace(curriculum, skills=(turned,)))
    assert [topic.id for topic in outline.topics] == [second.id, first.id]


def test_objectives_that_require_each_other_or_what_does_not_exist_are_kept(tmp_path: Path) -> None:
    curriculum = small_curriculum(tmp_path)
    skill = curriculum.skills[0]
    first, second = skill.objectives
    ring = (replace(first, requires=(second.id, "nowhere")), replace(second, requires=(first.id, second.id)))
    outline = outline_of(replace(curriculum, skills=(replace(skill, objectives=ring),)))
    assert {topic.id for topic in outline.topics} == {first.id, second.id}


def test_topics_with_few_items_cannot_be_practised() -> None:
    assert FEWEST_ITEMS == 4
    assert {topic.id: topic.practicable for topic in OUTLINE.topics} == {
        "a1": True, "a2": True, "a3": False, "b1": True, "b2": False,
    }  # fmt: skip


def test_a_path_puts_its_objectives_first_and_keeps_the_rest() -> None:
    along = OUTLINE.along(["b1", "a2", "nowhere"])
    assert [topic.id for topic in along.topics] == ["b1", "a2", "a1", "a3", "b2"]
    assert along.skills == ("b", "a")
    assert along.by_id == OUTLINE.by_id


def test_every_shipped_item_and_objective_is_in_the_outline_once(shipped: Curriculum) -> None:
    outline = outline_of(shipped)
    assert set(outline.by_id) == set(shipped.objectives)
    assert set(outline.objective_of) == {item.id for item in shipped.items}
    assert all(topic.practicable and topic.readings for topic in outline.topics)
    assert outline.skills == tuple(skill.id for skill in shipped.skills)
    assert [topic for skill in outline.skills for topic in outline.of_skill(skill)] == list(outline.topics)
    kinds = {item.id: item for item in shipped.items}
    for topic in outline.topics:
        for item in topic.items:
            assert (item.constructed, item.options) == (kinds[item.id].constructed, len(kinds[item.id].options))
            assert 0 <= item.bloom <= 5


def test_every_shipped_objective_comes_after_those_it_requires_in_its_skill(shipped: Curriculum) -> None:
    outline = outline_of(shipped)
    for skill in outline.skills:
        place = {topic.id: number for number, topic in enumerate(outline.of_skill(skill))}
        for topic in outline.of_skill(skill):
            assert all(place[name] < place[topic.id] for name in topic.requires if name in place)


def test_every_shipped_path_leads_from_ready_to_ready(shipped: Curriculum) -> None:
    """Along each path, what an objective requires was learned before it, so that the policy never leaves the path."""
    outline = outline_of(shipped)
    skills = {skill.id: skill for skill in shipped.skills}
    for path in shipped.paths:
        wanted = objectives_of(path, skills)
        along = along_path(outline, shipped, path.id)
        assert [topic.id for topic in along.topics[: len(wanted)]] == list(wanted)
        learned: set[str] = set()
        while ready := [name for name in wanted if name not in learned and learned >= set(along.by_id[name].requires)]:
            learned.add(ready[0])
        assert learned == set(wanted), path.id


def test_an_unknown_path_changes_nothing(shipped: Curriculum) -> None:
    outline = outline_of(shipped)
    assert along_path(outline, shipped, "nowhere") is outline
    assert isinstance(outline, Outline)


def test_an_objective_of_a_skill_without_items_or_sections_stays(tmp_path: Path) -> None:
    curriculum = small_curriculum(tmp_path)
    skill = curriculum.skills[0]
    bare = Objective("tx-bare", "text", "", "Do something else.", "apply")
    outline = outline_of(replace(curriculum, skills=(replace(skill, objectives=(*skill.objectives, bare)),)))
    assert outline.by_id["tx-bare"].readings == () and outline.by_id["tx-bare"].items == ()
