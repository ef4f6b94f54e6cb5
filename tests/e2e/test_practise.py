"""Practising in a real browser: by mouse, by keyboard alone, on a phone, in two tabs, and when the server is gone."""

import re

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.e2e.conftest import READY, Open, Scripted, Server, answered, ask
from tests.e2e.test_accessibility import no_violation
from tutor.curriculum import Curriculum
from tutor.item import Item

pytestmark = pytest.mark.browser


def shown(page: Page | Frame, curriculum: Curriculum) -> Item:
    """The item that stands on the page, told by its showing."""
    words = " ".join(page.locator(".item .stem").inner_text().split())
    by_stem = {" ".join(re.sub(r"[`*$\\]", "", item.stem).split()): item for item in curriculum.items}
    found = by_stem.get(words)
    assert found is not None, words
    return found


def choose(page: Page | Frame, item: Item, right: bool) -> None:
    """Choose or write an answer, without checking it."""
    if item.options:
        boxes = page.locator(".item label.opt")
        texts = [" ".join(re.sub(r"[`*$\\]", "", option.text).split()) for option in item.options if option.correct]
        for number in range(boxes.count()):
            words = " ".join(boxes.nth(number).inner_text().split()).split(" ", 1)[1]
            if (words in texts) == right:
                boxes.nth(number).click()
                if item.kind == "single" or not right:
                    return
    else:
        value = f"{item.value:g}" if item.kind == "numeric" and item.value is not None else "".join(item.accepted[:1])
        page.fill(".item [name=text]", value if right else "99999")


def practise(page: Page, address: str, objective: str = "nlp-tok", kind: str = "single") -> None:
    """Open an item of a kind on an objective, skipping others."""
    page.goto(f"{address}/practise?objective={objective}")
    for _ in range(8):
        page.wait_for_selector(".item.open")
        choice = page.locator(".item input[name=choice]").count()
        if (kind == "single") == bool(choice):
            return
        before = page.locator(".item").get_attribute("data-showing")
        page.click("[data-act=skip]")
        page.wait_for_function("id => document.querySelector('.item')?.dataset.showing !== id", arg=before)
    raise AssertionError(f"no item of the kind {kind}")


def checked(page: Page) -> None:
    """Press Check and wait for what comes of it."""
    page.click(".item form[data-item] .btn.primary")
    page.wait_for_selector(".item .verdict, .item .notice")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_item_wrong_hint_right_and_why(scripted: Scripted, opened: Open, width: int, theme: str) -> None:
    page = opened(f"{scripted.address}/", width=width, theme=theme)
    practise(page, scripted.address)
    no_violation(page)
    item = shown(page, scripted.tutor.curriculum)
    choose(page, item, right=False)
    checked(page)
    expect(page.locator(".opt.bad")).to_have_count(1)
    expect(page.locator(".opt.good")).to_have_count(0)
    page.click("[data-act=hint]")
    page.wait_for_selector(".hint")
    no_violation(page)
    choose(page, item, right=True)
    page.click(".item form[data-item] .btn.primary")
    page.wait_for_selector(".opt.good")
    expect(page.locator(".why")).to_be_visible()
    no_violation(page)
    page.click(".item [data-panel]")
    page.wait_for_selector("#panel h2")
    expect(page.locator("#panel")).to_be_visible()
    no_violation(page)
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


DROP_ONE = """() => {
  let left = 1;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#grant") || !left) return;
    left -= 1;
    event.stopImmediatePropagation();
    document.querySelector("gradio-app").append(document.createElement("i"));
  }, true);
}"""
"""What Gradio does with a press while it still carries the one before, and with the page meanwhile."""


