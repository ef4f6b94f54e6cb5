"""Any OpenAI-compatible chat model behind one function, its failures as one kind of error.

Knows nothing of lessons, prompts or what is done when a model fails.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tutor.errors import ModelError
from tutor.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

DEFAULT_MODEL = "gpt-6-luna"
# Models that think before they write spend tokens of the same limit on it.
ROOM_TO_THINK = 4
CONNECT_SECONDS = 5.0
# An answer that is this many times longer than asked for, or takes this many timeouts, is cut.
LONGEST = 3


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
        ModelError: An endpoint is named but no model, or a model and neither key nor endpoint.
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
    import httpx
    from pydantic import SecretStr

    timeout = httpx.Timeout(settings.model_timeout, connect=min(CONNECT_SECONDS, settings.model_timeout))
    if settings.api_version:
        from langchain_openai import AzureChatOpenAI

        return AzureChatOpenAI(
            azure_endpoint=settings.base_url, azure_deployment=name, api_version=settings.api_version,
            api_key=SecretStr(key), timeout=timeout, max_retries=settings.model_retries,
            max_completion_tokens=settings.answer_tokens * ROOM_TO_THINK,
        )  # fmt: skip
    from langchain_openai import ChatOpenAI

    own = urlsplit(settings.base_url).hostname not in {None, "api.openai.com"}
    limits: dict[str, Any] = (
        {"max_tokens": settings.answer_tokens, "temperature": 0.2}
        if own
        else {"max_completion_tokens": settings.answer_tokens * ROOM_TO_THINK}
    )
    return ChatOpenAI(
        model=name,
        base_url=settings.base_url or None,
        api_key=SecretStr(key or "none"),
        timeout=timeout,
        max_retries=settings.model_retries,
        stream_usage=False,
        use_responses_api=False,
        **limits,
    )


async def watched(pieces: AsyncIterator[str], settings: Settings) -> AsyncIterator[str]:
    """The pieces of a model's answer under a clock, every failure of the way as ModelError.

    Ends quietly when the answer grows past what was asked for: an endless answer is cut, not failed.

    Raises:
        ModelError: No first token or no next token in time, a broken stream, a refusal of the server, an empty answer.
    """
    started = time.monotonic()
    characters = 0
    iterator = aiter(pieces)
    try:
        while True:
            try:
                async with asyncio.timeout(settings.model_timeout):
                    piece = await anext(iterator)
            except StopAsyncIteration:
                break
            except TimeoutError:
                raise ModelError("The model did not answer in time.", "model_timeout") from None
            except ModelError:
                raise
            except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
                raise ModelError(
                    f"The model's answer could not be read: {type(error).__name__}.", "model_broken"
                ) from error
            except Exception as error:
                raise translated(error) from error
            characters += len(piece)
            if piece:
                yield piece
            too_long = characters > settings.answer_tokens * 6 * LONGEST
            if too_long or time.monotonic() - started > settings.model_timeout * 2 * LONGEST:
                break
    finally:
        close = getattr(iterator, "aclose", None)
        if close is not None:
            await close()
    if not characters:
        raise ModelError("The model sent an empty answer.", "model_broken")


def translated(error: Exception) -> ModelError:
    """An error of the openai client or of the connection as the ModelError that names it; others are raised unchanged."""
    import httpx
    import openai

    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return ModelError("The model's server refused the key. Check OPENAI_API_KEY.", "model_key")
    if isinstance(error, openai.RateLimitError):
        return ModelError("The model's server is busy or the quota is used up (429).", "model_busy")
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return ModelError("The model did not answer in time.", "model_timeout")
    if isinstance(error, openai.APIStatusError):
        code = "model_broken" if error.status_code >= 500 else "model_refused"
        return ModelError(f"The model's server answered with an error ({error.status_code}).", code)
    if isinstance(error, openai.APIConnectionError | httpx.ConnectError):
        return ModelError("The model's server cannot be reached. Check TUTOR_BASE_URL.", "model_unreachable")
    if isinstance(error, openai.APIError | httpx.HTTPError | httpx.InvalidURL | json.JSONDecodeError):
        return ModelError("The model's answer broke off or could not be read.", "model_broken")
    raise error
