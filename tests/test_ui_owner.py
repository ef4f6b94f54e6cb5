"""The link on the console."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.scripted_tutor import ScriptedTutor
from tutor.curriculum import load
from tutor.errors import TutorError
from tutor.settings import Settings, shipped_curricula
from tutor.store import conversations, create_conversation, open_store
from ui.identity import COOKIE, Sessions, signing_key
from ui.owner import OwnerKey
from ui.server import create_app, serve


def test_a_key_opens_once_and_only_the_newest_opens() -> None:
    owner = OwnerKey()
    assert not owner.use("")
    old = owner.make()
    key = owner.make()
    assert not owner.use(old)
    assert not owner.use(key[:-1])
    assert owner.use(key)
    assert not owner.use(key)
    assert key not in repr(vars(owner))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def tutor(settings: Settings) -> Iterator[ScriptedTutor]:
    store = open_store(settings.database)
    yield ScriptedTutor(store, load([shipped_curricula()]))
    store.close()


def test_the_link_makes_its_browser_an_instructor_and_keeps_the_work(tutor: ScriptedTutor, settings: Settings) -> None:
    from datetime import UTC, datetime

    owner = OwnerKey()
    client = TestClient(create_app(tutor, settings, owner), headers={"accept": "text/html"})  # type: ignore[arg-type]
    sessions = Sessions(tutor.store, signing_key(settings))
    client.get("/")
    old = client.cookies[COOKIE]
    before = sessions.find(old)
    assert before is not None and before.role == "learner"
    create_conversation(tutor.store, before, "kept", now=datetime.now(UTC))
    key = owner.make()
    assert client.get("/own", params={"key": "wrong"}).status_code == 403
    answer = client.get("/own", params={"key": key}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "./")
    now = sessions.find(client.cookies[COOKIE])
    assert now is not None and (now.principal, now.role) == (before.principal, "instructor")
    assert len(conversations(tutor.store, now)) == 1
    assert Sessions(tutor.store, signing_key(settings)).find(old) is None
    again = client.get("/own", params={"key": key})
    assert again.status_code == 403 and "--instructor-link" in again.text


def test_the_link_is_for_this_machine_only() -> None:
    with pytest.raises(TutorError, match="--instructor-link is for a tutor on this machine only"):
        serve(Settings(host="0.0.0.0", port=0, _env_file=None), instructor_link=True)  # type: ignore[call-arg]
