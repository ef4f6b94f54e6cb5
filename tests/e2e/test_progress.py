"""Progress and learning paths in a real browser: both widths, both themes, keyboard, forced colours, no script needed."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, free_port, wait_until_healthy
from tests.practised import Clock, practice_over, practised
from tests.scripted_tutor import ScriptedTutor
from tutor.curriculum import load
from tutor.learner import Learner
from tutor.settings import Settings, shipped_curricula
from tutor.store import open_store, start_web_session
from ui.identity import COOKIE, signing_key

pytestmark = [pytest.mark.browser, pytest.mark.long]


@dataclass
class Served:
    """The pages, and the cookie of a learner with weeks of practice."""

    address: str
    cookie: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    import uvicorn
    from itsdangerous import Signer

    from ui.server import create_app

    settings = Settings(data=tmp_path_factory.mktemp("practised"))
    store = open_store(settings.database)
    tutor = ScriptedTutor(store, load([shipped_curricula()]))
    learner, now = Learner("anon:practised"), datetime.now(UTC)
    clock = Clock(now - timedelta(days=60))
    practice = practice_over(tutor.curriculum, store, clock)
    practised(practice, learner, clock, skill="nlp", days=14, answers=7)
    practised(practice, learner, clock, skill="stable-diffusion", days=3)
    assert clock.now < now
    token = start_web_session(store, learner, "anonymous", timedelta(days=1), now=now)
    cookie = Signer(signing_key(settings), salt="tutor.session").sign(token).decode()
    port = free_port()
    app = create_app(tutor, settings)  # type: ignore[arg-type]
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{port}"
    wait_until_healthy(address, thread.is_alive)
    yield Served(address, cookie)
    running.should_exit = True
    thread.join(10)
    store.close()


def as_practised(opened: Open, served: Served, path: str, width: int = 1280, theme: str = "light", **more: str) -> Page:
    page = opened(f"{served.address}/about", width, 860 if width > 600 else 844, theme, **more)
    page.context.add_cookies([{"name": COOKIE, "value": served.cookie, "url": served.address}])
    page.goto(f"{served.address}/{path}")
    return page


def no_violation(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
@pytest.mark.parametrize("path", ["progress", "progress?skill=stable-diffusion", "paths"])
def test_no_violation_and_no_sideways_scroll_folded_and_unfolded(
    opened: Open, served: Served, path: str, width: int, theme: str
) -> None:
    page = as_practised(opened, served, path, width, theme)
    no_sideways_scroll(page)
    no_violation(page)
    open_all(page)
    no_sideways_scroll(page)
    no_violation(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_a_first_visit_is_plain(opened: Open, served: Served, width: int) -> None:
    page = opened(f"{served.address}/progress", width)
    expect(page.get_by_text("objectives, none of them answered yet")).to_be_visible()
    expect(page.locator("main .topics[open]")).to_have_count(0)
    page.click("summary:has(#details)")
    expect(page.get_by_text("Too early for a plot")).to_have_count(2)
    expect(page.locator("svg[role=img]")).to_have_count(0)
    no_sideways_scroll(page)
    no_violation(page)


def test_an_objective_is_reset_and_corrected_with_the_keyboard(opened: Open, served: Served) -> None:
    page = as_practised(opened, served, "progress")
    row = page.locator(".topic:has(button[value=correct])").first
    title = row.locator("b").inner_text()
    row.locator(".more > summary").focus()
    page.keyboard.press("Enter")
    row.locator("button[value=correct]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text(f"“{title}” counts as not learned")
    row = page.locator(".topic", has=page.get_by_text(title, exact=True)).first
    row.locator(".more > summary").focus()
    page.keyboard.press("Enter")
    row.locator(".sure > summary").focus()
    page.keyboard.press("Enter")
    expect(row.locator(".sure")).to_contain_text(f"Forget the evidence for “{title}”")
    row.locator("button[value=reset]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text(f"“{title}” begins anew")
    row = page.locator(".topic", has=page.get_by_text(title, exact=True)).first
    expect(row.locator(".topic-words small")).to_have_text("new")


def test_i_know_this_leads_to_a_test_out(opened: Open, served: Served) -> None:
    page = opened(f"{served.address}/progress")
    page.click("#skill-chatgpt > summary")
    row = page.locator("#skill-chatgpt .topic").first
    row.locator(".more > summary").click()
    row.locator("button[value=know]").click()
    page.wait_for_selector(".item.open")
    expect(page.locator(".item-head")).to_contain_text("test-out")


def test_the_map_leads_to_practice_and_scrolls_in_its_own_frame(opened: Open, served: Served) -> None:
    page = as_practised(opened, served, "progress?skill=stable-diffusion", 390)
    frame = page.locator(".map").first
    assert frame.evaluate("each => each.scrollWidth > each.clientWidth")
    last = frame.locator("a.node").last
    last.focus()
    expect(last).to_be_focused()
    assert last.evaluate(
        "each => { const box = each.getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth }"
    )
    name = last.get_attribute("aria-label") or ""
    page.keyboard.press("Enter")
    page.wait_for_selector(".item.open")
    expect(page.locator(".item-head")).to_contain_text(name.split(":")[0])


def test_another_map_and_another_curve_are_a_link_away(opened: Open, served: Served) -> None:
    page = as_practised(opened, served, "progress")
    page.select_option("select[name=skill]", label="PyTorch")
    page.click("text=Show its map")
    expect(page).to_have_url(f"{served.address}/progress?skill=pytorch#map")
    expect(page.locator(".map a.node")).to_have_count(11)
    page.click("summary:has(#details)")
    link = page.locator(".recall a").last
    title = link.inner_text()
    link.click()
    expect(page.locator("#plot-forgetting-title")).to_have_text(f"Forgetting curve of {title}")
    expect(page.locator("svg[role=img]")).to_have_count(3)


def test_a_path_is_taken_and_is_then_the_learners_own(opened: Open, served: Served) -> None:
    page = opened(f"{served.address}/")
    page.get_by_role("link", name="Learning paths").click()
    page.click("#path-nlp-engineer > summary")
    page.click("#path-nlp-engineer button")
    expect(page.get_by_role("status").first).to_contain_text("The order of your topics is set")
    expect(page.get_by_text("Path: NLP engineer")).to_be_visible()
    page.goto(f"{served.address}/paths")
    expect(page.locator("#path-nlp-engineer > summary")).to_contain_text("Your path")
    expect(page.locator("#path-nlp-engineer button")).to_have_count(0)


def test_the_menu_leads_to_progress(opened: Open, served: Served) -> None:
    page = opened(f"{served.address}/")
    page.click(".menu summary")
    page.click(".menu-body >> text=Progress")
    expect(page.locator("h1")).to_have_text("Progress")


def test_states_differ_without_colour(opened: Open, served: Served) -> None:
    page = as_practised(opened, served, "progress?skill=nlp", forced_colors="active")
    names = page.locator(".map a.node").evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    icons = page.locator(".map a.node use").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    words = {"new": "new", "started": "started", "learned": "learned", "mastered": "mastered", "due": "review due"}
    assert len(set(icons)) >= 3
    assert all(name.endswith(words[icon.removeprefix("#state-")]) for name, icon in zip(names, icons, strict=True))
    no_violation(page)
