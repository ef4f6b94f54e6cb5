"""The widget in another site's page, in a real browser: truly cross-site, under a strict policy of the page around.

Pages lie on localhost, the tutor on 127.0.0.1: two sites. The shadow root is opened for most tests, because nothing
could look into it otherwise; the tests of the keyboard and of what the page may see leave it closed.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from docs.demo import site
from tests.e2e.conftest import CHROMIUM, FLAGS, READY, Scripted, serving

pytestmark = [pytest.mark.browser, pytest.mark.long]

SECRET = "a secret of at least thirty-two characters"
OPEN_ROOT = """const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };"""
BUTTON = "tutor-widget button.open"
PANEL = "tutor-widget .panel"
SIZES = [(1280, 860), (390, 844)]
# The stream of a frame that is left or put away ends in the middle.
EXPECTED = re.compile(r"AbortError|Failed to fetch|network error|ERR_ABORTED")


@dataclass
class World:
    """A tutor, a site that may show it and one that may not."""

    tutor: Scripted
    host: str
    stranger: str
    neighbour: str
    servers: list[ThreadingHTTPServer] = field(default_factory=list)

    def speak_to(self, tutor: str) -> None:
        """Let the sites' pages name the tutor by another address."""
        for server in self.servers:
            server.RequestHandlerClass.keywords["tutor"] = tutor  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    servers = [site(0, "", SECRET), site(0, "", SECRET), site(0, "")]
    ports = [server.server_address[1] for server in servers]
    host, stranger = (f"http://localhost:{port}" for port in ports[:2])
    neighbour = f"http://127.0.0.1:{ports[2]}"
    settings = {"embed_origins": (host, neighbour), "embed_secret": SECRET}
    with serving(tmp_path_factory.mktemp("embedding"), **settings) as tutor:
        made = World(tutor, host, stranger, neighbour, servers)
        made.speak_to(tutor.address)
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        for server in servers:
            server.shutdown()
            server.server_close()


