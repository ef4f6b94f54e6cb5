"""Lets a platform show the tutor in its frame, to those who came from it and to nobody else.

Knows nothing of launches. The policy itself is written in ui/security.py, from what stands in the request's state.
"""

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from tutor.learner import Learner
from tutor.store import Store
from tutor.store.lti_platforms import Platform, platform_of_tenant, platforms

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

REMEMBERED = 30.0
"""Seconds for which a platform's origins are not looked up again."""
MOST_REMEMBERED = 1000


class Frames:
    """Pure ASGI middleware behind the identity: adds the platform's origins to ``frame-ancestors``."""

    def __init__(self, app: "ASGIApp", store: Store) -> None:
        """Wrap an application."""
        self.app = app
        self._store = store
        self._seen: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        learner: Learner | None = scope.get("state", {}).get("learner") if scope["type"] == "http" else None
        if learner is not None and learner.tenant.startswith("lti:"):
            scope["state"]["frame_ancestors"] = await self._origins(learner.tenant)
        await self.app(scope, receive, send)

    async def _origins(self, tenant: str) -> tuple[str, ...]:
        at, origins = self._seen.get(tenant, (-REMEMBERED, ()))
        if time.monotonic() - at > REMEMBERED:
            found = await run_in_threadpool(platform_of_tenant, self._store, tenant)
            origins = found.origins if found else ()
            self._seen[tenant] = (time.monotonic(), origins)
            while len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
        return origins


class PlatformOrigins:
    """The origins of all platforms, looked up now and then: a frame of anybody else is refused before it is served."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at = -REMEMBERED
        self._origins: tuple[str, ...] = ()

    def __call__(self) -> tuple[str, ...]:
        """All origins, each once."""
        if time.monotonic() - self._at > REMEMBERED:
            found = [origin for each in platforms(self._store) for origin in each.origins]
            self._origins, self._at = tuple(dict.fromkeys(found)), time.monotonic()
        return self._origins


def shown_by(state: Any, platform: Platform | None, sends_to: str = "") -> None:
    """Let a platform show this one response, and let its form go there.

    Args:
        state: ``request.state``.
        platform: Who may show it; None for nobody else than ourselves.
        sends_to: Origin that a form of the page sends to; empty for our own only.
    """
    origins = platform.origins if platform else ()
    state.frame_ancestors = origins
    # A browser holds a form's redirects to the same rule, and platforms redirect to their other hosts.
    state.form_action = tuple(dict.fromkeys([sends_to, *origins])) if sends_to else ()
