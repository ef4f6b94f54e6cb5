"""What a learner does besides answering."""

from pathlib import Path

import pytest

from tests.practising import desk
from tutor import wishes
from tutor.learner import Learner
from tutor.store import open_store

ANNA = Learner("anon:anna")


@pytest.mark.parametrize("minutes", [1, 20])
async def test_who_read_a_section_before_two_wrong_answers_gets_on_by_opening_it_again(
    tmp_path: Path, minutes: int
) -> None:
    """Within AGAIN of the first time too, or the same next step would come for minutes."""
    store = open_store(f"sqlite:///{tmp_path / 'tutor.sqlite3'}")
    at = desk(store, tmp_path / "lessons")
    wishes.decline_probe(at.practice, ANNA, "text")
    section = at.practice.proceed(ANNA).activity.reading
    assert section is not None
    wishes.opened(at.practice, ANNA, section.skill, section.lesson, section.anchor)
    for _ in range(2):
        at.wait(minutes=minutes / 2)
        at.practice.proceed(ANNA)
        await at.answer(ANNA, right=False)
        opened = at.practice.progress(ANNA).open
        if opened is not None:
            at.practice.skip(ANNA, opened.id)
    step = at.practice.proceed(ANNA)
    assert step.activity.kind == "example" and step.activity.reading == section
    wishes.opened(at.practice, ANNA, section.skill, section.lesson, section.anchor)
    assert at.practice.proceed(ANNA).progress.open is not None
    store.close()