@dataclass
class Visit:
    """A browser profile of its own; afterwards no fault and no request elsewhere may have come up."""

    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def page(self, address: str) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self._fault(str(error)))
        page.on("console", lambda line: self._fault(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(address)
        return page

    def _fault(self, words: str) -> None:
        if not EXPECTED.search(words):
            self.faults.append(words)


Go = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Go]:
    visits: list[Visit] = []

    def go(width: int = 1280, height: int = 860, root: str = "open", **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        if root == "open":
            context.add_init_script(OPEN_ROOT)
        visits.append(Visit(context))
        return visits[-1]

    yield go
    for each in visits:
        each.context.close()
    for each in visits:
        assert each.faults == []
        outside = re.compile(r"http://(127\.0\.0\.1|localhost):\d+/|data:|blob:|about:")
        assert [address for address in each.requests if not outside.match(address)] == []


def inside(page: Page) -> Frame:
    """The tutor's frame, once the Ask page in it is ready."""
    page.wait_for_selector("tutor-widget iframe:not(.coming)")
    handle = page.locator("tutor-widget iframe").element_handle()
    frame = handle.content_frame()
    assert frame is not None
    frame.wait_for_url(re.compile(r"/ask\?"))
    frame.wait_for_selector(READY)
    return frame


def until(page: Page, condition: str) -> None:
    """Wait for a condition on a page whose policy forbids Playwright's own way, which evaluates strings there."""
    page.evaluate(f"""() => new Promise((done, fail) => {{ const end = Date.now() + 20000;
      const look = () => ({condition}) ? done() : Date.now() > end ? fail('never: {condition.replace("'", "")}')
        : setTimeout(look, 20);
      look(); }})""")


def opened(page: Page) -> Frame:
    if page.locator(PANEL).is_hidden():
        page.click(BUTTON)
    return inside(page)


def ask(frame: Frame, question: str) -> None:
    before = frame.locator(".turn").count()
    frame.fill("#question textarea", question)
    frame.press("#question textarea", "Enter")
    frame.wait_for_function("n => document.querySelectorAll('.turn').length > n", arg=before)
    frame.wait_for_selector("#live .turn[data-state=done]")


def no_violation(place: Page | Frame) -> None:
    found = Axe().run(place).response["violations"]  # type: ignore[arg-type]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_conversation_with_its_sources_goes_along(world: World, visit: Go, width: int, height: int) -> None:
    page = visit(width, height).page(f"{world.host}/demo.html")
    frame = opened(page)
    fits(page, frame, width, height)
    expect(frame.locator("#scope input")).to_have_value("PyTorch")
    ask(frame, "first in the widget")
    frame.locator("#live a.cite").first.click()
    expect(frame.locator("#panel mark").first).to_be_in_viewport()
    frame.locator("[data-close]").click()
    expect(frame.locator("#panel")).to_be_hidden()
    assert page.evaluate("history.length") <= 2, "Back belongs to the page around"

    page.reload()
    expect(opened(page).locator("#live .me")).to_have_text("first in the widget")

    page.goto(f"{world.host}/demo-nlp.html")
    frame = opened(page)
    expect(frame.locator("#live .me")).to_have_text("first in the widget")
    expect(frame.locator("#live a.cite")).not_to_have_count(0)
    ask(frame, "second on another page")
    page.goto(f"{world.host}/demo.html")
    expect(opened(page).locator(".me")).to_have_text(["first in the widget", "second on another page"])


def fits(page: Page, frame: Frame, width: int, height: int) -> None:
    """On phones the panel is the screen, elsewhere it stands in the corner; the frame's own bar is slim."""
    box = page.locator(PANEL).bounding_box()
    assert box is not None
    if width < 600:
        assert box == {"x": 0, "y": 0, "width": width, "height": height}
    else:
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["width"] <= 420
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(frame.locator(".brand")).to_be_hidden()
    bar, composer = frame.locator(".bar").bounding_box(), frame.locator("#composer").bounding_box()
    assert bar is not None and composer is not None
    assert bar["height"] <= 48
    assert composer["y"] + composer["height"] <= box["y"] + box["height"]


def test_nothing_is_loaded_before_it_is_opened(world: World, visit: Go) -> None:
    seen = visit()
    page = seen.page(f"{world.host}/demo.html")
    page.wait_for_selector(BUTTON)
    page.wait_for_load_state("networkidle")
    assert [url for url in seen.requests if url.startswith(world.tutor.address)] == [f"{world.tutor.address}/widget.js"]
    assert len(page.frames) == 1
    opened(page)
    page.click(BUTTON)
    expect(page.locator(PANEL)).to_be_hidden()


def test_the_page_around_sees_nothing_of_the_inside(world: World, visit: Go) -> None:
    page = visit(root="closed").page(f"{world.host}/demo.html")
    page.wait_for_selector("tutor-widget", state="attached")
    assert page.evaluate("document.querySelector('tutor-widget').shadowRoot") is None
    assert page.evaluate("document.querySelectorAll('style, [style]').length") == 0


def focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.tagName"))


def test_everything_can_be_done_with_the_keyboard(world: World, visit: Go) -> None:
    page = visit(root="closed").page(f"{world.host}/demo.html")
    page.wait_for_selector("tutor-widget", state="attached")
    for _ in range(20):
        page.keyboard.press("Tab")
        if focus(page) == "TUTOR-WIDGET":
            break
    page.keyboard.press("Enter")
    frame = page.wait_for_event("frameattached") if len(page.frames) == 1 else page.frames[1]
    frame.wait_for_url(re.compile(r"/ask\?"))
    frame.wait_for_selector(READY)
    frame.wait_for_function("document.hasFocus() && document.activeElement.matches('#question textarea')")
    page.keyboard.type("keys only")
    page.keyboard.press("Enter")
    frame.wait_for_selector("#live .turn[data-state=done]")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if frame.evaluate("document.activeElement.matches('#live a.cite')"):
            break
    page.keyboard.press("Enter")
    frame.wait_for_selector("#panel mark")
    page.keyboard.press("Escape")
    expect(frame.locator("#panel")).to_be_hidden()
    assert frame.evaluate("document.activeElement.matches('#live a.cite')")
    page.keyboard.press("Escape")
    until(page, "document.hasFocus() && document.activeElement.tagName === 'TUTOR-WIDGET'")
    assert not frame.frame_element().is_visible()
    page.keyboard.press("Enter")
    frame.wait_for_function("document.hasFocus()")
    assert frame.frame_element().is_visible()


def test_the_button_says_what_it_does_and_what_is_due(world: World, visit: Go) -> None:
    seen = visit()
    # The count itself is the practice page's matter: here only what becomes of one.
    seen.context.route("**/widget/state", lambda route: route.fulfill(json={"due": 3}))
    page = seen.page(f"{world.host}/demo.html")
    button = page.locator(BUTTON)
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_have_accessible_name("Ask the tutor")
    expect(page.locator("tutor-widget .due")).to_be_hidden()
    opened(page)
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_have_accessible_name("Ask the tutor, 3 reviews due")
    expect(page.get_by_role("dialog", name="Tutor")).to_be_visible()
    page.click("tutor-widget .close")
    expect(button).to_be_focused()
    page.goto(f"{world.host}/demo-nlp.html")
    expect(page.locator("tutor-widget .due")).to_have_text("3")
    assert len(page.frames) == 1, "the number is remembered, not fetched"


@pytest.mark.parametrize(("width", "height", "theme"), [(1280, 860, "light"), (390, 844, "dark")])
def test_there_is_no_violation(world: World, visit: Go, width: int, height: int, theme: str) -> None:
    page = visit(width, height, color_scheme=theme).page(f"{world.host}/demo.html")
    page.wait_for_selector(BUTTON)
    no_violation(page)
    frame = opened(page)
    no_violation(page)
    no_violation(frame)
    ask(frame, "an answer")
    no_violation(frame)
    frame.locator("#live a.cite").first.click()
    frame.wait_for_selector("#panel mark")
    no_violation(frame)


def ground(frame: Frame) -> Any:
    return frame.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_theme_is_the_pages(world: World, visit: Go) -> None:
    page = visit().page(f"{world.host}/demo.html")
    frame = opened(page)
    # There is nothing to review yet, so there is no count.
    expect(page.locator(BUTTON)).to_have_accessible_name("Ask the tutor")
    expect(page.locator("tutor-widget .due")).to_be_hidden()
    assert ground(frame) == "rgb(251, 250, 248)"
    page.evaluate("document.querySelector('script').dataset.theme = 'dark'")
    frame.wait_for_function("getComputedStyle(document.body).backgroundColor === 'rgb(20, 21, 19)'")
    assert page.eval_on_selector(PANEL, "e => getComputedStyle(e).backgroundColor") == "rgb(28, 30, 27)"


def test_inline_it_stands_in_the_page_and_leaves_its_scroll_alone(world: World, visit: Go) -> None:
    page = visit(390, 500).page(f"{world.host}/demo-inline.html")
    frame = inside(page)
    assert ground(frame) == "rgb(20, 21, 19)"
    assert page.evaluate("document.querySelector('#tutor > tutor-widget') !== null")
    # Pressed from within, because Playwright would scroll to what it presses.
    frame.evaluate("document.querySelector('.empty [data-ask]').click()")
    frame.wait_for_selector("#live .turn[data-state=done]")
    assert page.evaluate("scrollY") == 0
    question = frame.locator("#live .me").inner_text()
    page.reload()
    expect(inside(page).locator("#live .me")).to_have_text(question)
    assert page.evaluate("scrollY") == 0


def test_going_back_finds_the_frame_where_it_was(world: World, visit: Go) -> None:
    page = visit().page(f"{world.host}/demo-inline.html")
    ask(inside(page), "before leaving")
    page.goto(f"{world.host}/demo.html")
    page.go_back()
    expect(inside(page).locator("#live .me")).to_have_text("before leaving")


def test_a_plain_frame_works_by_itself(world: World, visit: Go) -> None:
    page = visit().page(f"{world.host}/demo-frame.html")
    frame = page.frames[1]
    frame.wait_for_selector(".lesson h1")
    frame.locator(".about a").first.click()
    frame.wait_for_selector(READY)
    expect(frame.locator("#question textarea")).to_have_value(re.compile("Explain this to me"))
    frame.press("#question textarea", "Enter")
    frame.wait_for_selector("#live .turn[data-state=done]")


def test_a_frame_on_the_tutors_own_site_uses_the_tutors_own_cookie(world: World, visit: Go) -> None:
    seen = visit()
    own = seen.page(f"{world.tutor.address}/ask")
    own.wait_for_selector(READY)
    own.fill("#question textarea", "asked in a tab")
    own.press("#question textarea", "Enter")
    own.wait_for_selector("#live .turn[data-state=done]")
    page = seen.page(f"{world.neighbour}/demo.html")
    expect(opened(page).locator("#live .me")).to_have_text("asked in a tab")


# Strangers


def refused(page: Page) -> bool:
    """Whether no frame of the page shows anything of the tutor."""
    return not any(frame.locator(".bar, #entry, .lesson").count() for frame in page.frames[1:])


def test_a_strangers_page_shows_nothing(world: World, browser: Browser) -> None:
    context = browser.new_context()
    context.add_init_script(OPEN_ROOT)
    page = context.new_page()
    page.clock.install()
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if "/widget?" in answer.url else None)
    page.goto(f"{world.stranger}/demo.html")
    page.click(BUTTON)
    page.wait_for_selector("tutor-widget iframe", state="attached")
    page.wait_for_load_state("networkidle")
    assert answers == [403]
    assert refused(page)
    page.clock.fast_forward(16_000)
    expect(page.locator("tutor-widget .wait")).to_contain_text("The tutor does not answer here.")
    expect(page.locator("tutor-widget .wait a")).to_have_attribute("href", f"{world.tutor.address}/")
    no_violation(page)
    context.close()


@pytest.mark.parametrize("path", ["", "widget"])
def test_a_stranger_who_hides_is_refused_by_the_browser(world: World, browser: Browser, path: str) -> None:
    page = browser.new_page()
    page.route(
        f"{world.stranger}/hidden",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<iframe referrerpolicy="no-referrer" src="{world.tutor.address}/{path}"></iframe>',
        ),
    )
    page.goto(f"{world.stranger}/hidden")
    page.wait_for_load_state("networkidle")
    assert page.frames[1].url.startswith("chrome-error:")
    assert refused(page)
    page.close()


