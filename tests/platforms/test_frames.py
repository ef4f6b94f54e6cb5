"""A real browser that keeps no third-party cookies, with the tutor in a platform's frame on another site."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.test_accessibility import no_violation
from tests.platforms.browsing import SLOW, framed
from tests.platforms.running import Platform, Tutor, running

pytestmark = [pytest.mark.platforms, pytest.mark.browser]


@pytest.fixture(scope="module", params=["openedx.py", "second.py"])
def platform(
    request: pytest.FixtureRequest, tutor_server: Tutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    with running(request.param, tmp_path_factory.mktemp("framed"), tutor_server) as made:
        yield made


@contextmanager
def serving(host: str, cookie: str = "", body: str = "") -> Iterator[str]:
    """A server that sets a cookie and says which it got, or shows a page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            words = (body or f"<p>{self.headers.get('cookie', 'none')}</p>").encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            if cookie:
                self.send_header("set-cookie", cookie)
            self.end_headers()
            self.wfile.write(words)

        def log_message(self, *given: object) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://{host}:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("ways", "kept"), [("", "none"), ("; Partitioned", "a=1")])
def test_this_browser_keeps_no_third_party_cookies_but_partitioned_ones(page: Page, ways: str, kept: str) -> None:
    """The control of all that follows."""
    with ExitStack() as stack:
        tool = stack.enter_context(serving("127.0.0.1", f"a=1; SameSite=None; Secure{ways}"))
        course = stack.enter_context(serving("localhost", body=f'<iframe src="{tool}"></iframe>'))
        page.goto(course)
        page.reload()
        expect(page.frame_locator("iframe").locator("p")).to_have_text(kept)


def test_a_learner_works_inside_the_frame(page: Page, platform: Platform, tutor_server: Tutor) -> None:
    tool = framed(page, platform, "anna")
    expect(tool.get_by_text("Ask your own question").first).to_be_visible(timeout=SLOW)
    tool.get_by_role("link", name="Ask", exact=True).click()
    tool.locator("body.ready").wait_for(timeout=SLOW)
    tool.locator("#question textarea").fill("What is a learning rate?")
    tool.locator("#question textarea").press("Enter")
    tool.locator("#live .turn[data-state=done]").wait_for(timeout=SLOW)
    tool.locator("summary[aria-label=Menu]").click()
    tool.get_by_role("link", name="Conversations").click()
    expect(tool.locator(".talk")).to_have_count(1, timeout=SLOW)
    assert "/s/" in page.frames[1].url
    assert not [each for each in page.context.cookies() if each["name"] == "tutor_session"]


def test_an_instructor_chooses_a_link_inside_the_frame(page: Page, platform: Platform) -> None:
    tool = framed(page, platform, "ida", "choose")
    tool.get_by_label("The link opens").select_option("lesson:nlp/02-tokenization")
    tool.get_by_role("button", name="Use this").click()
    expect(tool.get_by_text("saved").first).to_be_visible(timeout=SLOW)
    (saved,) = platform.state()["links"]
    assert saved["custom"]["tutor_target"] == "nlp/02-tokenization"


def test_the_dialogue_for_choosing_has_no_violation(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.address}/start?as=ida&kind=choose")
    expect(page.get_by_role("heading", name="Choose what the link opens")).to_be_visible(timeout=SLOW)
    page.get_by_text("Limits", exact=True).click()
    no_violation(page)


def test_a_browser_that_keeps_nothing_in_frames_gets_a_window(
    page: Page, platform: Platform, tutor_server: Tutor
) -> None:
    began: list[str] = []

    def without_cookie(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        # The first login is the frame's, the second the window's, which keeps its cookie.
        framed = not began
        began.append(route.request.url)
        headers = {name: value for name, value in answer.headers.items() if name != "set-cookie" or not framed}
        route.fulfill(status=answer.status, headers=headers, body=answer.body())

    page.context.route(f"{tutor_server.address}/lti/login*", without_cookie)
    tool = framed(page, platform, "anna")
    expect(tool.get_by_text("Your browser keeps no cookies")).to_be_visible(timeout=SLOW)
    with page.context.expect_page() as opened:
        tool.get_by_role("link", name="Open the tutor").click()
    window = opened.value
    expect(window.locator("h1")).to_be_visible(timeout=SLOW)
    window.wait_for_url(f"{tutor_server.address}/**", timeout=SLOW)
    assert "/lti/" not in window.url and len(began) == 2
    cookies = [each for each in window.context.cookies() if each["name"] == "tutor_session"]
    assert [each["sameSite"] for each in cookies] == ["Lax"]


def test_a_stranger_cannot_frame_the_tutor_of_somebody_signed_in(
    page: Page, platform: Platform, tutor_server: Tutor
) -> None:
    expect(framed(page, platform, "anna").locator("h1").first).to_be_visible(timeout=SLOW)
    place = page.frames[1].url
    assert "/s/" in place
    with serving("localhost", body=f'<iframe src="{place}"></iframe>') as stranger:
        with page.expect_response(place) as answered:
            page.goto(stranger)
        assert answered.value.status == 403
