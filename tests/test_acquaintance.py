"""What a model is told of a learner."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.practising import Desk, desk
from tutor import quizzing, wishes
from tutor.acquaintance import LONGEST, about
from tutor.item import Item
from tutor.learner import Learner
from tutor.outline import Outline
from tutor.progress import Plan, Progress, Standing
from tutor.store import Store

ANNA = Learner("anon:anna")


@pytest.fixture
def at(store: Store, tmp_path: Path) -> Desk:
    return desk(store, tmp_path / "lessons")


def outline(at: Desk) -> Outline:
    return at.practice.known()[1]


def nothing(name: str) -> Item | None:
    return None


async def answered_wrong(at: Desk) -> Item:
    """The item that was answered wrong until it was closed."""
    for _ in range(12):
        progress = at.go(ANNA)
        assert progress.open is not None
        item = at.practice.item(progress.open.item)
        while progress.open is not None and progress.open.item == item.id:
            progress = await at.answer(ANNA, right=False)
        if item.options and progress.closed is not None and progress.closed.outcome == "wrong":
            return item
    raise AssertionError("no choice was answered wrong")


def test_of_a_stranger_nothing_is_told(at: Desk) -> None:
    assert about(Progress(), outline(at), "", ["tx-tok"], nothing) == ""


def test_path_aim_and_standing_are_told(at: Desk) -> None:
    progress = Progress(
        objectives={"tx-tok": Standing(answers=4, right=1, wrong_in_row=2), "tx-stop": Standing(answers=2, right=2)},
        plan=Plan("builder", "Build a\nsearch for our manuals"),
    )
    told = about(progress, outline(at), "Builder", ["tx-tok", "tx-unknown"], nothing).split("\n")
    assert told[0] == "- Follows the path: Builder"
    assert told[1] == "- Aim, in the learner's own words: Build a search for our manuals"
    assert told[2].endswith("weak, 1 of 4 first answers right, the last 2 wrong")
    assert len(told) == 3, "only objectives of the passages are told of"


async def test_last_wrong_answer_is_told_with_what_is_wrong_with_it(at: Desk) -> None:
    item = await answered_wrong(at)
    progress = at.practice.progress(ANNA)
    told = about(progress, outline(at), "", [item.objective], at.practice.known()[2].get)
    wrong = [option for option in item.options if not option.correct and option.text in told]
    assert len(wrong) == 1
    assert f'Last wrong answer, to "{item.stem}"' in told
    assert wrong[0].feedback in told
    elsewhere = about(progress, outline(at), "", ["tx-other"], at.practice.known()[2].get)
    assert item.stem not in elsewhere


async def test_nothing_is_told_while_an_item_is_open(at: Desk) -> None:
    await answered_wrong(at)
    wishes.plan(at.practice, ANNA, "", "Pass the exam", 30)
    progress = at.go(ANNA)
    assert progress.open is not None
    assert about(progress, outline(at), "Builder", ["tx-tok", "tx-stop"], at.practice.known()[2].get) == ""


async def test_mistake_on_an_edited_item_is_not_told(at: Desk) -> None:
    item = await answered_wrong(at)
    progress = at.practice.progress(ANNA)
    edited = replace(item, stem="Another question?")
    assert edited.content_hash != item.content_hash
    assert "Last wrong" not in about(progress, outline(at), "", [item.objective], lambda name: edited)


def test_long_words_are_cut(at: Desk) -> None:
    told = about(Progress(plan=Plan(goal="x" * 5000)), outline(at), "", [], nothing)
    assert len(told) < LONGEST + 60


def test_plan_of_the_learner_is_what_is_told(at: Desk) -> None:
    wishes.plan(at.practice, ANNA, "", "Pass the exam", 30)
    known = quizzing.acquainted(at.practice, at.practice.progress(ANNA))
    assert known(["tx-tok"]) == "- Aim, in the learner's own words: Pass the exam"
