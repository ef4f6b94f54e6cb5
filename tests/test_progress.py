"""Where a learner stands, as JSON."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from tests.small_outline import Desk, as_json
from tutor.progress import Progress, Standing, from_json, to_json

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def test_the_beginning_is_an_empty_object() -> None:
    assert to_json(Progress()) == {}
    assert from_json({}) == from_json(None) == Progress()


def test_a_full_progress_comes_back_as_it_was() -> None:
    desk = Desk()
    desk.event("planned", path="creator", goal="größer ✏️", minutes=90)
    desk.read(desk.outline.topics[0].readings[0])
    desk.event("finished", skill="a", lesson="01-first")
    desk.event("offered", skill="a")
    desk.learn("a1")
    desk.happen([])
    desk.event("asked")
    desk.show("a2-0")
    desk.hint(1)
    desk.answer(False, 2)
    desk.event("tested", objective="a2", state="going", right=["a2-1"], constructed=True)
    stored = as_json(to_json(desk.progress))
    assert from_json(stored) == desk.progress
    assert as_json(to_json(from_json(stored))) == stored
    assert desk.progress.open and desk.progress.open.level == 1 and desk.progress.open.ruled_out == (2,)


def test_what_is_stored_of_an_untouched_standing_comes_back() -> None:
    progress = Progress(objectives={"x": Standing()}, items={})
    assert from_json(as_json(to_json(progress))) == progress


@pytest.mark.parametrize(
    ("standing", "status"),
    [
        (Standing(), "new"),
        (Standing(answers=1), "started"),
        (Standing(answers=3, learned=NOW), "learned"),
        (Standing(learned=NOW), "learned"),
        (Standing(answers=4, learned=NOW, mastered=NOW), "mastered"),
    ],
)
def test_a_standing_in_a_word(standing: Standing, status: str) -> None:
    assert standing.status == status


def test_an_objective_never_touched_stands_at_the_beginning() -> None:
    assert Progress().standing("anything") == Standing()


def test_a_value_that_is_no_progress_is_refused() -> None:
    with pytest.raises(ValidationError):
        from_json({"objectives": {"x": {"known": "much"}}})
