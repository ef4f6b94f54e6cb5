"""Launches, logins, choices and registrations that are wrong: each gets one plain sentence, none gets in."""

import html
import re
import socket
from collections.abc import Iterator

import pytest
import requests

from tests.lti_cases import CASES, PAGE, Case, cell, outcome, ticket_of
from tests.lti_world import World, a_world
from ui.identity import COOKIE
from ui.lti.web import Web


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("lti")) as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name}"[:80])
def test_is_refused_with_one_plain_sentence(world: World, case: Case) -> None:
    answer = case.attempt(world)
    status, sentence = outcome(answer)
    assert 400 <= status < 500, (status, answer.text)
    assert sentence and "\n" not in sentence and "Traceback" not in answer.text
    assert COOKIE not in answer.headers.get("set-cookie", "")
    assert f"| {cell(case.name)} | {status} | {cell(sentence)} |" in PAGE.read_text(encoding="utf-8")


def test_the_page_of_cases_names_each(world: World) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [case.name for case in CASES if f"| {cell(case.name)} |" not in page] == []
    assert f"{len(CASES)} cases" in page


def test_no_refused_registration_sent_a_request_to_a_platform(world: World) -> None:
    assert not [each for each in world.first.requests if each[1] in {"/openid", "/register"}]


def test_a_refusal_can_be_framed_by_the_platform_it_names_only(world: World) -> None:
    known = world.launch(aud="other").headers["content-security-policy"]
    assert known.endswith(f"frame-ancestors 'self' {world.first.issuer} https://lms.example")
    unknown = world.login(world.browser(), iss="https://unknown.example").headers["content-security-policy"]
    assert unknown.endswith("frame-ancestors 'self'")


def counted(world: World) -> float:
    """How many LTI messages were refused so far, by /metrics."""
    samples = (sample for metric in world.app.state.metrics.registry.collect() for sample in metric.samples)
    named = [each for each in samples if each.name == "tutor_requests_refused_total"]
    return sum(each.value for each in named if each.labels["kind"].startswith("lti_"))


def test_a_refusal_is_counted_and_has_a_request_id(world: World) -> None:
    before = counted(world)
    answer = world.launch(aud="other")
    assert answer.status_code == 400
    assert counted(world) == before + 1
    assert answer.headers["x-request-id"]


def test_a_browser_without_the_cookie_is_offered_a_window(world: World) -> None:
    begun = world.begin(world.browser(), lti_message_hint='a"><script>alert(1)</script>')
    answer = world.post(world.browser(), begun["state"], "whatever")
    assert answer.status_code == 401
    link = re.search(r'href="(https://tutor\.example/lti/login\?[^"]+)" target="_blank" rel="noopener"', answer.text)
    assert link is not None and "<script>alert" not in answer.text
    again = world.browser().get(html.unescape(link[1]))
    assert again.status_code == 302 and again.headers["location"].startswith(f"{world.first.issuer}/auth?")


def test_what_a_platform_says_is_escaped_in_the_form_for_choosing(world: World) -> None:
    evil = '<img src=x onerror="alert(1)">'
    browser = world.browser()
    answer = world.choosing(browser, data=evil, title=evil, course=evil)
    assert answer.status_code == 200 and "<img" not in answer.text and "&lt;img" in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors 'self' {world.first.issuer} https://lms.example")
    sent = browser.post("/lti/links", data={"what": "tutor", "title": evil, "ticket": ticket_of(answer.text)})
    assert sent.status_code == 200 and "<img" not in sent.text


def test_a_return_address_with_quotes_in_its_query_cannot_leave_its_attribute(world: World) -> None:
    browser = world.browser()
    address = f"{world.first.issuer}/chosen?a=1&b=%22%3E%3Cscript%3E"
    page = world.choosing(browser, deep_link_return_url=address).text
    sent = browser.post("/lti/links", data={"what": "tutor", "ticket": ticket_of(page)})
    assert f'action="{address.replace("&", "&amp;")}"' in sent.text
    assert f"form-action 'self' {world.first.issuer}" in sent.headers["content-security-policy"]


@pytest.mark.parametrize("first", ["127.0.0.1", "93.184.216.34"])
def test_a_name_that_resolves_to_a_private_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """DNS rebinding: what was public when it was asked for may be private when it is connected to."""
    found = iter([first])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda *given, **named: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(found, "127.0.0.1"), port))],
        )
        with Web(private=False) as web, pytest.raises(requests.ConnectionError, match="not on the public internet"):
            web.get(f"http://rebinding.example:{port}/")


def test_an_unsafe_header_of_a_host_never_reaches_a_page(world: World) -> None:
    answer = world.browser().get("/lti/login", headers={"host": 'tutor.example"><script>'})
    assert "<script>" not in answer.text and answer.status_code < 500
