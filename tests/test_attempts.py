"""What one answer, hint or skip makes happen."""

import json

import pytest

from tests.small_outline import DAY, ITEMS, Desk
from tutor import attempts
from tutor.attempts import Given, Happening
from tutor.mastery import LEARNED
from tutor.review import due


def kinds(happenings: list[Happening]) -> list[str]:
    return [each.kind for each in happenings]


def shown(item: str, purpose: object = "practice") -> Desk:
    desk = Desk()
    desk.show(item, purpose)  # type: ignore[arg-type]
    return desk


def test_a_showing_keeps_all_that_later_counts() -> None:
    showing = shown("a1-0").progress.open
    assert showing is not None
    assert (showing.item, showing.objective, showing.skill, showing.kind) == ("a1-0", "a1", "a", "single")
    assert (showing.options, showing.order, showing.constructed) == (3, (0, 1, 2), False)
    assert showing.content == ITEMS["a1-0"].content_hash
    assert (showing.level, showing.attempts, showing.purpose, showing.place) == (0, 0, "practice", "practise")


def test_showing_another_item_leaves_the_open_one() -> None:
    desk = shown("a1-0")
    desk.show("a1-1")
    assert [kind for kind, _, _ in desk.log] == ["shown", "closed", "shown"]
    assert desk.progress.closed and (desk.progress.closed.showing.item, desk.progress.closed.outcome) == (
        "a1-0",
        "left",
    )
    assert desk.progress.open and desk.progress.open.item == "a1-1"


def test_the_prediction_is_stored_with_each_answer_before_it_counts() -> None:
    desk = shown("a1-1")
    first = desk.answer(True)[0].payload
    assert first["predicted"] == pytest.approx(0.25 * 0.9 + 0.75 * 0.05)
    desk.show("a1-5")
    assert desk.answer(True)[0].payload["predicted"] == pytest.approx(0.8785714 * 0.9 + 0.1214286 * 0.05, abs=1e-6)


def test_a_right_answer_closes_the_showing() -> None:
    desk = shown("a1-1")
    assert kinds(desk.answer(True)) == ["attempted", "closed"]
    assert desk.progress.open is None and desk.progress.closed and desk.progress.closed.outcome == "right"


def test_a_wrong_answer_leaves_a_second_try_that_does_not_count() -> None:
    desk = shown("a1-1")
    assert kinds(desk.answer(False)) == ["attempted"]
    before = desk.standing()
    assert desk.progress.open and desk.progress.open.attempts == 1
    second = desk.answer(True)
    assert kinds(second) == ["attempted", "closed"]
    assert second[0].payload["counted"] is False and second[0].payload["number"] == 2
    assert desk.standing() == before
    assert desk.progress.closed and desk.progress.closed.outcome == "right"


def test_after_two_wrong_answers_the_showing_ends() -> None:
    desk = shown("a1-1")
    desk.answer(False)
    desk.answer(False)
    assert desk.progress.closed and desk.progress.closed.outcome == "wrong"
    assert desk.standing().answers == 1


def test_wrong_options_are_ruled_out_and_the_last_one_left_is_not_asked() -> None:
    desk = shown("a1-0")  # three options
    desk.answer(False, 2)
    assert desk.progress.open and desk.progress.open.ruled_out == (2,)
    desk.answer(False, 1)
    assert desk.progress.open is None
    two = Desk(items={**ITEMS, "two": _two_options()})
    two.show("two")
    assert kinds(two.answer(False, 1)) == ["attempted", "closed"]


def _two_options() -> object:
    from tests.small_outline import make_item

    return make_item("two", "a1", "a", "single", options=2)


def test_an_unsure_grade_closes_without_evidence_and_may_be_tried_again() -> None:
    desk = shown("a1-3")
    made = desk.answer(None)
    assert kinds(made) == ["attempted", "closed"] and made[0].payload["counted"] is False
    desk.show("a1-3")
    assert desk.answer(True)[0].payload["counted"] is True


def test_a_second_showing_within_a_day_does_not_count() -> None:
    desk = shown("a1-1")
    desk.answer(True)
    desk.wait(hours=5)
    desk.show("a1-1")
    assert desk.answer(True)[0].payload["counted"] is False
    assert desk.standing().answers == 1


def test_a_hint_is_kept_with_the_answer_and_the_fourth_shows_the_answer() -> None:
    desk = shown("a1-1")
    desk.hint(1)
    assert desk.progress.open and desk.progress.open.level == 1
    assert desk.answer(False)[0].payload["hint_level"] == 1
    desk.hint(2)
    assert desk.progress.open.attempts_at_level == 1
    desk.hint(4)
    assert desk.progress.open is None and desk.progress.closed
    assert desk.progress.closed.outcome == "shown" and desk.progress.closed.showing.level == 4


