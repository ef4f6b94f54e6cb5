"""The widget's routes from outside, without a browser: script, way in, sessions, refusals."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from tests.scripted_tutor import ScriptedTutor
from tutor.curriculum import load
from tutor.learner import Learner
from tutor.settings import Settings, shipped_curricula
from tutor.store import Store, create_conversation, open_store
from ui.identity import COOKIE, FRAME_COOKIE, PATH_LIFETIME, Sessions, signing_key
from ui.path_token import path_of
from ui.server import create_app
from ui.widget import LARGEST_REQUEST, add_widget, inner_address, widget_script

SECRET = "a secret of at least thirty-two characters"
SITE = "https://team.example"
FRAMED = {
    "sec-fetch-dest": "iframe",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "cross-site",
    "referer": f"{SITE}/",
}
STATIC = Path(__file__).parent.parent / "ui" / "static"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("data"), embed_origins=(SITE,), embed_secret=SECRET)  # type: ignore[arg-type]


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
    return TestClient(app, base_url="https://testserver", headers={"accept": "text/html"}, follow_redirects=False)  # type: ignore[arg-type]


@pytest.fixture
def sessions(tutor: ScriptedTutor, settings: Settings) -> Sessions:
    return Sessions(tutor.store, signing_key(settings))


def token(**changes: Any) -> str:
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": SITE, "sub": "anna", "aud": "genai-tutor", "iat": now, "exp": now + 60, **changes}
    return jwt.encode({"jti": jwt.encode({}, f"{now}" * 4), **claims}, SECRET, "HS256")


def ask_in(client: TestClient, **wish: str) -> dict[str, Any]:
    answer = client.post("/widget/session", json=wish)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


# The script


def test_any_site_may_load_the_script_and_nothing_else(client: TestClient) -> None:
    far = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}
    answer = client.get("/widget.js", headers=far)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers
    assert client.get("/static/tutor.js", headers=far).status_code == 403
    assert "access-control-allow-origin" not in client.get("/static/tutor.js").headers


def test_the_script_is_small_and_carries_its_words() -> None:
    script = widget_script()
    assert len(script.encode()) < 15_000
    assert '"open": "Ask the tutor"' in script
    assert "const words = {};" not in script


def test_the_script_asks_nothing_of_a_strict_page() -> None:
    script = (STATIC / "widget.js").read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b|createElement\(.style",
        script,
    )
    assert 'mode: "closed"' in script
    assert not re.search(
        r"postMessage\([^;]*[\"']\*[\"']",
        script + (STATIC / "entry.js").read_text() + (STATIC / "tutor.js").read_text(),
    )


# Frames


def test_documents_name_who_may_frame_them(client: TestClient) -> None:
    for address in ("/", "/ask", "/widget", "/nothing"):
        assert f"frame-ancestors 'self' {SITE}" in client.get(address).headers["content-security-policy"]


@pytest.mark.parametrize(
    "address", ["/", "/ask", "/read?lesson=nlp/02-tokenization", "/widget", "/widget?skill=nlp", "/nothing"]
)
@pytest.mark.parametrize("referer", ["https://evil.example/", f"{SITE}.evil.example/", "http://team.example/"])
def test_a_strangers_frame_gets_a_plain_sentence(client: TestClient, address: str, referer: str) -> None:
    answer = client.get(address, headers={**FRAMED, "referer": referer})
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/plain")
    assert "not allowed to show the tutor" in answer.text
    assert "set-cookie" not in answer.headers


def test_without_the_setting_nobody_may_frame(tutor: ScriptedTutor, tmp_path: Path) -> None:
    closed = TestClient(create_app(tutor, Settings(data=tmp_path)))  # type: ignore[arg-type]
    for headers in (FRAMED, {name: value for name, value in FRAMED.items() if name != "referer"}):
        assert closed.get("/widget", headers=headers).status_code == 403
    assert "frame-ancestors 'self';" in f"{closed.get('/').headers['content-security-policy']};"


def test_a_frame_without_identity_goes_by_the_way_in(client: TestClient) -> None:
    answer = client.get("/read?lesson=nlp/02-tokenization&section=a", headers=FRAMED)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/widget?to=read%3Flesson%3Dnlp%2F02-tokenization%26section%3Da"
    assert "set-cookie" not in answer.headers
    entry = client.get(answer.headers["location"], headers=FRAMED)
    assert 'data-to="read?lesson=nlp/02-tokenization&amp;section=a"' in entry.text


@pytest.mark.parametrize(
    "to",
    ["javascript:alert(1)", "//evil.example", "https://evil.example", "nothing", "../x", "read#x", "ask\n", "/ask", ""],
)
def test_the_way_in_leads_to_our_pages_only(to: str) -> None:
    assert inner_address(to, {"/", "/ask", "/read"}) == ""


# Who a frame is


def test_a_new_frame_is_offered_a_cookie_of_its_own(client: TestClient, sessions: Sessions) -> None:
    answer = client.post("/widget/session", json={})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{FRAME_COOKIE}={answer.json()['value']};")
    for word in ("HttpOnly", "Secure", "SameSite=None", "Partitioned", "Path=/;"):
        assert word in cookie
    assert answer.json()["path"] == ""
    client.cookies.set(FRAME_COOKIE, answer.json()["value"])
    assert ask_in(client) == {"path": "", "conversation": ""}
    assert client.get("/ask", headers={**FRAMED, "sec-fetch-site": "same-origin"}).status_code == 200


def test_a_frame_whose_cookie_does_not_come_back_goes_by_the_path(client: TestClient, sessions: Sessions) -> None:
    value = ask_in(client)["value"]
    client.cookies.clear()
    told = ask_in(client, kept=value)
    learner = sessions.find(value)
    assert learner is not None
    assert sessions.find(told["path"]) == learner
    assert told["path"] != value
    assert told["seconds"] == PATH_LIFETIME.total_seconds()
    page = client.get(f"{path_of(told['path'])}/ask", headers=FRAMED)
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert f'{path_of(told["path"])}/ask"' in page.text, "Gradio's root lies under the token"


def test_a_path_still_good_is_used_again_by_its_own_learner_only(client: TestClient) -> None:
    one = ask_in(client)["value"]
    client.cookies.clear()
    two = ask_in(client)["value"]
    client.cookies.clear()
    path = ask_in(client, kept=one)["path"]
    assert ask_in(client, kept=one, path=path) == {"path": path, "conversation": ""}
    assert ask_in(client, kept=two, path=path)["path"] != path
    assert ask_in(client, path=path) == {"path": path, "conversation": ""}
    assert "value" in ask_in(client, path="x.y")


@pytest.mark.parametrize("kept", ["x", "x.y", "a" * 4000, "é"])
def test_a_forged_value_begins_anew(client: TestClient, kept: str) -> None:
    assert "value" in ask_in(client, kept=kept)


def test_the_newest_conversation_is_gone_on_with(client: TestClient, tutor: ScriptedTutor, sessions: Sessions) -> None:
    value = ask_in(client)["value"]
    client.cookies.clear()
    learner = sessions.find(value)
    assert learner is not None
    made = create_conversation(tutor.store, learner, "Old", now=datetime(2026, 1, 1, tzinfo=UTC), skill="")
    assert ask_in(client, kept=value)["conversation"] == ""
    made = create_conversation(tutor.store, learner, "New", now=datetime.now(UTC), skill="")
    assert ask_in(client, kept=value)["conversation"] == made.id


def test_the_first_party_sign_in_counts_where_both_cookies_are_sent(client: TestClient, sessions: Sessions) -> None:
    # A frame on the tutor's own site: who signed in there is not overruled by an older anonymous frame.
    boss, value = sessions.start(Learner("oidc:boss"), "oidc", PATH_LIFETIME)
    _, anonymous = sessions.start()
    client.cookies.set(FRAME_COOKIE, anonymous)
    client.cookies.set(COOKIE, value)
    _, other = sessions.start(Learner("lti:ben"), "lti", PATH_LIFETIME)
    seen: list[Learner] = []

    inner = FastAPI()

    @inner.get("/who")
    def who(request: Request) -> str:
        seen.append(request.state.learner)
        return "ok"

    from ui.identity import Identity
    from ui.path_token import PathToken

    inner.add_middleware(Identity, sessions=sessions, pages=frozenset())
    inner.add_middleware(PathToken)
    plain = TestClient(inner, cookies=dict(client.cookies))
    plain.get("/who")
    plain.get(f"{path_of(other)}/who")
    assert seen == [boss, Learner("lti:ben")]


# Signed visitors


def test_a_signed_visitor_goes_by_the_path_and_is_the_same_everywhere(client: TestClient, sessions: Sessions) -> None:
    one, two = (ask_in(client, token=token(jti=f"same{n}"))["path"] for n in range(2))
    assert sessions.find(one) == sessions.find(two) == Learner("embed:anna", SITE)
    assert ask_in(client, token=token(jti="same3"), path=one)["path"] == one
    assert ask_in(client, token=token(jti="same4", sub="ben"), path=one)["path"] != one


def test_what_is_kept_is_told_as_it_is(client: TestClient) -> None:
    path = ask_in(client, token=token(jti="about"))["path"]
    assert "the site you came from" in client.get(f"{path_of(path)}/about").text
    assert "this browser" in client.get("/about").text


def test_who_is_not_signed_any_more_is_somebody_else(client: TestClient) -> None:
    path = ask_in(client, token=token(jti="then"))["path"]
    assert "value" in ask_in(client, path=path)
    client.cookies.clear()
    assert "value" in ask_in(client, kept=path)


def test_a_token_is_taken_once(client: TestClient, tutor: ScriptedTutor, settings: Settings) -> None:
    used = token(jti="once")
    ask_in(client, token=used)
    for each in (client, TestClient(create_app(tutor, settings))):  # type: ignore[arg-type]
        answer = each.post("/widget/session", json={"token": used})
        assert answer.status_code == 401
        assert "used already" in answer.json()["error"]
    ask_in(client, token=token(jti="another"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 401),
        (b"{", 401),
        (b"[]", 401),
        (b'{"token": 1}', 401),
        (b'{"kept": ["x"]}', 401),
        (b"[" * 10_000, 401),
        (b"\xff", 401),
        (b'{"token": "x"}', 401),
        (json.dumps({"token": "x" * 5000}).encode(), 413),
        (b"x" * (LARGEST_REQUEST + 1), 413),
    ],
)
def test_what_is_no_request_is_refused_with_a_sentence(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/widget/session", content=body)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert "set-cookie" not in answer.headers


def counted(app: Any, kind: str) -> float:
    samples = (sample for metric in app.state.metrics.registry.collect() for sample in metric.samples)
    found = [each for each in samples if each.name == "tutor_requests_refused_total"]
    return sum(each.value for each in found if each.labels["kind"] == kind)


@pytest.mark.parametrize(
    ("kind", "method", "path", "more"),
    [
        ("embed_malformed", "POST", "/widget/session", {"json": {"token": "x"}}),
        ("embed_oversized", "POST", "/widget/session", {"json": {"token": "x" * 5000}}),
        ("embed_expired", "POST", "/widget/session", {"json": {"token": token(iat=1, exp=2)}}),
        ("cross_origin", "POST", "/conversations", {"headers": {"origin": "https://evil.example"}}),
        ("framed", "GET", "/about", {"headers": {**FRAMED, "referer": "https://evil.example/"}}),
        ("upload", "POST", "/ask/gradio_api/upload", {"files": {"files": b"x"}}),
        ("too_large", "POST", "/report", {"content": b"x" * 1_000_001}),
    ],
)
def test_bad_input_is_told_plainly_counted_and_logged_with_its_id(
    app: Any, client: TestClient, caplog: pytest.LogCaptureFixture,
    kind: str, method: str, path: str, more: dict[str, Any],
) -> None:  # fmt: skip
    before = counted(app, kind)
    answer = client.request(method, path, **more)
    assert 400 <= answer.status_code < 500 and "Traceback" not in answer.text
    words = answer.text if answer.headers["content-type"].startswith("text/plain") else answer.json()["error"]
    assert words.endswith(".") and words.count(". ") <= 1
    assert answer.headers["x-request-id"]
    assert counted(app, kind) == before + 1
    (line,) = [each for each in caplog.records if each.name == "ui.logs"]
    assert (line.levelname, line.fields["refused"]) == ("WARNING", kind)  # type: ignore[attr-defined]


def test_without_a_secret_no_token_is_taken(tutor: ScriptedTutor, tmp_path: Path) -> None:
    closed = TestClient(create_app(tutor, Settings(data=tmp_path, embed_origins=(SITE,))))  # type: ignore[arg-type]
    answer = closed.post("/widget/session", json={"token": token()})
    assert answer.status_code == 404
    assert "TUTOR_EMBED_SECRET" in answer.json()["error"]


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": SITE}]
)
def test_only_our_own_pages_ask_who_they_are(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/widget/session", json={}, headers=headers).status_code == 403


# Under the path token


def test_an_unknown_or_ended_token_gets_a_plain_page(client: TestClient, store: Store) -> None:
    for value in ("x" * 43 + "." + "y" * 27, "z" * 43):
        page = client.get(f"{path_of(value)}/ask")
        assert page.status_code == 401
        assert 'href="/" target="_blank"' in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert value not in page.text
        data = client.get(f"{path_of(value)}/widget/state", headers={"accept": "application/json"})
        assert data.status_code == 401
        assert "<html" not in data.text


def test_every_document_under_the_token_hides_its_address(client: TestClient, sessions: Sessions) -> None:
    _, value = sessions.start(lifetime=PATH_LIFETIME)
    for address in (
        "/",
        "/ask",
        "/lessons?skill=nlp",
        "/read?lesson=nlp/02-tokenization",
        "/conversations",
        "/about",
        "/nothing",
    ):
        answer = client.get(f"{path_of(value)}{address}", headers=FRAMED)
        assert answer.status_code == (404 if address == "/nothing" else 200), address
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        for tag, link in re.findall(r'(<[a-z]+ [^>]*?(?:href|src)="([^"]*)"[^>]*>)', answer.text):
            if link.startswith("http"):
                assert 'rel="noopener noreferrer"' in tag
            else:
                assert not link.startswith("/") or link.startswith(f"{path_of(value)}/"), tag


# What is due


def test_nothing_is_due_before_there_is_something_to_review(client: TestClient) -> None:
    client.get("/")
    assert client.get("/widget/state").json() == {"due": 0}


def test_the_count_is_the_learners_own(sessions: Sessions, tutor: ScriptedTutor, settings: Settings) -> None:
    from ui.identity import Identity
    from ui.path_token import PathToken

    app = FastAPI()
    anna, value = sessions.start()
    add_widget(app, tutor.store, sessions, settings, frozenset(), due=lambda learner: 3 if learner == anna else 0)
    app.add_middleware(Identity, sessions=sessions, pages=frozenset())
    app.add_middleware(PathToken)
    client = TestClient(app)
    assert client.get(f"{path_of(value)}/widget/state").json() == {"due": 3}
    assert client.get("/widget/state").status_code == 401


def test_a_form_under_the_token_needs_no_origin(client: TestClient, sessions: Sessions) -> None:
    # Browsers send Origin: null from pages with no-referrer; those over plain http say nothing of the site besides.
    _, value = sessions.start(lifetime=PATH_LIFETIME)
    form = {"id": "x", "act": "rename", "title": "y"}
    assert client.post("/conversations", data=form, headers={"origin": "null"}).status_code == 403
    under = f"{path_of(value)}/conversations"
    assert client.post(under, data=form, headers={"origin": "null"}).status_code == 404
    assert client.post(under, data=form, headers={"origin": "https://evil.example"}).status_code == 403
    far = {"origin": "null", "sec-fetch-site": "cross-site"}
    assert client.post(under, data=form, headers=far).status_code == 403
