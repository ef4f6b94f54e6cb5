"""Which model the settings name, how its client is made, and the clock over what it says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import openai
import pytest
from langchain_core.messages import AIMessageChunk

from tutor import models
from tutor.errors import ModelError
from tutor.settings import Settings

REQUEST = httpx2.Request("POST", "http://127.0.0.1:1/v1/chat/completions")


def settings(**values: Any) -> Settings:
    return Settings(**{"_env_file": None, "openai_api_key": "", "model_timeout": 0.2, **values})


def test_without_key_and_address_the_built_in_tutor_answers() -> None:
    assert models.model_name(settings()) == ""
    assert models.chat_model(settings()) is None


def test_a_key_alone_names_the_default_model() -> None:
    made: Any = models.chat_model(settings(openai_api_key="sk-1"))
    assert made.model_name == models.DEFAULT_MODEL
    assert made.max_tokens == 700 * models.ROOM_TO_THINK
    assert "max_completion_tokens" in made._default_params | made._get_request_payload("hi")


def test_a_server_of_ones_own_needs_no_key_and_gets_the_older_limit() -> None:
    made: Any = models.chat_model(settings(base_url="http://127.0.0.1:1/v1", model="tiny"))
    payload = made._get_request_payload("hi")
    assert payload["model"] == "tiny"
    assert made.temperature == 0.2
    assert made.max_tokens == 700


def test_azure_is_addressed_by_deployment() -> None:
    made: Any = models.chat_model(
        settings(base_url="https://x.openai.azure.com", model="mine", api_version="2024-10-21", openai_api_key="k")
    )
    assert type(made).__name__ == "AzureChatOpenAI"
    assert str(made.root_async_client.base_url).startswith("https://x.openai.azure.com/openai/deployments/mine")
    assert not made.root_async_client._client.follow_redirects


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"base_url": "http://127.0.0.1:1/v1"}, "TUTOR_MODEL"),
        ({"model": "gpt"}, "OPENAI_API_KEY"),
        ({"model": "gpt", "base_url": "http://[::1"}, "TUTOR_BASE_URL"),
        ({"model": "gpt", "base_url": "http://host:99999/v1"}, "TUTOR_BASE_URL"),
        ({"model": "gpt", "base_url": "http://"}, "TUTOR_BASE_URL"),
    ],
)
def test_settings_that_do_not_fit_together_are_named(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ModelError, match=named):
        models.chat_model(settings(**values))


def test_every_wait_has_an_end_and_no_redirect_is_followed() -> None:
    made: Any = models.chat_model(settings(base_url="http://127.0.0.1:1/v1", model="tiny", model_timeout=20))
    client = made.root_async_client._client
    assert client.timeout == openai.Timeout(20, connect=models.CONNECT_SECONDS)
    assert made.root_async_client.timeout == client.timeout
    assert not client.follow_redirects
    assert made.root_async_client.max_retries == 2


def chunk(text: str, finish: str = "") -> AIMessageChunk:
    return AIMessageChunk(content=text, response_metadata={"finish_reason": finish} if finish else {})


class Chunks:
    """A stream that remembers whether it was closed in the end."""

    def __init__(self, *pieces: AIMessageChunk | Exception, endless: bool = False, hang: bool = False) -> None:
        self.closed = False
        self._pieces, self._endless, self._hang = pieces, endless, hang

    async def __call__(self) -> AsyncIterator[AIMessageChunk]:
        try:
            for piece in self._pieces:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
            while self._endless:
                yield chunk("more ")
            if self._hang:
                await asyncio.Event().wait()
        finally:
            self.closed = True


async def said(chunks: Chunks, **values: Any) -> str:
    return "".join([piece async for piece in models.watched(chunks(), settings(**values))])


async def test_a_finished_answer_is_passed_on() -> None:
    assert await said(Chunks(chunk("A "), chunk(""), chunk("b."), chunk("", "stop"))) == "A b."


@pytest.mark.parametrize("finish", ["stop", "length", "eos"])
async def test_any_end_of_the_servers_is_an_end(finish: str) -> None:
    assert await said(Chunks(chunk("A."), chunk("", finish))) == "A."


async def test_silence_after_the_end_does_not_void_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "LAST_SECONDS", 0.05)
    chunks = Chunks(chunk("A."), chunk("", "stop"), hang=True)
    assert await said(chunks, model_timeout=60) == "A."
    assert chunks.closed


async def test_an_error_after_the_end_does_not_void_the_answer() -> None:
    assert await said(Chunks(chunk("A.", "stop"), ConnectionResetError())) == "A."


@pytest.mark.parametrize(
    ("chunks", "code"),
    [
        (Chunks(), "model_broken"),
        (Chunks(chunk("Half a")), "model_broken"),
        (Chunks(chunk(" "), chunk("\n", "stop")), "model_broken"),
        (Chunks(chunk("Half", "content_filter")), "model_refused"),
        (Chunks(chunk("Half"), hang=True), "model_timeout"),
        (Chunks(hang=True), "model_timeout"),
        (Chunks(chunk("Half"), ValueError("no JSON")), "model_broken"),
        (Chunks(ModelError("busy", "model_busy")), "model_busy"),
    ],
)
async def test_what_is_no_answer_is_a_model_error_and_the_stream_is_closed(chunks: Chunks, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        await said(chunks)
    assert caught.value.code == code
    assert chunks.closed


async def test_an_endless_answer_is_cut_by_length() -> None:
    chunks = Chunks(endless=True)
    assert len(await said(chunks, answer_tokens=64, model_timeout=60)) == 64 * 6 * models.LONGEST
    assert chunks.closed


async def test_one_huge_piece_is_cut() -> None:
    assert len(await said(Chunks(chunk("x" * 10**6, "stop")), answer_tokens=64)) == 64 * 6 * models.LONGEST


async def test_a_fault_of_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        await said(Chunks(ZeroDivisionError()))


def status(code: int) -> openai.APIStatusError:
    client = openai.OpenAI(api_key="k")
    return client._make_status_error_from_response(httpx2.Response(code, request=REQUEST))


def lost(cause: Exception | None) -> openai.APIConnectionError:
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (status(401), "model_key"),
        (status(403), "model_key"),
        (status(429), "model_busy"),
        (status(404), "model_refused"),
        (status(400), "model_refused"),
        (status(500), "model_broken"),
        (status(503), "model_broken"),
        (openai.APITimeoutError(request=REQUEST), "model_timeout"),
        (TimeoutError(), "model_timeout"),
        (lost(httpx2.ConnectError("refused")), "model_unreachable"),
        (lost(None), "model_unreachable"),
        (lost(httpx2.ReadError("reset")), "model_broken"),
        (lost(httpx2.RemoteProtocolError("closed")), "model_broken"),
        (ConnectionResetError(), "model_broken"),
        (AttributeError("'str' object has no attribute 'choices'"), "model_broken"),
    ],
    ids=repr,
)
def test_errors_are_named_for_what_can_be_done(error: Exception, code: str) -> None:
    made = models.translated(error)
    assert made.code == code
    assert str(made).endswith(".")
