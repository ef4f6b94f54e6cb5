"""Launches that are right: who comes in, where they land, what is remembered."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.lti_platform import AGS, CLAIM, MEMBERSHIP
from tests.lti_world import BASE, LAUNCH, World, a_world, custom
from tutor.learner import Learner
from tutor.store.lti_links import link_of, visits
from tutor.store.lti_platforms import principal_of, remove_platform, tenant_of
from ui.identity import COOKIE, Sessions, signing_key


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("lti")) as made:
        yield made


def test_the_login_sends_the_browser_back_to_the_platform(world: World) -> None:
    browser = world.browser()
    answer = world.login(browser, lti_message_hint="a hint", lti_deployment_id="1")
    assert answer.headers["location"].startswith(f"{world.first.issuer}/auth?")
    begun = world.begin(browser, lti_message_hint="a hint")
    assert begun["redirect_uri"] == LAUNCH and begun["lti_message_hint"] == "a hint"
    assert (begun["scope"], begun["response_type"], begun["response_mode"]) == ("openid", "id_token", "form_post")
    cookie = answer.headers["set-cookie"]
    assert "SameSite=None; Secure; Partitioned" in cookie and "HttpOnly" in cookie and "Path=/lti" in cookie


def test_a_platform_may_post_its_login(world: World) -> None:
    form = {"iss": world.first.issuer, "login_hint": "h", "client_id": "one", "target_link_uri": LAUNCH}
    answer = world.browser().post("/lti/login", data=form, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 302


def test_a_login_without_a_client_id_is_enough_where_the_issuer_has_one(world: World) -> None:
    assert world.begin(world.browser(), world.second, client_id=None)["client_id"] == "one"
    assert world.begin(world.browser(), client_id=None, lti_deployment_id="2")["client_id"] == "one"


def test_a_learner_comes_in_and_lands_on_the_tutor(world: World) -> None:
    browser = world.browser()
    answer = world.launch(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    learner = world.identity(browser)
    assert learner.principal == principal_of(world.first.issuer, "one", "1", "anna")
    assert (learner.tenant, learner.context) == (tenant_of(world.first.issuer, "one", "1"), "course-1")
    assert learner.role == "learner"
    link = link_of(world.store, learner)
    assert link is not None and link.resource == "link-1" and link.line_items == f"{world.first.issuer}/lineitems"
    assert [visit.subject for visit in visits(world.store, link.id)] == ["anna"]
    assert "anna" not in learner.principal + learner.tenant


def test_in_a_frame_the_identity_travels_in_the_path_and_needs_no_cookie(world: World) -> None:
    browser = world.browser()
    begun = world.begin(browser)
    form = {"state": begun["state"], "id_token": world.first.sign(world.first.claims("one", begun["nonce"], LAUNCH))}
    answer = browser.post(
        "/lti/launch", data=form, headers={"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site"}
    )
    place = answer.headers["location"]
    assert place.startswith("/s/") and not any(
        each.startswith(COOKIE) for each in answer.headers.get_list("set-cookie")
    )
    framed = {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    page = world.browser().get(place, headers={**framed, "referer": f"{world.first.issuer}/"})
    assert page.status_code == 200 and page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-security-policy"].endswith(f"{world.first.issuer} https://lms.example")
    stranger = world.browser().get(place, headers={**framed, "referer": "https://evil.example/"})
    assert stranger.status_code == 403


def test_in_a_window_the_identity_travels_in_the_plain_cookie(world: World) -> None:
    headers = world.launch().headers.get_list("set-cookie")
    session = next(each for each in headers if each.startswith(COOKIE))
    assert session.endswith("HttpOnly; SameSite=Lax; Secure")
    assert any(each.startswith("tutor_lti_") and "Max-Age=0" in each for each in headers)


def test_only_the_platform_may_frame_the_pages_of_those_who_came_from_it(world: World) -> None:
    browser = world.browser()
    world.launch(browser)
    for page in ("/", "/ask", "/lessons?skill=nlp"):
        policy = browser.get(page).headers["content-security-policy"]
        assert policy.endswith(f"frame-ancestors 'self' {world.first.issuer} https://lms.example"), page
        assert "form-action 'self';" in policy
    assert world.browser().get("/").headers["content-security-policy"].endswith("frame-ancestors 'self'")


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"open": "skill", "target": "nlp"}, "/lessons?skill=nlp"),
        ({"open": "lesson", "target": "nlp/02-tokenization"}, "/read?lesson=nlp/02-tokenization"),
        ({"open": "$Custom.unfilled"}, "/"),
    ],
)
def test_a_link_opens_what_it_was_told(world: World, settings: dict[str, str], place: str) -> None:
    assert world.launch(**custom(**settings)).headers["location"] == place


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([f"{MEMBERSHIP}#Instructor"], "instructor"),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant"], "instructor"),
        (["Instructor"], "instructor"),
        ([f"{MEMBERSHIP}#Learner"], "learner"),
        ([f"{MEMBERSHIP}#Mentor"], "learner"),
        (["http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"], "learner"),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], "learner"),
        ([], "learner"),
        ("Instructor", "learner"),
        ([1, None, {"a": 1}], "learner"),
    ],
)
def test_roles_in_the_course_decide(world: World, roles: Any, role: str) -> None:
    browser = world.browser()
    assert world.launch(browser, **{f"{CLAIM}roles": roles}).status_code == 303
    assert world.identity(browser).role == role


def test_the_same_person_is_somebody_else_in_each_deployment_client_and_platform(world: World) -> None:
    found = []
    for platform, client, deployment in [
        (world.first, "one", "1"),
        (world.first, "one", "2"),
        (world.first, "two", "1"),
        (world.second, "one", "1"),
    ]:
        browser = world.browser()
        answer = world.launch(browser, platform, client_id=client, **{f"{CLAIM}deployment_id": deployment})
        assert answer.status_code == 303
        found.append(world.identity(browser))
    for part in ("principal", "tenant", "link"):
        assert len({getattr(learner, part) for learner in found}) == 4, part


def test_several_links_on_a_page_launch_at_once_in_one_browser(world: World) -> None:
    browser = world.browser()
    begun = [world.begin(browser) for _ in range(3)]
    for each in reversed(begun):
        token = world.first.sign(world.first.claims("one", each["nonce"], LAUNCH))
        assert world.post(browser, each["state"], token).status_code == 303


def test_a_list_of_audiences_with_us_as_the_party_is_right(world: World) -> None:
    assert world.launch(aud=["one", "other"], azp="one").status_code == 303


def test_instructors_land_on_the_page_of_the_link(world: World) -> None:
    told = {**custom(open="skill", target="nlp", due="2026-12-01T12:00:00Z"), f"{CLAIM}resource_link": {"id": "told"}}
    for learner in ("ben", "cara", "ben"):
        world.launch(sub=learner, **told)
    browser = world.browser()
    assert world.launch(browser, role="Instructor", **told).headers["location"] == "/lti/course"
    page = browser.get("/lti/course").text
    assert "1 December 2026, 12:00 UTC" in page and 'href="./lessons?skill=nlp"' in page
    assert "Whether it was completed" in page and "2 learners have opened it" in page
    assert not re.search("ben|cara", page)


def test_the_roster_is_shown_page_by_page_and_without_names_where_there_are_none(world: World) -> None:
    world.first.members = [
        {"user_id": "anna", "name": "Anna <b>Bold</b>", "roles": ["Learner"], "status": "Active"},
        {"user_id": "u2", "given_name": "Ben", "family_name": "Beck", "roles": ["Learner"]},
        {"user_id": "u3", "roles": [f"{MEMBERSHIP}#Instructor"]},
        {"user_id": "u3", "roles": [f"{MEMBERSHIP}#Instructor"]},
        {"no": "id"},
    ]
    browser = world.browser()
    world.launch()
    world.launch(browser, role="Instructor", sub="u3")
    page = browser.get("/lti/course?people=1").text
    assert "Anna &lt;b&gt;Bold&lt;/b&gt;" in page and "Ben Beck" in page and "Name not shared (u3)" in page
    assert page.count("<tr>") == 1 + 3


def test_a_platform_that_does_not_tell_who_is_there_is_said_on_the_page(world: World) -> None:
    browser = world.browser()
    world.launch(browser, role="Instructor")
    world.first.down = True
    try:
        answer = browser.get("/lti/course?people=1")
    finally:
        world.first.down = False
    assert answer.status_code == 200
    assert f"{world.first.issuer} answered 503" in answer.text


def test_learners_and_strangers_do_not_see_the_page_of_a_link(world: World) -> None:
    learner, stranger = world.browser(), world.browser()
    world.launch(learner)
    stranger.get("/")
    for browser, status in ((learner, 403), (stranger, 403), (world.browser(), 401)):
        answer = browser.get("/lti/course")
        assert answer.status_code == status
        assert "<dl>" not in answer.text


def test_an_instructor_who_came_without_a_platform_has_no_page_of_a_link(world: World) -> None:
    browser = world.browser()
    sessions = Sessions(world.store, signing_key(world.settings))
    _, value = sessions.start(Learner("oidc:teacher", role="instructor"), "oidc")
    browser.cookies.set(COOKIE, value)
    assert browser.get("/lti/course").status_code == 404


def test_a_link_with_a_setting_that_is_wrong_says_so(world: World) -> None:
    instructor = world.browser()
    wrong = custom(open="lesson", target="../../etc/passwd")
    answer = world.launch(**wrong)
    assert answer.status_code == 400 and "tutor_target" in answer.text
    assert world.launch(instructor, role="Instructor", **wrong).status_code == 303
    assert "tutor_target" in instructor.get("/lti/course").text


def test_a_service_address_that_is_not_safe_is_not_kept(world: World) -> None:
    browser = world.browser()
    bad = {AGS: {"scope": "x", "lineitem": "http://lms.example/1", "lineitems": "file:///etc/passwd"}}
    world.launch(browser, **bad, **{f"{CLAIM}resource_link": {"id": "unsafe"}})
    link = link_of(world.store, world.identity(browser))
    assert link is not None and (link.line_item, link.line_items, link.scopes) == ("", "", ())


def test_our_keys_are_published_without_their_private_parts(world: World) -> None:
    answer = world.browser().get("/lti/jwks")
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "n", "e", "alg", "use", "kid"}


def test_removing_a_platform_signs_its_people_out(world: World) -> None:
    added = world.add(world.second, "gone", "1")
    browser = world.browser()
    assert world.launch(browser, world.second, client_id="gone").status_code == 303
    learner = world.identity(browser)
    remove_platform(world.store, added.id)
    assert Sessions(world.store, signing_key(world.settings)).find(browser.cookies[COOKIE]) is None
    assert link_of(world.store, learner) is None
    assert world.login(world.browser(), world.second, client_id="gone").status_code == 400


def test_behind_a_path_the_addresses_carry_it(world: World) -> None:
    browser = TestClient(world.app, base_url=BASE, root_path="/tutor", follow_redirects=False)
    given = {"iss": world.first.issuer, "login_hint": "h", "client_id": "one"}
    answer = browser.get("/tutor/lti/login", params={**given, "target_link_uri": f"{BASE}/tutor/lti/launch"})
    assert answer.status_code == 302 and "Path=/tutor/lti" in answer.headers["set-cookie"]
    assert "redirect_uri=https%3A%2F%2Ftutor.example%2Ftutor%2Flti%2Flaunch" in answer.headers["location"]
    outside = browser.get("/tutor/lti/login", params={**given, "target_link_uri": LAUNCH})
    assert outside.status_code == 400
