"""An OpenAI-compatible server that says its first words, then waits until a test lets it go on. A test fixture only."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FIRST = "Byte-pair encoding starts from single bytes and "
LAST = "repeatedly merges the pair that occurs most often.[1]"


@dataclass
class Gate:
    """The running server."""

    url: str = ""
    asked: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)


def _chunk(text: str | None, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(body)}\n\n".encode()


@contextmanager
def gated() -> Iterator[Gate]:
    """Run it on a free port of this machine."""
    gate = Gate()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            try:
                self.wfile.write(_chunk(FIRST))
                gate.asked.set()
                gate.go_on.wait(60)
                self.wfile.write(_chunk(LAST) + _chunk(None, "stop") + b"data: [DONE]\n\n")
            except OSError:
                gate.left.set()

        def log_message(self, *ignored: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        gate.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield gate
        gate.go_on.set()
        server.shutdown()
        thread.join()
