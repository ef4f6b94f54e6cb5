from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutor.store import Event, Store, append, events
from tutor.store.tables import storable

NOW = datetime(2026, 11, 24, 9, 30, 15, 123456, tzinfo=UTC)
ANNA = "anon:anna"


def test_event_comes_back_as_it_was_stored(store: Store) -> None:
    event = Event(ANNA, "asked", NOW, {"question": "Why?", "n": 3, "p": 0.25, "ok": True, "none": None, "list": [1]})
    assert append(store, event) is True
    stored = events(store, ANNA)
    assert [e.payload for e in stored] == [event.payload]
    assert stored[0].idempotency_key == event.id
    assert (stored[0].id, stored[0].at, stored[0].tenant, stored[0].schema_version) == (event.id, NOW, "local", 1)


def test_same_idempotency_key_is_stored_once(store: Store) -> None:
    assert append(store, Event(ANNA, "attempted", NOW, {"n": 1}, idempotency_key="anna/item-1/1"))
    assert not append(store, Event(ANNA, "attempted", NOW, {"n": 2}, idempotency_key="anna/item-1/1"))
    assert [event.payload for event in events(store, ANNA)] == [{"n": 1}]


def test_events_of_others_are_not_returned(store: Store) -> None:
    append(store, Event(ANNA, "asked", NOW))
    assert events(store, "anon:ben") == []


def test_events_are_in_the_order_of_time_then_of_arrival(store: Store) -> None:
    for n, minutes in enumerate([5, 0, 0, -5]):
        append(store, Event(ANNA, "asked", NOW + timedelta(minutes=minutes), {"n": n}))
    assert [event.payload["n"] for event in events(store, ANNA)] == [3, 1, 2, 0]


def test_events_are_filtered_by_kind_place_and_time(store: Store) -> None:
    append(store, Event(ANNA, "asked", NOW, {"n": 0}))
    append(store, Event(ANNA, "attempted", NOW, {"n": 1}, tenant="https://lms.example", context="course-1"))
    append(store, Event(ANNA, "attempted", NOW + timedelta(hours=1), {"n": 2}))

    def numbers(**wanted: object) -> list[int]:
        return [event.payload["n"] for event in events(store, ANNA, **wanted)]  # type: ignore[arg-type]

    assert numbers(kinds=["attempted"]) == [1, 2]
    assert numbers(kinds=[]) == []
    assert numbers(tenant="https://lms.example") == [1]
    assert numbers(context="local") == [0, 2]
    assert numbers(since=NOW + timedelta(minutes=1)) == [2]
    assert numbers(limit=2) == [1, 2]


def test_moments_of_any_zone_are_returned_in_utc(store: Store) -> None:
    append(store, Event(ANNA, "asked", NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))))
    at = events(store, ANNA)[0].at
    assert (at, at.utcoffset()) == (NOW, timedelta(0))


def test_naive_moment_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        append(store, Event(ANNA, "asked", NOW.replace(tzinfo=None)))
    assert events(store, ANNA) == []


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_number_that_json_does_not_have_is_refused(store: Store, number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        append(store, Event(ANNA, "attempted", NOW, {"p": number}))
    assert events(store, ANNA) == []


@pytest.mark.parametrize(
    "text",
    [
        "👩🏽‍🏫 emoji",
        "שלום عالم \u202e right to left",
        "'; DROP TABLE event; --",
        "<script>alert(1)</script>",
        '{{7*7}} %s %(x)s :name ? \\ " \\u0000',
        "combining e\u0301 \ufeff \u2028",
        "long " * 20_000,
    ],
)
def test_odd_text_survives_unchanged(store: Store, text: str) -> None:
    append(store, Event(ANNA, "asked", NOW, {text[:50]: [text]}))
    assert events(store, ANNA)[0].payload == {text[:50]: [text]}


def test_nul_and_lone_surrogates_become_replacement_characters(store: Store) -> None:
    nasty = "a\x00b\ud800c\udfffd"
    append(store, Event(ANNA + "\x00", nasty, NOW, {nasty: {"deep": (nasty,)}}, idempotency_key=nasty))
    stored = events(store, ANNA + "\x00", kinds=[nasty])[0]
    clean = "a\ufffdb\ufffdc\ufffdd"
    assert (stored.kind, stored.payload, stored.idempotency_key) == (clean, {clean: {"deep": [clean]}}, clean)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=[])),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_json_value_comes_back_with_only_the_unstorable_replaced(store: Store, value: object) -> None:
    event = Event("hypothesis", "asked", NOW, {"value": value})
    append(store, event)
    assert events(store, "hypothesis", limit=None)[-1].payload == {"value": storable(value)}
