"""Joins what a model's stream says within a moment, before the client takes it apart: one event instead of five.

Knows nothing of models or of answers: it reads the events of the OpenAI chat protocol and changes only those of text.
An event costs half a millisecond on its way through the openai client, LangChain and the session, and a page shows ten
states a second at most: a hundred chats need not pay for each token by itself.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from itertools import groupby
from typing import Any

FEW = 4
"""Answers at once that are passed on token by token."""
SHARE = 0.005
"""Seconds without reading after a piece of text that each further answer adds."""
LONGEST = 0.1
LARGEST_EVENT = 1_000_000
"""Bytes after which what has no end is no event, and is passed on as it comes."""
_END = b"\n\n"


class Crowd:
    """The streams that are open now; how long each waits grows with their number."""

    def __init__(self) -> None:
        self.open = 0

    def moment(self) -> float:
        """Seconds for which a stream is not read after a piece of text; 0 when there is no need to join anything."""
        return min(LONGEST, SHARE * max(0, self.open - FEW))


async def gathered(stream: AsyncIterator[bytes], moment: Callable[[], float]) -> AsyncGenerator[bytes, None]:
    """A stream of server-sent events with runs of text joined; every other event stays as it is, in its place.

    What arrives is passed on at once. After text nothing is read for a moment: what comes meanwhile gathers in the
    connection and is read in one go. With few answers at once there is no such moment, and nothing is joined.

    Args:
        stream: The bytes of the response as they arrive.
        moment: Seconds without reading after text; while it is 0 everything is passed on untouched.

    Raises:
        Exception: What the stream raised, after all that came before it.
    """
    events = Events()
    ended, failure = False, None
    coming = asyncio.ensure_future(anext(stream, None))
    try:
        while not ended:
            await asyncio.wait({coming})
            data = b""
            while coming.done() and not ended:
                failure = coming.exception()
                piece = None if failure else coming.result()
                if piece is None:
                    ended = True
                    break
                data += piece
                coming = asyncio.ensure_future(anext(stream, None))
                await asyncio.sleep(0)  # what lies in the client's buffer already is there after one step
            pause = moment()
            given, text = events.joined(data) if pause else (events.untouched(data), False)
            if given:
                yield given
            if text and not ended:
                await asyncio.sleep(pause)
        if events.unfinished:
            yield events.unfinished
        if failure is not None:
            raise failure
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


class Events:
    """The events of one stream; ``unfinished`` is the beginning of one that has not arrived whole."""

    def __init__(self) -> None:
        self.unfinished = b""
        self._as_it_comes = False

    def untouched(self, data: bytes) -> bytes:
        """All that has arrived, as it is."""
        data, self.unfinished = self.unfinished + data, b""
        return data

    def joined(self, data: bytes) -> tuple[bytes, bool]:
        """The events that are whole now, runs of text as one; and whether there is text among them."""
        data = self.untouched(data)
        # Other line ends are allowed and rare, and what never ends is for the client to judge.
        if self._as_it_comes or b"\r" in data or len(data) > LARGEST_EVENT:
            self._as_it_comes = True
            return data, False
        *whole, self.unfinished = data.split(_END)
        made: list[bytes] = []
        said = False
        for text, run in groupby(((event, said_by(event)) for event in whole), lambda each: each[1] is not None):
            events = list(run)
            said = said or text
            made += [_as_one(events)] if text else [event for event, _ in events]
        return b"".join(event + _END for event in made), said


def _as_one(run: "list[tuple[bytes, dict[str, Any] | None]]") -> bytes:
    event, last = run[-1]
    if len(run) == 1 or last is None:
        return event
    last["choices"][0]["delta"]["content"] = "".join(_delta(made)["content"] for _, made in run if made is not None)
    return b"data: " + json.dumps(last).encode()


def _delta(made: dict[str, Any]) -> dict[str, Any]:
    delta: dict[str, Any] = made["choices"][0]["delta"]
    return delta


def said_by(event: bytes) -> dict[str, Any] | None:
    """An event that holds a piece of text and nothing else; None for every other."""
    if not event.startswith(b"data: {") or b"\n" in event:
        return None
    try:
        made: dict[str, Any] = json.loads(event[6:])
        (choice,) = made["choices"]
        piece = choice["delta"]["content"]
        others = [value for name, value in choice["delta"].items() if name not in {"content", "role"}]
        more = [*others, choice.get("finish_reason"), choice.get("logprobs"), choice.get("index"), made.get("usage")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return made if isinstance(piece, str) and piece and not any(more) and "error" not in made else None
