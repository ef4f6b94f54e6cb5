"""Ask, stream, cite, open the section, refresh, retry, stop: with the real tutor, at two widths, in both themes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import READY, Open, Scripted, Server, answered, ask

pytestmark = pytest.mark.browser

QUESTION = "Why does my loss go to nan when the learning rate is too high?"
SIZES = [(1280, 860, "light"), (1280, 860, "dark"), (390, 844, "light"), (390, 844, "dark")]


@pytest.mark.parametrize(("width", "height", "theme"), SIZES)
def test_a_question_is_answered_with_a_source_that_opens_and_survives_a_refresh_and_a_retry(
    server: Server, opened: Open, width: int, height: int, theme: str
) -> None:
    page = opened(f"{server.address}/ask", width, height, theme)
    ask(page, QUESTION)
    answered(page)
    expect(page.locator("#live .me")).to_have_text(QUESTION)
    expect(page).to_have_url(re.compile(r"/ask\?c=\w+"))
    words = page.locator("#live .answer").inner_text()
    assert "rate" in words

    cite = page.locator("#live a.cite").first
    cite.click()
    mark = page.locator("#panel mark").first
    expect(mark).to_be_visible()
    assert len(mark.inner_text().split()) > 2
    box = page.locator("#panel").bounding_box()
    assert box is not None
    assert box["x"] > 600 if width == 1280 else box["y"] > 200
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(cite).to_be_focused()

    page.reload()
    page.wait_for_selector(READY)
    assert page.locator("#live .answer").inner_text() == words
    page.locator("#live a.cite").first.click()
    expect(page.locator("#panel mark").first).to_be_visible()
    page.click("#panel [data-close]")

    page.click("#live [data-retry]")
    page.wait_for_selector("#live .turn[data-state=done]")
    expect(page.locator(".turn")).to_have_count(1)


def test_a_source_link_works_without_the_script(server: Server, opened: Open) -> None:
    page = opened(f"{server.address}/ask")
    ask(page, QUESTION)
    answered(page)
    address = page.locator("#live a.cite").first.get_attribute("href")
    plain = opened(f"{server.address}/{address}", java_script_enabled=False)
    expect(plain.locator("mark").first).to_be_visible()


def test_back_closes_the_source_and_then_leaves_the_conversation(server: Server, opened: Open) -> None:
    page = opened(f"{server.address}/ask")
    ask(page, QUESTION)
    answered(page)
    page.locator("#live a.cite").first.click()
    expect(page.locator("#panel")).to_be_visible()
    page.go_back()
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#live .answer")).to_be_visible()
    page.go_back()
    page.wait_for_selector("[data-state=empty]")


def test_an_answer_survives_a_restart_of_the_server(server: Server, opened: Open) -> None:
    page = opened(f"{server.address}/ask")
    ask(page, QUESTION)
    answered(page)
    words = page.locator("#live .answer").inner_text()
    server.stop()
    server.start()
    page.reload()
    page.wait_for_selector(READY)
    assert page.locator("#live .answer").inner_text() == words
    page.locator("#live a.cite").first.click()
    expect(page.locator("#panel mark").first).to_be_visible()


def test_a_follow_up_chip_asks_its_question(server: Server, opened: Open) -> None:
    page = opened(f"{server.address}/ask")
    ask(page, QUESTION)
    answered(page)
    page.locator("#live button.chip").first.click()
    expect(page.locator(".turn")).to_have_count(2)
    answered(page)


def test_a_beginners_question_on_today_is_asked_by_one_click(server: Server, opened: Open) -> None:
    page = opened(f"{server.address}/")
    question = page.locator("a[data-ask]").first
    words = question.inner_text().strip()
    question.click()
    answered(page)
    expect(page.locator("#live .me")).to_have_text(words)


def test_stop_keeps_what_was_written(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "wait in the middle")
    expect(page.locator("#live .answer")).to_contain_text("overshoots")
    page.click("#stop")
    answered(page, "stopped")
    expect(page.locator("#live .notice")).to_contain_text("Stopped")
    expect(page.locator("#live .answer")).to_contain_text("overshoots")
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("#live .answer")).to_contain_text("overshoots")


def test_a_refresh_in_the_middle_reads_along(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    scripted.tutor.pace = 0.1
    try:
        ask(page, "a slow one")
        expect(page.locator("#live .answer")).to_contain_text("overshoots")
        page.reload()
        page.wait_for_selector("#live .turn[data-state=working]")
    finally:
        scripted.tutor.pace = 0.02
    answered(page)
    expect(page.locator(".turn")).to_have_count(1)


def test_the_address_is_announced_once_when_an_answer_ends(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    page.wait_for_selector(READY)
    page.evaluate(
        """() => { window.said = []; const place = document.querySelector('#announcer');
        new MutationObserver(() => { if (place.textContent) window.said.push(place.textContent); })
          .observe(place, {childList: true, characterData: true, subtree: true}); }"""
    )
    ask(page, "one announcement")
    answered(page)
    page.wait_for_function("window.said.length > 0")
    assert page.evaluate("window.said") == ["The answer is complete."]


def test_copy_takes_the_sources_along(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "copy this")
    answered(page)
    page.click("#live [data-copy]")
    expect(page.locator("#live [data-copy]")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "instead of shrinking.[1]" in copied
    assert "Sources\n[1] " in copied
    assert f"{scripted.address}/read?lesson=model-tuning/02-learning-rate" in copied.replace("%2F", "/")


def test_something_wrong_is_reported_with_its_reason(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "report this")
    answered(page)
    page.click("#live .wrong summary")
    page.check("#live .wrong input[value=source]")
    page.fill("#live .wrong textarea", "It says 0.1.")
    page.click("#live .wrong button")
    expect(page.locator("#live .thanks")).to_be_visible()
    assert scripted.tutor.reports[-1][2:] == ("source", "It says 0.1.")


def test_unsupported_sentences_are_marked_and_removed_numbers_told(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "unsupported please")
    answered(page)
    expect(page.locator("#live .unverified")).to_have_text("Bananas are a good source of gradients.")
    expect(page.locator("#live .unverified-note")).to_have_text("not verified in the lessons")
    expect(page.locator("#live .notice")).to_contain_text("1 number")


def test_a_busy_model_is_a_small_notice_above_the_answer(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "busy model")
    answered(page)
    expect(page.locator("#live .notice")).to_contain_text("busy")
    expect(page.locator("#live .answer")).to_be_visible()


@pytest.mark.parametrize("question", ["decline this", "uncovered thing"])
def test_what_is_not_answered_leads_to_the_nearest_lessons(scripted: Scripted, opened: Open, question: str) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, question)
    answered(page)
    expect(page.locator("#live .nearest a")).to_have_count(2)
    page.locator("#live .nearest a").first.click()
    expect(page.locator("h1")).to_contain_text("Learning rate")


@pytest.mark.parametrize(
    ("question", "words"), [("break it", "broke off"), ("crash it", "Something went wrong on our side")]
)
def test_a_failed_answer_says_why_and_can_be_tried_again(
    scripted: Scripted, opened: Open, question: str, words: str
) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, question)
    answered(page, "failed")
    expect(page.locator("#live .notice")).to_contain_text(words)
    assert "Traceback" not in page.content()
    expect(page.locator("#live .tools [data-ask]")).to_be_visible()
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("#live .me")).to_have_text(question)


def test_a_question_that_is_too_long_is_refused_with_a_sentence_and_kept(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "x" * 100_000)
    answered(page, "failed")
    expect(page.locator("#live .notice")).to_contain_text("Shorten it")
    assert len(page.input_value("#question textarea")) == 100_000


@pytest.mark.parametrize(
    "question",
    [
        "مرحبا، ما هو معدل التعلم؟",
        "🤖🤖🤖 ?",
        "'; DROP TABLE messages; --",
        "<b>bold</b><script>document.title='owned'</script>",
    ],
)
def test_odd_questions_are_shown_as_they_were_typed(scripted: Scripted, opened: Open, question: str) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, question)
    answered(page)
    expect(page.locator("#live .me")).to_have_text(question)
    assert page.title() != "owned"
    if question.startswith("م"):
        assert page.eval_on_selector("#live .me", "e => getComputedStyle(e).direction") == "rtl"


def test_nobody_reads_the_conversation_of_another_browser(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    ask(page, "my secret question")
    answered(page)
    other = opened(page.url)
    other.wait_for_selector("#history .notice")
    assert "my secret question" not in other.content()
    other.wait_for_selector(READY)


def test_typed_words_survive_a_reload(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    page.wait_for_selector(READY)
    page.fill("#question textarea", "half a quest")
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("#question textarea")).to_have_value("half a quest")


def test_a_lost_server_is_told_and_the_question_is_kept_and_asked_when_it_is_back(server: Server, opened: Open) -> None:
    page = opened(f"{server.address}/ask")
    page.wait_for_selector(READY)
    server.stop()
    try:
        page.fill("#question textarea", QUESTION)
        page.press("#question textarea", "Enter")
        expect(page.locator("#lost")).to_be_visible(timeout=15_000)
        expect(page.locator("#lost")).to_contain_text("Your question is kept")
        assert page.input_value("#question textarea") == QUESTION
        page.click("[data-reconnect]")
        expect(page.locator("#lost")).to_contain_text("Still not there")
    finally:
        server.start()
    page.click("[data-reconnect]")
    answered(page)
    expect(page.locator("#live .me")).to_have_text(QUESTION)


def shift_enter(page: Page) -> None:
    page.press("#question textarea", "Shift+Enter")


def test_shift_enter_makes_a_line_and_enter_sends(scripted: Scripted, opened: Open) -> None:
    page = opened(f"{scripted.address}/ask")
    page.wait_for_selector(READY)
    page.fill("#question textarea", "one")
    shift_enter(page)
    page.keyboard.type("two")
    assert page.input_value("#question textarea") == "one\ntwo"
    page.keyboard.press("Enter")
    answered(page)
    expect(page.locator("#live .me")).to_have_text("one\ntwo")


def test_what_is_sent_the_moment_an_answer_is_shown_is_not_lost(scripted: Scripted, opened: Open) -> None:
    """The answer is shown as done a moment before Gradio has ended its request; it drops what is pressed meanwhile."""
    page = opened(f"{scripted.address}/ask")
    ask(page, "linger a little")
    answered(page)
    page.fill("#question textarea", "linger once more")
    page.press("#question textarea", "Enter")
    expect(page.locator(".turn")).to_have_count(2, timeout=5000)
    answered(page)
    expect(page.locator("#question textarea")).to_have_value("")
    page.click("#live .chips >> text=Show it in code")
    expect(page.locator(".turn")).to_have_count(3, timeout=5000)
    answered(page)
    page.wait_for_timeout(3000)
    expect(page.locator(".turn")).to_have_count(3)
