"""The tutor on a real port, real platforms in processes of their own, and a browser made of HTTP."""

import json
import os
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

HERE = Path(__file__).resolve().parent
PYTHON = os.environ.get("TUTOR_PLATFORMS_PYTHON", str(HERE.parent.parent / ".venv-platforms" / "bin" / "python"))


class Platform:
    """A platform that can be stopped and started again on the same port with the same data.

    Args:
        script: The platform's program.
        data: Where it keeps what it knows.
        tool: The tutor's address.
        environment: Variables for it.
    """

    def __init__(self, script: str, data: Path, tool: str, **environment: str) -> None:
        self.script, self.data, self.tool, self.environment = script, data, tool, environment
        with socket.create_server(("localhost", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        command = [PYTHON, str(HERE / self.script), str(self.port), str(self.data), self.tool]
        log = (self.data / "platform.log").open("a")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **self.environment}
        )
        log.close()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.strip() == "ready", (self.data / "platform.log").read_text()[-3000:]

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def state(self, path: str = "state") -> Any:
        with urllib.request.urlopen(f"{self.address}/{path}", timeout=30) as answer:
            return json.load(answer)


class Tutor:
    """The whole application on a port of 127.0.0.1; platforms are on localhost, which is another site."""

    def __init__(self, data: Path) -> None:
        import uvicorn

        from tests.scripted_tutor import ScriptedTutor
        from tutor.curriculum import load
        from tutor.lti_keys import signer
        from tutor.settings import Settings, shipped_curricula
        from tutor.store import open_store
        from ui.identity import signing_key
        from ui.lti import outbox
        from ui.lti.services import Services
        from ui.server import create_app, listen

        self.settings = Settings(data=data, _env_file=None)  # type: ignore[call-arg]
        self.store = open_store(self.settings.database)
        app = create_app(ScriptedTutor(self.store, load([shipped_curricula()])), self.settings)  # type: ignore[arg-type]
        listening = listen("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        # The outbox is emptied by the tests, at moments of their choosing: in the background it was looked into once.
        outbox.BETWEEN = 24 * 3600.0
        self.server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listening]}, daemon=True)
        self.thread.start()
        self.services = Services(lambda: signer(self.store, signing_key(self.settings), datetime.now(UTC)))

    def add(self, platform: Platform) -> None:
        from tutor.store.lti_platforms import Platform as Registered
        from tutor.store.lti_platforms import save_platform

        told = platform.state()
        made = Registered(
            issuer=told["issuer"],
            client_id=told["client_id"],
            login_url=told["login_url"],
            token_url=told["token_url"],
            keys_url=told["keys_url"],
            private=True,
            origins=(platform.address,),
        )
        save_platform(self.store, made, [told["deployment"]], now=datetime.now(UTC))

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=30)
        self.store.close()


@contextmanager
def starting(script: str, data: Path, tool: str, **environment: str) -> Iterator[Platform]:
    """A platform that runs until the block ends."""
    if not Path(PYTHON).exists():
        pytest.skip("no .venv-platforms: run make test-platforms")
    made = Platform(script, data, tool, **environment)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def running(script: str, data: Path, tutor: Tutor, **environment: str) -> Iterator[Platform]:
    """A platform that the tutor knows."""
    with starting(script, data, tutor.address, **environment) as made:
        tutor.add(made)
        yield made


class _Form(HTMLParser):
    """The first form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields, self.open = "", {}, False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        found = dict(attrs)
        if tag == "form" and not self.action:
            self.action, self.open = found["action"], True
        if tag == "input" and self.open and found.get("type") not in {"radio", "checkbox"} and "name" in found:
            self.fields[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag != "form"


class Browser:
    """Follows redirects, keeps cookies by host, sends forms: what a browser does in a launch, without scripts."""

    def __init__(self) -> None:
        self.cookies: dict[str, dict[str, str]] = {}

    def open(self, address: str, form: dict[str, Any] | None = None, came_from: str = "") -> tuple[int, str, str]:
        """Ask for a page; gives status, final address and text."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *given: Any) -> None:
                return None

        for _ in range(10):
            host = urlsplit(address).netloc
            body = urlencode(form, doseq=True).encode() if form is not None else None
            request = urllib.request.Request(address, body, headers={"Accept": "text/html"})
            if host in self.cookies:
                request.add_header("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies[host].items()))
            if came_from:
                site = "same-origin" if urlsplit(came_from).netloc == host else "cross-site"
                for name, value in {"Site": site, "Mode": "navigate", "Dest": "document"}.items():
                    request.add_header(f"Sec-Fetch-{name}", value)
            try:
                answer: Any = urllib.request.build_opener(Stay).open(request, timeout=60)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                text = answer.read().decode()
                for header in answer.headers.get_all("set-cookie") or []:
                    # Python's own parser takes Partitioned from 3.14 on only.
                    name, _, value = header.partition(";")[0].partition("=")
                    self.cookies.setdefault(host, {})[name.strip()] = value
            if answer.status not in {302, 303}:
                return answer.status, address, text
            address, form, came_from = urljoin(address, answer.headers["location"]), None, address
        raise AssertionError("too many redirects")

    def launch(self, platform: Platform, person: str, kind: str = "launch") -> tuple[int, str, str]:
        """Follow the link of a course up to the page on which it ends."""
        status, place, text = self.open(f"{platform.address}/start?as={person}&kind={kind}")
        assert status == 200 and "id_token" in text, text
        return self.send(place, text)

    def send(self, place: str, page: str, **fields: Any) -> tuple[int, str, str]:
        """Send the form of a page, some of its fields changed."""
        form = _Form(page)
        base = urljoin(place, "../") if "<base" in page else place
        return self.open(urljoin(base, form.action), {**form.fields, **fields}, came_from=place)
