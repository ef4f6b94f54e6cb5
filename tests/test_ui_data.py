"""My data and the portfolio from outside, without a browser."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.e2e.payloads import PAYLOADS
from tests.scripted_tutor import ScriptedTutor
from tests.small_curriculum import Scripted
from tutor import portfolio, wishes
from tutor.curriculum import load
from tutor.errors import StoreError
from tutor.learner import Learner
from tutor.settings import Settings, shipped_curricula
from tutor.store import (
    Event,
    add_message,
    append,
    create_conversation,
    delete_everything,
    everything,
    new_id,
    open_store,
    progress,
)
from tutor.tasks import first_task
from ui.app import create_app
from ui.data import readable
from ui.identity import COOKIE, FRAME_COOKIE, PATH_LIFETIME, Sessions, ending, signing_key
from ui.path_token import path_of

ORIGIN = {"origin": "http://testserver"}
HOSTILE = "</textarea></script><script>alert('owned')</script><img src=x onerror=alert(1)> שלום 👩‍🚀"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("data"), model_timeout=5, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def tutor(settings: Settings) -> Iterator[Any]:
    store = open_store(settings.database)
    made: Any = ScriptedTutor(store, load([shipped_curricula()]))
    made.model, made.similarity, made.settings = Scripted(), None, settings
    yield made
    store.close()


@pytest.fixture(scope="module")
def app(tutor: Any, settings: Settings) -> object:
    async def made() -> object:
        return create_app(tutor, settings)

    return asyncio.run(made())  # without a running loop Gradio makes twenty and closes none


@pytest.fixture
def client(app: object) -> TestClient:
    return fresh(app)


def fresh(app: object) -> TestClient:
    return TestClient(app, headers={"accept": "text/html", **ORIGIN})  # type: ignore[arg-type]


def learner(client: TestClient, tutor: Any, settings: Settings) -> Learner:
    client.get("/")
    found = Sessions(tutor.store, signing_key(settings)).find(client.cookies[COOKIE])
    assert found is not None
    return found


def form(tutor: Any, **fields: object) -> dict[str, Any]:
    task = first_task(tutor.curriculum)
    return {"lesson": f"{task.skill}/{task.lesson}", "section": task.section, "words": "My work", **fields}


class Elements(HTMLParser):
    """Every element of a document with its attributes."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.found}


def harmless(document: str) -> None:
    """No script, no handler, nothing that is fetched, no address that acts."""
    found = Elements(document).found
    assert {name for name, _ in found} & {"script", "iframe", "object", "embed", "img", "base", "link", "form"} == set()
    for _, attributes in found:
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "srcdoc"}]
        address = (attributes.get("href") or "").strip().lower()
        assert not address or address.startswith(("http://", "https://", "mailto:", "read?", "write?"))


# The page


