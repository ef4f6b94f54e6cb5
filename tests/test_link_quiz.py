"""The quiz of a link: exactly so many questions, so many tries, no hints, the chat closed; and what reaches the outbox."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.linked import came_by
from tests.practising import BEGIN, Desk, desk
from tutor import attempts, link_quiz, wishes
from tutor.errors import NotFound, StoreError, TutorError
from tutor.history import KINDS, fold
from tutor.learner import Learner
from tutor.lti_link import LinkSettings
from tutor.policy import Focus
from tutor.progress import Progress, Quiz
from tutor.store import Store, rebuild
from tutor.store.lti_scores import take_due
from ui.lti.scores import scoring

QUIZ = LinkSettings("quiz", "text", items=3, score="best")


@pytest.fixture
def at(store: Store, tmp_path: Path) -> Desk:
    made = desk(store, tmp_path / "lessons")
    made.practice.after = scoring(made.practice)
    return made


async def take(at: Desk, learner: Learner, right: int) -> Quiz:
    """One try with so many right answers, the first ones."""
    asked = []
    for n in range(20):
        progress = link_quiz.go_on(at.practice, learner, again=n == 0)
        if progress.open is None:
            break
        assert progress.open.purpose == "quiz"
        asked.append(progress.open.item)
        await at.answer(learner, n < right)
        at.wait(minutes=1)
    assert len(asked) == len(set(asked))
    return link_quiz.quiz_of(at.practice.progress(learner), learner)


def scores(store: Store, at: Desk) -> list[tuple[float, bool]]:
    return [(round(each.score, 6), each.completed) for each in take_due(store, now=at.now + timedelta(hours=1))]


async def test_a_quiz_asks_exactly_its_number_of_questions_and_sends_the_best_result(at: Desk, store: Store) -> None:
    anna = came_by(store, QUIZ, BEGIN)
    quiz = await take(at, anna, 2)
    assert (quiz.taken, quiz.finished, quiz.items, len(quiz.asked), quiz.best) == (1, 1, 0, 3, 2 / 3)
    assert link_quiz.go_on(at.practice, anna).open is None, "the result is shown until the learner wants another try"
    worse = await take(at, anna, 0)
    assert (worse.best, worse.last) == (2 / 3, 0.0)
    assert scores(store, at) == [(0.666667, True)]
    assert not [each for each in rebuild(store, tuple(KINDS), fold, now=at.now) if each[2]]


async def test_no_more_tries_than_the_link_allows(at: Desk, store: Store) -> None:
    anna = came_by(store, LinkSettings("quiz", "text", items=2, attempts=2), BEGIN)
    await take(at, anna, 0)
    await take(at, anna, 0)
    assert (await take(at, anna, 2)).taken == 2
    assert at.practice.progress(anna).open is None


async def test_in_a_quiz_there_are_no_hints_and_one_try_each_and_what_is_left_counts_as_not_right(
    at: Desk, store: Store
) -> None:
    anna = came_by(store, QUIZ, BEGIN)
    first = link_quiz.go_on(at.practice, anna).open
    assert first is not None
    assert at.practice.hint(anna, first.id).notice == "hint_test"
    after = await at.answer(anna, right=False)
    assert after.open is None
    second = link_quiz.go_on(at.practice, anna).open
    assert second is not None
    other = "tx-stop" if second.objective == "tx-tok" else "tx-tok"
    at.practice.proceed(anna, Focus(objective=other))
    quiz = link_quiz.quiz_of(at.practice.progress(anna), anna)
    assert (quiz.asked, quiz.right) == ((first.item, second.item), 0)


async def test_a_question_taken_out_by_its_author_is_replaced(at: Desk, store: Store) -> None:
    anna = came_by(store, QUIZ, BEGIN)
    first = link_quiz.go_on(at.practice, anna).open
    assert first is not None
    at.edit(f"<!-- item: {first.item} ", f"<!-- item: {first.item}-new ")
    second = link_quiz.go_on(at.practice, anna)
    assert second.open is not None and second.open.item != first.item
    assert link_quiz.quiz_of(second, anna).asked == ()


async def test_a_quiz_with_more_questions_than_there_are_asks_all_of_them(at: Desk, store: Store) -> None:
    anna = came_by(store, LinkSettings("quiz", "text", items=50), BEGIN)
    pool = link_quiz.pool_of(at.practice.known()[1], "text")
    quiz = Quiz(items=len(pool))
    assert link_quiz.quiz_of(link_quiz.go_on(at.practice, anna), anna).items == len(pool)
    seen = [chosen for _, item in pool if (chosen := link_quiz.choose(Progress(), quiz, [(_, item)]))]
    assert len(seen) == len(pool) and link_quiz.choose(Progress(), Quiz(asked=tuple(seen)), pool) is None


def test_only_who_came_by_a_link_to_a_quiz_has_one(at: Desk, store: Store) -> None:
    for learner in (Learner("anon:1"), came_by(store, LinkSettings(), BEGIN), Learner("anon:1", link="made up")):
        with pytest.raises(NotFound):
            link_quiz.go_on(at.practice, learner)
    assert at.practice.progress(Learner("anon:1")) == Progress()


async def test_the_chat_is_closed_while_the_quiz_is_open_and_only_then(at: Desk, store: Store) -> None:
    closed = LinkSettings("quiz", "text", items=1, chat_open=False)
    anna, other = came_by(store, closed, BEGIN), came_by(store, LinkSettings(), BEGIN, resource="another link")
    link_quiz.open_chat(at.practice, anna)
    link_quiz.go_on(at.practice, anna)
    for learner in (anna, other):
        with pytest.raises(TutorError, match="closed while your quiz is open"):
            link_quiz.chat_skills(at.practice, learner)
    at.wait(hours=25)
    link_quiz.open_chat(at.practice, anna)
    at.wait(hours=-25)
    await at.answer(anna, right=True)
    assert link_quiz.chat_skills(at.practice, anna) == ()
    link_quiz.open_chat(at.practice, Learner("anon:1"))


async def test_practice_stays_within_the_scope_of_the_link_whatever_is_wished(at: Desk, store: Store) -> None:
    anna = came_by(store, LinkSettings(scope=("another",)), BEGIN)
    for focus in (Focus(), Focus("text"), Focus(objective="tx-tok"), Focus("text", allowed=("text",))):
        step = at.practice.proceed(anna, focus)
        assert step.question is None and step.activity.skill != "text"
        assert at.practice.stand(anna, focus).activity.skill != "text"
    assert link_quiz.chat_skills(at.practice, anna) == ("another",)


async def test_after_the_due_date_practice_goes_on_and_no_score_is_sent(at: Desk, store: Store) -> None:
    anna = came_by(store, LinkSettings("quiz", "text", items=1, due=BEGIN - timedelta(days=1)), BEGIN)
    assert (await take(at, anna, 1)).finished == 1
    assert scores(store, at) == []


@pytest.mark.parametrize("role", ["learner", "instructor"])
@pytest.mark.parametrize("graded", [True, False])
async def test_scores_are_sent_for_learners_whose_link_has_a_column_only(
    at: Desk, store: Store, role: str, graded: bool
) -> None:
    who = came_by(store, LinkSettings("lesson", "text/01-tokens"), BEGIN, role=role, graded=graded)
    wishes.finished(at.practice, who, "text", "01-tokens")
    assert scores(store, at) == ([(1.0, True)] if role == "learner" and graded else [])


async def test_an_outbox_that_fails_loses_no_answer(at: Desk, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = came_by(store, QUIZ, BEGIN)

    def fails(*given: object, **named: object) -> bool:
        raise StoreError("the disk is full")

    monkeypatch.setattr("ui.lti.scores.enqueue", fails)
    quiz = await take(at, anna, 3)
    assert quiz.best == 1.0 and scores(store, at) == []
    monkeypatch.undo()
    at.wait(days=2)
    at.go(anna)
    await at.answer(anna, right=True)
    assert scores(store, at) == [(1.0, True)], "the next answer brings it along"


def test_a_quiz_question_is_no_test_out() -> None:
    assert "quiz" in attempts.TEST and "quiz" not in attempts.TEST_OUT
