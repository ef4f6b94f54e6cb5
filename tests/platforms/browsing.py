"""A real browser that keeps no third-party cookies, in front of a platform's course page."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, sync_playwright

from tests.platforms.running import Platform

CHROMIUM = os.environ.get("TUTOR_TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SLOW = 45_000
"""Milliseconds; the machine may be busy with other things."""


@contextmanager
def browsing() -> Iterator[Browser]:
    """The browser, until the block ends."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium, or name another with TUTOR_TEST_CHROMIUM")
    with sync_playwright() as play:
        # Third-party cookies as in browsers that keep none; partitioned ones are no third-party cookies.
        opened = play.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--test-third-party-cookie-phaseout"])
        yield opened
        opened.close()


def framed(page: Page, platform: Platform, person: str, kind: str = "launch") -> FrameLocator:
    """Follow a link in the course: the tutor stands in a frame of the course's page."""
    page.goto(f"{platform.address}/start?as={person}&kind={kind}&frame=1")
    return page.frame_locator("#tool")
