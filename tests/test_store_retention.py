"""What is deleted when, and what stays."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tutor.learner import Learner
from tutor.store import (
    Event,
    Purged,
    Store,
    add_message,
    append,
    conversations,
    create_conversation,
    events,
    find_web_session,
    forget,
    purge,
    start_web_session,
)
from tutor.store.retention import tables_of_learners
from tutor.store.tables import message, metadata

NOW = datetime(2026, 11, 26, tzinfo=UTC)
DAY = timedelta(days=1)
BEFORE = NOW - 30 * DAY
ANNA, BERT = Learner("anon:anna"), Learner("anon:bert")

# Tables without a principal: what they hold belongs to a row of another table, or to nobody.
OTHERS = {
    "message",  # goes with its conversation
    "alembic_version",
    # Platforms, their deployments, the tutor's own keys, and what a link in a course was told by its instructor.
    "lti_platform", "lti_deployment", "lti_key", "lti_link",
    # A login or choice that has begun and is not signed yet: nobody is known by it, and it ends within the hour.
    "lti_ticket",
}  # fmt: skip


def act(store: Store, learner: Learner, days_ago: float, kind: str = "asked") -> None:
    append(store, Event(learner.principal, kind, NOW - days_ago * DAY, {}, learner.tenant))


def talk(store: Store, learner: Learner, days_ago: float) -> str:
    now = NOW - days_ago * DAY
    made = create_conversation(store, learner, "title", now=now)
    add_message(store, learner, made.id, "learner", "words", now=now)
    return made.id


def count(store: Store) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(message)).scalar_one()


def test_old_conversations_go_with_their_messages_and_newer_ones_stay(store: Store) -> None:
    talk(store, ANNA, 31)
    kept = talk(store, ANNA, 29)
    assert purge(store, NOW, BEFORE) == Purged(conversations=1)
    assert [each.id for each in conversations(store, ANNA)] == [kept]
    assert count(store) == 1


def test_events_stay_as_long_as_their_learner_does_anything(store: Store) -> None:
    act(store, ANNA, 400)
    act(store, ANNA, 29)
    act(store, BERT, 400)
    act(store, BERT, 31)
    assert purge(store, NOW, BEFORE) == Purged(events=2)
    assert len(events(store, ANNA.principal)) == 2
    assert events(store, BERT.principal) == []


def test_a_learner_who_only_came_back_is_not_away(store: Store) -> None:
    act(store, ANNA, 400)
    start_web_session(store, ANNA, "anonymous", 365 * DAY, now=NOW - 3 * DAY)
    assert purge(store, NOW, BEFORE) == Purged()


def test_reports_go_with_age_because_they_hold_words(store: Store) -> None:
    act(store, ANNA, 31, "reported")
    act(store, ANNA, 1)
    assert purge(store, NOW, BEFORE) == Purged(events=1)
    assert [each.kind for each in events(store, ANNA.principal)] == ["asked"]


def test_the_same_name_on_another_platform_is_another_learner(store: Store) -> None:
    act(store, ANNA, 400)
    act(store, Learner(ANNA.principal, tenant="other"), 1)
    assert purge(store, NOW, BEFORE) == Purged(events=1)
    assert [each.tenant for each in events(store, ANNA.principal)] == ["other"]


def test_sessions_go_when_they_expire_and_when_their_learner_is_away(store: Store) -> None:
    expired = start_web_session(store, ANNA, "anonymous", DAY, now=NOW - DAY)
    away = start_web_session(store, BERT, "anonymous", 365 * DAY, now=NOW - 31 * DAY)
    present = start_web_session(store, ANNA, "anonymous", 365 * DAY, now=NOW - 31 * DAY)
    act(store, ANNA, 2)
    assert purge(store, NOW, None) == Purged(sessions=1)
    assert purge(store, NOW, BEFORE) == Purged(sessions=1)
    assert find_web_session(store, expired, NOW) is None
    assert find_web_session(store, away, NOW) is None
    assert find_web_session(store, present, NOW) == ANNA


def test_without_a_number_of_days_only_expired_sessions_go(store: Store) -> None:
    talk(store, ANNA, 4000)
    act(store, ANNA, 4000)
    assert purge(store, NOW, None) == Purged()


def test_all_of_one_person_goes_and_nothing_of_another(store: Store) -> None:
    for learner in (ANNA, BERT):
        talk(store, learner, 1)
        act(store, learner, 1)
        start_web_session(store, learner, "anonymous", 365 * DAY, now=NOW)
    assert forget(store, ANNA.principal) == Purged(1, 1, 1)
    assert forget(store, ANNA.principal) == Purged()
    with store.reading() as connection:
        for table in tables_of_learners():
            assert set(connection.execute(select(table.c.principal)).scalars()) <= {BERT.principal}, table.name
    assert len(events(store, BERT.principal)) == 1
    assert count(store) == 1


def test_every_table_is_either_of_a_learner_or_known_to_hold_nothing_of_one() -> None:
    without = {table.name for table in metadata.sorted_tables} - {table.name for table in tables_of_learners()}
    assert without <= OTHERS, f"say in OTHERS why {sorted(without - OTHERS)} need no deletion, or give them a principal"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from([ANNA, BERT]), st.floats(0, 60)), max_size=8))
def test_whoever_did_something_since_keeps_everything(store: Store, done: list[tuple[Learner, float]]) -> None:
    for principal in (ANNA, BERT):
        forget(store, principal.principal)
    for learner, days in done:
        act(store, learner, days)
    purge(store, NOW, BEFORE)
    for learner in (ANNA, BERT):
        mine = [days for each, days in done if each == learner]
        stays = any(NOW - days * DAY >= BEFORE for days in mine)
        assert len(events(store, learner.principal)) == (len(mine) if stays else 0)
