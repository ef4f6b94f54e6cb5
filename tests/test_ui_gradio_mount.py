"""A Gradio page in our application: what each session gets, and what its queue costs while nobody asks."""

import asyncio
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from gradio.state_holder import SessionState
from starlette.routing import Mount

from ui.gradio_mount import WAKE, add_gradio


@pytest.fixture(scope="module")
def page() -> gr.Blocks:
    made: list[gr.Blocks] = []

    def lay_out() -> gr.Blocks:
        with gr.Blocks() as blocks:
            gr.HTML("first", elem_id="words")
            gr.Textbox("second")
        blocks.queue()
        made.append(blocks)
        return blocks

    async def mounted() -> FastAPI:
        app = FastAPI()
        add_gradio(app, "/page", lay_out, "ask")
        return app

    app = asyncio.run(mounted())
    assert isinstance(app.routes[0], Mount)
    return made[0]


def test_each_session_is_described_as_gradio_would_and_changes_only_its_own(page: gr.Blocks) -> None:
    plain: dict[int, Any] = {
        number: gr.blocks.BlocksConfig.config_for_block(number, [], block) for number, block in page.blocks.items()
    }
    first, second = SessionState(page), SessionState(page)
    assert first.config_values == second.config_values == plain
    words = next(number for number, block in page.blocks.items() if getattr(block, "elem_id", "") == "words")
    first._update_value_in_config(words, "changed")
    assert first.config_values[words]["props"]["value"] == "changed"
    assert second.config_values == plain
    assert SessionState(page).config_values == plain


def test_the_queue_looks_a_hundred_times_a_second_and_not_a_thousand(page: gr.Blocks) -> None:
    assert page._queue.sleep_when_free == WAKE


def test_what_every_question_passes_is_tried_before_gradios_other_routes(page: gr.Blocks) -> None:
    inner = next(route.original_router for route in page.app.routes if hasattr(route, "original_router"))
    assert {route.path for route in inner.routes[:2]} == {"/gradio_api/queue/join", "/gradio_api/queue/data"}