def test_words_from_the_wrong_window_are_not_heard(world: World, visit: Go) -> None:
    page = visit().page(f"{world.host}/demo.html")
    frame = opened(page)
    page.evaluate("""() => { for (const word of ['close', 'due', 'hello', 'keep'])
        postMessage({ tutor: word, due: 9, path: 'x' }, '*'); }""")
    # To the frame, from another window of the very same site.
    with page.expect_popup() as popup:
        page.evaluate("void open('demo-frame.html')")
    popup.value.evaluate("""() => opener.document.querySelector('tutor-widget').shadowRoot.querySelector('iframe')
        .contentWindow.postMessage({ tutor: 'theme', theme: 'dark' }, '*')""")
    popup.value.close()
    page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
    expect(page.locator(PANEL)).to_be_visible()
    expect(page.locator("tutor-widget .due")).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('tutor-widget-path')") is None
    assert ground(frame) == "rgb(251, 250, 248)"


# Signed visitors


def test_a_signed_visitor_finds_the_conversation_in_every_browser(world: World, visit: Go) -> None:
    first = visit().page(f"{world.host}/demo-signed.html")
    frame = opened(first)
    assert "/s/" in frame.url
    ask(frame, "signed in")
    for width, height in SIZES:
        again = visit(width, height).page(f"{world.host}/demo-signed.html")
        expect(opened(again).locator("#live .me")).to_have_text("signed in")
    assert first.context.cookies() == []


