"""Practice over a real store: what is shown, graded, counted, and what bad input gets."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.practising import BEGIN, Desk, an_answer, desk
from tutor import wishes
from tutor.errors import NotFound
from tutor.grade import Answer
from tutor.history import KINDS, fold
from tutor.learner import Learner
from tutor.mastery import LEARNED
from tutor.policy import Focus
from tutor.progress import from_json
from tutor.store import Store, events, open_store, progress, rebuild

ROOT = Path(__file__).resolve().parent.parent
ANNA, BERT = Learner("anon:anna"), Learner("anon:bert")
TOK = Focus(objective="tx-tok")


@pytest.fixture
def at(store: Store, tmp_path: Path) -> Desk:
    return desk(store, tmp_path / "lessons")


def kinds(at: Desk, learner: Learner = ANNA) -> list[str]:
    return [event.kind for event in events(at.practice.store, learner.principal)]


def same_after_rebuilding(at: Desk) -> None:
    before = progress(at.practice.store, ANNA)
    assert before
    changed = [each[2] for each in rebuild(at.practice.store, tuple(KINDS), fold, now=at.now)]
    assert True not in changed
    assert progress(at.practice.store, ANNA) == before


async def test_right_answer_closes_the_item_and_lifts_the_estimate(at: Desk) -> None:
    step = at.practice.proceed(ANNA, TOK)
    assert step.question is not None
    assert step.question.outcome == ""
    after = await at.answer(ANNA, right=True)
    assert after.open is None
    assert after.closed is not None
    assert after.closed.outcome == "right"
    assert after.standing("tx-tok").known > 0.25
    assert kinds(at) == ["shown", "attempted", "closed"]


async def test_attempt_keeps_what_is_needed_to_understand_it_later(at: Desk) -> None:
    at.practice.proceed(ANNA, TOK)
    await at.answer(ANNA, right=False)
    payload = events(at.practice.store, ANNA.principal, ["attempted"])[0].payload
    wanted = {
        "objective",
        "item",
        "content",
        "kind",
        "options",
        "order",
        "correct",
        "hint_level",
        "predicted",
        "counted",
    }
    assert wanted <= set(payload)
    assert 0 < payload["predicted"] < 1
    assert payload["answer"]["verdict"] == "wrong"


async def test_wrong_answer_leaves_one_more_try_that_does_not_count(at: Desk) -> None:
    at.practice.proceed(ANNA, TOK)
    first = await at.answer(ANNA, right=False)
    assert first.open is not None
    known = first.standing("tx-tok").known
    second = await at.answer(ANNA, right=True)
    assert second.open is None
    assert second.standing("tx-tok").known == known
    assert [event.payload["counted"] for event in events(at.practice.store, ANNA.principal, ["attempted"])] == [
        True,
        False,
    ]


async def test_learned_then_mastered_next_day_then_rebuilt_the_same(at: Desk) -> None:
    for _ in range(4):
        at.practice.proceed(ANNA, TOK)
        await at.answer(ANNA, right=True)
        at.wait(minutes=1)
    standing = at.practice.progress(ANNA).standing("tx-tok")
    assert standing.known >= LEARNED
    assert standing.card is not None
    assert standing.mastered is None
    at.wait(hours=21)
    at.practice.proceed(ANNA, TOK)
    await at.answer(ANNA, right=True)
    assert at.practice.progress(ANNA).standing("tx-tok").mastered is not None
    same_after_rebuilding(at)


async def test_failed_review_is_a_lapse_and_lowers_the_estimate(at: Desk) -> None:
    for _ in range(4):
        at.practice.proceed(ANNA, TOK)
        await at.answer(ANNA, right=True)
    at.wait(days=5)
    step = at.practice.proceed(ANNA)
    assert step.progress.open is not None
    assert step.progress.open.purpose == "review"
    after = await at.answer(ANNA, right=False)
    standing = after.standing("tx-tok")
    assert standing.known <= 0.80 + 0.15 * 0.20
    assert standing.mastered is None
    assert [event.payload["rating"] for event in events(at.practice.store, ANNA.principal, ["reviewed"])] == [
        "good",
        "again",
    ]
    same_after_rebuilding(at)


async def test_second_click_of_the_same_answer_changes_nothing(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    wrong = an_answer(at.practice.item(showing.item), right=False)
    steps = await asyncio.gather(*(at.practice.submit(ANNA, showing.id, 0, wrong) for _ in range(6)))
    assert {step.progress.standing("tx-tok").answers for step in steps} == {1}
    assert kinds(at).count("attempted") == 1
    assert at.practice.progress(ANNA).open is not None


async def test_two_tabs_answer_one_item_once(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    assert at.practice.proceed(ANNA, TOK).progress.open == showing
    right = an_answer(at.practice.item(showing.item), right=True)
    await at.practice.submit(ANNA, showing.id, 0, right)
    other = await at.practice.submit(ANNA, showing.id, 0, right)
    assert other.question is not None
    assert other.question.outcome == "right"
    assert kinds(at).count("attempted") == 1
    at.practice.proceed(ANNA, TOK)
    late = await at.practice.submit(ANNA, showing.id, 0, right)
    assert kinds(at).count("attempted") == 1
    assert late.notice == "" or late.notice == "elsewhere"


async def test_unknown_showing_is_said_plainly_and_counts_for_nothing(at: Desk) -> None:
    step = await at.practice.submit(ANNA, "no-such-showing", 0, Answer((0,)))
    assert step.notice == "elsewhere"
    assert at.practice.hint(ANNA, "nothing").notice == "elsewhere"
    assert at.practice.skip(ANNA, "nothing").progress.open is None
    assert kinds(at) == []
    with pytest.raises(NotFound, match="not in front of you"):
        wishes.dispute(at.practice, ANNA, "nothing", "note")
    with pytest.raises(NotFound, match="no objective"):
        wishes.begin_test_out(at.practice, ANNA, "nothing")


async def test_showing_of_somebody_else_cannot_be_answered(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    step = await at.practice.submit(BERT, showing.id, 0, Answer((0,)))
    assert step.notice == "elsewhere"
    assert at.practice.progress(ANNA).open == showing
    assert events(at.practice.store, BERT.principal) == []


async def test_item_that_its_author_changed_is_not_counted(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    item = at.practice.item(showing.item)
    at.edit(item.stem, item.stem + " Changed.")
    step = await at.practice.submit(ANNA, showing.id, 0, an_answer(item, right=True))
    assert step.notice == "changed"
    assert kinds(at) == ["shown", "closed"]
    again = at.practice.proceed(ANNA, TOK)
    assert again.question is not None
    same_after_rebuilding(at)


async def test_item_that_its_author_took_out_is_not_counted(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    item = at.practice.item(showing.item)
    at.edit(f"item: {item.id} ", f"item: {item.id}x ")
    step = await at.practice.submit(ANNA, showing.id, 0, an_answer(item, right=True))
    assert step.notice == "withdrawn"
    assert at.practice.proceed(ANNA, TOK).question is not None


async def test_progress_is_rebuilt_the_same_after_items_were_edited_and_taken_out(at: Desk) -> None:
    for n in range(9):
        at.go(ANNA)
        await at.answer(ANNA, right=n % 2 == 0)
        at.wait(hours=7)
    at.edit("### What does case", "### What would case")
    at.edit("item: tx-tok-1 ", "item: tx-tok-x ")
    same_after_rebuilding(at)


async def test_clock_that_jumps_back_loses_nothing_and_counts_nothing_twice(at: Desk) -> None:
    at.practice.proceed(ANNA, TOK)
    await at.answer(ANNA, right=True)
    item = events(at.practice.store, ANNA.principal, ["attempted"])[0].payload["item"]
    at.wait(days=-3)
    for _ in range(3):
        at.practice.proceed(ANNA, TOK)
        await at.answer(ANNA, right=True)
        at.wait(hours=-1)
    attempted = events(at.practice.store, ANNA.principal, ["attempted"])
    assert len(attempted) == 4
    assert sum(event.payload["item"] == item and event.payload["counted"] for event in attempted) == 1
    same_after_rebuilding(at)


@pytest.mark.parametrize("text", ["six hundred maybe", "", "🙂", "\x00", "a" * 1_000_000, "12 13"])
async def test_answer_that_is_no_number_is_said_and_counts_for_nothing(at: Desk, text: str) -> None:
    showing = None
    while showing is None or showing.kind != "numeric":
        showing = at.practice.proceed(ANNA, TOK).progress.open
        assert showing is not None
        if showing.kind != "numeric":
            at.practice.skip(ANNA, showing.id)
    before = kinds(at)
    step = await at.practice.submit(ANNA, showing.id, 0, Answer(text=text))
    assert step.notice
    assert step.question is not None
    assert kinds(at) == before


async def test_test_out_of_two_makes_an_objective_learned(at: Desk) -> None:
    wishes.begin_test_out(at.practice, ANNA, "tx-tok")
    for _ in range(2):
        step = at.practice.proceed(ANNA)
        assert step.progress.open is not None
        assert step.progress.open.purpose == "test_out"
        assert at.practice.hint(ANNA, step.progress.open.id).notice == "hint_test"
        await at.answer(ANNA, right=True)
    standing = at.practice.progress(ANNA).standing("tx-tok")
    assert standing.known >= LEARNED
    assert standing.card is not None
    assert at.practice.progress(ANNA).testing is None
    same_after_rebuilding(at)


async def test_test_out_ends_with_the_first_wrong_answer(at: Desk) -> None:
    wishes.begin_test_out(at.practice, ANNA, "tx-tok")
    at.practice.proceed(ANNA)
    after = await at.answer(ANNA, right=False)
    assert after.testing is None
    assert after.open is None
    assert after.standing("tx-tok").learned is None


async def test_hints_come_in_order_and_an_attempt_between_the_later_ones(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    assert at.practice.hint(ANNA, showing.id).notice == ""
    assert at.practice.hint(ANNA, showing.id).notice == ""
    assert at.practice.hint(ANNA, showing.id).notice == "hint_attempt"
    after = await at.answer(ANNA, right=False)
    assert after.open is not None
    assert at.practice.hint(ANNA, showing.id).notice == ""
    helped = at.practice.progress(ANNA).open
    assert helped is not None
    assert helped.level == 3
    question = at.practice.question(at.practice.progress(ANNA), helped)
    assert question is not None
    assert [help.level for help in question.helps] == [1, 2, 3]


async def test_right_answer_after_a_hint_is_no_evidence(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    at.practice.hint(ANNA, showing.id)
    after = await at.answer(ANNA, right=True)
    assert after.standing("tx-tok").known == 0.25
    assert after.standing("tx-tok").answers == 1


def test_wanting_another_objective_puts_the_open_item_aside(at: Desk) -> None:
    at.practice.proceed(ANNA, TOK)
    after = at.practice.proceed(ANNA, Focus(objective="tx-stop")).progress
    assert after.open is not None
    assert after.open.objective == "tx-stop"
    assert after.closed is not None
    assert after.closed.outcome == "left"


def test_reading_planning_resetting_and_correcting_are_kept(at: Desk) -> None:
    practice = at.practice
    wishes.opened(practice, ANNA, "text", "01-tokens", "when-do-stop-words-hurt")
    wishes.opened(practice, ANNA, "text", "01-tokens", "when-do-stop-words-hurt")
    assert kinds(at) == ["opened"]
    wishes.finished(practice, ANNA, "text", "01-tokens")
    assert "text/01-tokens" in practice.progress(ANNA).finished
    assert wishes.plan(practice, ANNA, "", " a goal ", 10**9).plan.minutes == 7 * 24 * 60
    with pytest.raises(NotFound, match="no learning path"):
        wishes.plan(practice, ANNA, "nowhere", "", 0)
    assert wishes.correct(practice, ANNA, "tx-tok", 0.1).standing("tx-tok").known == 0.1
    assert wishes.reset(practice, ANNA, "tx-tok").standing("tx-tok").known == 0.25
    with pytest.raises(NotFound):
        wishes.reset(practice, ANNA, "nothing")
    same_after_rebuilding(at)


async def test_dispute_keeps_the_answer_and_the_note(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    await at.answer(ANNA, right=False)
    wishes.dispute(at.practice, ANNA, showing.id, "the key is wrong " + "x" * 5000)
    payload = events(at.practice.store, ANNA.principal, ["disputed"])[0].payload
    assert payload["item"] == showing.item
    assert payload["answer"]["verdict"] == "wrong"
    assert len(payload["note"]) == wishes.NOTE_CHARACTERS


async def test_an_order_of_options_is_the_same_each_time_and_differs_between_learners(at: Desk) -> None:
    from tutor.step import shuffled

    items = [item for item in at.practice.known()[2].values() if item.options]
    assert all(shuffled(ANNA, item) == shuffled(ANNA, item) for item in items)
    assert any(shuffled(ANNA, item) != shuffled(BERT, item) for item in items)


async def test_answers_of_many_learners_at_once_stay_apart(at: Desk) -> None:
    learners = [Learner(f"anon:{n}") for n in range(12)]

    async def work(learner: Learner) -> None:
        for n in range(4):
            await asyncio.to_thread(at.practice.proceed, learner, TOK)
            await at.answer(learner, right=n != 1)

    await asyncio.gather(*(work(learner) for learner in learners))
    # The second answer is wrong, and the third is a second try that does not count.
    assert [at.practice.progress(learner).standing("tx-tok").answers for learner in learners] == [3] * len(learners)
    changed = [each[2] for each in rebuild(at.practice.store, tuple(KINDS), fold, now=at.now)]
    assert changed == [False] * len(learners)


MANY = """
import sys
from datetime import UTC, datetime
from tutor.history import fold
from tutor.learner import Learner
from tutor.store import Event, advance, open_store
store = open_store(sys.argv[1])
for n in range(500):
    me = Learner(f"anon:{n % 4}")
    event = Event(me.principal, "asked", datetime.now(UTC), {"process": sys.argv[2], "n": n})
    advance(store, me, lambda state: ([event], None), fold, now=event.at)
