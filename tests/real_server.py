"""`genai-tutor serve` in a process of its own, and an Ask page that speaks to it without a browser. Test fixtures only."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Real:
    """The process and what it has said."""

    process: subprocess.Popen[str]
    address: str
    said: list[str] = field(default_factory=list)
    log: Path = Path()

    def stop(self) -> int:
        """Tell it to stop as systemd and Docker do; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def serving(data: Path, *arguments: str, **environment: str) -> Iterator[Real]:
    """Start it on a free port and wait until it is ready."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUTOR_", "OPENAI_"))}
    kept |= {"TUTOR_DATA": str(data), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment}
    command = [sys.executable, "-m", "tutor", "serve", "--port", "0", *arguments]
    log = data / "server.log"
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(command, env=kept, cwd=data, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ready"):
                break
        ready = re.search(r"http://127\.0\.0\.1:\d+", said[-1] if said else "")
        assert ready, (said, log.read_text(encoding="utf-8"))
        yield Real(process, ready[0], said, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)
        process.stdout.close()


class AskPage:
    """What the Ask page does, over HTTP: ask, and read the answer while it is written."""

    def __init__(self, client: httpx.Client, root: str = "") -> None:
        self.client = client
        self.root = f"{root}/ask"
        self.hash = secrets.token_hex(5)
        assert client.get(self.root).status_code == 200
        self.config = client.get(f"{self.root}/config").json()

    def join(self, name: str, **given: str) -> httpx.Response:
        """Call one of the page's handlers with values for its inputs by their elem_id."""
        handler = next(each for each in self.config["dependencies"] if each["api_name"] == name)
        names = {each["id"]: each["props"].get("elem_id", "") for each in self.config["components"]}
        data = [given.get(names[each], "") for each in handler["inputs"]]
        body = {"fn_index": handler["id"], "data": data, "session_hash": self.hash}
        return self.client.post(f"{self.root}/gradio_api/queue/join", json=body)

    def updates(self) -> Iterator[dict[str, Any]]:
        """The page's event stream as it comes."""
        url = f"{self.root}/gradio_api/queue/data"
        with self.client.stream("GET", url, params={"session_hash": self.hash}) as answer:
            assert answer.status_code == 200
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))