def test_the_pages_begin_with_nothing_and_carry_a_strict_policy(client: TestClient) -> None:
    for address in ("/data", "/portfolio"):
        answer = fresh(client.app).get(address)
        assert answer.status_code == 200 and "HttpOnly" in answer.headers["set-cookie"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert not [attributes for _, attributes in Elements(answer.text).found if "style" in attributes]
        assert "<style" not in answer.text
    assert "Nothing has been kept" in client.get("/data").text
    first = re.search(r'href="(write\?[^"]+)"', client.get("/portfolio").text)
    assert first is not None and client.get("/" + first[1].replace("&amp;", "&")).status_code == 200


def test_the_page_says_what_is_kept_and_where(client: TestClient, tutor: Any, settings: Settings) -> None:
    mine, now = learner(client, tutor, settings), datetime.now(UTC)
    talk = create_conversation(tutor.store, mine, "Rates", now=now)
    add_message(tutor.store, mine, talk.id, "learner", "words", now=now)
    portfolio.write(tutor.store, mine, first_task(tutor.curriculum), "", "text", (), now=now)  # type: ignore[arg-type]
    words = client.get("/data").text
    for part in (
        "1 conversation (messages: 1)",
        "1 piece in your portfolio",
        "random number",
        "Nothing of it is sent",
    ):
        assert part in words
    named = Settings(data=settings.data, base_url="http://models.example/v1", model="m-1")
    from tutor.store import counted
    from ui.data import data_page

    said = data_page(named, Learner("sub-7", "https://lms.example"), counted(tutor.store, mine), 1)
    assert "m-1" in said and "models.example" in said and "sub-7" in said


@pytest.mark.parametrize("address", ["/data", "/data.json", "/data.html", "/portfolio", "/portfolio.html", "/write"])
def test_what_is_somebodys_is_given_to_nobody_else(
    client: TestClient, tutor: Any, settings: Settings, address: str
) -> None:
    mine, now = learner(client, tutor, settings), datetime.now(UTC)
    talk = create_conversation(tutor.store, mine, "SECRET-OF-MINE", now=now)
    add_message(tutor.store, mine, talk.id, "learner", "SECRET-OF-MINE", now=now)
    name = saved(client, tutor, "SECRET-OF-MINE")
    task = first_task(tutor.curriculum)
    query = {"lesson": f"{task.skill}/{task.lesson}", "section": task.section, "id": name} if "write" in address else {}
    if address not in {"/data"}:
        assert "SECRET-OF-MINE" in client.get(address, params=query).text
    other = fresh(client.app)
    other.get("/")
    assert "SECRET-OF-MINE" not in other.get(address, params=query).text
    for act in ("look", "delete"):
        assert other.post("/portfolio", data={"act": act, "id": name}).status_code == 404
    assert "SECRET-OF-MINE" in client.get("/portfolio").text


def test_without_a_session_nothing_is_given(app: object) -> None:
    for address in ("/data.json", "/data.html", "/portfolio.html"):
        answer = fresh(app).get(address)
        assert answer.status_code == 401 and "sign-in" in answer.text and "set-cookie" not in answer.headers
    assert fresh(app).post("/data", data={"sure": "yes"}).status_code == 401
    assert fresh(app).post("/portfolio", data={"act": "delete", "id": "x"}).status_code == 401


def test_other_sites_cannot_delete_or_write(client: TestClient, tutor: Any, settings: Settings) -> None:
    mine = learner(client, tutor, settings)
    client.post("/write", data=form(tutor))
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        for path, fields in (
            ("/data", {"sure": "yes"}),
            ("/write", form(tutor)),
            ("/portfolio", {"act": "delete", "id": "x"}),
        ):
            assert client.post(path, data=fields, headers=headers).status_code == 403
    assert len(everything(tutor.store, mine).events) == 1


# The downloads


def test_the_downloads_are_files_that_hold_everything(client: TestClient, tutor: Any, settings: Settings) -> None:
    mine, now = learner(client, tutor, settings), datetime.now(UTC)
    talk = create_conversation(tutor.store, mine, f"title {HOSTILE}", now=now)
    for role in ("learner", "tutor"):
        add_message(tutor.store, mine, talk.id, role, f"{role} said {HOSTILE}", now=now)  # type: ignore[arg-type]
    append(tutor.store, Event(mine.principal, "reported", now, {"note": f"note {HOSTILE}"}))
    wishes.plan(tutor.practice, mine, "", f"goal {HOSTILE}", 40)
    client.post("/write", data=form(tutor, words=f"piece {HOSTILE}"))
    told = client.get("/data.json")
    assert told.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert told.headers["cache-control"] == "no-store"
    made = json.loads(told.content)
    assert made["conversations"][0]["messages"][0]["text"] == f"learner said {HOSTILE}"
    assert made["portfolio"][0]["text"] == f"piece {HOSTILE}" and made["progress"]["plan"]["goal"] == f"goal {HOSTILE}"
    read = client.get("/data.html")
    assert read.headers["content-disposition"] == 'attachment; filename="my-data.html"'
    harmless(read.text)
    words = re.sub(r"<[^>]+>", "", read.text)
    for part in (
        "title &lt;/textarea",
        "learner said &lt;/textarea",
        "note &lt;/textarea",
        "goal &lt;/textarea",
        "שלום",
        "👩‍🚀",
    ):
        assert part in words, part
    assert "tutor said" in words and "piece " in words


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_acts_in_a_file_or_on_a_page(
    client: TestClient, tutor: Any, settings: Settings, payload: str
) -> None:
    mine, now = learner(client, tutor, settings), datetime.now(UTC)
    talk = create_conversation(tutor.store, mine, payload, now=now)
    for role in ("learner", "tutor"):
        add_message(tutor.store, mine, talk.id, role, payload, now=now, data={"text": payload})  # type: ignore[arg-type]
    assert client.post("/write", data=form(tutor, words=payload)).status_code == 200
    for address in ("/data.html", "/portfolio.html"):
        harmless(client.get(address).text)
    scripts = [attributes for name, attributes in Elements(client.get("/portfolio").text).found if name == "script"]
    assert [str(each.get("src")).startswith("static/") for each in scripts] == [True, True]
    delete_everything(tutor.store, mine)


def test_a_kind_of_event_without_words_is_named_and_an_objective_that_is_gone_too(tutor: Any) -> None:
    now, who = datetime.now(UTC), Learner("anon:1")
    answered = {"objective": "gone-1", "answer": {"choices": [2, 0], "verdict": "right"}, "order": [2, 1, 0]}
    for kind, payload in (("some-new-kind", {"a": 1}), ("attempted", answered)):
        append(tutor.store, Event(who.principal, kind, now, payload))
    words = readable(everything(tutor.store, who), tutor.curriculum, who, now)
    for part in ("some-new-kind", "gone-1", "option 1, 3", "right"):
        assert part in words


# The deletion


def test_deletion_needs_the_tick(client: TestClient, tutor: Any, settings: Settings) -> None:
    mine = learner(client, tutor, settings)
    client.post("/write", data=form(tutor))
    for fields in ({}, {"sure": "no"}, {"sure": ""}):
        answer = client.post("/data", data=fields)
        assert answer.status_code == 400 and "Nothing is deleted" in answer.text
    assert len(everything(tutor.store, mine).events) == 1


def test_after_the_deletion_the_old_cookie_is_worth_nothing_at_once(
    client: TestClient, tutor: Any, settings: Settings
) -> None:
    mine = learner(client, tutor, settings)
    client.post("/write", data=form(tutor, words="GONE"))
    wishes.plan(tutor.practice, mine, "", "GONE", 0)
    old = client.cookies[COOKIE]
    client.get("/data")  # so that the session is remembered in memory
    answer = client.post("/data", data={"sure": "yes"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "deleted")
    assert "Max-Age=0" in answer.headers["set-cookie"] and COOKIE not in client.cookies
    page = client.get("/deleted")
    assert page.status_code == 200 and "is deleted" in page.text and "set-cookie" not in page.headers
    kept = everything(tutor.store, mine)
    assert (kept.events, kept.sessions, dict(kept.state)) == ((), (), {})
    back = fresh(client.app)
    back.cookies.set(COOKIE, old)
    assert back.get("/data.json").status_code == 401
    assert back.post("/write", data=form(tutor)).status_code == 400
    assert "GONE" not in back.get("/portfolio").text
    assert progress(tutor.store, mine) == {} and everything(tutor.store, mine).events == ()
    for path in settings.data.rglob("*"):
        assert not path.is_file() or mine.principal.encode() not in path.read_bytes(), path


def test_a_path_token_ends_with_the_deletion_and_the_page_leads_out_of_it(
    app: object, tutor: Any, settings: Settings
) -> None:
    mine = Learner("sub-1", "https://lms.example", "course-1")
    elsewhere = Learner("sub-1", "https://other.example")
    _, value = Sessions(tutor.store, signing_key(settings)).start(mine, "lti", PATH_LIFETIME)
    append(tutor.store, Event(elsewhere.principal, "reported", datetime.now(UTC), {}, elsewhere.tenant))
    client, root = fresh(app), path_of(value)
    assert "sub-1" in client.get(f"{root}/data").text
    client.post(f"{root}/write", data=form(tutor, words="GONE"))
    assert len(everything(tutor.store, mine).events) == 1
    answer = client.post(f"{root}/data", data={"sure": "yes"})
    assert answer.status_code == 200 and "is deleted" in answer.text and '<base href="/">' in answer.text
    assert client.get(f"{root}/data").status_code == 401
    assert everything(tutor.store, mine).events == () and len(everything(tutor.store, elsewhere).events) == 1


def test_only_the_cookies_of_who_was_deleted_are_taken_from_the_browser(
    client: TestClient, tutor: Any, settings: Settings
) -> None:
    sessions = Sessions(tutor.store, signing_key(settings))
    mine = learner(client, tutor, settings)
    (_, frame_of_mine), (_, frame_of_another) = sessions.start(mine, "frame"), sessions.start()
    for frame, gone in ((frame_of_another, [COOKIE]), (frame_of_mine, [COOKIE, FRAME_COOKIE])):
        scope = {"headers": [(b"cookie", f"{COOKIE}={client.cookies[COOKIE]}; {FRAME_COOKIE}={frame}".encode())]}
        assert [each.partition("=")[0] for each in ending(sessions, scope, mine)] == gone


def test_the_page_after_a_deletion_claims_nothing_to_whoever_has_data(client: TestClient) -> None:
    client.get("/")
    assert client.get("/deleted", follow_redirects=False).headers["location"] == "data"


# Writing


def test_a_piece_is_saved_shown_changed_and_removed(client: TestClient, tutor: Any, settings: Settings) -> None:
    learner(client, tutor, settings)
    task = first_task(tutor.curriculum)
    place = {"lesson": f"{task.skill}/{task.lesson}", "section": task.section}
    page = client.get("/write", params=place).text
    name = re.search(r'name="id" value="([0-9a-f]{32})"', page)
    assert name is not None
    assert all(f'value="{words}"' in page.replace("&#34;", '"').replace("&#39;", "'") for words in task.criteria)
    shown = client.post(
        "/write", data=form(tutor, id=name[1], words="# A\r\n\r\nMy *work*", met=list(task.criteria[:2]))
    )
    assert "Saved." in shown.text and f"2 of {len(task.criteria)} criteria met" in shown.text
    assert "<h3>A</h3>" in shown.text and "<em>work</em>" in shown.text
    again = client.get("/write", params=place).text
    assert f'value="{name[1]}"' in again and again.count("checked>") == 3  # two criteria and the theme
    assert "# A\n\nMy *work*</textarea>" in again
    client.post("/write", data=form(tutor, id=name[1], words="Changed"))
    shown = client.get("/portfolio").text
    assert shown.count("<article") == 1 and "Changed" in shown
    gone = client.post("/portfolio", data={"act": "delete", "id": name[1]})
    assert "The piece is deleted" in gone.text and "Changed" not in gone.text


def test_the_lesson_leads_to_its_task(client: TestClient, tutor: Any) -> None:
    words = client.get("/read?lesson=model-tuning/10-project").text
    found = re.findall(r'href="(write\?[^"]+)"', words)
    assert len(found) == 2
    for address in found:
        page = client.get("/" + address.replace("&amp;", "&"))
        assert page.status_code == 200 and "What good work shows" in page.text


@pytest.mark.parametrize("words", ["", "   ", "x" * 20_001, "y" * 900_000])
def test_what_cannot_be_saved_comes_back_in_the_form(
    client: TestClient, tutor: Any, settings: Settings, words: str
) -> None:
    learner(client, tutor, settings)
    task = first_task(tutor.curriculum)
    answer = client.post("/write", data=form(tutor, words=words, met=[task.criteria[1]]))
    assert answer.status_code == 400
    assert (
        f">\n{words}</textarea>" in answer.text and 'role="alert"' in answer.text and answer.text.count("checked>") == 2
    )
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_when_the_store_fails_the_words_come_back(
    client: TestClient, tutor: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner(client, tutor, settings)

    def full(*arguments: object) -> None:
        raise StoreError("The disk is full. Free some space and try again.")

    with monkeypatch.context() as patched:
        patched.setattr("tutor.store.append", full)
        answer = client.post("/write", data=form(tutor, words=HOSTILE))
    assert answer.status_code == 503 and "disk is full" in answer.text
    assert "&lt;/textarea&gt;&lt;/script&gt;&lt;script&gt;alert" in answer.text and "שלום" in answer.text
    assert "<script>alert" not in answer.text


def test_when_the_session_or_the_task_is_gone_the_words_come_back(client: TestClient, app: object, tutor: Any) -> None:
    answer = fresh(app).post("/write", data=form(tutor, words="long work"))
    assert answer.status_code == 400 and "long work</textarea>" in answer.text and "lost its sign-in" in answer.text
    client.get("/")
    answer = client.post(
        "/write", data={"lesson": "nlp/01-text-preprocessing", "section": "no-more", "words": "long work"}
    )
    assert answer.status_code == 404 and "long work</textarea>" in answer.text
    answer = client.post("/write", data={"lesson": "gone/gone", "section": "x", "words": "long work"})
    assert answer.status_code == 404 and "long work</textarea>" in answer.text


@pytest.mark.parametrize(
    "query", ["", "?lesson=nlp", "?lesson=nlp/02-tokenization&section=at-work", "?lesson=../x&section=y"]
)
def test_a_task_that_is_not_there_is_a_plain_page(client: TestClient, query: str) -> None:
    answer = client.get(f"/write{query}")
    assert answer.status_code == 404 and "Traceback" not in answer.text


# The model's look


def saved(client: TestClient, tutor: Any, words: str) -> str:
    name = new_id()
    answer = client.post("/write", data=form(tutor, words=words, id=name), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "portfolio?done=saved")
    return name


def test_a_model_gives_an_opinion_that_stands_beside(client: TestClient, tutor: Any, settings: Settings) -> None:
    learner(client, tutor, settings)
    name = saved(client, tutor, "I answer forty mails each week and counted every one.")
    assert "Let the model look" in client.get("/portfolio").text
    count = len(first_task(tutor.curriculum).criteria)
    entries = [
        {"criterion": n, "met": n < 3, "quote": "forty mails each week" if n == 1 else "made up words"}
        for n in range(1, count + 1)
    ]
    tutor.model.structured, tutor.model.error = json.dumps({"criteria": entries}), None
    shown = client.post("/portfolio", data={"act": "look", "id": name}).text
    assert "The model has looked" in shown and "0 of" in shown
    assert shown.count("The model sees it") == 1 and "forty mails each week</q>" in shown
    assert shown.count("could not show where") == 1 and shown.count("does not see it") == count - 2
    assert "made up words" not in shown and "Let the model look" not in shown
    asked = len(tutor.model.seen)
    client.post("/portfolio", data={"act": "look", "id": name})
    assert len(tutor.model.seen) == asked  # the same text is not sent twice


def test_a_model_that_fails_loses_nothing(client: TestClient, tutor: Any, settings: Settings) -> None:
    learner(client, tutor, settings)
    name = saved(client, tutor, "some work of mine")
    for structured, error in (("no json", None), ("", TimeoutError())):
        tutor.model.structured, tutor.model.error = structured, error
        shown = client.post("/portfolio", data={"act": "look", "id": name}).text
        assert "did not look at it just now" in shown and "some work of mine" in shown
    tutor.model.error = None


def test_without_a_model_nobody_is_asked(client: TestClient, tutor: Any, settings: Settings, tmp_path: Path) -> None:
    from ui.portfolio_routes import Portfolio

    mine = learner(client, tutor, settings)
    saved(client, tutor, "work")
    without: Any = ScriptedTutor(tutor.store, tutor.curriculum)
    without.model = None
    does = Portfolio(without, settings)
    assert does.model == ""
    from ui.portfolio import portfolio_page

    found = portfolio.pieces(tutor.store, mine)
    assert "Let the model look" not in portfolio_page(tutor.curriculum, found, model=does.model)


def test_a_piece_whose_lesson_is_gone_is_still_shown(tutor: Any) -> None:
    from dataclasses import replace

    from ui.portfolio import portfolio_file, portfolio_page

    who, now = Learner("anon:gone"), datetime.now(UTC)
    task = replace(first_task(tutor.curriculum), skill="gone", lesson="gone", title="An <old> lesson")  # type: ignore[type-var]
    portfolio.write(tutor.store, who, task, "", "kept words", task.criteria, now=now)  # type: ignore[arg-type]
    found = portfolio.pieces(tutor.store, who)
    for made in (portfolio_page(tutor.curriculum, found), portfolio_file(tutor.curriculum, found, now)):
        assert "kept words" in made and "An &lt;old&gt; lesson" in made and "read?lesson=gone" not in made


@pytest.mark.parametrize("words", ["[" * 20_000, "\\(a" * 6_600, "\\(" * 10_000, "![a](" * 4_000])
def test_a_text_of_nothing_but_brackets_is_shown_as_it_was_typed(tutor: Any, words: str) -> None:
    from ui.portfolio import portfolio_page

    who, now = Learner(f"anon:{words[:5]}"), datetime.now(UTC)
    portfolio.write(tutor.store, who, first_task(tutor.curriculum), "", words, (), now=now)  # type: ignore[arg-type]
    assert f'<p class="typed">{words}</p>' in portfolio_page(tutor.curriculum, portfolio.pieces(tutor.store, who))


async def test_a_log_that_was_being_read_is_emptied_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    from ui import data_routes

    store = open_store(f"sqlite:///{tmp_path / 'tutor.sqlite3'}")
    who = Learner("anon:late")
    append(store, Event(who.principal, "reported", datetime.now(UTC), {"note": "PLANTED"}))
    reader = sqlite3.connect(tmp_path / "tutor.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM event").fetchone()
    assert not delete_everything(store, who)
    monkeypatch.setattr(data_routes, "AGAIN", (0.0, 0.0))
    data_routes.later(store)
    (emptying,) = data_routes._emptying
    reader.execute("COMMIT")
    await emptying
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"PLANTED" not in held and not data_routes._emptying
    reader.close()
    store.close()