def test_learning_makes_a_card_and_the_first_answer_of_a_later_day_rates_it() -> None:
    desk = Desk()
    desk.did("a1-1", True)
    desk.show("a1-5")
    made = desk.answer(True)
    assert kinds(made) == ["attempted", "reviewed", "closed"]
    assert made[1].payload["rating"] == "good" and "log" not in made[1].payload
    desk.show("a1-0")
    assert kinds(desk.answer(True)) == ["attempted", "closed"]
    desk.wait(days=2)
    desk.show("a1-3", "review")
    made = desk.answer(True)
    assert kinds(made) == ["attempted", "reviewed", "closed"]
    assert made[1].payload["log"]["rating"] == 3
    assert made[1].payload["day"] == "2026-11-04"
    json.dumps(made[1].payload)


@pytest.mark.parametrize(("correct", "level", "rated"), [(True, 1, "hard"), (True, 2, "again"), (False, 0, "again")])
def test_hints_and_mistakes_bring_a_review_back_sooner(correct: bool, level: int, rated: str) -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    desk.wait(days=2)
    desk.show("a1-3", "review")
    if level:
        desk.hint(level)
    made = desk.answer(correct)
    assert made[1].payload["rating"] == rated
    assert made[0].payload["lapse"] is (not correct)
    good = Desk()
    good.learn("a1", ["a1-1", "a1-5"])
    good.wait(days=2)
    good.did("a1-3", True, purpose="review")
    mine, better = desk.standing().card, good.standing().card
    assert mine and better and due(mine) < due(better)


def test_an_unsure_grade_rates_nothing() -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    desk.wait(days=2)
    before = desk.standing()
    desk.show("a1-3", "review")
    assert kinds(desk.answer(None)) == ["attempted", "closed"]
    assert desk.standing() == before


def try_test_out(desk: Desk, *items: tuple[str, bool]) -> list[str]:
    desk.happen([attempts.begin_test_out("a1")])
    states = []
    for name, correct in items:
        desk.show(name, "test_out")
        states += [each.payload["state"] for each in desk.answer(correct) if each.kind == "tested"]
    return states


def test_two_right_one_of_them_written_pass_a_test_out() -> None:
    desk = Desk()
    assert try_test_out(desk, ("a1-0", True), ("a1-1", True)) == ["going", "passed"]
    standing = desk.standing()
    assert desk.progress.testing is None
    assert standing.known >= LEARNED and standing.status == "learned"
    assert standing.card and due(standing.card) > desk.now + DAY


def test_a_test_out_sets_the_estimate_to_the_bound_when_the_answers_alone_do_not() -> None:
    desk = Desk()
    desk.did("a1-2", False)
    assert try_test_out(desk, ("a1-0", True), ("a1-3", True)) == ["going", "passed"]
    assert desk.standing().known == LEARNED
    assert desk.standing().learned == desk.now and desk.standing().learned_by == ""
    assert desk.standing().card is not None


def test_two_choices_do_not_pass_a_test_out() -> None:
    desk = Desk()
    assert try_test_out(desk, ("a1-0", True), ("a1-4", True)) == ["going", "going"]
    assert desk.progress.testing and desk.progress.testing.right == ("a1-0", "a1-4")
    assert try_test_out(Desk(), ("a1-0", True), ("a1-2", True), ("a1-1", True))[-1] == "passed"


def test_a_wrong_answer_ends_a_test_out_at_once_and_counts() -> None:
    desk = Desk()
    assert try_test_out(desk, ("a1-0", False)) == ["failed"]
    assert desk.progress.testing is None and desk.progress.open is None
    assert desk.standing().answers == 1 and desk.standing().known < 0.25


def test_a_hint_in_a_test_out_fails_it() -> None:
    desk = Desk()
    desk.happen([attempts.begin_test_out("a1")])
    desk.show("a1-1", "test_out")
    desk.hint(1)
    assert "failed" in [each.payload.get("state") for each in desk.answer(True)]


def test_practice_during_a_test_out_of_another_objective_is_no_part_of_it() -> None:
    desk = Desk()
    desk.happen([attempts.begin_test_out("a1")])
    desk.did("a2-1", True)
    assert desk.progress.testing and desk.progress.testing.right == ()
    desk.did("a1-1", True)
    assert desk.progress.testing.right == ()


def test_deciding_changes_nothing() -> None:
    desk = shown("a1-1")
    before = desk.progress
    attempts.attempt(before, Given(True, {}), desk.now)
    assert desk.progress is before
    assert attempts.after(before, [], desk.now) is before
