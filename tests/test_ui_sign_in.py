"""Signing in and out against a provider that nobody here wrote, over real connections."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.scripted_tutor import ScriptedTutor
from tests.web_server import running
from tutor.curriculum import load
from tutor.learner import Learner
from tutor.settings import Settings, shipped_curricula
from tutor.store import Store, conversations, create_conversation, open_store
from ui.identity import COOKIE, Sessions, signing_key
from ui.server import create_app
from ui.sign_in import BEFORE

# The provider's own libraries warn about each other.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TEACHER = "teacher@school.example"


@dataclass(frozen=True)
class Place:
    address: str
    issuer: str
    store: Store
    sessions: Sessions


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, run_server_in_thread
    users = [User(sub="t1", claims={"email": TEACHER, "email_verified": True})]
    with run_server_in_thread(require_nonce=True, user_claims=users) as provider:
        issuer = f"http://localhost:{provider.server_port}"
        settings = Settings(
            data=tmp_path_factory.mktemp("data"), oidc_issuer=issuer, oidc_client_id="tutor",
            oidc_client_secret="secret", oidc_instructors=TEACHER, _env_file=None,  # type: ignore[arg-type,call-arg]
        )  # fmt: skip
        store = open_store(settings.database)
        app = create_app(ScriptedTutor(store, load([shipped_curricula()])), settings)  # type: ignore[arg-type]
        with running(app) as address:
            yield Place(address, issuer, store, Sessions(store, signing_key(settings)))
        store.close()


@pytest.fixture
def browser(place: Place) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=place.address, headers={"accept": "text/html"}, timeout=20) as client:
        yield client


def at_provider(client: httpx.Client, sub: str, following: str = "", **form: str) -> httpx.Response:
    """Go to the provider, say who one is, and come back; gives the response to the callback."""
    gone = client.get("/login", params={"next": following})
    assert gone.status_code == 303
    back = httpx.post(gone.headers["location"], data={"sub": sub, **form})
    assert back.status_code == 302
    return client.get(back.headers["location"])


def who(place: Place, client: httpx.Client) -> Learner | None:
    return place.sessions.find(client.cookies.get(COOKIE, ""))


def test_a_new_person_signs_in_and_comes_back_to_the_page(place: Place, browser: httpx.Client) -> None:
    assert 'href="login"' in browser.get("/about").text
    answer = at_provider(browser, "new1", "ask?q=What")
    assert (answer.status_code, answer.headers["location"]) == (303, "ask?q=What")
    assert who(place, browser) == Learner(f"oidc:{place.issuer}|new1")
    page = browser.get("/").text
    assert 'action="logout"' in page and 'href="login"' not in page


def test_a_verified_address_on_the_list_is_an_instructor(place: Place, browser: httpx.Client) -> None:
    at_provider(browser, "t1")
    assert who(place, browser) == Learner(f"oidc:{place.issuer}|t1", role="instructor")


def worked(place: Place, client: httpx.Client) -> tuple[Learner, str]:
    client.get("/")
    before = who(place, client)
    assert before is not None
    return before, create_conversation(place.store, before, "before signing in", now=datetime.now(UTC)).id


def test_who_did_something_before_is_asked_and_may_keep_it(place: Place, browser: httpx.Client) -> None:
    before, made = worked(place, browser)
    old = browser.cookies[COOKIE]
    assert at_provider(browser, "keeper").headers["location"] == "keep"
    assert "Keep what you did before?" in browser.get("/keep").text
    done = browser.post("/keep", data={"act": "keep"}, headers={"origin": place.address})
    assert (done.status_code, done.headers["location"]) == (303, "./")
    after = who(place, browser)
    assert after is not None and after.principal.endswith("|keeper")
    assert [each.id for each in conversations(place.store, after)] == [made]
    assert conversations(place.store, before) == []
    # The server that runs has not seen this cookie for a while: it is looked up, and is nobody.
    assert Sessions(place.store, b"x").find(old) is None
    assert browser.get("/conversations", headers={"cookie": f"{COOKIE}={old}"}).text.count("before signing in") == 0
    assert BEFORE not in browser.cookies


def test_who_leaves_it_begins_empty_and_nobody_else_gets_it(place: Place, browser: httpx.Client) -> None:
    before, made = worked(place, browser)
    at_provider(browser, "leaver")
    browser.post("/keep", data={"act": "leave"}, headers={"origin": place.address})
    after = who(place, browser)
    assert after is not None and conversations(place.store, after) == []
    assert [each.id for each in conversations(place.store, before)] == [made]
    again = browser.post("/keep", data={"act": "keep"}, headers={"origin": place.address})
    assert again.status_code == 303
    assert conversations(place.store, after) == []


def test_who_has_an_account_with_work_is_not_asked(place: Place, browser: httpx.Client) -> None:
    create_conversation(place.store, Learner(f"oidc:{place.issuer}|known"), "mine", now=datetime.now(UTC))
    before, _ = worked(place, browser)
    assert at_provider(browser, "known").headers["location"] == "./"
    assert len(conversations(place.store, before)) == 1


def test_signing_out_ends_the_session_on_the_server(place: Place, browser: httpx.Client) -> None:
    at_provider(browser, "leaving")
    cookie = browser.cookies[COOKIE]
    refused = browser.post("/logout", headers={"origin": "https://evil.example"})
    assert refused.status_code == 403
    assert who(place, browser) is not None
    answer = browser.post("/logout", headers={"origin": place.address})
    assert answer.status_code == 200 and "You are signed out" in answer.text
    assert COOKIE not in browser.cookies
    page = httpx.get(f"{place.address}/", headers={"cookie": f"{COOKIE}={cookie}", "accept": "text/html"})
    assert 'href="login"' in page.text and 'action="logout"' not in page.text


def test_who_says_no_at_the_provider_gets_a_page_with_a_sentence(place: Place, browser: httpx.Client) -> None:
    gone = browser.get("/login")
    back = httpx.post(gone.headers["location"], data={"action": "deny"})
    answer = browser.get(back.headers["location"])
    assert answer.status_code == 400
    assert "Signing in did not work." in answer.text and "Traceback" not in answer.text
    assert who(place, browser) is None


def test_an_answer_is_good_once_and_in_one_browser(place: Place, browser: httpx.Client) -> None:
    gone = browser.get("/login")
    back = httpx.post(gone.headers["location"], data={"sub": "replayed"}).headers["location"]
    with httpx.Client(headers={"accept": "text/html"}) as other:
        assert other.get(back).status_code == 400
        other.get(f"{place.address}/login")
        assert other.get(back).status_code == 400
    started = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400
    cookies = "; ".join(f"{name}={value}" for name, value in started.items())
    assert httpx.get(back, headers={"cookie": cookies}).status_code == 400


def test_cookies_are_closed_to_scripts_and_to_plain_connections(place: Place, browser: httpx.Client) -> None:
    forwarded = {"x-forwarded-proto": "https", "host": "tutor.example"}
    answer = browser.get("/login", headers=forwarded)
    assert re.search(
        r"tutor_signin=[^;]+; HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure", answer.headers["set-cookie"]
    )
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["redirect_uri"] == ["https://tutor.example/callback"]
    assert "Secure" not in browser.get("/login").headers["set-cookie"]


def test_without_a_provider_there_is_no_sign_in(tmp_path: object) -> None:
    from pathlib import Path

    settings = Settings(data=Path(str(tmp_path)), _env_file=None)  # type: ignore[call-arg]
    store = open_store(settings.database)
    app = create_app(ScriptedTutor(store, load([shipped_curricula()])), settings)  # type: ignore[arg-type]
    with running(app) as address:
        page = httpx.get(f"{address}/about", headers={"accept": "text/html"})
        assert "login" not in page.text and "logout" not in page.text
        for path in ("/login", "/callback", "/keep", "/own"):
            assert httpx.get(f"{address}{path}").status_code == 404
    store.close()
