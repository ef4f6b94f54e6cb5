"""Gradio's scripts and styles from memory, and which of them each page needs: so browsers fetch them before they know.

Knows nothing of what the pages hold. Does not import Gradio: the splash page serves these files while that happens.
"""

import gzip
import importlib.util
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]

_PATH = re.compile(r"/(?:ask|practise)/assets/([\w-]+\.(css|js))")
_KINDS = {"css": b"text/css; charset=utf-8", "js": b"text/javascript; charset=utf-8"}
_LISTED = Path(__file__).with_name("assets.json")


@dataclass(frozen=True)
class _Route:
    """Under what the request is counted and logged."""

    path: str


@cache
def _folder() -> Path:
    found = importlib.util.find_spec("gradio")
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0] if places else "gradio") / "templates" / "frontend" / "assets"


@lru_cache(maxsize=256)
def _packed(name: str) -> bytes:
    return gzip.compress((_folder() / name).read_bytes(), 6, mtime=0)


@cache
def needed(page: str) -> tuple[str, ...]:
    """Names of the files that a page loads, in the order in which it asks for them; those that this Gradio has.

    Args:
        page: ``ask`` or ``practise``; others need none.
    """
    listed: dict[str, list[str]] = json.loads(_LISTED.read_text(encoding="utf-8"))
    return tuple(name for name in listed.get(page, ()) if (_folder() / name).is_file())


def links(page: str) -> str:
    """HTML that makes a browser fetch what a page needs, all at once rather than one after the other."""
    return "".join(
        f'<link rel="modulepreload" href="{page}/assets/{name}">'
        if name.endswith(".js")
        else f'<link rel="preload" as="style" href="{page}/assets/{name}" crossorigin>'
        for name in needed(page)
    )


async def served(scope: Scope, send: Send) -> bool:
    """Answer a request for one of the files; False when it is for something else."""
    found = _PATH.fullmatch(scope["path"].removeprefix(scope.get("root_path", "")))
    if found is None or scope["method"] not in ("GET", "HEAD") or not (_folder() / found[1]).is_file():
        return False
    scope["route"] = _Route(f"{found[0].removesuffix(found[1])}{{name}}")
    packed = _packed(found[1])
    zipped = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
    body = packed if zipped else gzip.decompress(packed)
    headers: Sequence[tuple[bytes, bytes]] = [
        (b"content-type", _KINDS[found[2]]),
        (b"content-length", str(len(body)).encode()),
        # The name changes with the content.
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"vary", b"accept-encoding"),
        *([(b"content-encoding", b"gzip")] if zipped else []),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
    return True


class Assets:
    """Pure ASGI middleware: answers for the files before anything heavier is asked."""

    def __init__(self, app: Application) -> None:
        """Wrap an application that serves the rest."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not await served(scope, send):
            await self.app(scope, receive, send)
