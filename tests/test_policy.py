"""What a learner does next, and why: each rule in its order, and learners of every kind who get through."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.small_outline import DAY, ITEMS, OUTLINE, Desk, make_topic
from tutor import attempts
from tutor.curriculum import Curriculum
from tutor.history import AWAY
from tutor.mastery import LEARNED
from tutor.outline import Outline, outline_of
from tutor.policy import SHORT_SESSION, Activity, Focus, away, due_topics, reviews_left
from tutor.review import MOST_IN_SESSION, due


def begun() -> Desk:
    """A learner who declined the probes and has read the first section."""
    desk = Desk()
    for skill in OUTLINE.skills:
        desk.event("offered", skill=skill, taken=False)
    desk.read(OUTLINE.by_id["a1"].readings[0])
    return desk


def many(count: int) -> Desk:
    """A learner who learned ``count`` objectives without prerequisites today."""
    parts = [make_topic(f"t{n}", "t", 5, readings=0) for n in range(count)]
    outline = Outline(tuple(topic for topic, _ in parts), ("t",))
    desk = Desk(outline=outline, items={item.id: item for _, made in parts for item in made})
    for topic in outline.topics:
        desk.learn(topic.id)
    return desk


def did(desk: Desk, activity: Activity, correct: bool = True) -> None:
    """Do what the policy says."""
    if activity.reading:
        desk.read(activity.reading)
    elif activity.kind == "probe":
        desk.begin_probe(activity)
    elif activity.item:
        if activity.kind != "resume":
            desk.show(activity.item, activity.purpose)
        while desk.progress.open is not None:
            desk.answer(correct)


# The rules in their order


def test_an_open_item_is_resumed_before_anything_else() -> None:
    desk = begun()
    desk.learn("a1")
    desk.wait(days=3)
    desk.show("b1-1", "mixed")
    activity = desk.next()
    assert (activity.kind, activity.item, activity.purpose, activity.reason) == ("resume", "b1-1", "mixed", "resume")
    assert activity.values == {"topic": "B1"}


def test_an_open_item_that_was_removed_is_no_obstacle() -> None:
    desk = begun()
    desk.items = {**ITEMS, "gone": replace(ITEMS["a1-0"], id="gone")}
    desk.show("gone")
    activity = desk.next()
    assert activity.kind == "item" and activity.item in ITEMS


def test_a_test_out_goes_on_before_anything_new() -> None:
    desk = begun()
    desk.happen([attempts.begin_test_out("a2")])
    activity = desk.next()
    assert (activity.kind, activity.objective, activity.purpose, activity.reason) == (
        "item",
        "a2",
        "test_out",
        "test_out",
    )
    assert activity.values["count"] == activity.minutes == 2
    did(desk, activity)
    second = desk.next()
    assert second.purpose == "test_out" and second.values["count"] == 1 and second.item != activity.item
    did(desk, second)
    assert desk.standing("a2").learned


def test_a_test_out_without_items_left_is_no_obstacle() -> None:
    desk = begun()
    desk.happen([attempts.begin_test_out("b2")])
    assert desk.next().objective == "a1"


def test_after_two_wrong_in_a_row_the_section_comes_and_then_a_new_item() -> None:
    desk = begun()
    desk.did("a1-0", False)
    assert desk.next().kind == "item"
    desk.did("a1-2", False)
    activity = desk.next()
    assert (activity.kind, activity.reason, activity.objective, activity.values["count"]) == (
        "example",
        "example",
        "a1",
        2,
    )
    assert activity.reading == OUTLINE.by_id["a1"].readings[0] and activity.minutes == 3
    desk.read(OUTLINE.by_id["a2"].readings[0])
    assert desk.next().kind == "example", "reading something else is not enough"
    desk.wait(minutes=1)
    desk.read(OUTLINE.by_id["a1"].readings[0])
    again = desk.next()
    assert again.kind == "item" and again.item not in {"a1-0", "a1-2"}
    desk.wait(minutes=1)
    did(desk, again, correct=False)
    assert desk.next().kind == "item", "the row begins anew"
    did(desk, desk.next(), correct=False)
    assert desk.next().kind == "example"


def test_the_example_is_a_section_not_yet_read_else_the_one_read_longest_ago() -> None:
    desk = begun()
    desk.learn("a1")
    first, second = OUTLINE.by_id["a2"].readings
    desk.read(first)
    desk.did("a2-0", False)
    desk.did("a2-1", False)
    assert desk.next().reading == second
    desk.wait(minutes=1)
    desk.read(second)
    desk.wait(minutes=1)
    desk.did("a2-2", False)
    desk.did("a2-3", False)
    assert desk.next().reading == first


def test_a_clock_that_went_back_does_not_hold_a_learner_at_the_example() -> None:
    desk = begun()
    desk.did("a1-0", False)
    desk.did("a1-2", False)
    desk.wait(days=-2)
    activity = desk.next()
    assert activity.kind == "example"
    did(desk, activity)
    assert desk.next().kind == "item"


def test_a_due_review_comes_before_new_things_with_the_days_since() -> None:
    desk = begun()
    desk.learn("a1")
    card = desk.standing().card
    assert card
    desk.now = due(card) - timedelta(minutes=1)
    assert desk.next().kind != "review"
    desk.wait(minutes=1)
    activity = desk.next()
    assert (activity.kind, activity.objective, activity.purpose, activity.reason) == (
        "review",
        "a1",
        "review",
        "review",
    )
    assert activity.values == {"topic": "A1", "days": 2}


def test_at_most_every_second_activity_is_a_review_while_there_is_something_new() -> None:
    parts = [make_topic(f"t{n}", "t", 5, readings=0) for n in range(8)]
    outline = Outline(tuple(topic for topic, _ in parts), ("t",))
    desk = Desk(outline=outline, items={item.id: item for _, made in parts for item in made})
    for topic in outline.topics[:4]:
        desk.learn(topic.id)
    desk.wait(days=3)
    kinds = []
    for _ in range(8):
        kinds.append(desk.next().kind)
        did(desk, desk.next())
    assert kinds == ["review", "item"] * 4


def test_reviews_follow_each_other_when_nothing_is_new() -> None:
    desk = many(3)
    desk.wait(days=3)
    kinds = []
    for _ in range(3):
        kinds.append(desk.next().kind)
        did(desk, desk.next())
    assert kinds == ["review"] * 3


def test_reading_between_two_reviews_is_an_activity_too() -> None:
    """A skill without items has only sections to read; its reviews must not wait until all were read."""
    parts = [make_topic("t0", "t", 5), make_topic("t1", "t", 5), *(make_topic(f"r{n}", "t", 0) for n in range(3))]
    outline = Outline(tuple(topic for topic, _ in parts), ("t",))
    desk = Desk(outline=outline, items={item.id: item for _, made in parts for item in made})
    desk.learn("t0")
    desk.learn("t1")
    desk.wait(days=3)
    kinds = []
    for _ in range(4):
        kinds.append(desk.next().kind)
        did(desk, desk.next())
    assert kinds == ["review", "lesson", "review", "lesson"]


def test_the_most_forgotten_review_comes_first() -> None:
    desk = many(3)
    desk.wait(days=2)
    desk.did("t1-4", True, purpose="review")
    desk.wait(days=40)
    first = [topic.id for topic, _ in due_topics(desk.progress, desk.outline.topics, desk.now)]
    assert set(first) == {"t0", "t1", "t2"} and first[-1] == "t1"


def test_a_session_holds_ten_reviews_and_the_first_after_weeks_five() -> None:
    desk = many(14)
    desk.wait(days=4)
    assert reviews_left(desk.progress, desk.now) == MOST_IN_SESSION == 10
    done = 0
    while desk.next().kind == "review":
        did(desk, desk.next())
        done += 1
    assert done == 10
    desk.now += AWAY
    assert away(desk.progress, desk.now) and reviews_left(desk.progress, desk.now) == SHORT_SESSION == 5
    done = 0
    while desk.next().kind == "review":
        did(desk, desk.next())
        desk.wait(minutes=1)
        done += 1
    assert done == 5
    assert away(desk.progress, desk.now), "still the first session"
    desk.wait(hours=3)
    assert not away(desk.progress, desk.now) and reviews_left(desk.progress, desk.now) == 10


def test_a_skill_never_touched_begins_with_an_offer_to_prove_it() -> None:
    desk = Desk()
    activity = desk.next()
    assert (activity.kind, activity.skill, activity.objective, activity.reason) == ("probe", "a", "a1", "probe")
    desk.event("offered", skill="a", taken=False)
    activity = desk.next()
    assert (activity.kind, activity.objective, activity.reason) == ("lesson", "a1", "lesson")
    read = Desk()
    read.read(OUTLINE.by_id["a2"].readings[0])
    assert read.next().kind == "lesson", "who has read in the skill has touched it"


def test_a_probe_that_is_passed_leads_to_the_next_objective() -> None:
    desk = Desk()
    for expected in ("probe", "item", "item"):
        activity = desk.next()
        assert (activity.kind, activity.objective) == (expected, "a1")
        did(desk, activity)
    assert desk.standing().status == "learned"
    assert desk.next().objective == "a2"


def test_a_probe_that_is_failed_leads_to_the_section_or_an_item_of_the_same_objective() -> None:
    desk = Desk()
    did(desk, desk.next())
    did(desk, desk.next(), correct=False)
    activity = desk.next()
    assert activity.objective == "a1" and activity.purpose == "practice"


def test_the_section_comes_first_then_its_items() -> None:
    desk = Desk()
    desk.event("offered", skill="a", taken=False)
    lesson = desk.next()
    assert lesson.kind == "lesson" and lesson.reading == OUTLINE.by_id["a1"].readings[0] and lesson.minutes == 3
    did(desk, lesson)
    first = desk.next()
    assert (first.kind, first.reason, first.values) == ("item", "begin", {"topic": "A1", "right": 0, "answers": 0})
    did(desk, first)
    second = desk.next()
    assert (second.kind, second.reason, second.values["answers"]) == ("item", "going", 1)
    assert second.item != first.item


def test_what_a_topic_requires_is_learned_first() -> None:
    desk = begun()
    assert desk.next().objective == "a1"
    desk.learn("a1")
    assert desk.next().objective == "a2"


def test_after_a_failed_review_the_objective_is_practised_again_with_that_reason() -> None:
    desk = begun()
    desk.learn("a1", ["a1-1", "a1-5"])
    desk.wait(days=2)
    desk.did("a1-3", False, purpose="review")
    activity = desk.next()
    assert (activity.kind, activity.objective, activity.reason) == ("item", "a1", "lapsed")


def test_when_all_is_learned_the_topic_answered_longest_ago_comes_mixed() -> None:
    desk = many(3)
    activity = desk.next()
    assert (activity.kind, activity.purpose, activity.reason, activity.objective) == ("mixed", "mixed", "mixed", "t0")


def test_when_all_was_answered_today_an_item_comes_that_counts_for_nothing() -> None:
    topic, made = make_topic("x", "x", 4, readings=0)
    desk = Desk(outline=Outline((topic,), ("x",)), items={item.id: item for item in made})
    for item in made:
        desk.did(item.id, False)
    activity = desk.next()
    assert (activity.kind, activity.reason) == ("mixed", "tomorrow")
    assert activity.item != desk.progress.closed.showing.item if desk.progress.closed else False
    before = desk.standing("x")
    did(desk, activity)
    assert desk.standing("x") == before
    desk.wait(days=1)
    assert (desk.next().kind, desk.next().reason) == ("item", "going")


def test_an_objective_chosen_by_name_begins_with_its_items_and_with_its_section_only_when_it_has_none() -> None:
    desk = Desk()
    assert desk.next(Focus(objective="a1")).kind == "item"
    assert desk.next(Focus(objective="a3")).kind == "item"
    assert desk.next(Focus(objective="b2")).kind == "lesson"


def test_while_one_topic_waits_for_tomorrow_another_is_practised_with_that_reason() -> None:
    parts = [make_topic("x", "x", 4, readings=0), make_topic("y", "x", 4, readings=0)]
    outline = Outline(tuple(topic for topic, _ in parts), ("x",))
    desk = Desk(outline=outline, items={item.id: item for _, made in parts for item in made})
    desk.learn("x")
    for item in parts[1][1]:
        desk.did(item.id, False)
    assert desk.next().kind == "mixed" and desk.next().reason == "tomorrow"


def test_an_empty_outline_has_nothing_to_do() -> None:
    assert Desk(outline=Outline((), ()), items={}).next().kind == "nothing"


# Objectives with few items


def test_an_objective_with_few_items_is_done_when_it_was_read() -> None:
    desk = begun()
    desk.learn("a1")
    desk.learn("a2")
    activity = desk.next()
    assert (activity.kind, activity.objective) == ("lesson", "a3")
    did(desk, activity)
    assert desk.next().objective == "b1"


def test_an_objective_with_few_items_is_read_even_when_some_were_answered() -> None:
    desk = begun()
    desk.learn("a1")
    desk.learn("a2")
    desk.did("a3-0", False)
    desk.did("a3-1", True)
    for _ in range(3):
        activity = desk.next()
        if activity.kind == "lesson":
            break
        did(desk, activity)
    assert (activity.kind, activity.objective) == ("lesson", "a3")
    did(desk, activity)
    desk.wait(days=1)
    assert desk.next().objective != "a3"


def test_an_objective_without_anything_to_read_and_few_items_ends_when_it_is_known() -> None:
    topic, made = make_topic("x", "x", 2, readings=0, kinds=["numeric"])
    desk = Desk(outline=Outline((topic,), ("x",)), items={item.id: item for item in made})
    assert desk.next().kind == "item"
    did(desk, desk.next())
    did(desk, desk.next())
    assert desk.standing("x").known >= LEARNED
    desk.wait(days=1)
    assert desk.next().reason == "mixed"


# What the learner wants


def test_a_focus_on_an_objective_takes_it_whether_or_not_it_is_ready() -> None:
    desk = begun()
    desk.read(OUTLINE.by_id["b1"].readings[0])
    activity = desk.next(Focus(objective="b1"))
    assert (activity.kind, activity.objective) == ("item", "b1")
    assert desk.next(Focus(skill="a", objective="b1")).objective == "b1"


def test_a_focus_on_a_skill_stays_in_it() -> None:
    desk = begun()
    assert desk.next(Focus(skill="b")).skill == "b"
    assert desk.next(Focus(skill="nowhere")).kind == "nothing"


def test_only_what_a_link_allows_is_offered() -> None:
    desk = begun()
    assert desk.next(Focus(allowed=("b",))).skill == "b"
    assert desk.next(Focus(objective="a1", allowed=("b",))).kind == "nothing"


def test_a_learned_focus_is_practised_on() -> None:
    desk = many(2)
    activity = desk.next(Focus(objective="t1"))
    assert (activity.kind, activity.objective) == ("mixed", "t1")


def test_a_path_sets_the_order() -> None:
    desk = begun()
    desk.outline = OUTLINE.along(["a2", "a1"])
    assert desk.next().objective == "a1", "what it requires comes first"
    parts = [make_topic(f"t{n}", "t", 5, readings=0) for n in range(3)]
    outline = Outline(tuple(topic for topic, _ in parts), ("t",))
    desk = Desk(outline=outline.along(["t2"]), items={item.id: item for _, made in parts for item in made})
    desk.event("offered", skill="t", taken=False)
    assert desk.next().objective == "t2"


# Nothing deadlocks

LEARNERS = {"perfect": 1.0, "good": 0.85, "even": 0.5, "poor": 0.3}


class Learning(RuleBasedStateMachine):
    """A learner who does what is offered, with detours; at the end one who answers right gets through all of it."""

    @initialize()
    def begin(self) -> None:
        self.desk = Desk()
        self.last = ""

    @rule(correct=st.sampled_from([True, True, False]))
    def follow(self, correct: bool) -> None:
        activity = self.desk.next()
        if self.last == activity.kind == "review":
            focus = [
                each for each in OUTLINE.topics if self.desk.standing(each.id).known < LEARNED and each.practicable
            ]
            assert all(self._done_today(each.id) for each in focus)
        self.last = activity.kind
        did(self.desk, activity, correct)
        self.desk.wait(minutes=1)

    def _done_today(self, objective: str) -> bool:
        past = [self.desk.progress.items.get(item.id) for item in OUTLINE.by_id[objective].items]
        return all(seen and seen.counted and self.desk.now - seen.counted < DAY for seen in past)

    @rule(item=st.sampled_from(sorted(ITEMS)), correct=st.sampled_from([True, False, None]), level=st.integers(0, 3))
    def wander(self, item: str, correct: bool | None, level: int) -> None:
        self.desk.show(item)
        if level:
            self.desk.hint(level)
        self.desk.answer(correct)
        self.last = "wander"

    @precondition(lambda self: self.desk.progress.open is not None)
    @rule(outcome=st.sampled_from(["skipped", "left", "withdrawn", "changed", "shown"]))
    def leave(self, outcome: str) -> None:
        self.desk.end(outcome)

    @rule(hours=st.sampled_from([0.2, 2, 21, 25, 80, 600, -1, -30]))
    def wait(self, hours: float) -> None:
        self.desk.wait(hours=hours)

    @rule(
        objective=st.sampled_from([topic.id for topic in OUTLINE.topics]),
        what=st.sampled_from(["reset", "correct", "test"]),
    )
    def meddle(self, objective: str, what: str) -> None:
        if what == "reset":
            self.desk.event("reset", objective=objective)
        elif what == "correct":
            self.desk.event("corrected", objective=objective, known=0.5)
        else:
            self.desk.happen([attempts.begin_test_out(objective)])

    @invariant()
    def offers_only_what_exists(self) -> None:
        activity = self.desk.next()
        if activity.item:
            assert OUTLINE.objective_of[activity.item] == activity.objective
        if activity.kind in {"item", "review", "mixed"}:
            assert self.desk.progress.open is None
            seen = self.desk.progress.items.get(activity.item)
            assert (
                activity.purpose in {"test_out", "mixed"}
                or not seen
                or not seen.counted
                or self.desk.now - seen.counted >= DAY
            )
        assert activity.minutes >= 1 and activity.reason

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        latest = [self.desk.now, self.desk.progress.active or self.desk.now]
        self.desk.now = max(latest) + DAY
        self._through()

    def _through(self) -> None:
        """From wherever the learner is, right answers lead to everything learned and then mastered."""
        for _ in range(400):
            if all(self._mastered(topic.id) for topic in OUTLINE.topics):
                return
            activity = self.desk.next()
            did(self.desk, activity)
            self.desk.wait(**({"hours": 25} if activity.kind in {"nothing", "mixed"} else {"minutes": 2}))
        raise AssertionError(f"stuck at {self.desk.next()}")

    def _mastered(self, objective: str) -> bool:
        topic = OUTLINE.by_id[objective]
        read = any(reading.address in self.desk.progress.read for reading in topic.readings)
        return self.desk.standing(objective).status == "mastered" if topic.practicable else read


TestLearning = Learning.TestCase
TestLearning.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_learners_of_every_kind_get_through_the_small_outline(name: str) -> None:
    """Each answers right with a fixed chance, never learns, and still is never stuck: the next step always exists."""
    import random

    rng = random.Random(name)
    desk = Desk()
    for step in range(600):
        activity = desk.next()
        did(desk, activity, rng.random() < LEARNERS[name])
        desk.wait(**({"hours": 25} if activity.kind == "nothing" or step % 15 == 14 else {"minutes": 2}))
    learned = [topic for topic in OUTLINE.topics if topic.practicable and desk.standing(topic.id).learned]
    assert len(learned) == 3 if name in {"perfect", "good"} else desk.progress.recent


def test_along_the_shipped_outline_right_answers_learn_every_objective(shipped: Curriculum) -> None:
    outline = outline_of(shipped)
    desk = Desk(outline=outline, items={item.id: item for item in shipped.items})
    answers = 0
    while any(desk.standing(topic.id).known < LEARNED for topic in outline.topics):
        activity = desk.next()
        assert activity.kind != "nothing"
        answers += bool(activity.item)
        assert answers < 4 * len(outline.topics)
        did(desk, activity)
        desk.wait(seconds=20)
    assert all(desk.standing(topic.id).status == "learned" for topic in outline.topics)
