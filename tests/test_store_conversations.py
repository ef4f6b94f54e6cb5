from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tutor.errors import NotFound
from tutor.learner import Learner
from tutor.store import (
    Store,
    add_message,
    conversation,
    conversations,
    create_conversation,
    delete_conversation,
    message,
    messages,
    open_store,
    rename_conversation,
    replace_message,
    scope_conversation,
)
from tutor.store.tables import message as message_table

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ANNA = Learner("anon:anna")
BEN = Learner("anon:ben")
ANNA_ELSEWHERE = Learner("anon:anna", tenant="https://lms.example")


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_new_conversation_is_found_again(store: Store) -> None:
    talk = create_conversation(store, ANNA, "What is a token?", skill="nlp", now=NOW)
    assert (talk.title, talk.skill, talk.created, talk.updated) == ("What is a token?", "nlp", NOW, NOW)
    assert conversation(store, ANNA, talk.id) == talk
    assert messages(store, ANNA, talk.id) == []


def test_conversation_with_the_newest_message_is_first(store: Store) -> None:
    first = create_conversation(store, ANNA, "first", now=NOW)
    second = create_conversation(store, ANNA, "second", now=NOW)
    create_conversation(store, BEN, "of another learner", now=later(9))
    assert [talk.title for talk in conversations(store, ANNA)] == ["second", "first"]
    add_message(store, ANNA, first.id, "learner", "again", now=later(1))
    assert [talk.id for talk in conversations(store, ANNA)] == [first.id, second.id]
    assert conversations(store, ANNA)[0].updated == later(1)
    assert [talk.id for talk in conversations(store, ANNA, limit=1)] == [first.id]


def test_learner_sees_the_same_conversations_in_each_course(store: Store) -> None:
    talk = create_conversation(store, Learner("sub-1", "https://lms.example", "course-1"), "title", now=NOW)
    assert conversations(store, Learner("sub-1", "https://lms.example", "course-2")) == [talk]


def test_messages_keep_the_order_they_came_in_even_at_the_same_moment(store: Store) -> None:
    talk = create_conversation(store, ANNA, "title", now=NOW)
    added = [
        add_message(store, ANNA, talk.id, "learner" if n % 2 == 0 else "tutor", f"{n}", now=NOW, data={"n": n})
        for n in range(6)
    ]
    assert messages(store, ANNA, talk.id) == added
    assert [line.data for line in added] == [{"n": n} for n in range(6)]


def test_replaced_message_keeps_its_place(store: Store) -> None:
    talk = create_conversation(store, ANNA, "title", now=NOW)
    lines = [add_message(store, ANNA, talk.id, "tutor", text, now=NOW) for text in ("one", "two", "three")]
    replaced = replace_message(store, ANNA, lines[1].id, "zwei", data={"status": "complete"}, now=later(2))
    assert messages(store, ANNA, talk.id) == [lines[0], replaced, lines[2]]
    assert (replaced.id, replaced.text, replaced.at, replaced.data) == (
        lines[1].id,
        "zwei",
        later(2),
        {"status": "complete"},
    )
    assert message(store, ANNA, lines[1].id) == replaced
    assert conversation(store, ANNA, talk.id).updated == later(2)


def test_renaming_and_scoping_leave_the_place_in_the_list(store: Store) -> None:
    old = create_conversation(store, ANNA, "old", now=NOW)
    create_conversation(store, ANNA, "new", now=later(1))
    assert rename_conversation(store, ANNA, old.id, "Tokens").title == "Tokens"
    assert scope_conversation(store, ANNA, old.id, "nlp").skill == "nlp"
    assert [(talk.title, talk.skill) for talk in conversations(store, ANNA)] == [("new", ""), ("Tokens", "nlp")]


def test_deleting_removes_the_messages_too(store: Store) -> None:
    talk = create_conversation(store, ANNA, "title", now=NOW)
    kept = create_conversation(store, ANNA, "kept", now=NOW)
    for to in (talk, kept):
        add_message(store, ANNA, to.id, "learner", "hello", now=NOW)
    delete_conversation(store, ANNA, talk.id)
    assert conversations(store, ANNA) == [conversation(store, ANNA, kept.id)]
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(message_table)).scalar() == 1
    with pytest.raises(NotFound):
        messages(store, ANNA, talk.id)


def test_deleted_text_is_not_left_in_the_sqlite_file_or_its_log(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'tutor.sqlite3'}")
    talk = create_conversation(store, ANNA, "title", now=NOW)
    secret = "my grandmother's recipe "
    add_message(store, ANNA, talk.id, "learner", secret * 500, now=NOW, data={"question": secret})

    def written() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert secret.encode() in written()
    delete_conversation(store, ANNA, talk.id)
    assert secret.encode() not in written()
    store.close()


@pytest.mark.parametrize("stranger", [BEN, ANNA_ELSEWHERE])
def test_nothing_of_another_learner_can_be_read_or_changed(store: Store, stranger: Learner) -> None:
    talk = create_conversation(store, ANNA, "private", now=NOW)
    line = add_message(store, ANNA, talk.id, "learner", "private", now=NOW)
    for attempt in (
        lambda: conversation(store, stranger, talk.id),
        lambda: messages(store, stranger, talk.id),
        lambda: message(store, stranger, line.id),
        lambda: rename_conversation(store, stranger, talk.id, "mine"),
        lambda: scope_conversation(store, stranger, talk.id, "nlp"),
        lambda: add_message(store, stranger, talk.id, "learner", "intruding", now=NOW),
        lambda: replace_message(store, stranger, line.id, "changed", now=NOW),
        lambda: delete_conversation(store, stranger, talk.id),
    ):
        with pytest.raises(NotFound, match="not there any more"):
            attempt()
    assert conversations(store, stranger) == []
    assert conversations(store, ANNA) == [talk]
    assert messages(store, ANNA, talk.id) == [line]


def test_somebody_elses_and_a_missing_conversation_get_the_same_words(store: Store) -> None:
    talk = create_conversation(store, ANNA, "private", now=NOW)
    words = set()
    for identity in (talk.id, "nonsense", "\x00\ud800", ""):
        with pytest.raises(NotFound) as caught:
            conversation(store, BEN, identity)
        words.add(str(caught.value))
    assert len(words) == 1


def test_nul_and_surrogates_in_titles_and_messages_are_replaced(store: Store) -> None:
    talk = create_conversation(store, ANNA, "a\x00b", now=NOW)
    line = add_message(store, ANNA, talk.id, "learner", "x\ud83d y 👋", data={"k\x00": "\udfff"}, now=NOW)
    assert (talk.title, line.text, line.data) == ("a\ufffdb", "x\ufffd y 👋", {"k\ufffd": "\ufffd"})
    assert messages(store, ANNA, talk.id) == [line]
    assert rename_conversation(store, ANNA, talk.id, "\x00").title == "\ufffd"