def test_a_token_that_is_not_taken_is_told_in_the_panel(world: World, browser: Browser) -> None:
    context = browser.new_context()
    context.add_init_script(OPEN_ROOT)
    page = context.new_page()
    page.route(f"{world.host}/token", lambda route: route.fulfill(body="not.a.token"))
    page.goto(f"{world.host}/demo-signed.html")
    page.click(BUTTON)
    frame = page.frames[1]
    expect(frame.locator("#reason")).to_have_text("The sign-in from this site cannot be read.")
    expect(frame.get_by_role("link", name="Open in a new tab")).to_be_visible()
    page.unroute(f"{world.host}/token")
    frame.click("#again")
    assert "/s/" in inside(page).url
    context.close()


# Browsers that keep less


def everything(world: World, page: Page) -> Frame:
    """Today, asking with its stream, sources, lessons, conversations, a refresh and another page."""
    frame = opened(page)
    under = frame.url.rpartition("/")[0]
    ask(frame, "with less")
    frame.locator("#live a.cite").first.click()
    frame.wait_for_selector("#panel mark")
    frame.click("#panel a[href^=read]")
    frame.wait_for_selector(".lesson h1")
    assert frame.url.startswith(f"{under}/read?")
    frame.click(".tabs a >> nth=0")
    expect(frame.locator("h1")).to_have_text("Welcome back")
    frame.click(".menu summary")
    frame.click(".menu a[href=conversations]")
    expect(frame.locator(".talk b")).to_have_text("with less")
    assert frame.url.startswith(f"{under}/conversations")
    frame.click("summary:has-text('Rename')")
    frame.fill("input[name=title]", "Less")
    frame.click("text=Save")
    expect(frame.locator(".talk b")).to_have_text("Less")
    page.reload()
    expect(opened(page).locator("#live .me")).to_have_text("with less")
    page.goto(f"{world.host}/demo-nlp.html")
    frame = opened(page)
    expect(frame.locator("#live .me")).to_have_text("with less")
    return frame


