import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tutor.learner import Learner
from tutor.store import Store, end_web_session, find_web_session, purge_expired, start_web_session, use_once
from tutor.store.tables import web_session

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA = Learner("sub-1", "https://lms.example", "course-1", "instructor")


def test_token_finds_the_learner_it_was_given_to(store: Store) -> None:
    anna = start_web_session(store, ANNA, "lti", DAY, now=NOW)
    ben = start_web_session(store, Learner("anon:ben"), "anonymous", DAY, now=NOW)
    assert find_web_session(store, anna, NOW) == ANNA
    assert find_web_session(store, ben, NOW) == Learner("anon:ben")


def test_session_ends_at_its_expiry(store: Store) -> None:
    token = start_web_session(store, ANNA, "lti", DAY, now=NOW)
    assert find_web_session(store, token, NOW + DAY - timedelta(microseconds=1)) == ANNA
    assert find_web_session(store, token, NOW + DAY) is None


def test_ended_session_is_not_found_and_others_go_on(store: Store) -> None:
    token, other = (start_web_session(store, ANNA, "lti", DAY, now=NOW) for _ in range(2))
    end_web_session(store, token)
    end_web_session(store, "unknown")
    assert find_web_session(store, token, NOW) is None
    assert find_web_session(store, other, NOW) == ANNA


def test_only_the_hash_of_a_long_random_token_is_stored(store: Store) -> None:
    tokens = [start_web_session(store, ANNA, "lti", DAY, now=NOW) for _ in range(3)]
    assert {len(token) for token in tokens} == {43}
    with store.reading() as connection:
        rows = connection.execute(select(web_session)).all()
    assert {row.token_hash for row in rows} == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}
    assert not any(token in str(row) for row in rows for token in tokens)


def test_purge_removes_only_what_has_expired(store: Store) -> None:
    start_web_session(store, ANNA, "lti", DAY, now=NOW - DAY)
    token = start_web_session(store, ANNA, "lti", DAY, now=NOW)
    assert purge_expired(store, NOW) == 1
    assert purge_expired(store, NOW) == 0
    assert find_web_session(store, token, NOW) == ANNA


@pytest.mark.parametrize("token", ["", "x" * 100_000, "\x00", "\ud800", "' OR 1=1 --"])
def test_nonsense_in_the_cookie_finds_nobody(store: Store, token: str) -> None:
    start_web_session(store, ANNA, "lti", DAY, now=NOW)
    assert find_web_session(store, token, NOW) is None
    end_web_session(store, token)


def test_what_is_used_up_stays_so_and_is_nobodys_session(store: Store) -> None:
    assert use_once(store, "embed one", NOW + DAY, now=NOW)
    assert not use_once(store, "embed one", NOW + DAY, now=NOW)
    assert use_once(store, "embed two", NOW + DAY, now=NOW)
    assert find_web_session(store, "used\nembed one", NOW) is None
    assert purge_expired(store, NOW + DAY) == 2
    assert use_once(store, "embed one", NOW + DAY, now=NOW)
