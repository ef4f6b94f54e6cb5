"""Nobody reads or writes what is another's: every route, handler, file address and stream that exists, by enumeration.

A route or handler that is new fails here until it is classified in ui/access.py; one that takes an id is attacked with
the ids of another learner.
"""

import itertools
import json
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import select
from starlette.routing import Mount

from tests.scripted_tutor import ScriptedTutor
from tests.web_server import running
from tutor.curriculum import load
from tutor.errors import Forbidden, SignInNeeded
from tutor.learner import Learner
from tutor.settings import Settings, shipped_curricula
from tutor.store import Event, Store, add_message, append, create_conversation, messages, open_store
from tutor.store.retention import tables_of_learners
from tutor.store.tables import message as message_table
from ui.access import HANDLERS, ROUTES, Level, allow, require
from ui.gradio_guard import OPEN, OWNED
from ui.identity import COOKIE, Sessions, signing_key
from ui.owner import OwnerKey
from ui.server import create_app

SECRET = "zebra-words-of-the-first-learner"

# What else a route is given in an attack; a parameter that is neither an id nor here fails the test.
SAMPLES: dict[str, list[str]] = {
    "done": ["deleted"], "act": ["rename", "delete", "keep", "look"], "title": ["mine now"], "reason": ["wrong"], "note": ["n"],
    "skill": ["nlp"], "lesson": ["nlp/02-tokenization"], "section": [""], "quote": ["a"], "panel": ["1"],
    "of": ["nlp/none.png"], "name": ["tutor.css"], "next": ["ask"], "code": ["c"], "state": ["s"], "error": ["denied"],
    "key": ["k"], "path": [""], "goal": ["g"], "minutes": ["20"], "back": ["progress"], "objective": ["nlp-tok"],
    "to": ["ask"], "sure": ["no", "yes"], "rest": [""], "people": ["1"], "words": ["mine now"], "met": ["0"],
}  # fmt: skip

