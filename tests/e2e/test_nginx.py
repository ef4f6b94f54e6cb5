"""A real browser in front of the real nginx in front of the real tutor, below a path, over TLS."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import READY, answered, ask
from tests.nginx.server import needs_nginx, proxying
from tests.real_server import serving

pytestmark = [pytest.mark.browser, pytest.mark.nginx, pytest.mark.long]


def test_a_question_is_asked_below_a_path_and_nothing_goes_to_another_place(
    browser: Browser, shipped_data: Path, tmp_path: Path
) -> None:
    needs_nginx()
    data = shutil.copytree(shipped_data, tmp_path / "data")
    (tmp_path / "nginx").mkdir()
    with serving(data, "--root-path", "/tutor") as real, proxying(tmp_path / "nginx", real.address) as proxy:
        page = browser.new_context(ignore_https_errors=True).new_page()
        elsewhere: list[str] = []
        faults: list[str] = []
        page.on("request", lambda one: elsewhere.append(one.url) if not _ours(one.url, proxy.address) else None)
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.goto(f"{proxy.address}/tutor/ask")
        page.wait_for_selector(READY)
        ask(page, "What is a token?")
        answered(page)
        page.click("#live a.cite >> nth=0")
        page.wait_for_selector("#panel-body h2")
        page.goto(f"{proxy.address}/tutor/conversations")
        assert "What is a token?" in page.inner_text("main")
        assert elsewhere == []
        assert faults == []
        page.context.close()


def _ours(url: str, address: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob"} or (url.startswith(f"{address}/tutor/"))
