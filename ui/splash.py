"""The application that answers while the real one is loaded, then hands every request over to it.

Knows nothing of what is loaded. Imports nothing heavy, so that the first request is answered at once.
"""

import asyncio
import html
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from ui import assets
from ui.texts import text

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>{links}
<style>
:root{{color-scheme:light dark}}
body{{font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;margin:0;display:grid;
min-height:100dvh;place-items:center;background:light-dark(#fbfaf8,#141513);color:light-dark(#1d1b18,#eceae4)}}
main{{padding:24px;max-width:420px}}h1{{font-size:20px;margin:0 0 8px}}p{{margin:0;color:light-dark(#5f5a51,#aaa79d)}}
</style></head><body><main><h1>{title}</h1><p role="status">{doing}</p><p>{more}</p></main>"""
_POLICY = b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'"
_AGAIN = '<meta http-equiv="refresh" content="{seconds}"></body></html>'
HELD = 1.0
"""Seconds after which a browser asks again, to show what is going on now."""


class Splash:
    """An ASGI application that stands in for another until that is ready."""

    def __init__(self) -> None:
        self.doing = text("splash.loading")
        self._app: Application | None = None
        self._life: AbstractAsyncContextManager[Any] | None = None
        self._ready = asyncio.Event()

    async def hand_over(self, app: Application, life: AbstractAsyncContextManager[Any]) -> None:
        """Let the real application take over.

        Args:
            app: It gets every request from now on.
            life: Its lifespan, entered now and left when the server stops.
        """
        await life.__aenter__()
        self._life = life
        self._app = app
        self._ready.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and not await assets.served(scope, send):
            await self._wait(scope, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._life is not None:
            await self._life.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})

    async def _wait(self, scope: Scope, send: Send) -> None:
        if scope["path"].endswith("/readyz"):
            body = json.dumps({"ready": False, "reasons": {"start": self.doing}}).encode()
            kind = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"retry-after", b"1")]
            await send({"type": "http.response.start", "status": 503, "headers": kind})
            await send({"type": "http.response.body", "body": body})
            return
        browser = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
        page = _PAGE.format(
            title=html.escape(text("splash.title")),
            doing=html.escape(self.doing),
            more=html.escape(text("splash.more")),
            links=assets.links(scope["path"].rpartition("/")[2]),
        )
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-security-policy", _POLICY),
            (b"cache-control", b"no-store"),
            (b"retry-after", b"1"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        if scope["method"] == "GET" and browser:
            # The page is shown, but not ended: so the browser asks again at the very moment when we are ready.
            await send({"type": "http.response.body", "body": page.encode(), "more_body": True})
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), HELD)
            page = _AGAIN.format(seconds=0)
        else:
            page += _AGAIN.format(seconds=1)
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page.encode()})
