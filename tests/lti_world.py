"""The tutor with platforms that may launch it, and browsers that do.

A test fixture only.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.testclient import TestClient

from tests.lti_platform import CLAIM, LocalPlatform, local_platform
from tests.scripted_tutor import ScriptedTutor
from tutor.curriculum import load
from tutor.learner import Learner
from tutor.settings import Settings, shipped_curricula
from tutor.store import open_store
from tutor.store.lti_platforms import Platform, save_platform
from tutor.store.tables import lti_key, lti_link, lti_platform, lti_ticket, web_session
from ui.identity import COOKIE, Sessions, signing_key
from ui.server import create_app

BASE = "https://tutor.example"
LAUNCH = f"{BASE}/lti/launch"
FORM = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


class World:
    """One tutor, two platforms; the first has two clients.

    Args:
        data: Folder of the tutor's data.
        first: A platform with the clients ``one`` (deployments 1, 2) and ``two`` (deployment 1).
        second: Another with the client ``one`` (deployment 1).
        **settings: Of the tutor.
    """

    def __init__(self, data: Path, first: LocalPlatform, second: LocalPlatform, **settings: Any) -> None:
        self.first, self.second = first, second
        # All of a test's browsers have one address.
        self.settings = Settings(data=data, _env_file=None, **{"launches_per_minute": 0, **settings})
        self.store = open_store(self.settings.database)
        self.tutor = ScriptedTutor(self.store, load([shipped_curricula()]))
        self.app: Any = create_app(self.tutor, self.settings)  # type: ignore[arg-type]
        self.add(first, "one", "1", "2")
        self.add(first, "two", "1")
        self.add(second, "one", "1")

    def add(self, platform: LocalPlatform, client_id: str, *deployments: str) -> Platform:
        made = Platform(
            issuer=platform.issuer,
            client_id=client_id,
            login_url=f"{platform.issuer}/auth",
            token_url=f"{platform.issuer}/token",
            keys_url=f"{platform.issuer}/keys",
            private=True,
            origins=(platform.issuer, "https://lms.example"),
        )
        return save_platform(self.store, made, deployments, now=datetime.now(UTC))

    def browser(self, **headers: str) -> TestClient:
        return TestClient(self.app, base_url=BASE, headers={"accept": "text/html", **headers}, follow_redirects=False)

    def identity(self, browser: TestClient) -> Learner:
        found = Sessions(self.store, signing_key(self.settings)).find(browser.cookies[COOKIE])
        assert found is not None
        return found

    def login(self, browser: TestClient, platform: LocalPlatform | None = None, **more: str | None) -> Any:
        issuer = (platform or self.first).issuer
        given = {"iss": issuer, "login_hint": "h", "client_id": "one", "target_link_uri": LAUNCH} | more
        return browser.get("/lti/login", params={name: each for name, each in given.items() if each is not None})

    def begin(self, browser: TestClient, platform: LocalPlatform | None = None, **more: str | None) -> dict[str, str]:
        answer = self.login(browser, platform, **more)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def post(self, browser: TestClient, state: str | None, token: str | None, **more: str) -> Any:
        form = {"state": state, "id_token": token, **more}
        return browser.post("/lti/launch", data={k: v for k, v in form.items() if v is not None}, headers=FORM)

    def launch(
        self,
        browser: TestClient | None = None,
        platform: LocalPlatform | None = None,
        *,
        client_id: str = "one",
        role: str = "Learner",
        change: Callable[[dict[str, Any]], Any] | None = None,
        header: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Any:
        """A launch that is right, except for what is changed."""
        browser, platform = browser or self.browser(), platform or self.first
        begun = self.begin(browser, platform, client_id=client_id)
        claims = platform.claims(client_id, begun["nonce"], LAUNCH, role, **more)
        if change is not None:
            change(claims)
        return self.post(browser, begun["state"], platform.sign(claims, **(header or {})))

    def choosing(self, browser: TestClient, role: str = "Instructor", course: str = "Course", **more: Any) -> Any:
        context = {f"{CLAIM}context": {"id": "course-1", "title": course}}
        return self.launch(browser, role=role, **context, **self.first.linking(**more))

    def reset(self) -> None:
        """Forget what happened since the beginning: making a whole application anew takes seconds."""
        for platform in (self.first, self.second):
            platform.reset()
        with self.store.writing() as connection:
            for table in (lti_link, lti_ticket, lti_key, web_session):
                connection.execute(table.delete())
            connection.execute(lti_platform.delete().where(lti_platform.c.client_id == "made-by-platform"))

    def close(self) -> None:
        self.store.close()


@contextmanager
def a_world(data: Path, **settings: Any) -> Iterator[World]:
    """A world until the block ends."""
    with ExitStack() as stack:
        made = World(data, stack.enter_context(local_platform()), stack.enter_context(local_platform()), **settings)
        stack.callback(made.close)
        yield made


def custom(**settings: str) -> dict[str, Any]:
    """A launch's custom parameters."""
    return {f"{CLAIM}custom": {f"tutor_{name}": value for name, value in settings.items()}}
