"""Scores are sent to each platform by itself: one that hangs, drips or is slow holds up nobody else."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

import ui.lti.outbox
import ui.lti.web
from tests.dripping import dripping
from tests.lti_platform import AGS, SCOPE
from tests.lti_world import World, a_world
from tests.nginx.server import self_signed
from tutor.learner import Learner
from tutor.lti_keys import signer
from tutor.store.lti_links import Link
from tutor.store.lti_platforms import Platform
from tutor.store.lti_scores import Score, enqueue, waiting
from ui.identity import signing_key
from ui.lti.outbox import Outbox, send_due, sending
from ui.lti.services import Services
from ui.lti.web import Web


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("lti")) as made:
        yield made


@pytest.fixture(autouse=True)
def fresh(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.reset()
    monkeypatch.setattr(ui.lti.outbox, "BETWEEN", 0.02)


@pytest.fixture
def services(world: World) -> Services:
    return Services(lambda: signer(world.store, signing_key(world.settings), datetime.now(UTC)))


def learner(world: World, **more: Any) -> Learner:
    browser = world.browser()
    grades = {"scope": [f"{SCOPE}lineitem", f"{SCOPE}score"]}
    source = more.get("platform") or world.first
    assert (
        world.launch(browser, **{AGS: grades | {"lineitems": f"{source.issuer}/lineitems"}} | more).status_code == 303
    )
    return world.identity(browser)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.to_thread(threading.Event().wait, 0.01)


async def test_a_platform_that_hangs_holds_up_no_other(
    world: World, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, go_on, asked, honest = datetime.now(UTC), threading.Event(), threading.Event(), world.first.post

    def hang(*given: Any) -> Any:
        asked.set()
        go_on.wait(30)
        return honest(*given)

    monkeypatch.setattr(world.first, "post", hang)
    # More than one look takes, and all due earlier than the other platform's.
    for n in range(30):
        enqueue(world.store, learner(world, sub=f"learner-{n}"), 1, True, now=now)
    async with sending(world.store, lambda: services):
        await until(asked.is_set)
        enqueue(world.store, learner(world, platform=world.second), 1, True, now=datetime.now(UTC))
        await until(lambda: bool(world.second.scores))
        assert not go_on.is_set() and world.first.scores == []
        assert waiting(world.store)[0] >= 30
        go_on.set()
        await until(lambda: len(world.first.scores) == 30)
    assert len({each["userId"] for each in world.first.scores}) == 30


def test_so_many_platforms_are_asked_at_once_and_each_by_one_sender(
    world: World, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, lock, open_now, most, total = datetime.now(UTC), threading.Lock(), [], [0], [0]
    monkeypatch.setattr(ui.lti.outbox, "AT_ONCE", 2)
    for n in range(4):
        for person in ("anna", "ben"):
            who = learner(world, sub=person) if n == 0 else learner_of_another(world, n, person)
            enqueue(world.store, who, 1, True, now=now)
    meet = threading.Barrier(2)

    def send(platform: Platform, target: Link, score: Score) -> str:
        with lock:
            assert platform.id not in open_now, "one platform, one sender"
            open_now.append(platform.id)
            most[0] = max(most[0], len(open_now))
            total[0] += 1
        meet.wait(30)  # Passes only when two are asked at once.
        with lock:
            open_now.remove(platform.id)
        return target.line_item

    monkeypatch.setattr(services, "send", send)
    assert send_due(world.store, services, now) == 8
    assert (most[0], total[0]) == (2, 8)


def learner_of_another(world: World, number: int, person: str) -> Learner:
    world.add(world.second, f"client-{number}", "1")
    return learner(world, platform=world.second, client_id=f"client-{number}", sub=person)


def test_a_look_leaves_a_platform_alone_that_is_still_being_sent_to(
    world: World, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, go_on = datetime.now(UTC), threading.Event()
    monkeypatch.setattr(services, "send", lambda platform, target, score: (go_on.wait(30), target.line_item)[1])
    enqueue(world.store, learner(world), 1, True, now=now)
    outbox = Outbox(world.store, lambda: services)
    (sender,) = outbox.look(lambda: now)
    enqueue(world.store, learner(world, sub="ben"), 1, True, now=now)
    assert outbox.look(lambda: now) == []
    go_on.set()
    assert sender.result(30) == 2
    outbox.close()


# The time limits of one request


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        (b"", OK + b"X-Long: " + b"x" * 10_000),
        (OK + b"Content-Length: 10000\r\n\r\n", b"x" * 10_000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2710\r\n" + b"x" * 10_000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 2000),
    ],
)
@pytest.mark.parametrize("tls", [False, True])
def test_an_answer_that_drips_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, head: bytes, rest: bytes, tls: bool
) -> None:
    monkeypatch.setattr(ui.lti.web, "TOTAL_SECONDS", 0.5)
    monkeypatch.setattr(ui.lti.web, "CONNECT_SECONDS", 0.5)
    certificate = self_signed(tmp_path) if tls else None
    with dripping(head, rest, certificate) as address, Web(private=True) as web:
        before = time.monotonic()
        with pytest.raises(requests.RequestException):
            web.get(address, verify=str(certificate) if certificate else True)
        assert time.monotonic() - before < 15, "all of it would take minutes"


def test_no_cookie_of_one_tenant_goes_out_with_the_request_of_another(world: World) -> None:
    seen: list[str | None] = []
    world.first.get = lambda path, query: (200, {}, {"Set-Cookie": "tenant=1"})  # type: ignore[method-assign]
    with Web(private=True) as web:
        for _ in range(2):
            seen.append(web.get(f"{world.first.issuer}/x").request.headers.get("Cookie"))
    assert seen == [None, None]
