"""What of Gradio is open, and to whom."""

import json
from typing import Any

import pytest

from tutor.learner import Learner
from ui.gradio_guard import GradioGuard
from ui.limits import LARGEST_BODY

ONE, TWO = Learner("anon:1"), Learner("anon:2")


async def inner(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive()).get("body", b"")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def call(
    guard: GradioGuard, path: str, learner: Learner | None = ONE, body: bytes | None = None, query: str = ""
) -> tuple[int, bytes]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body or b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST" if body is not None else "GET", "path": path, "root_path": "",
        "query_string": query.encode(), "state": {"learner": learner}, "headers": [],
    }  # fmt: skip
    await guard(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


def joining(page: str) -> bytes:
    return json.dumps({"session_hash": page, "data": []}).encode()


@pytest.mark.parametrize(
    "path",
    [
        "/ask/config",
        "/ask/theme.css",
        "/ask/assets/a.js",
        "/ask/static/js/x.js",
        "/ask/gradio_api/startup-events",
        "/other",
    ],
)
async def test_what_the_page_loads_is_open(path: str) -> None:
    assert (await call(GradioGuard(inner, "/ask"), path, None))[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/ask/gradio_api/upload", "/ask/gradio_api/file=/etc/passwd", "/ask/gradio_api/proxy=http://evil",
        "/ask/monitoring",
        "/ask/gradio_api/run/predict", "/ask/gradio_api/call/x", "/ask/gradio_api/vibe-edit", "/ask/login", "/ask/gradio_api/cancel",
        "/ask/manifest.json",
        "/ask/gradio_api/queue/join/../upload", "/ask/gradio_api/component_server", "/ask/",
    ],
)  # fmt: skip
async def test_what_the_page_does_not_need_does_not_exist(path: str) -> None:
    assert (await call(GradioGuard(inner, "/ask"), path, body=joining("p")))[0] == 404


async def test_a_page_belongs_to_the_learner_who_used_it_first() -> None:
    guard = GradioGuard(inner, "/ask")
    join, data = "/ask/gradio_api/queue/join", "/ask/gradio_api/queue/data"
    assert await call(guard, join, ONE, joining("p")) == (200, joining("p"))
    assert (await call(guard, data, ONE, query="session_hash=p"))[0] == 200
    assert (await call(guard, data, TWO, query="session_hash=p"))[0] == 403
    assert (await call(guard, join, TWO, joining("p")))[0] == 403
    assert (await call(guard, "/ask/gradio_api/heartbeat/p", TWO))[0] == 403
    assert (await call(guard, "/ask/gradio_api/reset", TWO, joining("p")))[0] == 403
    assert (await call(guard, data, TWO, query="session_hash=q"))[0] == 200


async def test_without_a_session_nothing_is_asked() -> None:
    assert (await call(GradioGuard(inner, "/ask"), "/ask/gradio_api/queue/join", None, joining("p")))[0] == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"session_hash": 1}', b'{"session_hash": ""}', b"\xff"])
async def test_a_body_that_names_no_page_is_refused(body: bytes) -> None:
    assert (await call(GradioGuard(inner, "/ask"), "/ask/gradio_api/queue/join", ONE, body))[0] == 403


async def test_a_huge_body_is_refused_before_it_is_kept() -> None:
    body = b"x" * (LARGEST_BODY + 1)
    assert (await call(GradioGuard(inner, "/ask"), "/ask/gradio_api/queue/join", ONE, body))[0] == 413