def test_a_press_that_gradio_drops_is_pressed_again_and_counts_once(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    practise(page, scripted.address)
    item = shown(page, scripted.tutor.curriculum)
    choose(page, item, right=False)
    page.evaluate(DROP_ONE)
    page.click(".item form[data-item] .btn.primary")
    expect(page.locator(".opt.bad")).to_have_count(1, timeout=3000)
    page.wait_for_timeout(3000)
    expect(page.locator(".item")).to_have_attribute("data-number", "1")


def test_keyboard_alone_answers_an_item(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    practise(page, scripted.address)
    page.keyboard.press("h")
    page.wait_for_selector(".hint")
    page.keyboard.press("1")
    expect(page.locator(".item input[value='1']")).to_be_checked()
    page.keyboard.press("2")
    expect(page.locator(".item input[value='2']")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict")
    if page.locator(".item.open").count():
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        page.wait_for_selector(".why")
    before = page.locator(".item").get_attribute("data-showing")
    page.keyboard.press("Enter")
    page.wait_for_function("id => document.querySelector('.item')?.dataset.showing !== id", arg=before)


def test_nothing_chosen_is_no_answer(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    practise(page, scripted.address)
    page.click(".item form[data-item] .btn.primary")
    expect(page.locator(".item")).to_have_attribute("data-number", "0")
    expect(page.locator(".item .verdict")).to_have_count(0)


def test_words_in_a_numeric_item_are_told_and_kept(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    practise(page, scripted.address, "mt-par", kind="written")
    if shown(page, scripted.tutor.curriculum).kind == "numeric":
        page.fill(".item [name=text]", "a great many")
        checked(page)
        expect(page.locator(".item .notice")).to_contain_text("Nothing was counted")
        expect(page.locator(".item")).to_have_attribute("data-number", "0")


def test_open_item_is_there_after_loading_again_and_in_a_second_tab(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    practise(page, scripted.address)
    showing = page.locator(".item").get_attribute("data-showing")
    page.goto(f"{scripted.address}/practise")
    page.wait_for_selector(".item.open")
    assert page.locator(".item").get_attribute("data-showing") == showing
    other = page.context.new_page()
    other.goto(f"{scripted.address}/practise")
    other.wait_for_selector(".item.open")
    item = shown(other, scripted.tutor.curriculum)
    choose(other, item, right=True)
    checked(other)
    choose(page, item, right=False)
    checked(page)
    expect(page.locator(".item")).to_have_attribute("data-outcome", "right")


def test_summary_and_today_tell_what_was_done(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    practise(page, scripted.address)
    choose(page, shown(page, scripted.tutor.curriculum), right=True)
    checked(page)
    page.click("[data-act=done]")
    page.wait_for_selector(".item:has-text('This session')")
    expect(page.locator(".item")).to_contain_text("1 of 1 first answer right")
    no_violation(page)
    page.click("text=To Today")
    expect(page.locator("h1")).to_have_text("Welcome back")
    expect(page.locator(".next h2")).not_to_be_empty()
    no_violation(page)


def test_i_know_this_begins_a_test_out_without_hints(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    practise(page, scripted.address, "nlp-stop")
    page.click("[data-act=test_out]")
    page.wait_for_selector(".item-head:has-text('test-out')")
    expect(page.locator("[data-act=hint]")).to_have_count(0)


def test_disputed_grade_is_acknowledged(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    practise(page, scripted.address)
    choose(page, shown(page, scripted.tutor.curriculum), right=False)
    checked(page)
    page.click(".item .wrong summary")
    page.fill(".item .wrong textarea", "I think that both are right")
    page.click(".item .wrong .btn")
    expect(page.locator(".item .notice")).to_contain_text("Thank you")


def test_quiz_me_in_the_chat_shows_an_item_and_grades_a_typed_answer(server: Server, opened: Open) -> None:
    from tutor.curriculum import load
    from tutor.settings import shipped_curricula

    page = opened(f"{server.address}/ask")
    ask(page, "Quiz me on tokenization")
    answered(page)
    page.wait_for_selector("#live .item.open")
    no_violation(page)
    item = shown(page, load([shipped_curricula()]))
    if item.options:
        ask(page, "9")
        answered(page)
        page.wait_for_selector("#live .item.open")
        ask(page, "1")
        answered(page)
    else:
        ask(page, "77777")
        answered(page)
    expect(page.locator("#live .item .verdict")).to_be_visible()
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("#live .item")).to_have_count(1)
