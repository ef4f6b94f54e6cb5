"""Which item of a topic comes next."""

from dataclasses import replace
from itertools import pairwise

from tests.small_outline import BLOOM, OUTLINE, Desk, make_item, make_topic, outlined
from tutor import progress as values
from tutor.item_choice import BANDS, band, choose_item
from tutor.item_choice import test_out_item as probe_item
from tutor.outline import Outline, Topic
from tutor.progress import Progress, Standing

A1 = OUTLINE.by_id["a1"]


def singles(blooms: list[int]) -> tuple[Topic, dict[str, object]]:
    items = [make_item(f"x-{n}", "x", "x", "single", BLOOM[bloom]) for n, bloom in enumerate(blooms)]
    return Topic("x", "x", "X", (), tuple(map(outlined, items)), ()), {item.id: item for item in items}


def at_desk(topic: Topic, items: dict[str, object]) -> Desk:
    return Desk(outline=Outline((topic,), ("x",)), items=items)  # type: ignore[arg-type]


def test_an_unseen_item_comes_before_a_seen_one_until_all_were_seen() -> None:
    desk = Desk()
    seen = []
    for _ in A1.items:
        item = choose_item(desk.progress, A1, desk.now)
        assert item is not None and item.id not in seen
        seen.append(item.id)
        desk.did(item.id, False)
    assert choose_item(desk.progress, A1, desk.now) is None
    desk.wait(hours=24)
    again = choose_item(desk.progress, A1, desk.now)
    assert again is not None


def test_every_third_answer_is_written() -> None:
    desk = Desk()
    written = []
    for _ in range(6):
        item = choose_item(desk.progress, A1, desk.now)
        assert item is not None
        written.append(item.constructed)
        desk.did(item.id, False)
    assert written[:3] == [False, False, True]


def test_the_bloom_level_follows_the_estimate_and_falls_when_the_answers_were_too_hard() -> None:
    easy, middle, hard = BANDS
    assert band(Progress(), Standing(known=0.25)) == easy
    assert band(Progress(), Standing(known=0.5)) == middle
    assert band(Progress(), Standing(known=0.9)) == hard
    tired = Progress(recent=(True,) * 5 + (False,) * 5)
    assert band(tired, Standing(known=0.9)) == middle
    assert band(tired, Standing(known=0.25)) == easy
    assert band(Progress(recent=(True,) * 6 + (False,) * 4), Standing(known=0.9)) == hard
    assert band(Progress(recent=(False,) * 9), Standing(known=0.9)) == hard, "nine answers are too few to tell"


def test_a_beginner_gets_an_easy_item_and_who_knows_more_a_harder_one() -> None:
    topic, _ = singles([4, 1, 2, 3])
    beginner = choose_item(Progress(), topic, Desk().now)
    assert beginner and beginner.bloom == 1
    knower = Progress(objectives={"x": Standing(known=0.9)})
    expert = choose_item(knower, topic, Desk().now)
    assert expert and expert.bloom >= 3


def test_a_skipped_item_does_not_come_back_at_once() -> None:
    desk = Desk()
    for item in A1.items:
        desk.show(item.id)
        desk.end("skipped")
    got = []
    for _ in range(4):
        item = choose_item(desk.progress, A1, desk.now)
        assert item is not None
        got.append(item.id)
        desk.show(item.id)
        desk.end("skipped")
    assert all(one != other for one, other in pairwise(got))


def test_another_item_than_the_one_that_completed_the_learning_comes_to_master_it() -> None:
    """With one item alone in its band, the same item would come at each review, and nothing would ever be mastered."""
    topic, items = singles([0, 1, 2, 4])
    desk = at_desk(topic, items)
    for name in ("x-0", "x-1", "x-3", "x-2"):
        desk.did(name, True)
    assert desk.standing("x").learned
    by = desk.standing("x").learned_by
    assert by == "x-3"
    desk.wait(days=2)
    item = choose_item(desk.progress, topic, desk.now)
    assert item and item.id != by


def test_the_choice_is_always_the_same_for_the_same_standing() -> None:
    assert choose_item(Progress(), A1, Desk().now) == choose_item(Progress(), A1, Desk().now)


def test_a_test_out_takes_unseen_items_and_ends_with_a_written_one() -> None:
    first = probe_item(Progress(), A1)
    assert first is not None
    choice = next(item for item in A1.items if not item.constructed)
    going = Progress(items={choice.id: object()}, testing=values.TestOut("a1", (choice.id,), False))  # type: ignore[dict-item]
    second = probe_item(going, A1)
    assert second and second.constructed and second.id != choice.id


def test_a_test_out_needs_two_unseen_items_one_of_them_written() -> None:
    topic, _ = make_topic("y", "y", 4, kinds=["single"])
    assert probe_item(Progress(), topic) is None
    topic, _ = make_topic("y", "y", 2, kinds=["single", "numeric"])
    assert probe_item(Progress(), topic) is not None
    one_left = Progress(items={"y-0": object()})  # type: ignore[dict-item]
    assert probe_item(one_left, topic) is None
    assert probe_item(replace(one_left, testing=values.TestOut("y", ("y-0",), False)), topic) == topic.items[1]
    assert probe_item(replace(one_left, testing=values.TestOut("y", (), False)), topic) is None


def test_a_test_out_of_another_objective_does_not_matter() -> None:
    going = Progress(testing=values.TestOut("b1", ("b1-0",), False))
    assert probe_item(going, A1) == probe_item(Progress(), A1)
