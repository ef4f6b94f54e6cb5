"""Gradio's files from memory, and the lists of what each page needs."""

import gzip
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import gradio
import pytest

from ui.assets import Assets, links, needed, served
from ui.logs import UNKNOWN, template

FILES = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
PAGES = ("ask", "practise")


async def get(
    path: str, method: str = "GET", headers: tuple[tuple[bytes, bytes], ...] = (), root: str = ""
) -> tuple[int, dict[bytes, bytes], bytes] | None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    if not await served({"type": "http", "method": method, "path": path, "headers": headers, "root_path": root}, send):
        assert sent == []
        return None
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("page", PAGES)
async def test_every_listed_file_is_served_whole_and_for_good(page: str, zipped: bool) -> None:
    accepted = ((b"accept-encoding", b"gzip, br"),) if zipped else ()
    assert len(needed(page)) > 20
    for name in needed(page):
        answer = await get(f"/{page}/assets/{name}", headers=accepted)
        assert answer is not None
        status, headers, body = answer
        assert status == 200
        assert (gzip.decompress(body) if zipped else body) == (FILES / name).read_bytes()
        assert headers[b"content-length"] == str(len(body)).encode()
        assert b"immutable" in headers[b"cache-control"]
        assert headers[b"content-type"].startswith(b"text/css" if name.endswith(".css") else b"text/javascript")


async def test_under_a_prefix_and_to_head_the_answer_is_the_same() -> None:
    name = needed("ask")[0]
    plain = await get(f"/ask/assets/{name}")
    assert plain == await get(f"/tutor/ask/assets/{name}", root="/tutor")
    head = await get(f"/ask/assets/{name}", "HEAD")
    assert plain is not None
    assert head == (plain[0], plain[1], b"")


@pytest.mark.parametrize(
    "path",
    ["/ask", "/ask/assets/", "/ask/assets/none.js", "/ask/assets/../index.html", "/ask/assets/..%2Findex.html",
     "/ask/assets/a/../../index.js", "/read/assets/index.js", "/ask/config", "/ask/assets/index.html"],
)  # fmt: skip
async def test_nothing_else_is_served(path: str) -> None:
    assert await get(path) is None


async def test_a_write_is_not_answered() -> None:
    assert await get(f"/ask/assets/{needed('ask')[0]}", "POST") is None


async def test_the_rest_goes_to_the_application() -> None:
    passed: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["path"])

    async def nothing(*ignored: Any) -> None:
        return None

    scopes = [
        {"type": "http", "method": "GET", "path": path, "headers": []}
        for path in ("/ask", f"/ask/assets/{needed('ask')[0]}", "/ask/assets/none.js")
    ]
    for scope in scopes:
        await Assets(app)(scope, nothing, nothing)
    assert [template(scope, "") for scope in scopes] == [UNKNOWN, "/ask/assets/{name}", UNKNOWN]
    assert passed == ["/ask", "/ask/assets/none.js"]


def test_links_name_every_file_of_their_page_and_other_pages_have_none() -> None:
    for page in PAGES:
        assert tuple(re.findall(rf'href="{page}/assets/([^"]+)"', links(page))) == needed(page)
    assert links("read") == links("") == links('"><script>') == ""


def test_the_files_are_found_without_importing_gradio() -> None:
    code = "import sys; from ui.assets import needed; print(len(needed('ask')), 'gradio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{len(needed('ask'))} False\n"
