"""The list of Gradio's files that a page needs is what a real browser fetches."""

import re

import pytest

from tests.e2e.conftest import READY, Open, Scripted
from ui.assets import needed

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("page", "shown"), [("ask", READY), ("practise", "#card button")])
def test_a_page_fetches_what_is_listed_for_it_and_nothing_else(
    scripted: Scripted, opened: Open, page: str, shown: str
) -> None:
    browser = opened(f"{scripted.address}/{page}")
    browser.wait_for_selector(shown)
    addresses = browser.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    found = (re.search(rf"/{page}/assets/([\w-]+\.(?:css|js))$", address) for address in addresses)
    fetched = list(dict.fromkeys(each[1] for each in found if each))
    assert sorted(fetched) == sorted(needed(page)), f'ui/assets.json should list for "{page}": {fetched}'
