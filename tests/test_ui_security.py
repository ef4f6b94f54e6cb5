"""Headers, policy and the refusal of other sites' requests."""

import re
from pathlib import Path

import pytest

import ui
from ui.security import crosses_origin, policy

HERE = "tutor.example"
STANDALONE = {"file.html"}
"""Files that are saved and opened without the server."""


@pytest.mark.parametrize(
    ("method", "headers", "refused"),
    [
        ("GET", {}, False),
        ("GET", {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, False),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, False),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, True),
        ("GET", {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, True),
        ("GET", {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, False),
        ("POST", {}, False),
        ("POST", {"sec-fetch-site": "same-origin"}, False),
        ("POST", {"sec-fetch-site": "none"}, False),
        ("POST", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, True),
        ("POST", {"sec-fetch-site": "same-site"}, True),
        ("POST", {"origin": f"http://{HERE}"}, False),
        ("POST", {"origin": f"https://{HERE}"}, False),
        ("POST", {"origin": "http://evil.example"}, True),
        ("POST", {"origin": "null"}, True),
        ("DELETE", {"origin": f"http://{HERE}:81"}, True),
    ],
)
def test_other_sites_neither_write_nor_read(method: str, headers: dict[str, str], refused: bool) -> None:
    assert crosses_origin(method, {"host": HERE, **headers}, "http") is refused


def test_a_page_on_https_takes_no_writes_from_http() -> None:
    assert crosses_origin("POST", {"host": HERE, "origin": f"http://{HERE}"}, "https")


def test_no_template_has_styles_or_handlers_that_the_policy_would_block() -> None:
    for path in (Path(ui.__file__).parent / "templates").glob("*.html"):
        blocked = re.search(r"""\s(style|on[a-z]+)=["']|<style""", path.read_text(encoding="utf-8"))
        assert blocked is None or path.name in STANDALONE, (path.name, blocked)


def test_the_policy_never_allows_inline_scripts() -> None:
    for evaluates in (False, True):
        scripts = next(part for part in policy("abc", evaluates).split("; ") if part.startswith("script-src"))
        assert "'unsafe-inline'" not in scripts
        assert "'nonce-abc'" in scripts
    assert "unsafe" not in policy("abc", False)
    assert "'unsafe-eval'" in policy("abc", True)
