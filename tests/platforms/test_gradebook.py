"""From the instructor's choice to the gradebook: the tutor as it is installed, a real platform, a browser that keeps no
third-party cookies, and nobody in between who helps."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.e2e.test_practise import choose, shown
from tests.platforms.browsing import SLOW, framed
from tests.platforms.running import Platform, starting
from tests.real_server import ROOT, serving
from tutor.curriculum import Curriculum, load
from tutor.settings import shipped_curricula

pytestmark = [pytest.mark.platforms, pytest.mark.browser]
QUESTIONS = 3
SECONDS_TO_ARRIVE = 60


@pytest.fixture(scope="module")
def curriculum() -> Curriculum:
    return load([shipped_curricula()])


def command(data: Path, *words: str) -> dict[str, Any]:
    """``genai-tutor lti ...`` as an operator types it."""
    environment = {**os.environ, "TUTOR_DATA": str(data), "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "tutor", "lti", "--json", *words]
    done = subprocess.run(line, env=environment, cwd=data, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def add(data: Path, platform: Platform) -> None:
    told = platform.state()
    command(
        data, "add", "--issuer", told["issuer"], "--client-id", told["client_id"], "--login-url", told["login_url"],
        "--token-url", told["token_url"], "--keys-url", told["keys_url"], "--deployment", told["deployment"],
    )  # fmt: skip


def tool(page: Page) -> Frame:
    """What stands in the course's frame."""
    handle = page.wait_for_selector("#tool")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def take_quiz(frame: Frame, curriculum: Curriculum, right: int) -> None:
    """Answer every question, so many of them rightly, up to the result."""
    for number in range(QUESTIONS):
        frame.wait_for_selector(".item.open", timeout=SLOW)
        choose(frame, shown(frame, curriculum), right=number < right)
        frame.click(".item form[data-item] .btn.primary")
        frame.wait_for_selector(".item .verdict", timeout=SLOW)
        frame.click("[data-act=next]")
    expect(frame.locator(".item .stem")).to_have_text("Your quiz", timeout=SLOW)


def arrived(platform: Platform, name: str, score: float) -> list[float]:
    """All scores that the gradebook got of somebody, once this one is among them."""
    end = time.monotonic() + SECONDS_TO_ARRIVE
    while time.monotonic() < end:
        scores: list[float] = platform.state()["gradebook"].get(name, [])
        if score in scores:
            return scores
        Event().wait(0.5)
    raise AssertionError(platform.state()["gradebook"])


@pytest.mark.parametrize("script", ["openedx.py", "second.py"])
def test_answers_given_in_the_frame_reach_the_gradebook(
    page: Page, curriculum: Curriculum, own_data: Path, tmp_path: Path, script: str
) -> None:
    home = tmp_path / "platform"
    home.mkdir()
    with serving(own_data) as tutor, starting(script, home, tutor.address) as platform:
        add(own_data, platform)
        dialogue = framed(page, platform, "ida", "choose")
        dialogue.get_by_label("The link opens").select_option("quiz:nlp")
        dialogue.get_by_text("Limits", exact=True).click()
        dialogue.get_by_label("Questions").fill(str(QUESTIONS))
        dialogue.get_by_role("button", name="Use this").click()
        expect(dialogue.get_by_text("saved").first).to_be_visible(timeout=SLOW)
        page.context.clear_cookies()

        framed(page, platform, "anna")
        take_quiz(tool(page), curriculum, right=2)
        assert "/s/" in tool(page).url
        assert not [each for each in page.context.cookies() if each["name"] == "tutor_session"]

        # By completion, whatever was right; what has risen on the way may have been sent on the way.
        scores = [round(each, 4) for each in arrived(platform, "anna", 1.0)]
        assert scores == sorted(set(scores)) and set(scores) <= {0.3333, 0.6667, 1.0}
        assert platform.state()["gradebook"].keys() == {"anna"}
        (item,) = platform.state()["line_items"]
        assert item["resource_link"]
        assert command(own_data, "list")["unsent"] == 0

        page.context.clear_cookies()
        course = framed(page, platform, "ida")
        expect(course.get_by_text("1 learner has opened it")).to_be_visible(timeout=SLOW)
        course.get_by_role("link", name="Your class").click()
        expect(course.get_by_role("rowheader")).to_have_text(["Anna Bold" if script == "openedx.py" else "Anna"])
