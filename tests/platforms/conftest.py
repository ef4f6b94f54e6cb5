"""One tutor and one browser for all platforms."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.platforms.browsing import SLOW, browsing
from tests.platforms.running import Tutor


@pytest.fixture(scope="session")
def tutor_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tutor]:
    made = Tutor(tmp_path_factory.mktemp("tutor"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1100, "height": 800})
    context.set_default_timeout(SLOW)
    yield context.new_page()
    context.close()
