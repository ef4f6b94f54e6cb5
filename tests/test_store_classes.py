"""Who is in the instructor's own course, in as many queries for a thousand learners as for one."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as sql_events

from tests.linked import came_by
from tutor.history import fold
from tutor.learner import Learner
from tutor.lti_link import LinkSettings
from tutor.store import Event, Store, advance, delete_everything
from tutor.store.classes import enrolled

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WHOLE = LinkSettings()


def act(store: Store, learner: Learner, at: datetime) -> None:
    made = Event(learner.principal, "planned", at, {"goal": "x"}, learner.tenant, learner.context)
    advance(store, learner, lambda state: ([made], None), fold, now=at)


def test_learners_of_the_own_course_only_whoever_was_here_last_first(store: Store) -> None:
    teacher = came_by(store, WHOLE, NOW, who="teacher", role="instructor")
    came_by(store, WHOLE, NOW, who="anna")
    ben = came_by(store, WHOLE, NOW - timedelta(days=1), who="ben", resource="link-2")
    came_by(store, WHOLE, NOW, who="ben")
    came_by(store, WHOLE, NOW, who="of another course", course="course-2")
    came_by(store, WHOLE, NOW, who="of another tenant", deployment="2")
    act(store, ben, NOW + timedelta(hours=1))
    found = enrolled(store, teacher)
    assert [(each.subject, each.last) for each in found] == [("ben", NOW + timedelta(hours=1)), ("anna", NOW)]
    assert found[0].state["plan"]["goal"] == "x" and found[1].state == {}
    delete_everything(store, ben)
    assert [each.subject for each in enrolled(store, teacher)] == ["anna"]


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
    assert [each.principal for each in enrolled(store, teacher)] == ["oidc:a"]


@pytest.mark.parametrize("many", [1, 30])
def test_one_query_however_many_learners(store: Store, many: int) -> None:
    teacher = came_by(store, WHOLE, NOW, who="teacher", role="instructor")
    for n in range(many):
        act(store, came_by(store, WHOLE, NOW, who=f"learner-{n}"), NOW)
    said: list[str] = []
    sql_events.listen(store.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert len(enrolled(store, teacher)) == many
    assert len([each for each in said if each.startswith("SELECT")]) == 1
