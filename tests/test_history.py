"""What happened, folded into where a learner stands."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_outline import DAY, ITEMS, OUTLINE, START, Desk, as_json
from tutor.history import AWAY, KINDS, apply, rebuilt
from tutor.mastery import LAPSED, LEARNED, chances, updated
from tutor.progress import Progress, from_json, to_json
from tutor.review import due

NUMERIC = chances("numeric")


def test_a_right_answer_counts_by_the_formula() -> None:
    desk = Desk()
    desk.did("a1-1", True)
    standing = desk.standing()
    assert standing.known == pytest.approx(0.8785714, abs=1e-7)
    assert (standing.answers, standing.right, standing.wrong_in_row) == (1, 1, 0)
    assert standing.last == desk.now
    assert desk.progress.recent == (True,)


def test_right_after_a_hint_is_no_evidence_and_wrong_after_one_counts() -> None:
    desk = Desk()
    desk.did("a1-1", True, level=1)
    assert desk.standing().known == 0.25
    assert desk.standing().answers == desk.standing().right == 1
    desk.did("a1-5", False, level=2)
    assert desk.standing().known == pytest.approx(updated(0.25, False, NUMERIC))


def test_only_the_first_answer_in_24_hours_counts() -> None:
    desk = Desk()
    desk.did("a1-1", False)
    once = desk.standing()
    desk.wait(hours=23)
    desk.did("a1-1", True)
    assert desk.standing() == once
    desk.wait(hours=1, minutes=1)
    desk.did("a1-1", True)
    assert desk.standing().answers == 2


def test_with_a_clock_that_went_back_an_answer_is_not_counted_twice() -> None:
    desk = Desk()
    desk.did("a1-1", True)
    once = desk.standing()
    desk.wait(days=-3)
    desk.did("a1-1", True)
    assert desk.standing() == once
    desk.did("a1-5", True)
    assert desk.standing().answers == 2
    assert desk.standing().last == once.last


def test_learned_is_when_the_estimate_reaches_its_bound_and_makes_a_card() -> None:
    desk = Desk()
    desk.did("a1-1", True)
    assert desk.standing().status == "started"
    desk.did("a1-5", True)
    standing = desk.standing()
    assert standing.known >= LEARNED
    assert (standing.status, standing.learned, standing.learned_by) == ("learned", desk.now, "a1-5")
    assert standing.card and due(standing.card) > desk.now + DAY
    assert standing.rated == "2026-11-02"


@pytest.mark.parametrize(
    ("hours", "item", "correct", "level", "mastered"),
    [
        (21, "a1-3", True, 0, True),
        (19, "a1-3", True, 0, False),
        (25, "a1-5", True, 0, False),
        (21, "a1-3", True, 1, False),
        (21, "a1-3", False, 0, False),
    ],
    ids=["next day", "too early", "same item", "after a hint", "wrong"],
)
def test_mastered_is_one_more_right_answer_alone_on_another_item_20_hours_later(
    hours: int, item: str, correct: bool, level: int, mastered: bool
) -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    desk.wait(hours=hours)
    desk.did(item, correct, level)
    assert (desk.standing().mastered == desk.now) is mastered
    assert desk.standing().status == ("mastered" if mastered else "learned")


def test_a_failed_review_takes_mastery_back_and_the_next_right_answers_restore_it() -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    desk.wait(days=2)
    desk.did("a1-3", True)
    assert desk.standing().mastered
    desk.wait(days=9)
    desk.did("a1-4", False, purpose="review")
    standing = desk.standing()
    assert standing.known <= LAPSED and standing.mastered is None and standing.status == "learned"
    assert standing.learned == desk.now and standing.learned_by == "a1-4"
    assert standing.card and due(standing.card) - desk.now <= 2 * DAY
    desk.wait(days=1, minutes=1)
    desk.did("a1-1", True, purpose="review")
    desk.did("a1-5", True)
    assert desk.standing().known >= LEARNED
    assert desk.standing().status == "mastered"


def test_only_the_first_answer_of_a_day_rates_and_lapses() -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    desk.wait(days=3)
    desk.did("a1-0", True, purpose="review")
    rated = desk.standing().card
    desk.did("a1-3", False)
    standing = desk.standing()
    assert standing.card == rated, "the first answer of the day rates, the others do not"
    assert standing.mastered, "what was shown on the first answer of the day stays"


def test_two_wrong_in_a_row_are_counted_and_a_right_one_ends_the_row() -> None:
    desk = Desk()
    desk.did("a1-1", False)
    desk.did("a1-5", False)
    assert desk.standing().wrong_in_row == 2
    desk.did("a1-3", True, level=1)
    assert desk.standing().wrong_in_row == 0


def test_an_unsure_grade_counts_for_nothing() -> None:
    desk = Desk()
    desk.show("a1-3")
    desk.answer(None)
    assert "a1" not in desk.progress.objectives
    assert desk.progress.closed and desk.progress.closed.outcome == "unsure"
    assert desk.progress.items["a1-3"].counted is None


def test_kinds_that_are_only_kept_change_nothing() -> None:
    desk = Desk()
    desk.did("a1-1", True)
    for kind in ("disputed", "wrote", "graded", "of a later version", ""):
        assert apply(desk.progress, kind, desk.now + DAY, {"any": "thing"}) == desk.progress


def test_events_for_a_showing_that_is_not_open_leave_the_open_one() -> None:
    desk = Desk()
    desk.show("a1-1")
    before = desk.progress
    desk.event("hinted", showing="another", item="a1-0", objective="a1", level=3)
    desk.event("closed", showing="another", item="a1-0", objective="a1", outcome="skipped")
    assert desk.progress == before


def test_a_sitting_ends_after_half_an_hour_and_sums_up() -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    desk.did("a2-0", False)
    first = desk.progress.sitting
    assert first and (first.answers, first.right, first.learned, first.wrong) == (3, 2, ("a1",), ("a2",))
    desk.wait(hours=21)
    desk.did("a1-3", True, purpose="review")
    second = desk.progress.sitting
    assert second and (second.answers, second.reviews, second.mastered) == (1, 1, ("a1",))


def test_coming_back_after_weeks_is_noticed_once() -> None:
    desk = Desk()
    desk.did("a1-1", True)
    assert desk.progress.returned is None
    desk.now += AWAY
    desk.event("asked")
    assert desk.progress.returned == desk.now == desk.progress.active
    desk.wait(days=1)
    desk.event("asked")
    assert desk.progress.returned == desk.now - DAY
    desk.wait(days=-40)
    desk.event("asked")
    assert desk.progress.active == START + timedelta(minutes=1) + AWAY + DAY


def test_a_learner_can_lower_an_estimate_and_never_raise_it() -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    before = desk.standing()
    desk.event("corrected", objective="a1", known=1.0)
    assert desk.standing() == before
    desk.event("corrected", objective="a1", known=0.5)
    after = desk.standing()
    assert (after.known, after.status, after.card, after.answers) == (0.5, "started", None, 2)
    desk.event("corrected", objective="b1", known=0.9)
    assert "b1" not in desk.progress.objectives


def test_an_estimate_that_stays_above_the_bound_keeps_what_was_learned() -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    assert desk.standing().known > 0.96
    desk.event("corrected", objective="a1", known=0.96)
    assert (desk.standing().known, desk.standing().status) == (0.96, "learned")


def test_a_reset_begins_an_objective_anew_and_leaves_the_others() -> None:
    desk = Desk()
    desk.learn("a1", ["a1-1", "a1-5"])
    desk.did("a2-0", True)
    desk.event("tested", objective="b1", state="going", right=[], constructed=False)
    other = desk.standing("a2")
    desk.event("reset", objective="a1")
    assert desk.standing("a1").status == "new" and desk.standing("a2") == other
    assert desk.progress.testing and desk.progress.testing.objective == "b1"
    desk.event("reset", objective="b1")
    assert desk.progress.testing is None


def test_reading_and_planning_are_remembered() -> None:
    desk = Desk()
    desk.event("opened", skill="a", lesson="01-first", section="x")
    desk.event("finished", skill="a", lesson="01-first")
    desk.event("planned", path="creator", goal="write", minutes=60)
    desk.event("asked")
    assert desk.progress.read == {"a/01-first#x": START}
    assert desk.progress.finished == {"a/01-first": START}
    assert (desk.progress.plan.path, desk.progress.plan.minutes, desk.progress.plan.asked) == ("creator", 60, True)
    assert desk.progress.asked == 1


Step = Callable[[Desk], Any]


def _answer(correct: bool | None, choice: int | None) -> Step:
    return lambda desk: desk.answer(correct, choice) if desk.progress.open else None


def _hint(desk: Desk) -> None:
    if desk.progress.open and desk.progress.open.level < 4:
        desk.hint(desk.progress.open.level + 1)


def _skip(desk: Desk) -> None:
    if desk.progress.open:
        desk.end("skipped")


def _go(desk: Desk) -> None:
    activity = desk.next()
    if activity.reading:
        desk.read(activity.reading)
    elif activity.kind == "probe":
        desk.begin_probe(activity)
    elif activity.item and activity.kind != "resume":
        desk.show(activity.item, activity.purpose)


OBJECTIVES = st.sampled_from([topic.id for topic in OUTLINE.topics])
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.just(_go), st.just(_go), st.just(_hint), st.just(_skip),
    st.builds(_answer, st.sampled_from([True, True, True, False, None]), st.sampled_from([None, 0, 1, 2])),
    st.builds(lambda item: lambda desk: desk.show(item), st.sampled_from(sorted(ITEMS))),
    st.builds(lambda hours: lambda desk: desk.wait(hours=hours), st.sampled_from([0.01, 1, 21, 25, 60, 700, -2, -50])),
    st.builds(lambda name: lambda desk: desk.event("reset", objective=name), OBJECTIVES),
    st.builds(lambda name, known: lambda desk: desk.event("corrected", objective=name, known=known), OBJECTIVES, st.floats(0, 1)),
    st.builds(lambda name: lambda desk: desk.event("tested", objective=name, state="going", right=[], constructed=False), OBJECTIVES),
    st.just(lambda desk: desk.event("disputed", showing="s1", note="no")),
)  # fmt: skip


@given(st.lists(STEPS, max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_the_progress_is_json_and_follows_from_the_events_alone(steps: list[Step]) -> None:
    desk = Desk()
    kept: Any = {}
    for step in steps:
        before = len(desk.log)
        step(desk)
        for kind, at, payload in desk.log[before:]:
            kept = as_json(to_json(apply(from_json(kept), kind, at, payload)))
    assert rebuilt(desk.log) == desk.progress
    assert from_json(kept) == desk.progress
    _sound(desk.progress)


def _sound(progress: Progress) -> None:
    for standing in progress.objectives.values():
        assert 0 < standing.known < 1
        assert 0 <= standing.right <= standing.answers
        assert standing.mastered is None or standing.learned is not None
        assert (standing.card is not None) == (standing.learned is not None)
        assert standing.known < LEARNED or standing.learned is not None
    assert len(progress.recent) <= 10
    assert progress.open is None or progress.open.level < 4


def test_a_rebuild_needs_no_item_any_more() -> None:
    """The events alone hold kinds and options, so removed and edited items give the same."""
    desk = Desk()
    desk.learn("a1")
    desk.wait(days=2)
    desk.did("a1-3", True, purpose="review")
    gone = [(kind, at, as_json(payload)) for kind, at, payload in desk.log]
    for _, _, payload in gone:
        if "content" in payload:
            payload["content"] = "another text"
    assert rebuilt(gone).objectives == desk.progress.objectives
    assert set(KINDS) >= {kind for kind, _, _ in gone}
