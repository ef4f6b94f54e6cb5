"""A model's server that writes at a set pace: python -m benchmarks.paced_model PORT TOKENS PAUSE.

Speaks the OpenAI chat protocol on bare sockets, so that it takes little of the machine. Knows nothing of the tutor.
"""

import asyncio
import json
import sys

WORDS = (
    "A token is the piece of text that a model reads at once.[1] Frequent words are one token, rare words are several, "
    "and the split follows how often pairs of characters occurred in the text that the tokenizer was made from.[1] "
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def pieces(count: int) -> list[bytes]:
    """The events of an answer of so many tokens."""
    words = [f"{word} " for word in WORDS.split()]
    return [_event({"content": words[number % len(words)]}) for number in range(count)]


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    made = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "paced", "choices": [choice]}
    return b"data: " + json.dumps(made).encode() + b"\n\n"


async def serve(port: int, tokens: int, pause: float) -> None:
    """Answer every request with the same tokens until stopped."""
    said = pieces(tokens)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
            await reader.readexactly(int(length.split(b":")[1]))
            writer.write(HEAD)
            begin = asyncio.get_running_loop().time()
            for number, piece in enumerate(said, 1):
                # By the clock and not by sleeping so long each time: the pace holds on a busy machine.
                await asyncio.sleep(max(0.0, begin + number * pause - asyncio.get_running_loop().time()))
                writer.write(piece)
                await writer.drain()
            writer.write(_event({}, "stop") + b"data: [DONE]\n\n")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
