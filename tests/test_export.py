"""The export: one JSON value of a stable layout, without the key of an open question."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tutor import portfolio
from tutor.export import FORMAT, VERSION, as_json, guarded
from tutor.learner import Learner
from tutor.store import (
    Conversation,
    Event,
    Kept,
    Message,
    Store,
    WebSession,
    add_message,
    append,
    create_conversation,
    everything,
    start_web_session,
)
from tutor.tasks import Task

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ANNA = Learner("anon:anna")
TALK = Conversation("c1", "anon:anna", "local", "local", "Tokens", "nlp", NOW, NOW)
LINE = Message("m1", "c1", "learner", "What is a token?", NOW, {})
SESSION = WebSession("anonymous", "learner", "local", NOW, NOW + timedelta(days=365))
TOP = [
    "format", "version", "made", "product", "learner", "events", "conversations", "progress", "sessions", "courses", "feedback",
    "portfolio",
]  # fmt: skip


def event(kind: str, **payload: object) -> Event:
    return Event("anon:anna", kind, NOW, payload, id=f"e-{kind}", idempotency_key="anon:anna:key")


def test_the_layout_is_the_one_that_is_documented() -> None:
    wrote = event(
        "wrote", id="p1", skill="nlp", lesson="01", section="try-it", title="Words", text="mine",
        criteria=[{"text": "counts", "met": True}], by="self",
    )  # fmt: skip
    kept = Kept((event("reported", note="wrong"), wrote), ((TALK, (LINE,)),), {"asked": 1}, (SESSION,))
    made = as_json(kept, ANNA, NOW, "1.2.3")
    assert list(made) == TOP
    assert (made["format"], made["version"], made["product"]) == (FORMAT, VERSION, "1.2.3") == (FORMAT, 1, "1.2.3")
    assert made["learner"] == {"tenant": "local", "principal": "anon:anna"}
    assert made["events"][0] == {
        "kind": "reported", "at": NOW.isoformat(), "payload": {"note": "wrong"}, "context": "local",
        "schema_version": 1, "id": "e-reported",
    }  # fmt: skip
    assert made["conversations"] == [
        {
            "id": "c1", "context": "local", "title": "Tokens", "skill": "nlp", "created": NOW.isoformat(),
            "updated": NOW.isoformat(),
            "messages": [
                {"id": "m1", "role": "learner", "text": "What is a token?", "at": NOW.isoformat(), "data": {}}
            ],
        }
    ]  # fmt: skip
    assert made["progress"] == {"asked": 1}
    assert made["sessions"][0].keys() == {"source", "role", "context", "created", "expires"}
    assert made["feedback"] == made["events"][:1]
    assert made["portfolio"] == [
        {
            "id": "p1", "skill": "nlp", "lesson": "01", "section": "try-it", "title": "Words", "text": "mine",
            "criteria": [{"text": "counts", "met": True}], "begun": NOW.isoformat(), "saved": NOW.isoformat(),
            "opinion": None,
        }
    ]  # fmt: skip
    assert json.loads(json.dumps(made)) == made


def test_neither_token_nor_its_hash_is_in_it(store: Store) -> None:
    token = start_web_session(store, ANNA, "anonymous", timedelta(days=1), now=NOW)
    from tutor.store.web_sessions import _hash

    words = json.dumps(as_json(everything(store, ANNA), ANNA, NOW, "1"))
    assert token not in words and _hash(token) not in words and "anonymous" in words


@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_whatever_was_written_comes_back_word_for_word(texts: list[str]) -> None:
    lines = tuple(Message(f"m{n}", "c1", "learner", words, NOW, {"q": words}) for n, words in enumerate(texts))
    kept = Kept(tuple(event("asked", q=words) for words in texts), ((TALK, lines),), {}, ())
    made = json.loads(json.dumps(as_json(kept, ANNA, NOW, "1")))
    assert [line["text"] for line in made["conversations"][0]["messages"]] == texts
    assert [each["payload"]["q"] for each in made["events"]] == texts


def test_hostile_texts_pass_through_the_store_and_the_export(store: Store) -> None:
    texts = ["</script><script>x</script>", "x" * 1_000_000, "👩‍🚀🇺🇳", "שלום עולם \u202e abc", '{"a": "\\u0000"}']
    talk = create_conversation(store, ANNA, texts[0], now=NOW)
    for words in texts:
        add_message(store, ANNA, talk.id, "learner", words, now=NOW)
        append(store, Event(ANNA.principal, "reported", NOW, {"note": words}))
    made = json.loads(json.dumps(as_json(everything(store, ANNA), ANNA, NOW, "1"), ensure_ascii=False))
    assert [line["text"] for line in made["conversations"][0]["messages"]] == texts
    assert [each["payload"]["note"] for each in made["feedback"]] == texts


def answer(showing: str) -> dict[str, object]:
    points = [{"point": "said point", "met": True, "quote": "said"}, {"point": "KEY", "met": False, "quote": ""},
              {"point": "KEY too", "met": None, "quote": ""}]  # fmt: skip
    return {"showing": showing, "answer": {"text": "said", "points": points}}


def test_the_points_that_the_open_question_waits_for_stay_out_until_it_is_closed() -> None:
    happened = (event("attempted", **answer("s1")), event("attempted", **answer("s0")), event("opened", section="x"))
    state = {"open": {"id": "s1", **answer("s1")}, "asked": 2}
    kept = Kept(happened, (), state, ())
    told = guarded(kept)
    assert "KEY" not in json.dumps([told.events[0].payload, told.state])
    assert told.events[0].payload["answer"]["points"] == [{"point": "said point", "met": True, "quote": "said"}]
    assert told.events[1:] == kept.events[1:] and told.state["asked"] == 2
    closed = Kept(happened, (), {"asked": 2}, ())
    assert guarded(closed) == closed


def test_a_removed_piece_is_in_no_part_of_the_export(store: Store) -> None:
    task = Task("nlp", "01", "try-it", "try", "Words", "Count.", ("counts",))
    name = portfolio.write(store, ANNA, task, "", "gone words", (), now=NOW)
    portfolio.remove(store, ANNA, name, now=NOW)
    made = as_json(everything(store, ANNA), ANNA, NOW, "1")
    assert "gone words" not in json.dumps(made)
    assert [each["kind"] for each in made["events"]] == ["unwrote"] and made["portfolio"] == []
