"""Logins and launches from one address are limited by themselves, told plainly and counted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.lti_cases import outcome
from tests.lti_world import BASE, FORM, LAUNCH, World, a_world
from ui.identity import COOKIE

LIMIT = 3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data: Path = tmp_path_factory.mktemp("lti")
    with a_world(data, launches_per_minute=LIMIT) as made:
        yield made


def at(world: World, host: str) -> TestClient:
    return TestClient(
        world.app, base_url=BASE, headers={"accept": "text/html"}, follow_redirects=False, client=(host, 50000)
    )


def login(world: World, host: str, method: str = "GET") -> Any:
    given = {"iss": world.first.issuer, "login_hint": "h", "client_id": "one", "target_link_uri": LAUNCH}
    browser = at(world, host)
    if method == "POST":
        return browser.post("/lti/login", data=given, headers=FORM)
    return browser.get("/lti/login", params=given)


def refused(world: World) -> float:
    samples = (sample for metric in world.app.state.metrics.registry.collect() for sample in metric.samples)
    named = [each for each in samples if each.name == "tutor_requests_refused_total"]
    return sum(each.value for each in named if each.labels["kind"] == "lti_rate")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_many_logins_of_one_address_are_refused_and_those_of_others_are_not(world: World, method: str) -> None:
    mine, other = (f"192.0.2.{1 + len(method)}", f"192.0.2.{100 + len(method)}")
    before = refused(world)
    assert [login(world, mine, method).status_code for _ in range(LIMIT)] == [302] * LIMIT
    answer = login(world, mine, method)
    status, sentence = outcome(answer)
    assert status == 429 and "wait" in sentence and sentence.count(".") == 1
    assert 0 < int(answer.headers["retry-after"]) <= 60 and answer.headers["x-request-id"]
    assert refused(world) == before + 1
    assert login(world, other, method).status_code == 302


def test_launches_are_counted_apart_from_logins_and_a_forged_one_counts(world: World) -> None:
    mine = "192.0.2.50"
    for _ in range(LIMIT):
        assert (
            at(world, mine).post("/lti/launch", data={"state": "x", "id_token": "y"}, headers=FORM).status_code == 400
        )
    assert world.launch(at(world, mine)).status_code == 429
    assert login(world, mine).status_code == 302
    answer = world.launch(at(world, "192.0.2.51"))
    assert answer.status_code == 303 and COOKIE in answer.headers["set-cookie"]


def test_an_address_of_ipv6_stands_for_its_network(world: World) -> None:
    found = [login(world, f"2001:db8:1:2::{n}").status_code for n in range(1, LIMIT + 2)]
    assert found == [302] * LIMIT + [429]


def test_nothing_is_kept_of_a_login_that_was_refused(world: World) -> None:
    from sqlalchemy import func, select

    from tutor.store.tables import lti_ticket

    def kept() -> int:
        with world.store.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(lti_ticket)).scalar_one())

    for _ in range(LIMIT):
        login(world, "192.0.2.60")
    before = kept()
    login(world, "192.0.2.60")
    assert kept() == before
