"""One log line a request, with an id that the response carries too: method, route template, status, milliseconds.

Knows nothing of what is served. Never sees a query string, a body, or a path that holds a token: only the template.
"""

import logging
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tutor.logs import request_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)
UNKNOWN = "none"
"""The template of what matches no route."""
EVERYDAY = frozenset({"missing", "not_found", "session"})
"""Refusals that need no line at the usual level: pages and sign-ins that are gone."""

Observe = Callable[[str, str, int, float, str], None]
"""Told of each request: method, template, status, seconds, why it was refused."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestLog:
    """Pure ASGI middleware around everything else."""

    def __init__(self, app: "ASGIApp", observe: Observe) -> None:
        """Wrap an application.

        Args:
            app: What is served.
            observe: Told of each request when it is over.
        """
        self.app = app
        self.observe = observe

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Never taken from the request: whoever sends one could write into the log, or hide among others.
        number = secrets.token_hex(8)
        kept = request_id.set(number)
        scope.setdefault("state", {})
        began, status, root = time.perf_counter(), 500, scope.get("root_path", "")

        async def send_numbered(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", number.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_numbered)
        finally:
            self._tell(scope, root, status, time.perf_counter() - began)
            request_id.reset(kept)

    def _tell(self, scope: "Scope", root: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else UNKNOWN
        route, refused = template(scope, root), why_refused(scope, status)
        self.observe(method, route, status, seconds, refused)
        fields = {"method": method, "route": route, "status": status, "ms": round(1000 * seconds)}
        level = logging.WARNING if refused and refused not in EVERYDAY else logging.INFO
        log.log(level, "request", extra={"fields": {**fields, **({"refused": refused} if refused else {})}})


def template(scope: "Scope", root: str) -> str:
    """The route's path with the names of its parameters, such as ``/static/{name}``; never the path itself.

    Args:
        scope: A request that was served.
        root: Its root path before that; a mount appends its own.
    """
    own = path_of(scope)
    return scope.get("root_path", "").removeprefix(root) + own if own else UNKNOWN


def path_of(scope: "Scope") -> str:
    """The path template of the route that serves a request, with the prefix of an included router; empty for none."""
    route = scope.get("route")
    included = scope.get("fastapi", {}).get("effective_route_context")
    if included is not None and included.original_route is route:
        return str(included.path)
    return str(getattr(route, "path", ""))


def why_refused(scope: "Scope", status: int) -> str:
    """The code of a refusal: what the refusing part said, else what the status says; empty when nothing was refused."""
    if status < 400 or status >= 500:
        return ""
    named = scope["state"].get("refusal", "")
    return str(named) if named else _REFUSALS.get(status, "other")


_REFUSALS = {
    400: "bad_request", 401: "session", 403: "forbidden", 404: "missing", 405: "missing", 408: "slow",
    413: "too_large", 415: "upload", 422: "bad_request", 429: "rate",
}  # fmt: skip
