"""A server on loopback that speaks the OpenAI chat protocol and misbehaves as the name of the model says.

Knows nothing of the tutor. It is written on bare sockets, because libraries do not let one break the protocol.
"""

import asyncio
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

GOOD = (
    "Byte-pair encoding starts from single bytes and repeatedly merges the pair that occurs most often.[1] "
    "So frequent words become one token and rare words become several.[1]"
)
STANDALONE = "How does byte-pair encoding choose its tokens?"
DRIP_SECONDS = 0.15

Send = asyncio.StreamWriter


class FaultServer:
    """Runs in a thread of its own between ``start`` and ``stop``."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.left = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> "FaultServer":
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        async def close() -> None:
            self._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self._do(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def _do(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: Send) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lengths = [line.split(":")[1] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
            body = json.loads(await reader.readexactly(int(lengths[0])) if lengths else b"{}")
            model = body.get("model", "")
            self.asked[model] += 1
            self.bodies.append(body)
            answer = asyncio.ensure_future(self._answer(model, body, writer))
            gone = asyncio.ensure_future(reader.read(1))
            done, _ = await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if answer not in done:
                self.left.set()
            for task in (answer, gone):
                task.cancel()
            await asyncio.gather(answer, gone, return_exceptions=True)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, model: str, body: dict[str, Any], writer: Send) -> None:
        # The rewriting of a follow-up is asked for without a stream; it fails in the same way.
        if not body.get("stream"):
            await self._whole(model, writer)
            return
        await FAULTS.get(model, _good)(self, writer)

    async def _whole(self, model: str, writer: Send) -> None:
        if model == "refused":
            await _json(writer, 200, _completion(None, refusal="I cannot do that."))
        elif model == "bad-json":
            await _json(writer, 200, _completion("no JSON at all"))
        elif model in {"cut-off", "reset"}:
            await _json(writer, 200, _completion('{"question": "How', finish="length"))
        elif model in STREAM_ONLY or model not in FAULTS:
            await _json(writer, 200, _completion(json.dumps({"question": STANDALONE})))
        else:
            await FAULTS[model](self, writer)


def _completion(content: str | None, refusal: str | None = None, finish: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }  # fmt: skip


def chunk(text: str | None = None, finish: str | None = None, **delta: Any) -> bytes:
    """One event of a stream."""
    made = {
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": ({"content": text} if text is not None else {}) | delta,
                     "finish_reason": finish}],
    }  # fmt: skip
    return b"data: " + json.dumps(made).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


async def _head(writer: Send, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    await writer.drain()


async def _json(writer: Send, status: int, body: Any, **headers: str) -> None:
    await _head(writer, status, "application/json", **headers)
    writer.write(json.dumps(body).encode())
    await writer.drain()


async def _send(writer: Send, *parts: bytes, pause: float = 0.0) -> None:
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(pause)


def _words(text: str = GOOD) -> list[bytes]:
    return [chunk(f"{word} ") for word in text.split(" ")]


async def _good(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, chunk(role="assistant"), *_words(), chunk(finish="stop"), DONE)


def _status(status: int, **headers: str) -> Callable[[FaultServer, Send], Awaitable[None]]:
    async def answer(server: FaultServer, writer: Send) -> None:
        await _json(writer, status, {"error": {"message": f"error {status}", "code": "x"}}, **headers)

    return answer


async def _busy_once(server: FaultServer, writer: Send) -> None:
    if server.asked["429-once"] == 1:
        await _json(writer, 429, {"error": {"message": "slow down"}}, retry_after="1")
    else:
        await _good(server, writer)


async def _hang(server: FaultServer, writer: Send) -> None:
    await asyncio.Event().wait()


async def _hang_after_headers(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await asyncio.Event().wait()


async def _hang_after_first(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, *_words()[:6])
    await asyncio.Event().wait()


async def _hang_with_comments(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    while True:
        await _send(writer, b": still here\n\n", pause=0.1)


async def _hang_at_end(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, *_words(), chunk(finish="stop"))
    await asyncio.Event().wait()


async def _slow(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, *_words(), pause=DRIP_SECONDS)
    await _send(writer, chunk(finish="stop"), DONE)


async def _cut_off(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, *_words()[:8])


async def _reset(server: FaultServer, writer: Send) -> None:
    await _head(writer, transfer_encoding="chunked")
    for part in _words()[:8]:
        await _send(writer, b"%x\r\n" % len(part) + part + b"\r\n", pause=0.02)
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _bad_json(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, *_words()[:4], b'data: {"choices": [{"delta": {"con\n\n', DONE)


async def _other_json(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, b'data: [1, 2, "three"]\n\n', b'data: {"choices": [7]}\n\n', DONE)


async def _html(server: FaultServer, writer: Send) -> None:
    await _head(writer, kind="text/html")
    await _send(writer, b"<!doctype html><title>Sign in</title><p>Welcome to the hotel network</p>")


async def _empty(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, chunk(""), chunk(" \n"), chunk(finish="stop"), DONE)


async def _nothing(server: FaultServer, writer: Send) -> None:
    await _head(writer)


async def _endless(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    while True:
        await _send(writer, chunk(f"{GOOD} "))


async def _huge(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, chunk(f"{GOOD} " * 20_000), chunk(finish="stop"), DONE)


async def _not_utf8(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, b'data: {"choices": [{"index": 0, "delta": {"content": "\xff\xfe\x80"}}]}\n\n', DONE)


async def _redirect(server: FaultServer, writer: Send) -> None:
    # The same server under another name, so that a client that follows is seen.
    address = f"http://localhost:{server.port}/v1/followed"
    await _json(writer, 307, {}, location=address)


async def _error_inside(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, *_words()[:5], b'data: {"error": {"message": "out of memory", "code": 500}}\n\n', DONE)


async def _filtered(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, *_words()[:5], chunk(finish="content_filter"), DONE)


async def _refused(server: FaultServer, writer: Send) -> None:
    await _head(writer)
    await _send(writer, chunk(refusal="I cannot "), chunk(refusal="do that."), chunk(finish="stop"), DONE)


FAULTS: dict[str, Callable[[FaultServer, Send], Awaitable[None]]] = {
    "429-once": _busy_once,
    "429": _status(429, retry_after="1"),
    "429-long": _status(429, retry_after="100"),
    "500": _status(500),
    "503": _status(503),
    "401": _status(401),
    "400": _status(400),
    "404": _status(404),
    "hang": _hang,
    "hang-after-headers": _hang_after_headers,
    "hang-after-first": _hang_after_first,
    "hang-with-comments": _hang_with_comments,
    "hang-at-end": _hang_at_end,
    "slow": _slow,
    "cut-off": _cut_off,
    "reset": _reset,
    "bad-json": _bad_json,
    "other-json": _other_json,
    "html": _html,
    "empty": _empty,
    "nothing": _nothing,
    "endless": _endless,
    "huge": _huge,
    "not-utf8": _not_utf8,
    "redirect": _redirect,
    "error-inside": _error_inside,
    "content-filter": _filtered,
    "refused": _refused,
}
STREAM_ONLY = {"slow", "hang-after-first", "hang-at-end", "empty", "endless", "huge", "429-once", "content-filter"}
