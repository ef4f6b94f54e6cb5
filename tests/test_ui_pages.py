"""The web application from outside, without a browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.scripted_tutor import ScriptedTutor
from tutor.curriculum import load
from tutor.learner import Learner
from tutor.settings import Settings, shipped_curricula
from tutor.store import add_message, conversations, create_conversation, messages, open_store
from ui.identity import COOKIE, Sessions, signing_key
from ui.server import create_app

ORIGIN = {"origin": "http://testserver"}
PAGES = ["/", "/lessons?skill=nlp", "/read?lesson=nlp/02-tokenization", "/conversations", "/glossary", "/about", "/ask"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def tutor(settings: Settings) -> Iterator[ScriptedTutor]:
    store = open_store(settings.database)
    yield ScriptedTutor(store, load([shipped_curricula()]))
    store.close()


@pytest.fixture(scope="module")
def app(tutor: ScriptedTutor, settings: Settings) -> object:
    return create_app(tutor, settings)  # type: ignore[arg-type]


@pytest.fixture
def client(app: object) -> TestClient:
    return TestClient(app, headers={"accept": "text/html"})  # type: ignore[arg-type]


def learner(client: TestClient, tutor: ScriptedTutor, settings: Settings) -> Learner:
    client.get("/")
    found = Sessions(tutor.store, signing_key(settings)).find(client.cookies[COOKIE])
    assert found is not None
    return found


@pytest.mark.parametrize("address", PAGES)
def test_every_page_carries_the_policy_and_a_session(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"].split("style-src")[0]
    assert ("unsafe" in answer.headers["content-security-policy"]) is (address == "/ask")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "access-control-allow-origin" not in answer.headers
    assert "http" not in "".join(re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', answer.text))


def test_scripts_of_the_ask_page_carry_the_nonce_of_their_policy(client: TestClient) -> None:
    first, second = client.get("/ask"), client.get("/ask")
    nonce = re.search(r"'nonce-([^']+)'", first.headers["content-security-policy"])
    assert nonce is not None
    assert nonce[1] not in second.text
    for script in re.findall(r"<script\b[^>]*>", first.text):
        assert f'nonce="{nonce[1]}"' in script or 'src="static/' in script
    assert "og:" not in first.text
    assert "twitter" not in first.text


def test_a_session_is_kept_and_not_made_twice(client: TestClient) -> None:
    assert "set-cookie" in client.get("/").headers
    assert "set-cookie" not in client.get("/ask").headers


def test_files_and_health_start_no_session(client: TestClient) -> None:
    for address in ("/healthz", "/static/tutor.css", "/static/tutor.js", "/static/icon.svg"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers


def test_documents_are_compressed(client: TestClient) -> None:
    assert client.get("/ask").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "address",
    [
        "/nothing",
        "/a/b/c",
        "/static/../texts.json",
        "/static/texts.json",
        "/lessons?skill=x",
        "/read?lesson=x/y",
        "/docs",
    ],
)
def test_what_is_not_there_is_a_plain_page(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "path", ["/ask/gradio_api/upload", "/ask/gradio_api/file=/etc/passwd", "/ask/monitoring", "/ask/login"]
)
def test_what_gradio_offers_besides_is_closed(client: TestClient, path: str) -> None:
    client.get("/ask")
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
@pytest.mark.parametrize("path", ["/conversations", "/report", "/ask/gradio_api/queue/join"])
def test_other_sites_cannot_write(client: TestClient, path: str, headers: dict[str, str]) -> None:
    client.get("/")
    assert client.post(path, headers=headers).status_code == 403


def test_a_conversation_is_renamed_and_deleted_by_its_learner_only(
    client: TestClient, app: object, tutor: ScriptedTutor, settings: Settings
) -> None:
    from datetime import UTC, datetime

    mine = learner(client, tutor, settings)
    made = create_conversation(tutor.store, mine, "Rates", now=datetime.now(UTC))
    add_message(tutor.store, mine, made.id, "learner", "words of mine", now=datetime.now(UTC))
    other = TestClient(app, headers={"accept": "text/html"})  # type: ignore[arg-type]
    other.get("/")
    for act in ("rename", "delete"):
        answer = other.post("/conversations", data={"id": made.id, "act": act, "title": "x"}, headers=ORIGIN)
        assert answer.status_code == 404
        assert "words of mine" not in answer.text
    client.post("/conversations", data={"id": made.id, "act": "rename", "title": " New  name "}, headers=ORIGIN)
    assert [each.title for each in conversations(tutor.store, mine)] == ["New name"]
    assert len(messages(tutor.store, mine, made.id)) == 1
    answer = client.post("/conversations", data={"id": made.id, "act": "delete"}, headers=ORIGIN)
    assert "is deleted" in answer.text
    assert conversations(tutor.store, mine) == []


def test_a_report_needs_a_session(app: object) -> None:
    stranger = TestClient(app)  # type: ignore[arg-type]
    answer = stranger.post("/report", data={"message": "m", "reason": "wrong"}, headers=ORIGIN)
    assert answer.status_code == 401
    assert "sign-in" in answer.json()["error"]


def test_about_says_who_answers(client: TestClient) -> None:
    words = client.get("/about").text
    assert "built-in tutor" in words
    assert "nothing is sent anywhere" in words


def test_a_section_for_the_panel_is_no_whole_page(client: TestClient) -> None:
    answer = client.get("/read?lesson=nlp/02-tokenization&section=none&panel=1")
    assert answer.status_code == 404
    lesson = client.get("/read?lesson=nlp/02-tokenization").text
    anchor = re.findall(r'<h2 id="([^"]+)"', lesson)[1]
    part = client.get(f"/read?lesson=nlp/02-tokenization&section={anchor}&panel=1").text
    assert "<html" not in part


def test_no_file_of_ours_names_another_host() -> None:
    for path in [*Path("ui/static").iterdir(), *Path("ui/templates").rglob("*.html")]:
        addresses = re.findall(r"https?://[^\s\"')]+", path.read_text(encoding="utf-8"))
        assert [each for each in addresses if "www.w3.org" not in each] == [], path


def test_a_lessons_picture_is_served_and_nothing_else(client: TestClient) -> None:
    of = next(shipped_curricula().glob("*/images/*.png"))
    found = client.get(f"/picture?of={of.parent.parent.name}/{of.name}")
    assert found.status_code == 200 and found.headers["content-type"] == "image/png"
    assert found.content == of.read_bytes()
    assert "sandbox" in found.headers["content-security-policy"]
    for strange in ("", "nlp/../skill.yaml", "nlp/%2e%2e/skill.yaml", "x/y.png"):
        assert client.get(f"/picture?of={strange}").status_code == 404
