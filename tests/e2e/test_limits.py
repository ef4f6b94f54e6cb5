"""What the server refuses is said on the Ask page, and the words are kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import READY, Open
from tests.scripted_tutor import ScriptedTutor
from tests.web_server import running
from tutor.curriculum import load
from tutor.settings import Settings, shipped_curricula
from tutor.store import open_store
from ui.server import create_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data: Path = tmp_path_factory.mktemp("strict")
    # Opening the page is one write, a question another: the second question is one too many.
    settings = Settings(data=data, writes_per_minute=2, _env_file=None)  # type: ignore[call-arg]
    store = open_store(settings.database)
    app = create_app(ScriptedTutor(store, load([shipped_curricula()])), settings)  # type: ignore[arg-type]
    with running(app) as address:
        yield address
    store.close()


def test_too_many_questions_are_told_with_the_time_to_wait_and_the_words_stay(strict: str, opened: Open) -> None:
    page = opened(f"{strict}/ask")
    page.wait_for_selector(READY)
    page.fill("#question textarea", "What is a token?")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#live .turn[data-state=done]")
    with page.expect_response(
        lambda answer: answer.url.endswith("/queue/join?") or "/queue/join" in answer.url
    ) as told:
        page.fill("#question textarea", "What is an embedding?")
        page.press("#question textarea", "Enter")
    assert told.value.status == 429
    assert int(told.value.headers["retry-after"]) > 0
    page.wait_for_selector("#lost:not([hidden])")
    words = page.text_content("#lost-words") or ""
    assert "wait" in words and "seconds, then try again." in words
    assert page.evaluate("Object.entries(sessionStorage).some(([, kept]) => kept === 'What is an embedding?')")
