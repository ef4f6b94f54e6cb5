"""No axe violation in any state, in both themes; keyboard only; narrow, zoomed and forced-colour views."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import READY, Open, Scripted, answered, ask

pytestmark = pytest.mark.browser

LESSON = "read?lesson=model-tuning/02-learning-rate"


def no_violation(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    told = [
        (each["id"], [node["html"][:200] + " | " + node["failureSummary"][:300] for node in each["nodes"][:3]])
        for each in found
    ]
    assert told == []


def asking(
    question: str, state: str = "done", then: Callable[[Page], object] = lambda page: None
) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        ask(page, question)
        answered(page, state)
        then(page)

    return reach


STATES: dict[str, tuple[str, Callable[[Page], object]]] = {
    "first visit": ("", lambda page: None),
    "skill": ("lessons?skill=model-tuning", lambda page: None),
    "lesson": (LESSON, lambda page: None),
    "conversations, none": ("conversations", lambda page: None),
    "about": ("about", lambda page: None),
    "menu": ("", lambda page: page.click(".menu summary")),
    "missing page": ("nothing-here", lambda page: None),
    "ask, empty": ("ask", lambda page: page.wait_for_selector(READY)),
    "ask, skills": ("ask", lambda page: (page.wait_for_selector(READY), page.click("#scope input"))),
    "thinking": ("ask", asking("hang", "working")),
    "answered": ("ask", asking("show all")),
    "sources": ("ask", asking("show sources", then=lambda page: page.click("#live .sources summary"))),
    "source panel": (
        "ask",
        asking(
            "open it", then=lambda page: (page.click("#live a.cite >> nth=0"), page.wait_for_selector("#panel mark"))
        ),
    ),
    "something's wrong": ("ask", asking("a report", then=lambda page: page.click("#live .wrong summary"))),
    "unverified": ("ask", asking("unsupported please")),
    "model failed": ("ask", asking("busy model")),
    "declined": ("ask", asking("decline this")),
    "not covered": ("ask", asking("uncovered thing")),
    "failed": ("ask", asking("break it", "failed")),
    "lost": (
        "ask",
        lambda page: (page.wait_for_selector(READY), page.evaluate("document.querySelector('#lost').hidden = false")),
    ),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", STATES)
def test_a_state_has_no_violation(scripted: Scripted, opened: Open, name: str, theme: str) -> None:
    address, reach = STATES[name]
    width, height = (1280, 860) if theme == "light" else (390, 844)
    page = opened(f"{scripted.address}/{address}", width, height, theme)
    reach(page)
    no_violation(page)
    if name == "thinking":
        page.click("#stop")
        answered(page, "stopped")
        no_violation(page)


def test_everything_can_be_done_with_the_keyboard(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    page.wait_for_selector(READY)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, "#question textarea")
    page.keyboard.type("keys only")
    page.keyboard.press("Enter")
    answered(page)
    reach(page, "#live a.cite", backwards=True)
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel mark")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    reach(page, "#live .wrong summary")
    page.keyboard.press("Enter")
    reach(page, "#live .wrong input")
    page.keyboard.press("ArrowDown")
    reach(page, "#live .wrong button")
    page.keyboard.press("Enter")
    expect(page.locator("#live .thanks")).to_be_visible()


def reach(page: Page, selector: str, backwards: bool = False) -> None:
    """Press Tab until the element is focused, and check that its focus can be seen."""
    for _ in range(60):
        if page.evaluate("s => document.activeElement?.matches(s)", selector):
            seen = page.evaluate(
                """() => { let e = document.activeElement; for (let i = 0; e && i < 6; i++, e = e.parentElement) {
                  const s = getComputedStyle(e), after = getComputedStyle(e, '::after');
                  if (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) return true;
                  if (after.content === 'none' || after.outlineStyle === 'none') continue;
                  if (parseFloat(after.outlineWidth) > 0) return true; }
                  return false; }"""
            )
            assert seen, f"the focus of {selector} cannot be seen"
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


@pytest.mark.parametrize("address", ["", "lessons?skill=nlp", LESSON, "conversations", "about", "ask"])
def test_nothing_is_cut_off_at_320_pixels(scripted: Scripted, opened: Open, address: str) -> None:
    page = opened(f"{scripted.address}/{address}", 320, 640)
    if address == "ask":
        ask(page, "narrow")
        answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_at_200_percent_the_composer_and_the_answer_can_both_be_read(scripted: Scripted, opened: Open) -> None:
    # A window of 1280 x 860 zoomed to 200 % has 640 x 430 CSS pixels.
    page = opened(f"{scripted.address}/ask", 640, 430, device_scale_factor=2)
    ask(page, "zoomed")
    answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    box = page.locator("#composer").bounding_box()
    assert box is not None
    assert box["height"] < 120
    assert box["y"] + box["height"] <= 430


def test_forced_colours_keep_numbers_and_the_current_tab_apart(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask", forced_colors="active")
    ask(page, "forced")
    answered(page)
    assert page.eval_on_selector("#live a.cite", "e => getComputedStyle(e).borderTopStyle") == "solid"
    no_violation(page)


def test_a_printed_lesson_is_the_text_alone(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/{LESSON}")
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator("nav.contents")).to_be_hidden()
    expect(page.locator(".about").first).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("pre").first).to_be_visible()
