"""The least of an HTTP client, so that asking costs the machine as little as can be: one connection a request.

Knows nothing of what is asked for.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

LONGEST_LINE = 1 << 22


class Refused(Exception):
    """The server answered, but not with what was asked for."""


@asynccontextmanager
async def opened(
    port: int, path: str, headers: Mapping[str, str] | None = None, posted: Any = None
) -> AsyncIterator[tuple[dict[str, str], asyncio.StreamReader]]:
    """Ask 127.0.0.1 and give the answer's headers and the stream of what follows.

    Args:
        port: Where the server listens.
        path: Path and query.
        headers: More headers to send.
        posted: A value to post as JSON; a GET without one.

    Raises:
        Refused: The answer's status is not 200.
        OSError: The connection failed.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LONGEST_LINE)
    try:
        body = b"" if posted is None else json.dumps(posted).encode()
        lines = [f"{'GET' if posted is None else 'POST'} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += ["Connection: close", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        if posted is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        status = await reader.readline()
        got: dict[str, str] = {}
        while line := (await reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            got[name.lower()] = value.strip()
        if b" 200 " not in status:
            raise Refused(f"{path.partition('?')[0]}: {status.decode('latin-1').strip() or 'no answer'}")
        yield got, reader
    finally:
        writer.close()


async def fetched(
    port: int, path: str, headers: Mapping[str, str] | None = None, posted: Any = None
) -> tuple[dict[str, str], bytes]:
    """The headers and the whole body of an answer."""
    async with opened(port, path, headers, posted) as (got, reader):
        body = await reader.read()
    if got.get("transfer-encoding") == "chunked":
        body = _joined(body)
    return got, body


def _joined(chunked: bytes) -> bytes:
    body, rest = b"", chunked
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size or b"0", 16)
        body, rest = body + rest[:length], rest[length + 2 :]
    return body
