"""Who is in the instructor's own course, in as many queries for a thousand learners as for one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sql_events

from tests.linked import came_by
from tests.practised import BEGUN, Clock, practice_over, practised
from tests.practising import with_items
from tutor.history import STANDING, fold
from tutor.learner import Learner
from tutor.lti_link import LinkSettings
from tutor.store import Event, Store, advance, delete_everything, progress
from tutor.store.classes import enrolled

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WHOLE = LinkSettings()


def act(store: Store, learner: Learner, at: datetime) -> None:
    made = Event(learner.principal, "planned", at, {"goal": "x"}, learner.tenant, learner.context)
    advance(store, learner, lambda state: ([made], None), fold, now=at)


def standing(state: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    found = {name: (each.get("learned"), each.get("mastered")) for name, each in state.get("objectives", {}).items()}
    return {name: each for name, each in found.items() if any(each)}


def test_learners_of_the_own_course_only_whoever_was_here_last_first(store: Store) -> None:
    teacher = came_by(store, WHOLE, NOW, who="teacher", role="instructor")
    came_by(store, WHOLE, NOW, who="anna")
    ben = came_by(store, WHOLE, NOW - timedelta(days=1), who="ben", resource="link-2")
    came_by(store, WHOLE, NOW, who="ben")
    came_by(store, WHOLE, NOW, who="of another course", course="course-2")
    came_by(store, WHOLE, NOW, who="of another tenant", deployment="2")
    act(store, ben, NOW + timedelta(hours=1))
    found = enrolled(store, teacher, STANDING, fold)
    assert [(each.subject, each.last) for each in found] == [("ben", NOW + timedelta(hours=1)), ("anna", NOW)]
    assert found[0].state["plan"]["goal"] == "x" and found[1].state == {}
    delete_everything(store, ben)
    assert [each.subject for each in enrolled(store, teacher, STANDING, fold)] == ["anna"]


def test_without_a_platform_those_who_did_something_in_the_context_and_are_known(store: Store) -> None:
    teacher = Learner("oidc:teacher", role="instructor")
    for learner in (
        Learner("oidc:a"),
        Learner("anon:b"),
        Learner("oidc:c", context="other"),
        Learner("oidc:d", "other"),
        teacher,
    ):
        act(store, learner, NOW)
    assert [each.principal for each in enrolled(store, teacher, STANDING, fold)] == ["oidc:a"]


@pytest.mark.parametrize("many", [1, 30])
def test_one_query_however_many_learners(store: Store, many: int) -> None:
    teacher = came_by(store, WHOLE, NOW, who="teacher", role="instructor")
    for n in range(many):
        act(store, came_by(store, WHOLE, NOW, who=f"learner-{n}"), NOW)
    said: list[str] = []
    sql_events.listen(store.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert len(enrolled(store, teacher, STANDING, fold)) == many
    assert len([each for each in said if each.startswith("SELECT")]) == 1


def test_what_was_done_in_another_course_is_not_in_the_table(store: Store, tmp_path: Path) -> None:
    clock = Clock()
    practice = practice_over(with_items(tmp_path / "lessons"), store, clock)
    teacher = came_by(store, WHOLE, BEGUN, who="teacher", role="instructor")
    here = came_by(store, WHOLE, BEGUN, who="anna")
    ben = came_by(store, WHOLE, BEGUN, who="ben")
    there = came_by(store, WHOLE, BEGUN, who="anna", course="course-2", resource="link-2")
    elsewhere = came_by(store, WHOLE, BEGUN, who="teacher-2", role="instructor", course="course-2", resource="link-2")
    assert there.principal == here.principal and there.tenant == here.tenant
    practised(practice, there, clock, skill="text", days=4, share=1.0)
    practised(practice, ben, Clock(), skill="text", days=1, share=1.0)
    learned = {name for name, each in practice.progress(here).objectives.items() if each.learned}
    assert learned, "where the learner stands is the learner's, in all courses"

    of_anna = {each.subject: each for each in enrolled(store, teacher, STANDING, fold)}["anna"]
    assert of_anna.last == BEGUN and not of_anna.state.get("objectives")
    (seen,) = enrolled(store, elsewhere, STANDING, fold)
    assert standing(seen.state) == standing(progress(store, there)) and seen.last > BEGUN

    practised(practice, here, clock, skill="text", days=6, share=1.0)
    mine = {each.subject: each for each in enrolled(store, teacher, STANDING, fold)}["anna"]
    assert mine.last > of_anna.last and standing(mine.state)