# Of Gradio's own routes, those that anybody may ask; each serves what is the same for all.
OPEN_OF_GRADIO = {
    "/config/", "/config", "/theme.css", "/favicon.ico", "/static/{path:path}", "/assets/{path:path}",
    "/gradio_api/info/", "/gradio_api/info", "/gradio_api/startup-events",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """A server with two learners: the first has a conversation, an open page and an answer being written."""

    app: Any
    address: str
    store: Store
    first: Learner
    second: Learner
    sessions: Sessions
    ids: tuple[str, ...]
    page: str

    def client(self, who: str) -> httpx.Client:
        # A session of its own each time: signing out is among what is tried.
        learner = {"first": self.first, "second": self.second}.get(who)
        cookies = {COOKIE: self.sessions.start(learner)[1]} if learner else {}
        return httpx.Client(base_url=self.address, cookies=cookies, timeout=20, headers={"accept": "text/html"})

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is stored of the first learner."""
        found = {}
        with self.store.reading() as connection:
            for table in tables_of_learners():
                if table.name == "web_session":
                    continue
                query = select(table).where(table.c.principal == self.first.principal)
                found[table.name] = [tuple(row) for row in connection.execute(query)]
            query = select(message_table).where(message_table.c.conversation.in_(self.ids))
            found["message"] = [tuple(row) for row in connection.execute(query)]
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = Settings(
        data=tmp_path_factory.mktemp("data"), oidc_issuer="https://login.invalid", oidc_client_id="tutor",
        writes_per_minute=0, shutdown_seconds=0, _env_file=None,  # type: ignore[call-arg]
    )  # fmt: skip
    store = open_store(settings.database)
    app = create_app(ScriptedTutor(store, load([shipped_curricula()])), settings, OwnerKey())  # type: ignore[arg-type]
    sessions = Sessions(store, signing_key(settings))
    (first, _), (second, _) = sessions.start(), sessions.start()
    now = datetime.now(UTC)
    ids = []
    for title in (SECRET, f"{SECRET} hang"):
        made = create_conversation(store, first, title, now=now)
        add_message(store, first, made.id, "learner", SECRET, now=now)
        answer = add_message(store, first, made.id, "tutor", SECRET, now=now, data={"text": SECRET})
        ids += [made.id, answer.id]
    append(store, Event(first.principal, "asked", now, {"text": SECRET}))
    ids += practised_by(app, store, first)
    page = secrets.token_hex(5)
    with running(app) as address:
        made_world = World(app, address, store, first, second, sessions, tuple(ids), page)
        with made_world.client("first") as client:
            # The first learner's page with an answer that is being written, and that only its own learner may stop.
            join(client, app, page, "ask", values(app, "ask", question="hang", conversation=ids[2]))
            wait_for_answer(store, first, ids[2])
            yield made_world
    store.close()


def practised_by(app: Any, store: Store, learner: Learner) -> list[str]:
    """A piece of the portfolio and an open item of a learner: their ids."""
    from tutor.policy import Focus

    piece = {"id": "piece-of-the-first", "skill": "nlp", "lesson": "02-tokenization", "section": "try-it", "title": SECRET,
             "text": SECRET, "criteria": [], "by": "self", "kind": "try"}  # fmt: skip
    append(store, Event(learner.principal, "wrote", datetime.now(UTC), piece))
    step = app.state.practice.proceed(learner, Focus(objective="nlp-tok"))
    return [str(piece["id"]), step.progress.open.id]


def wait_for_answer(store: Store, learner: Learner, conversation: str) -> None:
    for _ in range(2000):
        if any(message.text == "hang" for message in messages(store, learner, conversation)):
            return
        threading.Event().wait(0.01)
    raise AssertionError("the question was not taken")


def mounts(app: Any) -> dict[str, Any]:
    """The Gradio applications by the path at which they are mounted."""
    return {route.path: route.app for route in app.routes if isinstance(route, Mount)}


def handlers(app: Any) -> dict[str, tuple[str, int, list[str]]]:
    """Every handler by its name: its mount, its number, its inputs by elem_id."""
    return {
        each.name: (path, number, [component.elem_id for component in each.inputs])
        for path, mounted in mounts(app).items()
        for number, each in mounted.get_blocks().fns.items()
    }


def values(app: Any, name: str, **given: str) -> list[str]:
    return [given.get(each, "") for each in handlers(app)[name][2]]


def join(client: httpx.Client, app: Any, page: str, name: str, data: list[Any], query: str = "") -> httpx.Response:
    path, number, _ = handlers(app)[name]
    body = {"fn_index": number, "data": data, "session_hash": page, "trigger_id": None, "event_data": None}
    return client.post(f"{path}/gradio_api/queue/join{query}", json=body)


def stream(client: httpx.Client, page: str, path: str = "/ask") -> str:
    """All that a page is sent until its events have ended."""
    said = ""
    with client.stream("GET", f"{path}/gradio_api/queue/data", params={"session_hash": page}) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            said += line
            if '"msg":"process_completed"' in line.replace(" ", "") or "close_stream" in line:
                return said
    return said


def routes(app: Any) -> Iterator[tuple[str, str, APIRoute]]:
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            for method in sorted(route.methods or ()):
                yield f"{method} {route.path}", method, route.original_route


def parameters(route: APIRoute) -> set[str]:
    taken = route.dependant
    return {each.alias for each in (*taken.query_params, *taken.path_params, *taken.body_params)}


def test_every_route_is_classified_with_every_parameter(world: World) -> None:
    found = {name: parameters(route) for name, _, route in routes(world.app)}
    assert found == {name: {*rule.ids, *rule.plain} for name, rule in ROUTES.items()}
    every = [route.original_route for route in iter_route_contexts(world.app.routes)]
    others = [route for route in every if not isinstance(route, APIRoute)]
    assert sorted(getattr(route, "path", "") for route in others) == ["/ask", "/practise"], (
        "a new mount needs a guard and a test"
    )


def test_every_handler_is_classified_with_every_input(world: World) -> None:
    assert len(handlers(world.app)) == sum(len(each.get_blocks().fns) for each in mounts(world.app).values())
    found = {name: set(taken) for name, (_, _, taken) in handlers(world.app).items()}
    assert set(found) == set(HANDLERS)
    for name, taken in found.items():
        from_address = {"open": {"c"}, "begin": {"skill", "objective", "done", "link"}}.get(name, set())
        assert taken | from_address == {*HANDLERS[name].ids, *HANDLERS[name].plain}, name


def attacks(name: str) -> Iterator[tuple[dict[str, str], bool]]:
    rule = ROUTES[name]
    missing = [each for each in rule.plain if each not in SAMPLES]
    assert not missing, f"{name}: give {missing} values in SAMPLES"
    return (
        {**dict(zip(rule.plain, plain, strict=True))} for plain in itertools.product(*(SAMPLES[p] for p in rule.plain))
    )  # type: ignore[misc]


def send(client: httpx.Client, method: str, path: str, given: dict[str, str]) -> httpx.Response:
    path = re.sub(r"\{(\w+)(:path)?\}", lambda part: given.get(part[1], "x"), path)
    if method == "POST":
        return client.post(path, data=given, headers={"origin": str(client.base_url).rstrip("/")})
    return client.request(method, path, params=given)


@pytest.mark.parametrize("name", ROUTES)
def test_no_route_shows_or_changes_what_is_the_first_learners(world: World, name: str) -> None:
    method, path = name.split(" ")
    before = world.rows()
    with world.client("second") as client:
        for plain in attacks(name):
            for victim in world.ids if ROUTES[name].ids else ("",):
                given = {**plain, **dict.fromkeys(ROUTES[name].ids, victim)}  # type: ignore[arg-type]
                answer = send(client, method, path, given)
                assert SECRET not in answer.text
                assert SECRET not in str(answer.headers)
                if victim:
                    assert answer.status_code in {403, 404, 422}, (name, given)
    assert world.rows() == before


@pytest.mark.parametrize("name", HANDLERS)
def test_no_handler_shows_or_changes_what_is_the_first_learners(world: World, name: str) -> None:
    before = world.rows()
    with world.client("second") as client:
        for number, victim in enumerate(world.ids):
            wishes = ["", json.dumps({"question": "What is a token?", "retry_of": victim})]
            for act in ("answer", "hint", "skip", "dispute", "assess", "next"):
                pressed = {"act": act, "showing": victim, "number": 0, "places": [1], "text": "x"}
                wishes.append(json.dumps({"item": pressed} if name == "ask" else pressed))
            if "wish" not in handlers(world.app)[name][2]:
                wishes = [""]
            for each, hidden in enumerate(wishes):
                page = f"attack{name}{number}{each}"
                data = values(world.app, name, question="What is a token?", conversation=victim, wish=hidden)
                answer = join(client, world.app, page, name, data, f"?c={victim}")
                assert answer.status_code == 200
                assert SECRET not in stream(client, page, handlers(world.app)[name][0])
    assert world.rows() == before


def test_the_same_attack_succeeds_for_the_learner_whose_it_is(world: World) -> None:
    with world.client("first") as client:
        join(client, world.app, "own", "open", [], f"?c={world.ids[0]}")
        assert SECRET in stream(client, "own")
        assert SECRET in client.get("/conversations").text


@pytest.mark.parametrize("name", HANDLERS)
def test_no_handler_runs_without_a_session(world: World, name: str) -> None:
    with world.client("") as client:
        answer = join(client, world.app, "nobody", name, values(world.app, name, conversation=world.ids[0]))
        assert answer.status_code == 401


def gradio_routes(app: Any) -> list[tuple[str, str, str]]:
    """Method, mount and path of each of Gradio's own routes."""
    found = set()
    for mount, mounted in mounts(app).items():
        for route in iter_route_contexts(mounted.routes):
            for method in route.methods or {"GET"}:
                found.add((method, mount, str(route.path)))
    return sorted(found)


def test_of_gradios_own_routes_only_the_known_ones_are_open(world: World) -> None:
    found = gradio_routes(world.app)
    assert len(found) > 40
    opened = {path for _, _, path in found if OPEN.fullmatch(path.replace("{path:path}", "x"))}
    assert opened == OPEN_OF_GRADIO


def test_no_other_route_of_gradio_shows_or_changes_what_is_the_first_learners(world: World) -> None:
    before = world.rows()
    database = world.store.engine.url.database
    closed = 0
    with world.client("second") as client:
        for method, mount, path in gradio_routes(world.app):
            if path in OPEN_OF_GRADIO:
                continue
            filled = re.sub(r"\{session_hash\}", world.page, path)
            filled = re.sub(r"\{(path|path_or_url|url_path)(:path)?\}", str(database), filled)
            filled = re.sub(r"\{\w+(:\w+)?\}", "x", filled)
            body = {"session_hash": world.page, "fn_index": 0, "event_id": "e", "data": []}
            query = {"session_hash": world.page}
            answer = client.request(method, f"{mount}{filled}", params=query, json=body if method == "POST" else None)
            owned = OWNED.fullmatch(filled)
            assert answer.status_code == (403 if owned and method != "HEAD" else 404), (method, path)
            closed += 1
    assert closed > 20
    assert world.rows() == before


def test_another_learners_stream_cannot_be_read_or_fed(world: World) -> None:
    with world.client("second") as client:
        assert client.get("/ask/gradio_api/queue/data", params={"session_hash": world.page}).status_code == 403
        assert client.get(f"/ask/gradio_api/heartbeat/{world.page}").status_code == 403
        for name in HANDLERS:
            if handlers(world.app)[name][0] == "/ask":
                assert join(client, world.app, world.page, name, values(world.app, name)).status_code == 403


def test_the_first_learners_answer_is_still_being_written_and_only_they_can_stop_it(world: World) -> None:
    # Runs last: all attacks above have had their chance.
    with world.client("first") as client:
        assert "tutor_answers_open 1.0" in client.get("/metrics").text
        join(client, world.app, "stopping", "stop", values(world.app, "stop", conversation=world.ids[2]))
        stream(client, "stopping")
        for _ in range(500):
            if "tutor_answers_open 0.0" in client.get("/metrics").text:
                return
            threading.Event().wait(0.02)
    raise AssertionError("the answer was not stopped by its own learner")


def test_no_response_reflects_an_origin(world: World) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    paths = [(method, route.path) for _, method, route in routes(world.app)]
    paths += [(method, f"{mount}{path}") for method, mount, path in gradio_routes(world.app)]
    with world.client("second") as client:
        for method, path in paths:
            for asked in (method, "OPTIONS"):
                # Only the headers: some of these are streams without an end.
                with client.stream(asked, re.sub(r"{[^}]+}", "x", path), headers=headers) as answer:
                    given = {
                        name: value for name, value in answer.headers.items() if name.startswith("access-control-")
                    }
                    # The widget's script is the same for everybody and may be read by every site.
                    assert given in ({}, {"access-control-allow-origin": "*"} if path == "/widget.js" else {}), path


@pytest.mark.parametrize("name", [name for name, rule in ROUTES.items() if rule.level is not Level.PUBLIC])
def test_where_anonymous_use_is_closed_nothing_opens_without_signing_in(closed: httpx.Client, name: str) -> None:
    method, path = name.split(" ")
    answer = send(closed, method, path, {each: SAMPLES[each][0] for each in ROUTES[name].plain if each != "panel"})
    if method == "GET":
        assert answer.status_code == 303
        assert "/login?next=" in answer.headers["location"]
    else:
        assert answer.status_code == 401
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_an_anonymous_session_from_before_is_nobody_where_anonymous_use_is_closed(closed: httpx.Client) -> None:
    assert closed.get("/conversations", headers={"cookie": f"{COOKIE}={closed.anonymous}"}).status_code == 303  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    settings = Settings(
        data=tmp_path_factory.mktemp("closed"), oidc_issuer="https://login.invalid", oidc_client_id="tutor",
        anonymous=False, _env_file=None,  # type: ignore[call-arg]
    )  # fmt: skip
    store = open_store(settings.database)
    app = create_app(ScriptedTutor(store, load([shipped_curricula()])), settings)  # type: ignore[arg-type]
    with running(app) as address, httpx.Client(base_url=address, headers={"accept": "text/html"}) as client:
        client.anonymous = Sessions(store, signing_key(settings)).start()[1]  # type: ignore[attr-defined]
        yield client
    store.close()


def test_roles_include_those_below_and_a_strange_one_includes_nothing() -> None:
    instructor = Learner("lti:1", role="instructor")
    assert require(instructor, "learner") is instructor
    assert require(instructor, "instructor") is instructor
    for role, needed in (("instructor", "admin"), ("learner", "instructor"), ("root", "learner"), ("", "learner")):
        with pytest.raises(Forbidden):
            require(Learner("x", role=role), needed)
    with pytest.raises(SignInNeeded):
        require(None, "learner")


def test_what_is_not_in_the_table_is_for_admins_only() -> None:
    for role in ("learner", "instructor"):
        with pytest.raises(Forbidden):
            allow(None, Learner("x", role=role), False)
    allow(None, Learner("x", role="admin"), False)


def test_the_data_folder_is_at_no_address(world: World) -> None:
    data = Path(str(world.store.engine.url.database)).parent
    with world.client("second") as client:
        for path in (
            f"/static/{data}/signing-key",
            f"/picture?of=../{data.name}/signing-key",
            f"/assets/{data}/signing-key",
        ):
            answer = client.get(path, follow_redirects=True)
            assert answer.status_code == 404
