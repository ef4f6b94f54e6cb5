"""A question that begins a conversation and an answer with what it changes: both halves whole or not at all."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tutor.errors import NotFound
from tutor.learner import Learner
from tutor.store import (
    Event,
    Message,
    Store,
    add_answer,
    begin_conversation,
    conversations,
    events,
    messages,
    progress,
)

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
ANNA = Learner("anon:anna")
BEN = Learner("anon:ben")


def asked(message: Message) -> Sequence[Event]:
    return [Event(ANNA.principal, "asked", NOW, {"message": message.id})]


def counted(state: object, happened: object) -> dict[str, int]:
    return {"count": len(list(happened))}  # type: ignore[call-overload]


def broken(state: object, happened: object) -> dict[str, int]:
    raise RuntimeError("a fault of the fold")


def test_a_conversation_begins_with_its_question(store: Store) -> None:
    talk = begin_conversation(store, ANNA, "title", "What is a token?", now=NOW, skill="nlp")
    assert conversations(store, ANNA) == [talk]
    assert [(line.role, line.text) for line in messages(store, ANNA, talk.id)] == [("learner", "What is a token?")]


def test_an_answer_its_event_and_the_state_are_stored_together(store: Store) -> None:
    talk = begin_conversation(store, ANNA, "title", "q", now=NOW)
    line = add_answer(store, ANNA, talk.id, "a", {"n": 1}, asked, counted, now=NOW)
    assert messages(store, ANNA, talk.id)[1] == line
    assert [event.payload for event in events(store, ANNA.principal)] == [{"message": line.id}]
    assert progress(store, ANNA) == {"count": 1}
    again = add_answer(store, ANNA, talk.id, "b", {}, asked, counted, now=NOW, replaces=line.id)
    assert [each.text for each in messages(store, ANNA, talk.id)] == ["q", "b"]
    assert again.id == line.id
    assert len(events(store, ANNA.principal)) == 2


def test_nothing_of_an_answer_is_stored_when_a_part_of_it_fails(store: Store) -> None:
    talk = begin_conversation(store, ANNA, "title", "q", now=NOW)
    with pytest.raises(RuntimeError, match="fault of the fold"):
        add_answer(store, ANNA, talk.id, "a", {}, asked, broken, now=NOW)
    assert [line.text for line in messages(store, ANNA, talk.id)] == ["q"]
    assert events(store, ANNA.principal) == []


def test_an_answer_goes_into_the_learners_own_conversation_only(store: Store) -> None:
    talk = begin_conversation(store, ANNA, "title", "q", now=NOW)
    with pytest.raises(NotFound):
        add_answer(store, BEN, talk.id, "a", {}, asked, counted, now=NOW)
    assert [line.text for line in messages(store, ANNA, talk.id)] == ["q"]
    assert progress(store, BEN) == {}