"""


@pytest.mark.long
def test_eight_processes_lose_nothing_of_four_learners(address: str) -> None:
    open_store(address).close()
    running = [
        subprocess.Popen([sys.executable, "-c", MANY, address, str(n)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for n in range(8)
    ]
    assert [process.communicate(timeout=280)[1] for process in running] == [""] * 8
    store = open_store(address)
    for number in range(4):
        stored = [(event.payload["process"], event.payload["n"]) for event in events(store, f"anon:{number}")]
        assert sorted(stored) == sorted((str(p), n) for p in range(8) for n in range(number, 500, 4))
        assert from_json(progress(store, Learner(f"anon:{number}"))).asked == 1000
    store.close()


@pytest.mark.long
def test_fifty_kills_while_answering_lose_nothing_acknowledged(address: str, tmp_path: Path) -> None:
    open_store(address).close()
    command = [sys.executable, "-m", "tests.practising", address, str(tmp_path / "lessons"), "50"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert run.stderr == ""
    acknowledged = set(run.stdout.split())
    store = open_store(address)
    attempted = events(store, ANNA.principal, ["attempted"])
    stored = {f"{event.payload['showing']}:{event.payload['number']}" for event in attempted}
    assert len(stored) == len(attempted)
    assert len(acknowledged) >= 50
    assert acknowledged <= stored
    assert all(event.payload["answer"]["verdict"] for event in attempted)
    changed = [each[2] for each in rebuild(store, tuple(KINDS), fold, now=BEGIN + timedelta(days=400))]
    assert changed == [False]
    store.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["right", "wrong", "hint", "skip", "go", "test", "read"]), st.integers(0, 40)),
        max_size=25,
    )
)
def test_whatever_a_learner_does_the_progress_can_be_rebuilt(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    at = desk(open_store(f"sqlite:///{folder / 'any.sqlite3'}"), folder / "lessons")

    async def run() -> None:
        for act, hours in acts:
            at.wait(hours=hours)
            showing = at.practice.progress(ANNA).open
            if act == "go" or (showing is None and act in {"right", "wrong", "hint", "skip"}):
                at.practice.proceed(ANNA)
            elif act in {"right", "wrong"}:
                await at.answer(ANNA, act == "right")
            elif act == "hint" and showing:
                at.practice.hint(ANNA, showing.id)
            elif act == "skip" and showing:
                at.practice.skip(ANNA, showing.id)
            elif act == "test":
                wishes.begin_test_out(at.practice, ANNA, "tx-stop")
            elif act == "read":
                wishes.finished(at.practice, ANNA, "text", "01-tokens")

    asyncio.run(run())
    if progress(at.practice.store, ANNA):
        same_after_rebuilding(at)
    at.practice.store.close()


def test_unsure_answer_can_be_compared_by_the_learner_and_changes_no_estimate(at: Desk) -> None:
    showing = at.practice.proceed(ANNA, TOK).progress.open
    assert showing is not None
    from tutor.attempts import Given, attempt

    record = {
        "choices": [],
        "text": "x",
        "verdict": "unsure",
        "score": 0.5,
        "points": [],
        "reason": "",
        "by": "built-in",
    }
    after = at.practice.advance(ANNA, lambda present: attempt(present, Given(None, record), at.now), at.now)
    assert after.closed is not None
    assert after.closed.outcome == "unsure"
    step = wishes.assess(at.practice, ANNA, showing.id, [1, 0, 1])
    assert step.notice == "assessed"
    assert events(at.practice.store, ANNA.principal, ["graded"])[0].payload["met"] == [0, 1]
    assert replace(step.progress.standing("tx-tok"), answers=0).known == 0.25
    same_after_rebuilding(at)
