"""Tasks of the lessons and the criteria in their own words."""

from pathlib import Path

import pytest

from tests.small_curriculum import small_curriculum
from tutor.curriculum import Curriculum
from tutor.errors import NotFound
from tutor.tasks import FEWEST, MOST, first_task, parted, task, tasks_of


def test_every_shipped_lesson_sets_a_task_with_criteria(shipped: Curriculum) -> None:
    lessons = [lesson for skill in shipped.skills for lesson in skill.lessons]
    found = {f"{lesson.skill}/{lesson.id}": tasks_of(lesson) for lesson in lessons}
    assert [name for name, tasks in found.items() if not tasks] == []
    every = [each for tasks in found.values() for each in tasks]
    assert [each for each in every if not FEWEST <= len(each.criteria) <= MOST] == []
    assert [each for each in every if not each.text.strip() or "good work shows" in each.text.lower()] == []
    assert [words for each in every for words in each.criteria if not 8 <= len(words) <= 300] == []


def test_every_skill_but_the_first_ends_with_a_project_and_its_checklist(shipped: Curriculum) -> None:
    for skill in shipped.skills:
        kinds = [each.kind for each in tasks_of(skill.lessons[-1])]
        assert kinds == (["try"] if skill.id == "start" else ["project", "try"]), skill.id


def test_a_list_after_good_work_is_the_criteria() -> None:
    text = "Count the words\nof a page. Good work\nshows:\n\n- the number, and\n  how it was found;\n- one doubt.\n\nAnd send it."
    assert parted(text) == (
        "Count the words\nof a page.\n\nAnd send it.",
        ("the number, and how it was found", "one doubt"),
    )


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        ("Do it. Good work shows: a (with; this); b; and c.", ("a (with; this)", "b", "c")),
        ("The checklist of the delivery:\n\n1. The mask.\n2. The colour.", ("The mask", "The colour")),
        ("Good work on it shows two things. Each post fits. And the log says why.", ("Each post fits", "the log says why")),
        ("**Example.** The list says what good work shows:\n\n* one\n* two", ("one", "two")),
        ("Good work is what others can check. More of it.", ()),
        ("Good work shows:\n\nnothing in a list.", ()),
        ("Good work shows: only one thing.", ()),
        ("Nothing of the kind.", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_criteria_are_found_as_lessons_write_them(text: str, criteria: tuple[str, ...]) -> None:
    rest, found = parted(text)
    assert found == criteria
    assert criteria or rest == text


def test_a_section_without_a_task_is_not_found(shipped: Curriculum, tmp_path: Path) -> None:
    first = first_task(shipped)
    assert first is not None and task(shipped, first.skill, first.lesson, first.section) == first
    for section in ("at-work", "", "no-such"):
        with pytest.raises(NotFound):
            task(shipped, first.skill, first.lesson, section)
    with pytest.raises(NotFound):
        task(shipped, "no-such", "x", "try-it")
    assert first_task(small_curriculum(tmp_path / "small")) is None
