"""My data and the portfolio in a real browser: no violation in any state, nothing typed is lost, nothing is left."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Open, Scripted, free_port, wait_until_healthy
from tests.e2e.test_accessibility import no_violation

pytestmark = [pytest.mark.browser, pytest.mark.long]

TASK = "write?lesson=model-tuning/02-learning-rate&section=try-it"
PROJECT_LESSON = "read?lesson=model-tuning/10-project"
WORK = """# Four rates on a log scale

I ran Adam with **four** rates for 20 epochs each:

| rate | loss after 20 epochs |
|---|---:|
| 0.1 | 2.31 |
| 0.01 | 0.09 |
| 0.001 | 0.21 |
| 0.0001 | 1.48 |

- 0.1 is *too high*: the loss bounces and ends where it began.
- 0.01 is about right: it falls and then flattens.

```python
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
```
"""
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> שלום עולם \u202eabc 👩‍🚀 "
    + "w" * 400
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """The pages with a model that answers by script."""
    import uvicorn

    from tests.scripted_tutor import ScriptedTutor
    from tests.small_curriculum import Scripted as Model
    from tutor.curriculum import load
    from tutor.settings import Settings, shipped_curricula
    from tutor.store import open_store
    from ui.app import create_app

    data = tmp_path_factory.mktemp("data")
    store = open_store(f"sqlite:///{data / 'tutor.sqlite3'}")
    tutor: Any = ScriptedTutor(store, load([shipped_curricula()]))
    said = [(True, "four"), (True, "0.01 is about right"), (True, "a second round of rates"), (False, ""), (False, "")]
    seen = [{"criterion": n, "met": met, "quote": quote} for n, (met, quote) in enumerate(said, 1)]
    seen[0]["quote"] = "with **four** rates for 20 epochs each"
    tutor.model, tutor.similarity = Model(structured=json.dumps({"criteria": seen})), None

    tutor.settings = Settings(data=data, model="scripted-model", base_url="http://127.0.0.1:9/v1")
    app = create_app(tutor, tutor.settings)
    port = free_port()
    config = uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{port}"
    wait_until_healthy(address, thread.is_alive)
    yield Scripted(address, tutor)
    running.should_exit = True
    thread.join(10)
    store.close()


def save(page: Page, words: str = WORK, ticks: int = 2) -> None:
    page.goto(f"{page.url.rsplit('/', 1)[0]}/{TASK}")
    page.fill("#words", words)
    for number in range(ticks):
        page.locator("input[name=met]").nth(number).check()
    page.click("text=Save to my portfolio")
    page.wait_for_selector(".piece")


def looked(page: Page) -> None:
    save(page)
    page.click("text=Let the model look at it")
    page.wait_for_selector(".seen")


def too_long(page: Page) -> None:
    page.evaluate("document.querySelector('#words').removeAttribute('maxlength')")
    page.fill("#words", "x" * 20_001)
    page.click("text=Save to my portfolio")
    page.wait_for_selector("[role=alert]")


def deleted(page: Page) -> None:
    page.click("text=Delete everything about me")
    page.check("input[name=sure]")
    page.click("text=Delete for good")
    page.wait_for_url("**/deleted")


def downloaded(browser: Browser, path: Path) -> Page:
    """A file that was downloaded, opened from the disk."""
    page = browser.new_page()
    page.goto(path.as_uri())
    return page


STATES: dict[str, tuple[str, Callable[[Page], object]]] = {
    "data": ("data", lambda page: None),
    "data, filled": ("data", lambda page: (save(page), page.goto(page.url.rsplit("/", 1)[0] + "/data"))),
    "data, delete open": ("data", lambda page: page.click("text=Delete everything about me")),
    "deleted": ("data", deleted),
    "portfolio, empty": ("portfolio", lambda page: None),
    "portfolio": ("portfolio", save),
    "portfolio, hostile": ("portfolio", lambda page: save(page, HOSTILE)),
    "portfolio, opinion": ("portfolio", looked),
    "portfolio, delete open": ("portfolio", lambda page: (save(page), page.click(".piece summary"))),
    "write": (TASK, lambda page: None),
    "write, project": (
        "write?lesson=model-tuning/10-project&section=what-is-the-brief-and-what-does-good-work-show",
        lambda page: page.click("text=Read the brief"),
    ),
    "write, too long": (TASK, too_long),
    "lesson": (PROJECT_LESSON, lambda page: page.locator("text=Write it up").last.scroll_into_view_if_needed()),
    "menu": ("data", lambda page: page.click(".menu summary")),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", STATES)
def test_a_state_has_no_violation_and_nothing_is_cut_off(place: Scripted, opened: Open, name: str, theme: str) -> None:
    address, reach = STATES[name]
    for width, height in ((1280, 860), (390, 844)):
        page = opened(f"{place.address}/{address}", width, height, theme)
        reach(page)
        no_violation(page)
        assert page.title() != "owned"
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_piece_is_written_from_the_lesson_looked_at_changed_and_downloaded(
    place: Scripted, opened: Open, browser: Browser, tmp_path: Path
) -> None:
    page = opened(f"{place.address}/{PROJECT_LESSON}")
    page.locator("text=Write it up").first.click()
    expect(page.locator(".criteria legend")).to_contain_text("What good work shows")
    page.fill("#words", WORK)
    page.locator("input[name=met]").first.check()
    page.click("text=Save to my portfolio")
    expect(page.locator(".notice")).to_have_text("Saved.")
    expect(page.locator(".piece")).to_contain_text("1 of 5 criteria met")
    expect(page.locator(".piece table td").first).to_have_text("0.1")
    page.click("text=Change")
    expect(page.locator("#words")).to_have_value(WORK)
    page.locator("input[name=met]").nth(1).check()
    page.click("text=Save to my portfolio")
    expect(page.locator(".piece")).to_contain_text("2 of 5 criteria met")
    with page.expect_download() as waiting:
        page.click("text=Download as one page")
    waiting.value.save_as(tmp_path / "portfolio.html")
    read = downloaded(browser, tmp_path / "portfolio.html")
    expect(read.locator("article h2")).to_contain_text("Project")
    assert read.locator("script").count() == 0
    page.click(".piece summary")
    page.click("text=Delete for good")
    expect(page.locator(".piece")).to_have_count(0)


def test_what_was_typed_survives_leaving_the_page_and_not_the_deletion(place: Scripted, opened: Open) -> None:
    page = opened(f"{place.address}/{TASK}")
    page.locator("#words").press_sequentially("typed and not saved")
    page.goto(f"{place.address}/about")
    page.goto(f"{place.address}/{TASK}")
    expect(page.locator("#words")).to_have_value("typed and not saved")
    expect(page.locator("[data-restored]")).to_be_visible()
    page.click("text=Save to my portfolio")
    page.goto(f"{place.address}/{TASK}")
    expect(page.locator("#words")).to_have_value("typed and not saved")
    expect(page.locator("[data-restored]")).to_be_hidden()
    page.locator("#words").press_sequentially(" and more")
    page.goto(f"{place.address}/data")
    deleted(page)
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('piece:')).length") == 0
    page.goto(f"{place.address}/{TASK}")
    expect(page.locator("#words")).to_have_value("")


def test_everything_is_downloaded_and_then_deleted(
    place: Scripted, opened: Open, browser: Browser, tmp_path: Path
) -> None:
    page = opened(f"{place.address}/portfolio")
    save(page, HOSTILE)
    page.goto(f"{place.address}/data")
    with page.expect_download() as waiting:
        page.click("text=Download everything")
    waiting.value.save_as(tmp_path / "my-data.json")
    assert json.loads((tmp_path / "my-data.json").read_text(encoding="utf-8"))["portfolio"][0]["text"] == HOSTILE
    with page.expect_download() as waiting:
        page.click("text=Download to read")
    waiting.value.save_as(tmp_path / "my-data.html")
    read = downloaded(browser, tmp_path / "my-data.html")
    expect(read.locator("h1")).to_have_text("My data")
    assert read.title() == "My data · Tutor" and read.locator("script, img").count() == 0
    page.click("text=Delete everything about me")
    page.click("text=Delete for good")  # without the tick the browser asks for it
    assert page.url.endswith("/data")
    deleted_words = page.locator("h1")
    page.check("input[name=sure]")
    page.click("text=Delete for good")
    expect(deleted_words).to_have_text("Everything about you is deleted")
    page.click("text=Begin anew")
    page.goto(f"{place.address}/portfolio")
    expect(page.locator(".piece")).to_have_count(0)


def test_everything_can_be_done_with_the_keyboard(place: Scripted, opened: Open) -> None:
    page = opened(f"{place.address}/{TASK}")
    page.focus("#words")
    page.keyboard.type("by keys")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("input[name=met]").first).to_be_checked()
    for _ in range(page.locator("input[name=met]").count()):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".piece")).to_contain_text("by keys")
    page.goto(f"{place.address}/data")
    page.focus("summary.btn")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/deleted")
