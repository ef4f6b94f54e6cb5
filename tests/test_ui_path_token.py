"""The token in the path."""

from typing import Any

import pytest

from ui.path_token import PathToken, outer_root, path_of, scrubbed, token_of

TOKEN = "q1YsWl0zV8d3Nn7XkG2m.signature-of_it"


async def served(path: str, root: str = "") -> tuple[dict[str, Any] | None, list[Any]]:
    seen: list[dict[str, Any]] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {}

    scope = {"type": "http", "path": root + path, "root_path": root, "headers": [], "state": {"kept": 1}}
    await PathToken(app)(scope, receive, send)
    assert scope["root_path"] == root, "the server's own scope is left alone"
    return (seen[0] if seen else None), sent


@pytest.mark.parametrize("root", ["", "/tutor"])
async def test_the_token_becomes_a_part_of_the_root(root: str) -> None:
    scope, _ = await served(f"/s/{TOKEN}/ask", root)
    assert scope is not None
    assert scope["path"] == f"{root}/s/{TOKEN}/ask"
    assert scope["root_path"] == f"{root}{path_of(TOKEN)}"
    assert token_of(scope) == TOKEN
    assert outer_root(scope) == root
    assert scope["state"]["kept"] == 1


@pytest.mark.parametrize(
    "path", ["/ask", "/static/tutor.css", "/s/", "/s/short/ask", f"/ask/s/{TOKEN}/", f"/s/{TOKEN}$/"]
)
async def test_other_paths_are_left_alone(path: str) -> None:
    scope, _ = await served(path)
    assert scope is not None
    assert scope["root_path"] == ""
    assert token_of(scope) == ""


@pytest.mark.parametrize("root", ["", "/tutor"])
async def test_a_token_without_a_slash_gets_one(root: str) -> None:
    scope, sent = await served(f"/s/{TOKEN}", root)
    assert scope is None
    assert sent[0]["status"] == 308
    assert (b"location", f"{root}/s/{TOKEN}/".encode()) in sent[0]["headers"]
    assert (b"referrer-policy", b"no-referrer") in sent[0]["headers"]


def test_a_log_line_holds_no_token() -> None:
    line = f"GET /tutor{path_of(TOKEN)}/ask?c=1 and {path_of(TOKEN)} 200"
    assert scrubbed(line) == "GET /tutor/s/-/ask?c=1 and /s/- 200"
    assert scrubbed("GET /static/tutor.css") == "GET /static/tutor.css"
