"""How much may be sent, and how often: the largest body, no files, writes a minute, new learners an hour.

Knows nothing of what is sent. Counts are kept in memory: they begin anew with the server.
"""

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

from ui.security import SAFE_METHODS, refuse
from ui.texts import text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tutor.learner import Learner

LARGEST_BODY = 1_000_000
"""Bytes of any request; the longest question allowed is a tenth of it."""
SLOWEST_BODY = 30.0
"""Seconds in which a body must have come."""
MOST_KEYS = 100_000
WITHOUT_SESSION = 10
"""How many learners' writes one address may send without a session: a class that opens its course behind one router."""


class Buckets:
    """A token bucket for each key; the keys not used for longest are forgotten, which fills their buckets."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Make empty books.

        Args:
            most: Tokens in a full bucket, and tokens that flow in while ``seconds`` pass; 0 grants everything.
            seconds: See most.
            clock: The present moment in seconds.
        """
        self.most = most
        self.rate = most / seconds
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, cost: float = 1.0) -> float:
        """Take a token.

        Returns:
            0.0 when it was granted, else the seconds until it would be; nothing is taken then.
        """
        if not self.most:
            return 0.0
        now = self._clock()
        held, at = self._held.get(key, (float(self.most), now))
        held = min(float(self.most), held + (now - at) * self.rate)
        granted = held >= cost
        self._held[key] = (held - cost if granted else held, now)
        self._held.move_to_end(key)
        while len(self._held) > MOST_KEYS:
            self._held.popitem(last=False)
        return 0.0 if granted else (cost - held) / self.rate


class BodyLimit:
    """Pure ASGI middleware: reads the body of each write first, and refuses large ones and files."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if _says_too_much(headers.get(b"content-length", b"0")):
            await refuse(send, 413, text("error.too_large").encode())
        elif headers.get(b"content-type", b"").lower().startswith(b"multipart/"):
            await refuse(send, 415, text("error.upload").encode())
        elif scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
        else:
            await self._serve_write(scope, receive, send)

    async def _serve_write(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        try:
            async with asyncio.timeout(SLOWEST_BODY):
                body = await read_body(receive)
        except TimeoutError:
            await refuse(send, 408, text("error.slow").encode())
            return
        if body is None:
            await refuse(send, 413, text("error.too_large").encode())
            return
        await self.app(scope, replay(body, receive), send)


class RateLimit:
    """Pure ASGI middleware: so many writes of one learner, or of one address without a session."""

    def __init__(self, app: "ASGIApp", per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Wrap an application.

        Args:
            app: What is protected.
            per_minute: Writes of one learner; 0 for no limit.
            clock: The present moment in seconds.
        """
        self.app = app
        self._learners = Buckets(per_minute, 60.0, clock)
        self._addresses = Buckets(per_minute * WITHOUT_SESSION, 60.0, clock)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        learner: Learner | None = scope.get("state", {}).get("learner")
        if learner is not None:
            wait = self._learners.take(f"{learner.tenant}\n{learner.principal}")
        else:
            wait = self._addresses.take(address_of(scope))
        if wait:
            await refuse_for_now(send, wait)
            return
        await self.app(scope, receive, send)


async def refuse_for_now(send: "Send", wait: float) -> None:
    """Answer that it was too often, with the seconds to wait."""
    seconds = ceil(wait)
    retry = (b"retry-after", str(seconds).encode())
    await refuse(send, 429, text("error.rate", count=seconds).encode(), [retry])


def address_of(scope: "Scope") -> str:
    """Where a request comes from, for limits: an IPv4 address, or the /64 network of an IPv6 one."""
    host = (scope.get("client") or ("unknown", 0))[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    # One household or server has at least a /64 of IPv6 to itself.
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _says_too_much(length: bytes) -> bool:
    return length.isdigit() and int(length[:20]) > LARGEST_BODY


async def read_body(receive: "Receive") -> bytes | None:
    """A request's body; None when it is larger than allowed."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return body


def replay(body: bytes, receive: "Receive") -> "Receive":
    """What gives a body that was read already, and then what still comes."""
    waiting = True

    async def replayed() -> "Message":
        nonlocal waiting
        if waiting:
            waiting = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replayed
