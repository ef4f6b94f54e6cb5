"""Any OpenAI-compatible chat model behind one function, its failures as one kind of error.

Knows nothing of lessons, prompts or what is done when a model fails.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel

from tutor.errors import ModelError
from tutor.gather import Crowd, gathered
from tutor.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from openai import DefaultAsyncHttpxClient

Schema = TypeVar("Schema", bound=BaseModel)

DEFAULT_MODEL = "gpt-6-luna"
# Models that think before they write spend tokens of the same limit on it.
ROOM_TO_THINK = 4
CONNECT_SECONDS = 5.0
# An answer that is this many times longer than asked for, or takes this many timeouts, is cut.
LONGEST = 3
# After the last token of a finished answer the rest of the stream is only politeness.
LAST_SECONDS = 1.0


def model_name(settings: Settings) -> str:
    """Name of the configured model; empty when the built-in tutor answers."""
    if settings.model:
        return settings.model
    return DEFAULT_MODEL if settings.openai_api_key.get_secret_value() and not settings.base_url else ""


def chat_model(settings: Settings) -> "BaseChatModel | None":
    """The configured chat model with timeouts and retries, or None for the built-in tutor.

    Retries (of 408, 409, 429 and 5xx answers and of failed connections, with back-off and the server's retry-after)
    happen before the first token only; a stream that breaks later is the caller's to handle.

    Raises:
        ModelError: An endpoint is named but no model, or a model and neither key nor endpoint, or no usable address.
    """
    key = settings.openai_api_key.get_secret_value()
    name = model_name(settings)
    if not name and not settings.base_url:
        return None
    if not name:
        raise ModelError(
            f"TUTOR_BASE_URL is {settings.base_url} but TUTOR_MODEL is not set; name a model.", "model_key"
        )
    if not key and not settings.base_url:
        raise ModelError(f"TUTOR_MODEL is {name} but there is neither OPENAI_API_KEY nor TUTOR_BASE_URL.", "model_key")
    own = _host(settings.base_url) not in {"", "api.openai.com"}
    from pydantic import SecretStr

    client = _client(settings)
    if settings.api_version:
        from langchain_openai import AzureChatOpenAI

        return AzureChatOpenAI(
            azure_endpoint=settings.base_url, azure_deployment=name, api_version=settings.api_version,
            api_key=SecretStr(key), timeout=client.timeout, max_retries=settings.model_retries,
            http_async_client=client, stream_chunk_timeout=None,
            max_completion_tokens=settings.answer_tokens * ROOM_TO_THINK,
        )  # fmt: skip
    from langchain_openai import ChatOpenAI

    limits: dict[str, Any] = (
        {"max_tokens": settings.answer_tokens, "temperature": 0.2}
        if own
        else {"max_completion_tokens": settings.answer_tokens * ROOM_TO_THINK}
    )
    return ChatOpenAI(
        model=name,
        base_url=settings.base_url or None,
        api_key=SecretStr(key or "none"),
        timeout=client.timeout,
        max_retries=settings.model_retries,
        http_async_client=client,
        stream_chunk_timeout=None,  # watched() has a clock of its own; this one would make a task for each token
        stream_usage=False,
        use_responses_api=False,
        **limits,
    )


def _host(address: str) -> str:
    """The host of an endpoint's address; empty when no address is given.

    Raises:
        ModelError: It is no address.
    """
    try:
        parts = urlsplit(address)
        if parts.port == 0 or (address and not parts.hostname):
            raise ValueError("no host or port")
    except ValueError as error:
        raise ModelError(f"TUTOR_BASE_URL={address} is no address ({error}).", "model_unreachable") from error
    return parts.hostname or ""


def _client(settings: Settings) -> "DefaultAsyncHttpxClient":
    """The connections to the model's server: under timeouts, and to no other host than the one that was configured."""
    import openai

    async def busy(response: Any) -> None:
        wait = response.headers.get("retry-after", "")
        if response.status_code in {429, 503} and wait.isdigit() and int(wait) > settings.model_timeout:
            # The client would sleep that long although the learner's patience ends sooner.
            raise ModelError(f"The model's server is busy for {wait} seconds.", "model_busy")

    crowd = Crowd()

    async def joined(response: Any) -> None:
        plain = response.headers.get("content-encoding", "identity") == "identity"
        if plain and response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = _gathering(response.stream, crowd)

    return openai.DefaultAsyncHttpxClient(
        timeout=openai.Timeout(settings.model_timeout, connect=min(CONNECT_SECONDS, settings.model_timeout)),
        follow_redirects=False,
        event_hooks={"response": [busy, joined]},
    )


def _gathering(stream: Any, crowd: Crowd) -> Any:
    """A response's stream whose pieces of text are joined in a crowd; closing it closes the connection as before."""
    from httpx2 import AsyncByteStream

    class Gathering(AsyncByteStream):
        def __init__(self) -> None:
            crowd.open += 1
            self._closed = False
            self._pieces = gathered(aiter(stream), crowd.moment)

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self._pieces

        async def aclose(self) -> None:
            crowd.open -= not self._closed
            self._closed = True
            await self._pieces.aclose()
            await stream.aclose()

    return Gathering()


async def watched(chunks: "AsyncIterator[AIMessageChunk]", settings: Settings) -> AsyncGenerator[str, None]:
    """The text of a model's streamed answer under a clock, every failure of the way as ModelError.

    Ends quietly when the answer grows past what was asked for: an endless answer is cut, not failed.

    Raises:
        ModelError: No first token or no next token in time, a broken stream, a refusal of the server, an empty answer.
    """
    started = time.monotonic()
    room = settings.answer_tokens * 6 * LONGEST
    said = finish = ""
    try:
        while room > 0 and time.monotonic() - started < settings.model_timeout * 2 * LONGEST:
            try:
                chunk = await _next(chunks, LAST_SECONDS if finish else settings.model_timeout)
            except ModelError:
                if finish:
                    break
                raise
            if chunk is None:
                break
            finish = finish or str(chunk.response_metadata.get("finish_reason") or "")
            piece = str(chunk.text)[:room]
            room -= len(piece)
            if piece:
                said = said or piece.strip()
                yield piece
        else:
            finish = finish or "length"
    finally:
        close = getattr(chunks, "aclose", None)
        if close is not None:
            await close()
    if finish == "content_filter":
        raise ModelError("The model's server withheld the answer (content filter).", "model_refused")
    if not finish:
        raise ModelError("The model's answer broke off.", "model_broken")
    if not said:
        raise ModelError("The model sent an empty answer.", "model_broken")


async def _next(chunks: "AsyncIterator[AIMessageChunk]", seconds: float) -> "AIMessageChunk | None":
    """The next chunk within a time; None at the end of the stream."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(chunks, None)
    except Exception as error:
        raise translated(error) from error


async def structured(
    model: "BaseChatModel", schema: type[Schema], asked: "Sequence[BaseMessage]", seconds: float
) -> Schema:
    """What a model answers in a given structure, at temperature 0 where it takes one.

    Args:
        model: Any LangChain chat model that can give structured output.
        schema: The structure.
        asked: The messages.
        seconds: Longest time for the answer.

    Raises:
        ModelError: It failed, took too long, or answered in another structure.
    """
    # Models that think before they write refuse a temperature; those that take one carry it.
    fixed = {"temperature": 0.0} if getattr(model, "temperature", None) is not None else {}
    try:
        bound = model.with_structured_output(schema, method="json_schema", include_raw=True, **fixed)
        async with asyncio.timeout(seconds):
            made: Any = await bound.ainvoke(list(asked))
    except Exception as error:
        raise translated(error) from error
    parsed = made.get("parsed")
    if not isinstance(parsed, schema):
        raise ModelError("The model's answer does not have the structure that was asked for.", "model_broken")
    return parsed


def translated(error: Exception) -> ModelError:
    """An error of the openai client, of the connection or of what was sent as the ModelError that names it.

    Others are raised unchanged: they are faults of this program.
    """
    import openai

    if isinstance(error, ModelError):
        return error
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return ModelError("The model's server refused the key. Check OPENAI_API_KEY.", "model_key")
    if isinstance(error, openai.RateLimitError):
        return ModelError("The model's server is busy or the quota is used up (429).", "model_busy")
    if isinstance(error, openai.NotFoundError):
        return ModelError("The server does not know the model. Check TUTOR_MODEL and TUTOR_BASE_URL.", "model_refused")
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return ModelError("The model did not answer in time.", "model_timeout")
    if isinstance(error, openai.APIStatusError):
        code = "model_broken" if error.status_code >= 500 else "model_refused"
        return ModelError(f"The model's server answered with an error ({error.status_code}).", code)
    if isinstance(error, openai.APIConnectionError):
        if _was_connected(error):
            return ModelError("The model's answer broke off.", "model_broken")
        return ModelError("The model's server cannot be reached. Check TUTOR_BASE_URL.", "model_unreachable")
    if isinstance(
        error, openai.OpenAIError | OSError | ValueError | TypeError | KeyError | AttributeError | IndexError
    ):
        # What a server sends that does not speak the protocol fails somewhere inside the client, in any of these ways.
        return ModelError(f"The model's answer could not be read ({type(error).__name__}).", "model_broken")
    raise error


def _was_connected(error: BaseException) -> bool:
    """Whether a connection was lost, not refused: the client wraps both alike and keeps the cause."""
    names = set()
    cause: BaseException | None = error
    while cause is not None:
        names.add(type(cause).__name__)
        cause = cause.__cause__
    # By name, because openai 3 brings httpx2: httpx under a new name with exceptions of its own.
    return not names.isdisjoint({"ReadError", "RemoteProtocolError", "DecodingError"})
