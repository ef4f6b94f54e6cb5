"""Gradio's HTML document put into our frame: its scripts with the nonce, without its own head, fonts and look.

Knows nothing of what the Gradio application does.
"""

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from ui.frame import page
from ui.texts import text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope

_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>", re.DOTALL)
_STYLESHEET = re.compile(r'<link rel="stylesheet"[^>]*>')
_APP = re.compile(r"<gradio-app\b.*?</gradio-app>", re.DOTALL)
_RESIZER = "iframeResizer.contentWindow"


class DocumentChanged(RuntimeError):
    """Gradio's document does not look as it did in the version this was written for."""


async def gradio_document(gradio: "ASGIApp", scope: "Scope", path: str) -> str:
    """The document that Gradio serves at its root.

    Args:
        gradio: The mounted Gradio application.
        scope: The request for our page.
        path: Where Gradio is mounted, without the root path.
    """
    root = scope.get("root_path", "") + path
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    inner = {**scope, "method": "GET", "root_path": root, "path": f"{root}/", "headers": headers}
    inner["raw_path"] = inner["path"].encode()
    chunks: list[bytes] = []

    async def receive() -> "Message":
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: "Message") -> None:
        if message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await gradio(inner, receive, send)
    return b"".join(chunks).decode("utf-8")


def framed(document: str, nonce: str, path: str, name: str = "ask") -> str:
    """One of our pages around Gradio's application.

    Args:
        document: What Gradio serves.
        nonce: The nonce of this response's policy.
        path: Where Gradio is mounted, relative to the page.
        name: The page: its template, its tab and its title's code.

    Raises:
        DocumentChanged: The document lacks what is needed.
    """
    scripts = [
        part for part in _SCRIPT.findall(document) if _RESIZER not in part and "getElementsByTagName" not in part
    ]
    application = _APP.search(document)
    if application is None or not any('type="module"' in part for part in scripts):
        raise DocumentChanged(
            "Gradio's document has no application or no script: this version of Gradio is not supported."
        )
    marked = [part.replace("<script", f'<script nonce="{nonce}"', 1) for part in scripts]
    head = "\n".join([*_STYLESHEET.findall(document), *marked]).replace('="./', f'="{path}/')
    return page(
        f"{name}.html",
        title=text(f"{name}.title"),
        here=name,
        gradio_head=Markup(head),
        gradio_app=Markup(application[0]),
    )
