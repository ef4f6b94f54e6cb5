"""The quiz of a link on the Practise page: questions one by one, then the result, then what the link still allows."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.linked import came_by
from tests.practising import BEGIN, Desk, an_answer, desk
from tutor.errors import NotFound
from tutor.learner import Learner
from tutor.lti_link import LinkSettings
from tutor.policy import Focus
from tutor.store import Store
from ui.practice import PractisePage
from ui.pressed import pressed_of

LINK = Focus(link=True)


@pytest.fixture
def at(store: Store, tmp_path: Path) -> Desk:
    return desk(store, tmp_path / "lessons")


async def press(page: PractisePage, learner: Learner, act: str, **more: object) -> str:
    return await page._done(learner, pressed_of({"act": act, "focus": {"link": True}, **more}))


async def answered(at: Desk, page: PractisePage, learner: Learner, right: bool) -> str:
    showing = at.practice.progress(learner).open
    assert showing is not None
    given = an_answer(at.practice.item(showing.item), right)
    places = [showing.order.index(choice) + 1 for choice in given.choices]
    return await press(page, learner, "answer", showing=showing.id, number=0, places=places, text=given.text)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_a_quiz_shows_its_number_of_questions_then_the_result_and_the_tries_left(at: Desk, store: Store) -> None:
    anna = came_by(store, LinkSettings("quiz", "text", items=2, attempts=2), BEGIN)
    page = PractisePage(at.practice)
    first = page._opened(anna, LINK, False)
    assert 'data-act="hint"' not in first and "&#34;link&#34;: true" in first
    assert page._opened(anna, LINK, False) == first, "loading the page again asks the same question"
    feedback = await answered(at, page, anna, right=True)
    assert "&#34;link&#34;: true" in feedback
    assert "Your quiz" not in words(await press(page, anna, "next"))
    await answered(at, page, anna, right=False)
    ended = await press(page, anna, "next")
    assert "1 of 2 right. Your best result: 50 %. You can take it once more." in words(ended)
    assert page._opened(anna, LINK, False) == ended
    await press(page, anna, "again")
    for _ in range(2):
        await answered(at, page, anna, right=True)
        ended = await press(page, anna, "next")
    assert "2 of 2 right. Your best result: 100 %." in words(ended) and "2 times" in words(ended)
    assert 'data-act="again"' not in ended
    assert await press(page, anna, "again") == ended, "the page cannot take one more try than the link allows"


async def test_after_the_due_date_it_is_said_that_no_score_is_sent(at: Desk, store: Store) -> None:
    anna = came_by(store, LinkSettings("quiz", "text", items=1, due=BEGIN - timedelta(days=1)), BEGIN)
    page = PractisePage(at.practice)
    page._opened(anna, LINK, False)
    await answered(at, page, anna, right=True)
    assert "no score goes to your course any more" in words(await press(page, anna, "next"))
    assert "no score goes to your course any more" in words(page._opened(anna, Focus(), True))
    assert "no score" not in words(page._opened(Learner("anon:1"), Focus(), True))


def test_who_came_by_no_link_to_a_quiz_is_told_so(at: Desk, store: Store) -> None:
    for learner in (Learner("anon:1"), came_by(store, LinkSettings("skill", "text"), BEGIN)):
        with pytest.raises(NotFound, match="no quiz here"):
            PractisePage(at.practice)._opened(learner, LINK, False)


async def test_the_page_cannot_reach_beyond_the_scope_of_the_link(at: Desk, store: Store) -> None:
    anna = came_by(store, LinkSettings(scope=("another",)), BEGIN)
    wide = {"skill": "text", "objective": "tx-tok", "allowed": ["text"]}
    html = await PractisePage(at.practice)._done(anna, pressed_of({"act": "next", "focus": wide}))
    assert "data-showing" not in html and at.practice.progress(anna).open is None
