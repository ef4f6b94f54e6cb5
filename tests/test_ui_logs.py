"""The request's line, its id and its template."""

import logging
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.testclient import TestClient

from tutor.logs import request_id
from ui.logs import RequestLog

SECRET = "a-token-or-words"
Seen = list[tuple[str, str, int, float, str]]


@pytest.fixture
def seen() -> Seen:
    return []


@pytest.fixture
def client(seen: Seen) -> TestClient:
    app = FastAPI()
    inner = FastAPI()
    router = APIRouter(prefix="/deep")

    @app.get("/things/{name}")
    def thing(name: str) -> str:
        return request_id.get()

    @app.get("/refused")
    def refused(request: Request) -> None:
        from starlette.exceptions import HTTPException

        request.state.refusal = "nonce"
        raise HTTPException(403)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError(SECRET)

    @router.get("/{name}")
    def deep(name: str) -> str:
        return name

    inner.include_router(router)
    app.include_router(router)
    app.mount("/inner", inner)
    app.add_middleware(RequestLog, observe=lambda *told: seen.append(told))
    return TestClient(app, raise_server_exceptions=False)


def test_the_response_carries_the_id_that_the_lines_of_its_request_carry(client: TestClient) -> None:
    answer = client.get("/things/x", headers={"x-request-id": "chosen by a stranger"})
    assert answer.headers["x-request-id"] == answer.json()
    assert len(answer.json()) == 16
    assert client.get("/things/x").json() != answer.json()


@pytest.mark.parametrize(
    ("path", "route", "status", "refused"),
    [
        (f"/things/{SECRET}?q={SECRET}", "/things/{name}", 200, ""),
        (f"/deep/{SECRET}", "/deep/{name}", 200, ""),
        (f"/inner/deep/{SECRET}", "/inner/deep/{name}", 200, ""),
        (f"/{SECRET}", "none", 404, "missing"),
        ("/refused", "/refused", 403, "nonce"),
        ("/broken", "/broken", 500, ""),
    ],
)
def test_one_line_names_the_template_and_nothing_that_was_sent(
    client: TestClient, seen: Seen, caplog: pytest.LogCaptureFixture, path: str, route: str, status: int, refused: str
) -> None:
    with caplog.at_level(logging.INFO, "ui.logs"):
        client.get(path, headers={"cookie": SECRET})
    assert [told[:3] + told[4:] for told in seen] == [("GET", route, status, refused)]
    assert seen[0][3] >= 0
    fields: list[dict[str, Any]] = [record.fields for record in caplog.records if record.name == "ui.logs"]  # type: ignore[attr-defined]
    assert [(line["route"], line["status"]) for line in fields] == [(route, status)]
    assert SECRET not in str(fields)


@pytest.mark.parametrize(
    ("path", "level"), [("/things/x", "INFO"), ("/none", "INFO"), ("/refused", "WARNING"), ("/broken", "INFO")]
)
def test_what_was_refused_is_in_the_log_at_its_usual_level(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str, level: str
) -> None:
    with caplog.at_level(logging.INFO, "ui.logs"):
        client.get(path)
    assert [record.levelname for record in caplog.records if record.name == "ui.logs"] == [level]


def test_a_method_that_nobody_knows_is_not_a_label(client: TestClient, seen: Seen) -> None:
    client.request("X" * 50, "/things/x")
    assert seen[0][0] == "none"
