"""What a machine asks the server: whether it is alive, whether it can answer, what it has counted.

Knows nothing of learners.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tutor.errors import StoreError
from tutor.readiness import faults
from tutor.store import Store, purge
from ui.metrics import TEXT, Metrics, may_read

if TYPE_CHECKING:
    from tutor.session import Tutor
    from tutor.settings import Settings
    from ui.runs import Desk

log = logging.getLogger(__name__)
DAY = 24 * 3600.0


def add_operations(app: FastAPI, tutor: "Tutor", settings: "Settings", metrics: Metrics) -> None:
    """Add /healthz, /readyz and /metrics."""

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def ready() -> Response:
        found = faults(tutor)
        return JSONResponse({"ready": not found, **({"reasons": found} if found else {})}, 503 if found else 200)

    @app.get("/metrics")
    def counted(request: Request) -> Response:
        if not may_read(settings.metrics.get_secret_value(), request.scope):
            raise HTTPException(404)
        return Response(metrics.text(), media_type=TEXT)


def life(
    desk: "Desk", store: Store | None, settings: "Settings", pause: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What runs beside the requests: old data is deleted once a day; at the end, open answers are finished or kept.

    Args:
        desk: The answers being written.
        store: Where old data is.
        settings: How many days data is kept, and how long answers may take at the end.
        pause: Waits so many seconds.
    """

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        cleaning = asyncio.create_task(_clean(store, settings.retention_days, pause)) if store else None
        yield
        if cleaning:
            cleaning.cancel()
            with suppress(asyncio.CancelledError):
                await cleaning
        await desk.close(settings.shutdown_seconds)

    return living


async def _clean(store: Store, days: int, pause: Callable[[float], Awaitable[None]]) -> None:
    while True:
        now = datetime.now(UTC)
        try:
            done = await asyncio.to_thread(purge, store, now, now - timedelta(days=days) if days else None)
            if done.rows:
                fields = {"conversations": done.conversations, "events": done.events, "sessions": done.sessions}
                log.info("deleted what was kept long enough", extra={"fields": fields})
        except StoreError as error:
            log.warning("old data was not deleted, it is tried again tomorrow: %s", error)
        await pause(DAY)
