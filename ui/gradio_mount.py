"""A Gradio page put into the application, its document in our frame.

Knows nothing of what a page holds.
"""

from collections.abc import Callable
from typing import cast

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.routing import Mount

from ui.document import framed, gradio_document
from ui.gradio_import import only_layout, remember_signatures
from ui.theme import theme


def add_gradio(app: FastAPI, path: str, lay_out: Callable[[], gr.Blocks], template: str) -> None:
    """Mount a Gradio page at a path, its document put into our frame.

    Args:
        app: The application.
        path: Where the page is.
        lay_out: Makes the page.
        template: The page's name: its template, its tab and its title's code.
    """
    with only_layout():
        blocks = lay_out()
    remember_signatures(blocks)

    @app.get(path, response_class=HTMLResponse)
    async def framed_page(request: Request) -> str:
        document = await gradio_document(blocks.app, request.scope, path)
        return framed(document, request.state.nonce, path.strip("/"), template)

    gr.mount_gradio_app(
        app,
        blocks,
        path,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme(),
    )
    # As when Gradio launches a page by itself: its queue works in the application that is served.
    blocks.app = cast(Mount, app.routes[-1]).app
