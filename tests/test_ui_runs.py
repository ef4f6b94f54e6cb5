"""The pump of an answer and its readers."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tutor.answer import Answer, Done, Event, Sources, Status, Token
from tutor.errors import TutorError
from tutor.learner import Learner
from ui.runs import GLANCE, Desk, Frame, Run

LEARNER = Learner("anon:1")
ANSWER = Answer("q", "q", "one two")


async def events(*made: Event | Exception | asyncio.Event) -> AsyncGenerator[Event, None]:
    for each in made:
        if isinstance(each, asyncio.Event):
            await each.wait()
        elif isinstance(each, Exception):
            raise each
        else:
            yield each
        await asyncio.sleep(0)


async def frames(run: Run) -> list[Frame]:
    return [frame async for frame in run.follow(lambda: 0.001)]


async def test_all_readers_see_the_beginning_and_the_end() -> None:
    run = Run("q", "c")
    first, second = asyncio.create_task(frames(run)), asyncio.create_task(frames(run))
    await run.pump(events(Status("reading", {"sections": 2}), Token("one "), Token("two"), Done(ANSWER)))
    for seen in (await first, await second):
        assert seen[0].text == ""
        assert seen[-1].text == "one two"
        assert seen[-1].done == Done(ANSWER)
        assert seen[-1].ended


async def test_the_first_word_is_shown_at_once_and_the_rest_at_intervals() -> None:
    run, go = Run("q", "c"), asyncio.Event()
    seen: list[str] = []

    async def read() -> None:
        async for frame in run.follow(lambda: 30.0):
            seen.append(frame.text)
            if frame.text:
                go.set()

    reader = asyncio.create_task(read())
    await asyncio.sleep(0)
    await run.pump(events(Token("one "), go, Token("two "), Token("three"), Done(ANSWER)))
    await asyncio.wait_for(reader, 5)
    assert seen == ["", "one ", "one two three"]


async def test_stop_gives_up_the_event_that_is_awaited() -> None:
    run, closed = Run("q", "c"), asyncio.Event()

    async def endless() -> AsyncGenerator[Event, None]:
        try:
            yield Token("one")
            await asyncio.Event().wait()
        finally:
            closed.set()

    pump = asyncio.create_task(run.pump(endless()))
    while not run.frame.text:
        await asyncio.sleep(0)
    run.stop()
    await asyncio.wait_for(pump, 5)
    assert closed.is_set()
    assert run.frame.ended
    assert run.frame.stopped
    assert run.frame.done is None


async def test_a_fallback_starts_the_text_again() -> None:
    run = Run("q", "c")
    await run.pump(events(Token("half"), Status("fallback", {"reason": "model_busy"}), Token("whole"), Done(ANSWER)))
    assert run.frame.text == "whole"


async def test_a_told_failure_keeps_its_sentence() -> None:
    run = Run("q", "c")
    await run.pump(events(Token("half"), TutorError("It broke. Try again.")))
    assert run.frame.error == "It broke. Try again."
    assert run.frame.ended


async def test_a_fault_of_ours_is_logged_and_told_in_plain_words(caplog: pytest.LogCaptureFixture) -> None:
    run = Run("q", "c")
    await run.pump(events(RuntimeError("secret detail")))
    assert "secret" not in run.frame.error
    assert "secret detail" in caplog.text


async def test_a_conversation_has_one_answer_at_a_time_and_is_the_learners() -> None:
    desk, go = Desk(), asyncio.Event()
    run = desk.start(LEARNER, "q", "c", events(go, Done(ANSWER)))
    assert desk.find(LEARNER, "c") is run
    assert desk.find(Learner("anon:2"), "c") is None
    with pytest.raises(TutorError):
        desk.start(LEARNER, "again", "c", events())
    go.set()
    await frames(run)
    await asyncio.sleep(0)
    assert desk.find(LEARNER, "c") is None


async def test_the_more_answers_the_seldomer_each_is_shown() -> None:
    desk, go = Desk(), asyncio.Event()
    alone = desk.interval()
    runs = [desk.start(LEARNER, "q", str(n), events(go, Done(ANSWER))) for n in range(400)]
    crowded = desk.interval()
    assert alone == pytest.approx(0.1)
    assert crowded == pytest.approx(1.0)
    go.set()
    await asyncio.gather(*(frames(run) for run in runs))


async def test_a_desk_that_closes_waits_for_those_that_finish_and_stops_those_that_do_not() -> None:
    kept: list[str] = []
    told: list[object] = []
    goes_on = asyncio.Event()

    async def answer(name: str, waits: asyncio.Event) -> AsyncGenerator[Event, None]:
        try:
            yield Token(name)
            await waits.wait()
            yield Done(Answer(name, name, name))
        except (asyncio.CancelledError, GeneratorExit):
            kept.append(name)
            raise

    desk = Desk(told.append)
    quick = desk.start(Learner("anon:1"), "q", "quick", answer("quick", goes_on))
    slow = desk.start(Learner("anon:1"), "q", "slow", answer("slow", asyncio.Event()))
    assert len(desk) == 2
    goes_on.set()
    await desk.close(0.05)
    assert len(desk) == 0
    assert quick.frame.done is not None and not quick.frame.stopped
    assert slow.frame.stopped and slow.frame.text == "slow"
    assert kept == ["slow"]
    assert [each.text if isinstance(each, Answer) else each for each in told] == ["quick", None]


async def test_an_empty_desk_closes_at_once() -> None:
    await Desk().close(60)


async def test_all_answers_of_one_learner_are_stopped_before_a_deletion_and_no_one_elses() -> None:
    desk, never, other = Desk(), asyncio.Event(), Learner("anon:2")
    mine = [desk.start(LEARNER, "q", name, events(Token("a "), never, Done(ANSWER))) for name in ("c", "d")]
    theirs = desk.start(other, "q", "c", events(Token("a "), never, Done(ANSWER)))
    await asyncio.sleep(0)
    await desk.stop_all(LEARNER)
    assert [(run.frame.ended, run.frame.stopped) for run in mine] == [(True, True)] * 2
    assert not theirs.frame.ended
    never.set()
    await theirs.ended()
    assert theirs.frame.done == Done(ANSWER)
    await desk.stop_all(LEARNER)  # nobody is waited for


async def test_answers_wait_in_line_with_their_question_kept_and_in_the_order_of_asking() -> None:
    desk, first_may_end, began = Desk(at_once=1), asyncio.Event(), list[str]()

    async def answer(name: str, until: asyncio.Event | None = None) -> AsyncGenerator[Event, None]:
        began.append(f"{name} kept")
        yield Status("thinking")
        began.append(f"{name} made")
        if until is not None:
            await until.wait()
        yield Done(ANSWER)

    runs = [
        desk.start(LEARNER, "q", "1", answer("first", first_may_end)),
        desk.start(LEARNER, "q", "2", answer("second")),
        desk.start(LEARNER, "q", "3", answer("third")),
    ]
    for _ in range(20):
        await asyncio.sleep(0)
    assert sorted(began) == ["first kept", "first made", "second kept", "third kept"]
    first_may_end.set()
    for run in runs:
        await asyncio.wait_for(run.ended(), 5)
    assert began[4:] == ["second made", "third made"]


async def test_an_answer_stopped_in_line_is_closed_as_any_other_and_the_next_one_comes() -> None:
    desk, go, closed = Desk(at_once=1), asyncio.Event(), asyncio.Event()

    async def waiting() -> AsyncGenerator[Event, None]:
        try:
            yield Status("thinking")
            raise AssertionError("it was not its turn")
        finally:
            closed.set()

    first = desk.start(LEARNER, "q", "1", events(Status("thinking"), go, Done(ANSWER)))
    second = desk.start(LEARNER, "q", "2", waiting())
    third = desk.start(LEARNER, "q", "3", events(Status("thinking"), Done(ANSWER)))
    for _ in range(20):
        await asyncio.sleep(0)
    second.stop()
    await asyncio.wait_for(second.ended(), 5)
    assert closed.is_set() and second.frame.stopped and not second.frame.error
    go.set()
    for run in (first, third):
        await asyncio.wait_for(run.ended(), 5)
        assert run.frame.done == Done(ANSWER)


async def test_a_status_is_shown_only_when_the_words_do_not_follow_at_once() -> None:
    async def seen(go_on: asyncio.Event) -> list[str]:
        async def answer() -> AsyncGenerator[Event, None]:
            await asyncio.sleep(0)
            yield Status("reading", {"sections": 2})
            await go_on.wait()
            yield Token("words")
            yield Done(ANSWER)

        run = Desk().start(LEARNER, "q", "1", answer())
        return [frame.text or frame.status.code async for frame in run.follow(lambda: 0.0)]

    at_once, later = asyncio.Event(), asyncio.Event()
    at_once.set()
    assert await seen(at_once) == ["thinking", "words"]
    asyncio.get_running_loop().call_later(10 * GLANCE, later.set)
    assert await seen(later) == ["thinking", "reading", "words"]


async def test_an_answer_gives_its_turn_back_with_the_event_that_says_so() -> None:
    desk, sources, end = Desk(at_once=1, until=Sources), asyncio.Event(), asyncio.Event()
    began: list[str] = []

    async def answer(name: str) -> AsyncGenerator[Event, None]:
        yield Status("thinking")
        began.append(f"{name} searches")
        await sources.wait()
        yield Sources(())
        began.append(f"{name} writes")
        await end.wait()
        yield Done(ANSWER)

    runs = [desk.start(LEARNER, "q", name, answer(name)) for name in ("first", "second")]
    for _ in range(20):
        await asyncio.sleep(0)
    assert began == ["first searches"]
    sources.set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert sorted(began) == ["first searches", "first writes", "second searches", "second writes"]
    assert not any(run.frame.ended for run in runs)
    end.set()
    for run in runs:
        await asyncio.wait_for(run.ended(), 5)
        assert run.frame.done == Done(ANSWER)
