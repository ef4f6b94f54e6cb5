"""A Gradio page put into the application, its document in our frame.

Knows nothing of what a page holds.
"""

from collections.abc import Callable
from typing import Any, cast

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from gradio.blocks import Block, BlocksConfig
from starlette.routing import BaseRoute, Mount

from ui.document import framed, gradio_document
from ui.gradio_import import only_layout, remember_signatures
from ui.theme import theme

WAKE = 0.01
"""Seconds between two looks of Gradio's queue at whether somebody waits. Its own 1 ms takes a twentieth of a processor
while nobody is there."""


_EACH_QUESTION = ("/gradio_api/queue/join", "/gradio_api/queue/data")
"""Gradio's routes that every question passes. They lie behind some sixty others, and all are tried in order, twice."""


class _Described(BlocksConfig):
    """A page's components, described once and not for each session anew; each gets dictionaries of its own."""

    described: dict[int, tuple[Block, dict[str, Any]]]

    def __copy__(self) -> "_Described":
        new = cast(_Described, super().__copy__())
        new.__class__, new.described = _Described, self.described
        return new

    def config_for_block(  # type: ignore[override]
        self, _id: int, rendered_ids: list[int], block: Block, renderable: Any = None
    ) -> dict[str, Any]:
        """As Gradio describes a block, from memory where it is one of the layout."""
        known, config = self.described.get(_id, (None, {}))
        if known is not block or renderable is not None:
            return cast(dict[str, Any], BlocksConfig.config_for_block(_id, rendered_ids, block, renderable))
        return {**config, "props": dict(config["props"])}


def _describe(page: gr.Blocks) -> None:
    config = cast(_Described, page.default_config)
    made = {number: (block, config.config_for_block(number, [], block)) for number, block in config.blocks.items()}
    config.__class__, config.described = _Described, made


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
    _describe(blocks)
    blocks._queue.sleep_when_free = WAKE

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
    app.routes.insert(0, app.routes.pop())
    _often_first(blocks.app.routes)


def _often_first(routes: list[BaseRoute]) -> None:
    """The routes that are asked for most before the others; no two of them fit one address."""
    routes.sort(key=lambda route: not hasattr(route, "original_router"))
    for route in routes:
        if hasattr(route, "original_router"):
            route.original_router.routes.sort(key=lambda inner: getattr(inner, "path", "") not in _EACH_QUESTION)
