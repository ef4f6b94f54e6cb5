"""Chats that arrive at a server as a Poisson stream, each timed: to the first status, the first token, the end.

    python -m benchmarks.load '{"kind": "tutor", "port": 7860, "chats": 50}'

Knows nothing of how the servers work: it speaks to them as a browser does. Runs in a process of its own, so that it takes
no time from the server's interpreter; prints one JSON line.
"""

import asyncio
import json
import random
import secrets
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.browsing import Refused, fetched, opened

QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "evals" / "answer.jsonl"
SEED = 20261124
UNFINISHED = float("inf")


@dataclass(frozen=True)
class Load:
    """How chats arrive.

    Args:
        kind: ``tutor`` (the Ask page), ``gradio`` (the untuned one) or ``sse`` (the bare endpoint).
        port: Where the server listens.
        chats: How many learners ask one question each.
        window: Seconds in which that many arrive on average; the gaps are exponential.
        patience: Seconds after the last arrival until the chats still open are given up.
        seed: Of the arrivals and of the order of questions.
    """

    kind: str
    port: int
    chats: int
    window: float = 10.0
    patience: float = 60.0
    seed: int = SEED


@dataclass
class Chat:
    """One chat's times, in seconds from sending the question; infinite for what did not come."""

    status: float = UNFINISHED
    token: float = UNFINISHED
    total: float = UNFINISHED
    error: str = ""


def questions() -> list[str]:
    """The development set's questions, as real people ask them."""
    with QUESTIONS.open(encoding="utf-8") as lines:
        return [json.loads(line)["question"] for line in lines]


class Page:
    """The Ask page of one learner: a cookie from the page, then queue/join and the event stream."""

    prefix = "/ask"
    handler = "ask"

    def __init__(self, port: int, config: Mapping[str, Any]) -> None:
        self.port = port
        self.call = _named(config, self.handler)
        self.headers: dict[str, str] = {}

    async def prepare(self) -> None:
        """Open the page, as a learner does before asking."""
        headers, _ = await fetched(self.port, self.prefix)
        self.headers = {"cookie": headers["set-cookie"].partition(";")[0]}

    def data(self, question: str) -> list[Any]:
        """What the page's composer sends: question, skill, conversation, wish."""
        return [question, "", "", ""]

    def sees(self, line: bytes, chat: Chat, now: float) -> None:
        """Note what a message of the event stream shows."""
        if b'class=\\"status\\"' in line or b'data-state=\\"done\\"' in line:
            chat.status = min(chat.status, now)
        if b'class=\\"answer' in line:
            chat.token = min(chat.token, now)
        if b'"msg":"process_completed"' in line:
            chat.total = now
            if b'data-state=\\"done\\"' not in line:
                chat.error = "no finished answer"

    async def ask(self, question: str, chat: Chat, began: float) -> None:
        """Ask and read until the answer is complete."""
        page = secrets.token_hex(6)
        body = {"data": self.data(question), "event_data": None, "session_hash": page, **self.call}
        await fetched(self.port, f"{self.prefix}/gradio_api/queue/join", self.headers, body)
        address = f"{self.prefix}/gradio_api/queue/data?session_hash={page}"
        async with opened(self.port, address, self.headers) as (_, stream):
            async for line in stream:
                if line.startswith(b"data:"):
                    self.sees(line, chat, time.perf_counter() - began)
                    if b'"msg":"close_stream"' in line:
                        return


class Untuned(Page):
    """A Gradio chat as it comes: the status is the message that the question is being worked on."""

    prefix = ""
    handler = "chat"

    async def prepare(self) -> None:
        """Open the page."""
        await fetched(self.port, "/")

    def data(self, question: str) -> list[Any]:
        """The message, and no history."""
        return [question, []]

    def sees(self, line: bytes, chat: Chat, now: float) -> None:
        """Note what a message of the event stream shows."""
        if b'"msg":"process_starts"' in line:
            chat.status = min(chat.status, now)
        if b'"msg":"process_generating"' in line:
            chat.token = min(chat.token, now)
        if b'"msg":"process_completed"' in line:
            chat.total = now
            if b'"success":true' not in line:
                chat.error = line[:200].decode("utf-8", "replace")


class Bare:
    """The bare event stream."""

    def __init__(self, port: int, config: Mapping[str, Any]) -> None:
        self.port = port

    async def prepare(self) -> None:
        """Nothing to open."""

    async def ask(self, question: str, chat: Chat, began: float) -> None:
        """Ask and read until the stream ends."""
        async with opened(self.port, f"/chat?question={quote(question)}") as (_, stream):
            async for line in stream:
                now = time.perf_counter() - began
                if line.startswith(b"event: status"):
                    chat.status = min(chat.status, now)
                elif line.startswith(b"event: token"):
                    chat.token = min(chat.token, now)
        chat.total = time.perf_counter() - began


KINDS = {"tutor": Page, "gradio": Untuned, "sse": Bare}


def _named(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = next(each for each in config["dependencies"] if each["api_name"] == name)
    return {"fn_index": found["id"], "trigger_id": found["targets"][0][0] if found["targets"] else None}


async def run(load: Load) -> list[Chat]:
    """Let the chats arrive; every one has a result, also those that were given up."""
    chance = random.Random(load.seed)
    asked = questions()
    chance.shuffle(asked)
    kind = KINDS[load.kind]
    config = {} if kind is Bare else json.loads((await fetched(load.port, f"{kind.prefix}/config"))[1])
    pages = [kind(load.port, config) for _ in range(load.chats)]
    for page in pages:
        await page.prepare()
    chats = [Chat() for _ in pages]
    tasks = []
    async for number in _arrivals(load, chance):
        question = asked[number % len(asked)]
        tasks.append(asyncio.create_task(_timed(pages[number], question, chats[number])))
    _, open_still = await asyncio.wait(tasks, timeout=load.patience)
    for task in open_still:
        task.cancel()
    await asyncio.gather(*open_still, return_exceptions=True)
    return chats


async def _arrivals(load: Load, chance: random.Random) -> AsyncIterator[int]:
    """Numbers of the chats, each when it arrives: the times are fixed beforehand and do not wait for the server."""
    begin, due = time.perf_counter(), 0.0
    for number in range(load.chats):
        await asyncio.sleep(max(0.0, begin + due - time.perf_counter()))
        yield number
        due += chance.expovariate(load.chats / load.window)


async def _timed(page: Any, question: str, chat: Chat) -> None:
    try:
        await page.ask(question, chat, time.perf_counter())
    except (OSError, Refused) as error:
        chat.error = repr(error)


def main() -> None:
    """Read a Load from the command line, print the chats."""
    load = Load(**json.loads(sys.argv[1]))
    print(json.dumps([asdict(chat) for chat in asyncio.run(run(load))]))


if __name__ == "__main__":
    main()
