"""The tutor behind nginx, below a path, with TLS ended there: pages, streaming, cookies, limits, what the log holds."""

import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.gated_model import FIRST, LAST, Gate, gated
from tests.nginx.server import Nginx, needs_nginx, proxying
from tests.real_server import AskPage, serving

pytestmark = [pytest.mark.nginx, pytest.mark.long]


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    needs_nginx()
    with gated() as running:
        yield running


@pytest.fixture(scope="module")
def proxy(gate: Gate, shipped_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    import shutil

    data = shutil.copytree(shipped_data, tmp_path_factory.mktemp("tutor") / "data")
    with (
        serving(data, "--root-path", "/tutor", TUTOR_BASE_URL=gate.url, TUTOR_MODEL="m") as real,
        proxying(tmp_path_factory.mktemp("nginx"), real.address) as running,
    ):
        yield running


@pytest.fixture
def client(proxy: Nginx) -> Iterator[httpx.Client]:
    trust = ssl.create_default_context(cafile=str(proxy.certificate))
    with httpx.Client(base_url=proxy.address, verify=trust, timeout=60, headers={"accept": "text/html"}) as made:
        yield made


def test_the_first_words_arrive_before_the_last_are_written(client: httpx.Client, gate: Gate) -> None:
    page = AskPage(client, "/tutor")
    gate.go_on.clear()
    assert page.join("ask", question="How does byte-pair encoding choose its tokens?").status_code == 200
    before, after = "", ""
    for update in page.updates():
        if gate.go_on.is_set():
            after += json.dumps(update)
        else:
            before += json.dumps(update)
            if FIRST.strip() in before:
                gate.go_on.set()  # only now may the model say the rest
        if update["msg"] == "process_completed":
            break
    assert LAST.split(" ")[1] not in before
    assert LAST.split(" ")[1] in after


def test_pages_and_their_parts_are_found_below_the_path(client: httpx.Client, proxy: Nginx) -> None:
    found = client.get("/tutor", follow_redirects=True)
    assert (found.status_code, str(found.url)) == (200, f"{proxy.address}/tutor/")
    for address in re.findall(r'(?:href|src)="([^"#]+)"', found.text):
        assert client.get(str(found.url.join(address)), follow_redirects=True).status_code == 200, address
    ask = client.get("/tutor/ask")
    assert f'"root":"{proxy.address}/tutor/ask"' in ask.text.replace(" ", "")
    for address in re.findall(r'(?:href|src)="([^"#]+\.(?:css|js)[^"]*)"', ask.text):
        assert client.get(str(ask.url.join(address)), follow_redirects=True).status_code == 200, address
    moved = client.get("/tutor/assets/index.css")
    assert moved.headers["location"] == "/tutor/ask/assets/index.css"


def test_the_cookie_is_for_the_path_and_for_tls_only(client: httpx.Client) -> None:
    cookie = client.get("/tutor/").headers["set-cookie"]
    assert "; Path=/tutor;" in cookie and "; Secure" in cookie and "; HttpOnly" in cookie


def test_writes_come_from_our_own_origin_only(client: httpx.Client, proxy: Nginx) -> None:
    client.get("/tutor/")
    given = {"id": "none", "act": "delete"}
    for origin, status in {proxy.address: 404, "http://localhost": 403, "https://evil.example": 403}.items():
        assert client.post("/tutor/conversations", data=given, headers={"origin": origin}).status_code == status


def test_what_is_too_large_is_refused(client: httpx.Client) -> None:
    client.get("/tutor/")
    assert client.post("/tutor/report", content=b"x" * 1_020_000).status_code == 413
    assert client.post("/tutor/report", content=b"x" * 2_000_000).status_code == 413


def test_the_counters_are_not_for_everybody(client: httpx.Client, proxy: Nginx) -> None:
    for path in ("/tutor/metrics", "/tutor//metrics", "/tutor/%6detrics", "/tutor/./metrics"):
        assert client.get(path).status_code == 404


def test_a_learners_address_is_the_browsers_not_the_proxys(client: httpx.Client) -> None:
    # A forged header changes nothing: nginx replaces it.
    answer = client.get("/tutor/readyz", headers={"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http"})
    assert answer.json() == {"ready": True}
    assert "; Secure" in client.get("/tutor/", headers={"x-forwarded-proto": "http"}).headers["set-cookie"]


def test_headers_are_complete_and_said_once(client: httpx.Client) -> None:
    headers = client.get("/tutor/ask").headers
    for name in (
        "strict-transport-security", "content-security-policy", "x-content-type-options", "referrer-policy",
        "permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "x-request-id",
    ):  # fmt: skip
        assert len(headers.get_list(name)) == 1, name
    assert "server" not in headers or headers["server"].startswith("nginx")


def test_nginx_writes_down_no_address_that_holds_words_or_tokens(client: httpx.Client, proxy: Nginx) -> None:
    number = client.get("/tutor/ask?q=zebra-words").headers["x-request-id"]
    client.get("/tutor/s/zebra-token/ask")
    written = proxy.log.read_text(encoding="utf-8")
    assert number in written
    assert "zebra" not in written
