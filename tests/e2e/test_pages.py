"""Today, lessons, conversations and the menu in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import READY, Open, Scripted, answered, ask

pytestmark = pytest.mark.browser


def test_the_theme_is_remembered_and_set_before_the_first_paint(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    page.click(".menu summary")
    page.check("input[name=theme][value=dark]", force=True)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto(f"{scripted.address}/about")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark == "rgb(20, 21, 19)"
    page.goto(f"{scripted.address}/ask")
    page.wait_for_selector(READY)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_escape_and_a_click_elsewhere_close_the_menu(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    page.click(".menu summary")
    page.keyboard.press("Escape")
    expect(page.locator(".menu-body")).to_be_hidden()
    page.click(".menu summary")
    page.click("h1")
    expect(page.locator(".menu-body")).to_be_hidden()


def test_a_lesson_leads_to_a_question_about_a_section(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/")
    page.click("text=Model tuning")
    page.click("text=Learning rate")
    expect(page.locator("nav.contents li")).not_to_have_count(0)
    page.locator(".about a").first.click()
    page.wait_for_selector(READY)
    expect(page.locator("#question textarea")).to_have_value(
        "Explain this to me: What does the learning rate do, and why is it a hyperparameter?"
    )
    expect(page.locator("#scope input")).to_have_value("Model tuning")


def test_a_cited_section_is_scrolled_to_its_marked_sentence(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "cite")
    answered(page)
    page.goto(f"{scripted.address}/{page.locator('#live a.cite').nth(1).get_attribute('href')}")
    expect(page.locator("mark").first).to_be_in_viewport()


def test_conversations_are_listed_renamed_continued_and_deleted(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "first of mine")
    answered(page)
    page.goto(f"{scripted.address}/conversations")
    expect(page.locator(".talk")).to_have_count(1)
    page.click("text=Rename")
    page.fill("input[name=title]", "Another <b>name</b>")
    page.click("text=Save")
    expect(page.locator(".talk b")).to_have_text("Another <b>name</b>")
    page.goto(f"{scripted.address}/")
    expect(page.locator("h1")).to_have_text("Welcome back")
    page.click(".chips-row a[href^='ask?c=']")
    page.wait_for_selector(READY)
    expect(page.locator("#live .me")).to_have_text("first of mine")
    page.goto(f"{scripted.address}/conversations")
    page.click("summary:has-text('Delete')")
    page.click("text=Delete for good")
    expect(page.locator(".talk")).to_have_count(0)
    expect(page.locator(".notice")).to_contain_text("deleted")
