"""Items inside a conversation."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.practising import Desk, desk
from tutor import quizzing
from tutor.answer import Passage
from tutor.learner import Learner
from tutor.session import replies
from tutor.store import Store

ANNA = Learner("anon:anna")


@pytest.fixture
def at(store: Store, tmp_path: Path) -> Desk:
    return desk(store, tmp_path / "lessons")


async def search(words: str, k: int, skill: str) -> Sequence[Passage]:
    cosine = 0.7 if "stop" in words else 0.1
    return [Passage("text", "01-tokens", "When do stop words hurt?", "x", ("tx-stop",), cosine, "", cosine)]


async def said(at: Desk, message: str, about: Sequence[str] = (), talk: str = "c1") -> quizzing.Reply | None:
    return await quizzing.reply(at.practice, at.practice.progress(ANNA), search, ANNA, talk, message, "", about)


async def test_topic_is_found_by_search_and_its_item_is_shown(at: Desk) -> None:
    reply = await said(at, "quiz me on stop words")
    assert reply is not None
    assert reply.code == "item_begin"
    showing = at.practice.progress(ANNA).open
    assert showing is not None
    assert (showing.objective, showing.place, showing.conversation) == ("tx-stop", "chat", "c1")
    assert reply.showing == showing.id


async def test_topic_that_no_lesson_has_is_said(at: Desk) -> None:
    reply = await said(at, "quiz me on cooking")
    assert reply is not None
    assert reply.code == "item_none"
    assert at.practice.progress(ANNA).open is None


async def test_this_is_what_the_last_answer_was_about(at: Desk) -> None:
    await said(at, "Quiz me on this", ["nothing", "tx-tok"])
    showing = at.practice.progress(ANNA).open
    assert showing is not None
    assert showing.objective == "tx-tok"


async def test_answer_typed_in_the_chat_is_graded(at: Desk) -> None:
    await said(at, "quiz me on stop words")
    showing = at.practice.progress(ANNA).open
    assert showing is not None
    item = at.practice.item(showing.item)
    key = showing.order.index(next(n for n, option in enumerate(item.options) if option.correct))
    reply = await said(at, f"I think it's {'abc'[key]}")
    assert reply is not None
    assert reply.code == "item_right"
    assert at.practice.progress(ANNA).standing("tx-stop").right == 1


async def test_wrong_then_hint_then_skip(at: Desk) -> None:
    await said(at, "quiz me on stop words")
    showing = at.practice.progress(ANNA).open
    assert showing is not None
    item = at.practice.item(showing.item)
    wrong = showing.order.index(next(n for n, option in enumerate(item.options) if not option.correct))
    codes = [reply.code for reply in [await said(at, text) for text in (str(wrong + 1), "hint", "skip")] if reply]
    assert codes == ["item_again", "item_hint", "item_skipped"]
    assert at.practice.progress(ANNA).open is None


async def test_question_while_an_item_is_open_is_left_to_the_tutor(at: Desk) -> None:
    await said(at, "quiz me on stop words")
    assert await said(at, "Why do stop words matter?") is None


async def test_item_of_another_conversation_is_left_alone(at: Desk) -> None:
    await said(at, "quiz me on stop words")
    assert await said(at, "2", talk="c2") is None
    assert at.practice.progress(ANNA).standing("tx-stop").answers == 0


async def test_hint_without_an_open_question_is_told(at: Desk) -> None:
    reply = await said(at, "hint please")
    assert reply is not None
    assert reply.code == "hint_nothing"
    assert reply.code in replies()


async def test_another_question_is_another_one(at: Desk) -> None:
    await said(at, "quiz me on stop words")
    first = at.practice.progress(ANNA).open
    await said(at, "another question", ["tx-stop"])
    second = at.practice.progress(ANNA).open
    assert first is not None
    assert second is not None
    assert first.item != second.item


async def test_every_reply_has_words(at: Desk) -> None:
    codes = [
        "begin",
        "none",
        "later",
        "skipped",
        "hint",
        "shown",
        "elsewhere",
        "invalid",
        "right",
        "again",
        "wrong",
        "unsure",
    ]
    assert {f"item_{code}" for code in codes} | {"hint_attempt", "hint_test"} <= set(replies())


def test_button_is_offered_only_where_there_are_questions(at: Desk) -> None:
    assert [each.kind for each in quizzing.offer(at.practice, ["tx-tok"])] == ["quiz"]
    assert quizzing.offer(at.practice, ["nothing"]) == ()
    assert quizzing.offer(None, ["tx-tok"]) == ()
