"""Events of a model's stream joined: nothing lost, nothing out of order, nothing held back."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.gather import FEW, Crowd, Events, gathered, said_by


def event(text: Any = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None} | more
    return b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\n"


def texts(data: bytes) -> list[str]:
    return [json.loads(each[6:])["choices"][0]["delta"]["content"] for each in data.split(b"\n\n") if each]


DONE = b"data: [DONE]\n\n"


@given(st.lists(st.text(min_size=1), min_size=1), st.lists(st.integers(1, 400)))
def test_text_cut_anywhere_comes_out_whole_and_in_order(pieces: list[str], cuts: list[int]) -> None:
    stream = b"".join(map(event, pieces)) + event("", finish_reason="stop") + DONE
    events, out = Events(), b""
    for cut in cuts:
        out += events.joined(stream[:cut])[0]
        stream = stream[cut:]
    out += events.joined(stream)[0] + events.unfinished
    assert out.endswith(event("", finish_reason="stop") + DONE)
    assert "".join(texts(out.removesuffix(DONE))) == "".join(pieces)


def test_what_arrives_together_is_one_event() -> None:
    out, said = Events().joined(event("one ") + event("two ") + event("three"))
    assert said
    assert texts(out) == ["one two three"]


@pytest.mark.parametrize(
    "other",
    [
        b": still here\n\n",
        DONE,
        event("", role="assistant"),
        event("last", finish_reason="stop"),
        event("x", index=1),
        b'data: {"error": {"message": "out of memory"}}\n\n',
        b'data: [1, "two"]\n\n',
        b'data: {"choices": [7]}\n\n',
        b'data: {"choices": [{"delta": {"con\n\n',
        b'data: {"choices": [{"index": 0, "delta": {"content": "\xff"}}]}\n\n',
        b"event: note\ndata: {}\n\n",
        b'data: {"choices": [{"index": 0, "delta": {"content": "a", "tool_calls": [1]}}]}\n\n',
    ],
)
def test_every_other_event_stays_as_it_is_in_its_place(other: bytes) -> None:
    assert said_by(other.removesuffix(b"\n\n")) is None
    out, _ = Events().joined(event("a") + event("b") + other + event("c"))
    before, after = out.split(other)
    assert (texts(before), texts(after)) == (["ab"], ["c"])


def test_other_line_ends_pass_untouched() -> None:
    stream = (event("a") + event("b")).replace(b"\n", b"\r\n")
    assert Events().joined(stream) == (stream, False)


async def test_the_first_piece_comes_at_once_and_the_rest_in_one_go() -> None:
    arrived = asyncio.Event()

    async def stream() -> AsyncIterator[bytes]:
        yield event("first ")
        await arrived.wait()
        for word in ("a ", "b ", "c"):
            yield event(word)

    out = gathered(stream(), lambda: 0.001)
    assert texts(await anext(out)) == ["first "]
    arrived.set()
    assert "".join(text for data in [each async for each in out] for text in texts(data)) == "a b c"


async def test_a_stream_that_breaks_gives_what_came_before() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield event("a")
        yield b"data: half"
        raise ConnectionResetError

    seen = []
    with pytest.raises(ConnectionResetError):
        async for data in gathered(stream(), lambda: 0.001):
            seen.append(data)
    assert seen == [event("a"), b"data: half"]


async def test_closing_gives_up_what_is_awaited() -> None:
    closed = asyncio.Event()

    async def stream() -> AsyncIterator[bytes]:
        try:
            yield event("a")
            await asyncio.Event().wait()
        finally:
            closed.set()

    out = gathered(stream(), lambda: 0.001)
    assert texts(await anext(out)) == ["a"]
    await out.aclose()
    assert closed.is_set()


async def test_few_answers_pass_untouched_and_many_are_joined() -> None:
    crowd = Crowd()

    async def stream() -> AsyncIterator[bytes]:
        yield event("a") + event("b")

    crowd.open = FEW
    assert [data async for data in gathered(stream(), crowd.moment)] == [event("a") + event("b")]
    crowd.open = FEW + 1
    assert [texts(data) async for data in gathered(stream(), crowd.moment)] == [["ab"]]
