"""Which of Gradio's routes are open, and to whom: a page's event stream belongs to the learner who opened it.

Knows nothing of what the events mean.
"""

import json
import re
from collections import OrderedDict
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tutor.learner import Learner
from ui.limits import read_body, replay
from ui.security import refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

OPEN = re.compile(r"/(config|theme\.css|favicon\.ico)/?|/(assets|static)/.+|/gradio_api/(startup-events|info)/?")
# Not /gradio_api/cancel: it ends any event whose id it is told, whoever began it. The page has a handler that stops.
OWNED = re.compile(r"/gradio_api/(queue/join|queue/data|reset|heartbeat/[^/]+)/?")
MOST_PAGES = 20_000


class GradioGuard:
    """Pure ASGI middleware in front of Gradio.

    Gradio's session hash is made by the browser and bound to nobody: who knows it reads another's event stream. Here
    the first verified learner that uses a hash owns it. Routes that the Ask page does not need do not exist.
    """

    def __init__(self, app: "ASGIApp", *prefixes: str) -> None:
        """Wrap an application.

        Args:
            app: The application in which Gradio is mounted.
            *prefixes: The paths it is mounted at, without the root path; a page's hash has one owner over all of them.
        """
        self.app = app
        self.prefixes = prefixes
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        prefix = next((each for each in self.prefixes if path.startswith(f"{each}/")), "")
        if scope["type"] != "http" or not prefix:
            await self.app(scope, receive, send)
            return
        path = path.removeprefix(prefix)
        if OPEN.fullmatch(path):
            await self.app(scope, receive, send)
        elif OWNED.fullmatch(path):
            await self._serve_owned(scope, receive, send, path)
        else:
            await refuse(send, 404, b"There is nothing at this address.")

    async def _serve_owned(self, scope: "Scope", receive: "Receive", send: "Send", path: str) -> None:
        learner: Learner | None = scope.get("state", {}).get("learner")
        if learner is None:
            await refuse(send, 401, b"This page has lost its sign-in. Load it again.")
            return
        body = await read_body(receive)
        if body is None:
            await refuse(send, 413, b"That is too long to send. Shorten the question.")
            return
        page = _session_hash(scope, path, body)
        if not page or not self._owns(page, learner):
            scope["state"]["refusal"] = "foreign_page"
            await refuse(send, 403, b"This page belongs to somebody else. Load it again.")
            return
        await self.app(scope, replay(body, receive), send)

    def _owns(self, page: str, learner: Learner) -> bool:
        owner = f"{learner.tenant}\n{learner.principal}"
        known = self._owners.setdefault(page, owner)
        self._owners.move_to_end(page)
        while len(self._owners) > MOST_PAGES:
            self._owners.popitem(last=False)
        return known == owner


def _session_hash(scope: "Scope", path: str, body: bytes) -> str:
    if scope["method"] == "POST":
        try:
            found = json.loads(body).get("session_hash", "")
        except (ValueError, AttributeError):
            return ""
        return found if isinstance(found, str) else ""
    if "/heartbeat/" in path:
        return str(path.split("/heartbeat/")[1].strip("/"))
    return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
