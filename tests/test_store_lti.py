"""Platforms, tickets, links and the outbox of scores in the database."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor.errors import NotFound
from tutor.learner import Learner
from tutor.store import Store, find_web_session, start_web_session
from tutor.store.lti_links import Link, link, link_of, set_line_item, visit_link
from tutor.store.lti_platforms import Platform, platforms, remove_platform, save_platform, tenant_of
from tutor.store.lti_scores import LEASE, LONGEST_PAUSE, enqueue, failed, pause, platforms_due, sent, take_due, waiting
from tutor.store.lti_tickets import issue, purge_tickets, redeem

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SOON = timedelta(minutes=1)


def placed(
    store: Store, deployment: str = "1", subject: str = "anna", line_item: str = "", items: str = "https://l/items"
) -> tuple[Learner, Link]:
    made = Platform("https://lms.example", "abc", "https://l/a", "https://l/t", "https://l/k", origins=("https://l",))
    made = save_platform(store, made, [deployment], now=NOW)
    tenant = tenant_of(made.issuer, made.client_id, deployment)
    kept = visit_link(
        store,
        Link(made.id, tenant, "course", "link-1", line_item=line_item, line_items=items),
        f"lti:{subject}-{deployment}",
        subject,
        "learner",
        now=NOW,
    )
    return Learner(f"lti:{subject}-{deployment}", tenant, "course", "learner", kept.id), kept


def test_a_session_remembers_its_link(store: Store) -> None:
    learner, _ = placed(store)
    token = start_web_session(store, learner, "lti", timedelta(hours=1), now=NOW)
    assert find_web_session(store, token, NOW) == learner


def test_a_ticket_is_good_once_and_of_many_who_try_one_gets_it(store: Store) -> None:
    token = issue(store, "login", {"a": 1}, SOON, now=NOW)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(redeem(store, "login", token, now=NOW))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert [each for each in found if each is not None] == [({"a": 1}, NOW)]


def test_a_ticket_of_another_kind_or_too_old_is_none(store: Store) -> None:
    token = issue(store, "invite", {}, SOON, now=NOW)
    assert redeem(store, "login", token, now=NOW) is None
    assert redeem(store, "invite", token, now=NOW + SOON) is None
    issue(store, "invite", {}, SOON, now=NOW)
    assert purge_tickets(store, NOW) == 0 and purge_tickets(store, NOW + SOON) == 1


def test_a_link_keeps_the_line_item_we_made_until_the_platform_names_one(store: Store) -> None:
    _, kept = placed(store)
    set_line_item(store, kept.id, "https://l/items/7")
    assert placed(store)[1].line_item == "https://l/items/7"
    assert placed(store, line_item="https://l/items/8")[1].line_item == "https://l/items/8"


def test_nobody_gets_the_link_of_another_tenant(store: Store) -> None:
    learner, kept = placed(store)
    other, _ = placed(store, "2")
    assert link_of(store, learner) == kept
    assert link_of(store, Learner(other.principal, other.tenant, other.context, "instructor", kept.id)) is None
    assert link_of(store, Learner(learner.principal, learner.tenant, "another course", "learner", kept.id)) is None
    assert link_of(store, Learner("anon:1")) is None


def test_a_removed_platform_takes_its_links_scores_and_sessions_along(store: Store) -> None:
    learner, kept = placed(store)
    token = start_web_session(store, learner, "lti", timedelta(hours=1), now=NOW)
    enqueue(store, learner, 0.5, False, now=NOW)
    remove_platform(store, platforms(store)[0].id)
    assert find_web_session(store, token, NOW) is None
    assert waiting(store) == (0, "")
    with pytest.raises(NotFound):
        link(store, kept.id)


# The outbox


def test_a_score_is_sent_once(store: Store) -> None:
    learner, _ = placed(store)
    assert enqueue(store, learner, 0.5, False, now=NOW)
    (score,) = take_due(store, now=NOW)
    assert (score.score, score.completed, score.subject, score.stamp) == (0.5, False, "anna", NOW)
    assert take_due(store, now=NOW + SOON) == []
    sent(store, score)
    assert take_due(store, now=NOW + timedelta(days=1)) == []
    assert not enqueue(store, learner, 0.5, False, now=NOW + SOON)
    assert waiting(store) == (0, "")


def test_each_platform_has_its_own_row_of_scores_the_longest_waiting_first(store: Store) -> None:
    anna, at_first = placed(store)
    first = at_first.platform
    other = save_platform(
        store, Platform("https://other.example", "abc", "https://o/a", "https://o/t", "https://o/k"), ["1"], now=NOW
    )
    made = Link(other.id, tenant_of(other.issuer, "abc", "1"), "course", "link-1", line_items="https://o/items")
    kept = visit_link(store, made, "lti:ben", "ben", "learner", now=NOW)
    ben = Learner("lti:ben", made.tenant, "course", "learner", kept.id)
    assert platforms_due(store, now=NOW) == []
    enqueue(store, ben, 0.5, False, now=NOW)
    enqueue(store, anna, 0.5, False, now=NOW + SOON)
    assert platforms_due(store, now=NOW) == [other.id]
    assert platforms_due(store, now=NOW + SOON) == [other.id, first]
    assert [each.subject for each in take_due(store, first, now=NOW + SOON, most=1)] == ["anna"]
    assert take_due(store, first, now=NOW + SOON) == [] and platforms_due(store, now=NOW + SOON) == [other.id]
    assert [each.subject for each in take_due(store, now=NOW + SOON)] == ["ben"]


def test_a_sender_that_died_loses_nothing(store: Store) -> None:
    learner, _ = placed(store)
    enqueue(store, learner, 1, True, now=NOW)
    assert len(take_due(store, now=NOW)) == 1
    assert len(take_due(store, now=NOW + LEASE)) == 1


def test_a_score_that_rises_while_it_is_sent_is_sent_again(store: Store) -> None:
    learner, _ = placed(store)
    enqueue(store, learner, 0.5, False, now=NOW)
    (score,) = take_due(store, now=NOW)
    assert enqueue(store, learner, 0.7, False, now=NOW)
    sent(store, score)
    (again,) = take_due(store, now=NOW + SOON)
    assert again.score == 0.7 and score.stamp and again.stamp and again.stamp > score.stamp


def test_failures_wait_longer_each_time_and_a_new_score_does_not_hurry_them(store: Store) -> None:
    learner, kept = placed(store)
    enqueue(store, learner, 0.5, False, now=NOW)
    (score,) = take_due(store, now=NOW)
    again = failed(store, score, "it is down", now=NOW)
    assert again - NOW == timedelta(seconds=30)
    assert waiting(store, [kept.id]) == (1, "it is down")
    assert enqueue(store, learner, 0.6, False, now=NOW)
    assert take_due(store, now=again - timedelta(seconds=1)) == []
    (score,) = take_due(store, now=again)
    assert score.score == 0.6
    assert failed(store, score, "still down", now=again) - again == timedelta(seconds=60)
    pauses = [pause(n) for n in range(30)]
    assert pauses == sorted(pauses) and pauses[-1] == LONGEST_PAUSE


def test_who_has_no_gradebook_is_not_scored(store: Store) -> None:
    learner, kept = placed(store)
    assert not enqueue(store, Learner("anon:1"), 1, True, now=NOW)
    assert not enqueue(
        store, Learner(learner.principal, learner.tenant, "course", "instructor", kept.id), 1, True, now=NOW
    )
    assert not enqueue(store, Learner("lti:never-came", learner.tenant, "course", "learner", kept.id), 1, True, now=NOW)
    ungraded, _ = placed(store, "3", items="")
    assert not enqueue(store, ungraded, 1, True, now=NOW)
    for wrong in (-0.1, 1.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            enqueue(store, learner, wrong, False, now=NOW)


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.sampled_from(["sent", "failed", "lost"])), max_size=8))
def test_what_arrives_never_falls_and_timestamps_rise(store: Store, steps: list[tuple[float, bool, str]]) -> None:
    learner, _ = placed(store, subject=f"learner-{threading.get_ident()}-{len(steps)}-{hash(tuple(steps))}")
    now, arrived = NOW, []
    for score, completed, end in steps:
        enqueue(store, learner, score, completed, now=now)
        for taken in take_due(store, now=now):
            if taken.principal != learner.principal:
                continue
            # Lost: it arrived, but the answer did not.
            arrived += [taken] if end != "failed" else []
            if end == "sent":
                sent(store, taken)
            else:
                failed(store, taken, end, now=now)
        now += LONGEST_PAUSE
    for earlier, later in pairwise(arrived):
        assert later.score >= earlier.score and later.completed >= earlier.completed
        assert earlier.stamp and later.stamp and later.stamp > earlier.stamp
    for taken in take_due(store, now=now):
        sent(store, taken)
