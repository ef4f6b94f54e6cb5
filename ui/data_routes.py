"""The addresses of My data: the page, the two downloads, the deletion.

Knows nothing of what the pages look like or of how things are stored.
"""

import asyncio
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

import tutor as product
from tutor.errors import StoreError
from tutor.export import as_json, guarded
from tutor.portfolio import pieces
from tutor.settings import Settings
from tutor.store import Store, counted, delete_everything, everything
from ui.access import learner_of
from ui.data import data_page, deleted_page, readable
from ui.identity import Sessions, ending
from ui.path_token import outer_root, token_of
from ui.runs import Desk
from ui.texts import text

if TYPE_CHECKING:
    from tutor.session import Tutor

log = logging.getLogger(__name__)
AGAIN = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)
"""Seconds after which a log that another program was reading is emptied again."""

_emptying: set[asyncio.Task[None]] = set()


def add_data(app: FastAPI, tutor: "Tutor", settings: Settings, sessions: Sessions, desk: Desk) -> None:
    """Add the page /data with its downloads and the deletion to an application.

    Args:
        app: Where; a middleware has put the verified learner into ``request.state``.
        tutor: Whose store and lessons.
        settings: Say where data lies and where it is sent.
        sessions: Forgets a learner's sign-ins.
        desk: Stops answers that are being written.
    """
    store = tutor.store
    assert store is not None  # create_app refuses a tutor without one
    with suppress(StoreError):  # What a kill after a deletion may have left in the log.
        store.empty_log()

    @app.get("/data", response_class=HTMLResponse)
    def shown(request: Request) -> str:
        return _page(request)

    def _page(request: Request, notice: str = "") -> str:
        learner = learner_of(request)
        written = len(pieces(store, learner))
        return data_page(settings, learner, counted(store, learner), written, notice)

    @app.get("/data.json")
    def exported(request: Request) -> Response:
        learner = learner_of(request)
        kept = guarded(everything(store, learner))
        made = as_json(kept, learner, datetime.now(UTC), product.__version__)
        words = json.dumps(made, ensure_ascii=False, indent=1)
        return Response(words, media_type="application/json", headers=attached("my-data.json"))

    @app.get("/data.html")
    def read(request: Request) -> Response:
        learner = learner_of(request)
        kept = guarded(everything(store, learner))
        return HTMLResponse(
            readable(kept, tutor.curriculum, learner, datetime.now(UTC)), headers=attached("my-data.html")
        )

    @app.post("/data", response_class=HTMLResponse)
    async def delete(request: Request, sure: Annotated[str, Form()] = "") -> Response:
        learner = learner_of(request)
        if sure != "yes":
            return HTMLResponse(await asyncio.to_thread(_page, request, text("data.delete.unsure")), 400)
        over = ending(sessions, request.scope, learner)
        await desk.stop_all(learner)
        emptied = await asyncio.to_thread(delete_everything, store, learner)
        sessions.forget(learner)
        if not emptied:
            later(store)
        return _away(request, over, not emptied)

    @app.get("/deleted", response_class=HTMLResponse)
    def gone(request: Request, rest: str = "") -> Response:
        if request.state.learner is not None:  # Somebody who has data came here by hand.
            return RedirectResponse("data", 303)
        return HTMLResponse(deleted_page(bool(rest)))


def _away(request: Request, over: list[str], rest: bool) -> Response:
    """The answer to a deletion; whoever came with a path token has no address of their own any more."""
    away: Response
    if token_of(request.scope):
        away = HTMLResponse(deleted_page(rest, f"{outer_root(request.scope)}/"))
    else:
        away = RedirectResponse("deleted?rest=1" if rest else "deleted", 303)
    for cookie in over:
        away.headers.append("set-cookie", cookie)
    return away


def attached(name: str) -> dict[str, str]:
    """Headers of a file to keep; no cache on the way keeps it too."""
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def later(store: Store) -> None:
    """Empty the log as soon as nobody reads it any more, in the background."""
    emptying = asyncio.create_task(_empty(store))
    _emptying.add(emptying)
    emptying.add_done_callback(_emptying.discard)


async def _empty(store: Store) -> None:
    for seconds in AGAIN:
        await asyncio.sleep(seconds)
        with suppress(StoreError):
            if await asyncio.to_thread(store.empty_log):
                return
    log.warning("SQLite's log could not be emptied after a deletion: another program reads the database all the time.")
