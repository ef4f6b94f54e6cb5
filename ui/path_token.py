"""An identity that needs no cookie: an opaque token in the path, ``/s/<token>/...``, in front of every address.

Knows nothing of whom a token stands for; ui/identity.py finds that. Everything below the token is served as ever,
because the token only becomes a part of the ASGI root path: relative addresses, Gradio's included, stay below it.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PREFIX = re.compile(r"/s/([A-Za-z0-9_.-]{20,200})(?=/|$)")
_WRITTEN = re.compile(r"/s/[A-Za-z0-9_.-]{20,}")


def path_of(token: str) -> str:
    """Where everything lies for the holder of a token, without the server's own root path.

    Args:
        token: The value that ``Sessions.start`` gave.

    Example:
        >>> path_of("a-token")
        '/s/a-token'
    """
    return f"/s/{token}"


def scrubbed(words: str) -> str:
    """A text, such as an address for a log, with every path token blotted out.

    Example:
        >>> scrubbed("GET /tutor/s/q1YsWl0zV8d3Nn7XkG2m/ask?c=1")
        'GET /tutor/s/-/ask?c=1'
    """
    return _WRITTEN.sub("/s/-", words)


def token_of(scope: "Scope") -> str:
    """The path token that a request came with; empty when it has none."""
    return str(scope.get("state", {}).get("path_token", ""))


def outer_root(scope: "Scope") -> str:
    """The server's own root path, without a path token."""
    token, root = token_of(scope), str(scope.get("root_path", ""))
    return root.removesuffix(path_of(token)) if token else root


class PathToken:
    """Pure ASGI middleware: moves a path token from the path into the root path and ``state.path_token``."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        root = scope.get("root_path", "")
        found = _PREFIX.match(scope["path"].removeprefix(root))
        if found is None:
            await self.app(scope, receive, send)
            return
        token = found[1]
        inner = {**scope, "root_path": f"{root}{path_of(token)}"}
        inner["state"] = {**scope.get("state", {}), "path_token": token}
        if inner["path"] == inner["root_path"]:
            # Without the slash at its end every relative address of the page would lose the token.
            location = f"{inner['root_path']}/".encode("latin-1")
            headers = [(b"location", location), (b"referrer-policy", b"no-referrer"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 308, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.app(inner, receive, send)
