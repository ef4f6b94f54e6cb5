"""The LMS tool's addresses: login, launch, keys, registration, choosing a link, the instructors' page of a link.

Knows nothing of what is done with a message: requests are read here and handed to the tool.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from tutor.store import Store
from ui.lti.outbox import sending

if TYPE_CHECKING:
    from ui.lti.tool import Tool

CROSSING = frozenset({"/lti/login", "/lti/launch", "/lti/register"})
"""Addresses that platforms, also ones that nobody knows yet, send browsers to."""
LARGEST_FORM = 400_000
"""Bytes; a launch has a token of a few kilobytes and a state."""


def add_lti(app: FastAPI, store: Store, tool: Callable[[], "Tool"]) -> None:
    """Add the LMS tool to the application; its outbox is emptied while the application runs.

    Args:
        app: Where.
        store: Where scores wait to be sent.
        tool: Gives the tool, which is not asked for before a message comes or a score is due.
    """

    @app.api_route("/lti/login", methods=["GET", "POST"])
    async def login(request: Request) -> Response:
        given = await _form(request) if request.method == "POST" else _query(request)
        made = await run_in_threadpool(tool)
        return await made.answered(request, made.login, given)

    @app.post("/lti/launch")
    async def launch(request: Request) -> Response:
        made = await run_in_threadpool(tool)
        return await made.answered(request, made.launch, await _form(request))

    @app.post("/lti/links")
    async def choose(request: Request) -> Response:
        made = await run_in_threadpool(tool)
        return await made.answered(request, made.choose, await _form(request, several=frozenset({"scope"})))

    @app.get("/lti/register")
    async def registered(request: Request) -> Response:
        made = await run_in_threadpool(tool)
        return await made.answered(request, made.register, _query(request))

    @app.get("/lti/jwks")
    def keys() -> Response:
        return JSONResponse(tool().keys(), headers={"cache-control": "public, max-age=300"})

    @app.get("/lti/course", response_class=HTMLResponse)
    def course(request: Request, people: str = "") -> str:
        return tool().course(request.state.learner, bool(people))

    _while_running(app, store, tool)


def _while_running(app: FastAPI, store: Store, tool: Callable[[], "Tool"]) -> None:
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[Any]:
        async with inner(served) as state, sending(store, lambda: tool().services):
            yield state

    app.router.lifespan_context = lifespan


async def _form(request: Request, several: frozenset[str] = frozenset()) -> dict[str, Any] | None:
    """The fields of a form; of a repeated one the last, a list of those in ``several``; None when too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return None
    try:
        found = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return None
    return {name: values if name in several else values[-1] for name, values in found.items()}


def _query(request: Request) -> dict[str, str] | None:
    try:
        return dict(parse_qsl(request.scope["query_string"].decode("latin-1"), max_num_fields=200))
    except ValueError:
        return None