PROBE = """() => { document.cookie = 'third=1; SameSite=None; Secure';
document.cookie = 'own=1; SameSite=None; Secure; Partitioned'; return document.cookie; }"""


def test_with_third_party_cookies_blocked_the_partitioned_cookie_carries(world: World, browser: Browser) -> None:
    with special(browser, "--test-third-party-cookie-phaseout") as context:
        page = context.new_page()
        page.goto(f"{world.host}/demo.html")
        frame = everything(world, page)
        assert "/s/" not in frame.url
        assert frame.evaluate(PROBE) == "own=1", "third-party cookies are not blocked"


def test_where_no_cookie_comes_back_the_path_carries(world: World, browser: Browser) -> None:
    # Plain http at a name: browsers keep no Secure cookie there, say nothing of frames, and refuse the frame its storage.
    with special(browser, "--host-resolver-rules=MAP tutor.test 127.0.0.1") as context:
        world.speak_to(f"http://tutor.test:{world.tutor.address.rpartition(':')[2]}")
        page = context.new_page()
        try:
            page.goto(f"{world.host}/demo.html")
            frame = everything(world, page)
        finally:
            world.speak_to(world.tutor.address)
        assert re.match(r"http://tutor\.test:\d+/s/[\w.-]+/ask", frame.url)
        assert context.cookies() == []


def test_where_a_browser_keeps_nothing_at_all_the_path_carries(world: World, browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "Default"
    folder.mkdir()
    blocked = {f"{world.tutor.address},*": {"setting": 2}}
    wishes = {"profile": {"content_settings": {"exceptions": {"cookies": blocked}}}}
    (folder / "Preferences").write_text(json.dumps(wishes))
    context = browser.browser_type.launch_persistent_context(str(tmp_path), executable_path=CHROMIUM, args=FLAGS)
    context.add_init_script(OPEN_ROOT)
    page = context.new_page()
    page.goto(f"{world.host}/demo.html")
    frame = everything(world, page)
    assert "/s/" in frame.url
    assert frame.evaluate(PROBE) == "", "cookies are not blocked"
    assert context.cookies() == []
    context.close()


@contextmanager
def special(browser: Browser, flag: str) -> Iterator[BrowserContext]:
    """A browser of its own, started with another flag."""
    started = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, flag])
    context = started.new_context()
    context.add_init_script(OPEN_ROOT)
    yield context
    started.close()
