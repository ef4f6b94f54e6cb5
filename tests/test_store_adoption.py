"""Work moves to a new identity whole, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tutor.learner import Learner
from tutor.store import (
    Event,
    State,
    Store,
    add_message,
    adopt,
    advance,
    append,
    conversations,
    create_conversation,
    events,
    find_web_session,
    may_adopt,
    messages,
    progress,
    start_web_session,
)
from tutor.store.retention import tables_of_learners

NOW = datetime(2026, 11, 26, tzinfo=UTC)
BEFORE, AFTER, OTHER = Learner("anon:1"), Learner("oidc:https://i|1"), Learner("anon:2")


def work(store: Store, learner: Learner) -> str:
    made = create_conversation(store, learner, "title", now=NOW)
    add_message(store, learner, made.id, "learner", "words", now=NOW)
    append(store, Event(learner.principal, "asked", NOW))
    return made.id


def test_all_work_moves_and_the_old_sessions_end(store: Store) -> None:
    token = start_web_session(store, BEFORE, "anonymous", timedelta(days=1), now=NOW)
    made = work(store, BEFORE)
    work(store, OTHER)
    assert may_adopt(store, BEFORE, AFTER)
    assert adopt(store, BEFORE, AFTER)
    assert [each.id for each in conversations(store, AFTER)] == [made]
    assert [each.text for each in messages(store, AFTER, made)] == ["words"]
    assert len(events(store, AFTER.principal)) == 1
    assert find_web_session(store, token, NOW) is None
    with store.reading() as connection:
        for table in tables_of_learners():
            assert BEFORE.principal not in set(connection.execute(select(table.c.principal)).scalars()), table.name
    assert len(conversations(store, OTHER)) == 1


@pytest.mark.parametrize("known", ["conversation", "event"])
def test_two_histories_are_not_mixed(store: Store, known: str) -> None:
    work(store, BEFORE)
    if known == "event":
        append(store, Event(AFTER.principal, "asked", NOW))
    else:
        create_conversation(store, AFTER, "mine", now=NOW)
    assert not may_adopt(store, BEFORE, AFTER)
    assert not adopt(store, BEFORE, AFTER)
    assert len(conversations(store, BEFORE)) == 1
    assert len(events(store, BEFORE.principal)) == 1


def test_a_progress_that_has_not_begun_is_replaced(store: Store) -> None:
    def looked(state: State) -> tuple[list[Event], None]:
        return [], None

    work(store, BEFORE)
    done = Event(BEFORE.principal, "attempted", NOW)
    advance(store, BEFORE, lambda state: ([done], None), lambda state, event: {"attempts": 1}, now=NOW)
    advance(store, AFTER, looked, lambda state, event: state, now=NOW)
    assert adopt(store, BEFORE, AFTER)
    assert progress(store, AFTER) == {"attempts": 1}
    assert progress(store, BEFORE) == {}


def test_nothing_is_offered_where_nothing_was_done(store: Store) -> None:
    assert not may_adopt(store, BEFORE, AFTER)
    assert not adopt(store, BEFORE, AFTER)


def test_it_happens_once(store: Store) -> None:
    work(store, BEFORE)
    assert adopt(store, BEFORE, AFTER)
    assert not adopt(store, BEFORE, AFTER)
    assert len(events(store, AFTER.principal)) == 1
