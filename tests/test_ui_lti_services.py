"""After a launch: links chosen, scores sent, keys replaced, platforms that register by themselves."""

import asyncio
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest

from tests.lti_cases import ticket_of
from tests.lti_platform import AGS, CLAIM, SCOPE
from tests.lti_world import BASE, LAUNCH, World, a_world
from tutor.learner import Learner
from tutor.lti_keys import rotate, signer
from tutor.lti_link import LinkSettings, from_custom
from tutor.store.lti_links import Link, link, link_of
from tutor.store.lti_platforms import Platform, deployments_of, find_platforms, platforms
from tutor.store.lti_scores import Score, enqueue, waiting
from tutor.store.lti_tickets import issue
from ui.identity import signing_key
from ui.lti.keysets import BETWEEN, KEPT, KeySets
from ui.lti.outbox import send_due, sending
from ui.lti.refusal import Refused
from ui.lti.services import Services
from ui.lti.web import Web

ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
DATA = "https://purl.imsglobal.org/spec/lti-dl/claim/data"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("lti"), lti_private=True) as made:
        yield made


@pytest.fixture
def world(made: World) -> World:
    made.reset()
    return made


@pytest.fixture
def services(world: World) -> Services:
    return Services(lambda: signer(world.store, signing_key(world.settings), datetime.now(UTC)))


def learner(world: World, **more: Any) -> Learner:
    browser = world.browser()
    assert world.launch(browser, **more).status_code == 303
    return world.identity(browser)


# Deep linking


def chosen(world: World, form: dict[str, Any], **settings: Any) -> dict[str, Any]:
    browser = world.browser()
    page = world.choosing(browser, **settings).text
    sent = browser.post("/lti/links", data={"ticket": ticket_of(page), **form}, headers={"origin": BASE})
    assert sent.status_code == 200, sent.text
    token = re.search('name="JWT" value="([^"]+)"', sent.text)
    assert token and f'action="{world.first.issuer}/chosen"' in sent.text
    keys = jwt.PyJWKSet.from_dict(browser.get("/lti/jwks").json())
    claims: dict[str, Any] = jwt.decode(
        token[1], keys[jwt.get_unverified_header(token[1])["kid"]], ["RS256"], audience=world.first.issuer, issuer="one"
    )
    return claims


def test_an_instructor_chooses_a_quiz_and_the_platform_gets_a_link_with_a_line_item(world: World) -> None:
    form = {
        "what": "quiz:nlp", "items": "5", "score": "best", "attempts": "3", "due": "2026-12-01", "chat": "off",
        "scope": ["nlp", "pytorch"],
    }  # fmt: skip
    claims = chosen(world, form)
    assert claims[f"{CLAIM}message_type"] == "LtiDeepLinkingResponse" and claims[f"{CLAIM}deployment_id"] == "1"
    assert claims[DATA] == "opaque-to-tools" and claims["nonce"]
    (item,) = claims[ITEMS]
    assert item["type"] == "ltiResourceLink" and item["url"] == LAUNCH
    assert item["lineItem"]["scoreMaximum"] == 100 and "5 questions" in item["title"]
    assert item["submission"] == {"endDateTime": "2026-12-01T23:59:59Z"}
    due = datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)
    wanted = LinkSettings("quiz", "nlp", 5, "best", ("nlp", "pytorch"), 3, due, False)
    assert from_custom(item["custom"]) == wanted


@pytest.mark.parametrize(
    ("what", "title"),
    [("tutor", "Tutor"), ("skill:nlp", "Natural"), ("lesson:nlp/02-tokenization", "")],
)
def test_everything_there_is_can_be_chosen_and_launched(world: World, what: str, title: str) -> None:
    (item,) = chosen(world, {"what": what})[ITEMS]
    assert title in item["title"]
    browser = world.browser()
    answer = world.launch(browser, **{f"{CLAIM}custom": item["custom"]})
    assert answer.status_code == 303
    assert browser.get(answer.headers["location"]).status_code == 200


def test_a_link_that_scores_nothing_or_may_not_has_no_line_item(world: World) -> None:
    assert "lineItem" not in chosen(world, {"what": "tutor", "score": "none"})[ITEMS][0]
    assert "lineItem" not in chosen(world, {"what": "tutor"}, accept_lineitem=False)[ITEMS][0]


def test_data_that_the_platform_did_not_send_is_not_sent_back(world: World) -> None:
    assert DATA not in chosen(world, {"what": "tutor"}, data=None)


def test_choosing_needs_no_cookie(world: World) -> None:
    page = world.choosing(world.browser()).text
    assert world.browser().post("/lti/links", data={"ticket": ticket_of(page), "what": "tutor"}).status_code == 200


# Scores


def test_a_score_reaches_the_line_item_of_the_link(world: World, services: Services) -> None:
    made = {"id": f"{world.first.issuer}/lineitems/77", "resourceLinkId": "link-1"}
    world.first.line_items.append(made)
    claim = {AGS: {"scope": [f"{SCOPE}score"], "lineitem": made["id"]}}
    enqueue(world.store, learner(world, **claim), 0.825, False, now=datetime.now(UTC))
    assert send_due(world.store, services, datetime.now(UTC)) == 1
    (score,) = world.first.scores
    assert score["at"] == "/lineitems/77/scores" and score["userId"] == "anna"
    assert (score["scoreGiven"], score["scoreMaximum"]) == (82.5, 100)
    assert (score["activityProgress"], score["gradingProgress"]) == ("InProgress", "FullyGraded")
    assert datetime.fromisoformat(score["timestamp"].replace("Z", "+00:00"))
    assert ("POST", "/lineitems") not in world.first.requests


def test_a_lesson_read_to_its_end_reaches_the_gradebook_by_itself(world: World, services: Services) -> None:
    browser = world.browser()
    lesson = {f"{CLAIM}custom": LinkSettings("lesson", "nlp/02-tokenization").to_custom()}
    assert world.launch(browser, **lesson).status_code == 303
    done = browser.post("/read", data={"lesson": "nlp/02-tokenization"}, headers={"origin": BASE})
    assert done.status_code == 303
    assert send_due(world.store, services, datetime.now(UTC)) == 1
    (score,) = world.first.scores
    assert (score["userId"], score["scoreGiven"], score["activityProgress"]) == ("anna", 100, "Completed")


def test_without_a_line_item_one_is_made_for_the_link_and_used_again(world: World, services: Services) -> None:
    now = datetime.now(UTC)
    anna, ben = learner(world), learner(world, sub="ben")
    enqueue(world.store, anna, 1, True, now=now)
    enqueue(world.store, ben, 0.5, False, now=now)
    assert send_due(world.store, services, now) == 2
    (item,) = world.first.line_items
    assert item["resourceLinkId"] == "link-1" and item["scoreMaximum"] == 100
    assert sorted(each["userId"] for each in world.first.scores) == ["anna", "ben"]
    assert link(world.store, anna.link).line_item == item["id"]


def test_a_line_item_that_was_deleted_is_made_again(world: World, services: Services) -> None:
    now = datetime.now(UTC)
    gone = {"scope": [f"{SCOPE}lineitem", f"{SCOPE}score"], "lineitem": f"{world.first.issuer}/lineitems/99"}
    someone = learner(world, **{AGS: {**gone, "lineitems": f"{world.first.issuer}/lineitems"}})
    enqueue(world.store, someone, 1, True, now=now)
    assert send_due(world.store, services, now) == 1
    assert [each["resourceLinkId"] for each in world.first.line_items] == ["link-1"]


def test_a_platform_that_is_down_loses_no_grade_and_holds_up_nobody(world: World, services: Services) -> None:
    now = datetime.now(UTC)
    learners = [learner(world, sub=f"learner-{n}") for n in range(3)]
    elsewhere = learner(world, platform=world.second)
    for each in [*learners, elsewhere]:
        enqueue(world.store, each, 0.5, False, now=now)
    world.first.down = True
    world.first.requests.clear()
    assert send_due(world.store, services, now) == 1
    assert [each["userId"] for each in world.second.scores] == ["anna"]
    assert len(world.first.requests) == 1, "the others are not tried in this round"
    count, problem = waiting(world.store)
    assert count == 3 and "503" in problem
    enqueue(world.store, learners[0], 0.9, True, now=now)
    world.first.down = False
    assert send_due(world.store, services, now + timedelta(seconds=29)) == 0
    assert send_due(world.store, services, now + timedelta(seconds=31)) == 3
    assert {each["userId"]: each["scoreGiven"] for each in world.first.scores} == {
        "learner-0": 90, "learner-1": 50, "learner-2": 50,
    }  # fmt: skip
    assert waiting(world.store) == (0, "")


async def test_scores_are_sent_in_the_background_and_one_that_breaks_holds_up_nobody(
    world: World, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, arrived, honest = datetime.now(UTC), threading.Event(), services.send

    def send(platform: Platform, target: Link, score: Score) -> str:
        if score.subject == "odd":
            raise RuntimeError("a fault of ours")
        line_item = honest(platform, target, score)
        arrived.set()
        return line_item

    monkeypatch.setattr(services, "send", send)
    for each, due in (("odd", now - timedelta(seconds=1)), ("anna", now)):
        enqueue(world.store, learner(world, sub=each), 1, True, now=due)
    async with sending(world.store, lambda: services):
        assert await asyncio.to_thread(arrived.wait, 30)
    assert [each["userId"] for each in world.first.scores] == ["anna"]
    assert waiting(world.store)[0] >= 1 and "log" in waiting(world.store)[1]


def test_two_clients_of_one_platform_use_tokens_of_their_own(world: World, services: Services) -> None:
    now = datetime.now(UTC)
    for client in ("one", "two"):
        enqueue(world.store, learner(world, client_id=client), 1, True, now=now)
    assert send_due(world.store, services, now) == 2
    assert sorted(each["by"] for each in world.first.scores) == ["one", "two"]


def test_an_access_token_is_used_again_until_the_platform_refuses_it(world: World, services: Services) -> None:
    now = datetime.now(UTC)
    someone = learner(world)
    enqueue(world.store, someone, 0.1, False, now=now)
    send_due(world.store, services, now)
    enqueue(world.store, someone, 0.2, False, now=now)
    send_due(world.store, services, now)
    assert len(world.first.tokens) == 1
    world.first.refuse_tokens = {world.first.tokens[0]["token"]}
    enqueue(world.store, someone, 0.3, False, now=now)
    assert send_due(world.store, services, now) == 1
    assert len(world.first.tokens) == 2


def test_after_a_key_was_replaced_the_new_one_signs(world: World, services: Services) -> None:
    now = datetime.now(UTC)
    before = signer(world.store, signing_key(world.settings), now).kid
    after = rotate(world.store, signing_key(world.settings), now)
    published = {key["kid"] for key in world.browser().get("/lti/jwks").json()["keys"]}
    assert published == {before, after}
    enqueue(world.store, learner(world), 1, True, now=now)
    assert send_due(world.store, services, now) == 1
    assert [each["kid"] for each in world.first.tokens] == [after]


def test_a_score_for_a_link_that_was_removed_waits_without_harm(world: World, services: Services) -> None:
    now = datetime.now(UTC)
    someone = learner(world, **{AGS: {"scope": [], "lineitems": f"{world.first.issuer}/lineitems"}})
    enqueue(world.store, someone, 1, True, now=now)
    assert send_due(world.store, services, now) == 0
    assert "does not let the tutor" in waiting(world.store)[1]


def test_the_next_page_of_a_roster_is_read_from_the_same_host_only(world: World, services: Services) -> None:
    browser = world.browser()
    world.launch(browser, role="Instructor")
    kept = link_of(world.store, world.identity(browser))
    source = find_platforms(world.store, world.first.issuer, "one")[0]
    assert kept is not None
    world.first.members = [{"user_id": str(n), "roles": ["Learner"]} for n in range(5)]
    assert [each.subject for each in services.roster(source, kept)] == ["0", "1", "2", "3", "4"]
    asked = len(world.second.requests)
    world.first.get = lambda path, query: (  # type: ignore[method-assign]
        200, {"members": [{"user_id": "0"}]}, {"Link": f'<{world.second.issuer}/members>; rel="next"'},
    )  # fmt: skip
    assert len(services.roster(source, kept)) == 1
    assert len(world.second.requests) == asked


# Platforms' keys


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_unknown_kid_has_the_keys_fetched_again_but_not_at_every_strangers_wish(world: World) -> None:
    clock = Clock()
    keysets = KeySets(lambda platform: Web(private=True), clock)
    source = find_platforms(world.store, world.first.issuer, "one")[0]
    keysets.key(source, "first")
    for _ in range(5):
        with pytest.raises(Refused):
            keysets.key(source, "unknown")
    assert world.first.requests.count(("GET", "/keys")) == 1
    world.first.rotate("second")
    clock.now += BETWEEN
    assert keysets.key(source, "second").key_size == 2048
    with pytest.raises(Refused):
        keysets.key(source, "first")
    assert world.first.requests.count(("GET", "/keys")) == 2


def test_known_keys_serve_while_a_platform_is_down(world: World) -> None:
    clock = Clock()
    keysets = KeySets(lambda platform: Web(private=True), clock)
    source = find_platforms(world.store, world.first.issuer, "one")[0]
    keysets.key(source, "first")
    world.first.down = True
    clock.now += KEPT + 1
    assert keysets.key(source, "first")
    fresh = KeySets(lambda platform: Web(private=True), clock)
    with pytest.raises(Refused, match="cannot be reached"):
        fresh.key(source, "first")


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "x"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "x"},
        {"kty": "RSA", "kid": "x"},
        {"kty": "EC", "kid": "x"},
        "x",
        None,
    ],
)
def test_a_key_that_is_no_strong_rsa_key_is_not_used(world: World, jwk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.first, "jwks", lambda: {"keys": [jwk]})
    source = find_platforms(world.store, world.first.issuer, "one")[0]
    with pytest.raises(Refused):
        KeySets(lambda platform: Web(private=True)).key(source, "x")


# Registration


def configure(world: World, **more: Any) -> None:
    issuer = world.second.issuer
    world.second.configuration = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/auth",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
        "registration_endpoint": f"{issuer}/register",
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {"product_family_code": "example-lms"},
    } | more


def register(world: World, token: str = "once") -> Any:
    invite = issue(world.store, "invite", {}, timedelta(hours=1), now=datetime.now(UTC))
    given = {"invite": invite, "openid_configuration": f"{world.second.issuer}/openid", "registration_token": token}
    return world.browser().get("/lti/register", params=given)


def test_a_platform_registers_by_invitation_and_its_learners_come_in(world: World) -> None:
    configure(world)
    answer = register(world)
    assert answer.status_code == 200 and "example-lms" in answer.text
    assert "org.imsglobal.lti.close" in answer.text and 'nonce="' in answer.text
    (sent,) = world.second.registered
    assert sent["redirect_uris"] == [LAUNCH] and sent["initiate_login_uri"] == f"{BASE}/lti/login"
    assert sent["token_endpoint_auth_method"] == "private_key_jwt" and "lti-ags/scope/score" in sent["scope"]
    (made,) = find_platforms(world.store, world.second.issuer, "made-by-platform")
    assert deployments_of(world.store, made.id) == ["7"] and made.private
    deployed = {f"{CLAIM}deployment_id": "7"}
    assert world.launch(platform=world.second, client_id="made-by-platform", **deployed).status_code == 303


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"issuer": "https://other.example"}, "another host than its issuer"),
        ({"issuer": None}, "another host than its issuer"),
        ({"token_endpoint": "http://lms.example/token"}, "does not call"),
        ({"jwks_uri": "file:///etc/passwd"}, "does not call"),
        ({"registration_endpoint": ["x"]}, "does not call"),
    ],
)
def test_a_configuration_that_is_not_right_is_refused_before_anything_is_sent(
    world: World, changed: dict[str, Any], sentence: str
) -> None:
    configure(world, **changed)
    before = len(platforms(world.store))
    answer = register(world)
    assert answer.status_code == 400 and sentence in answer.text
    assert world.second.registered == [] and len(platforms(world.store)) == before


def test_a_registration_cannot_replace_a_platform(world: World) -> None:
    configure(world)
    assert register(world).status_code == 200
    again = register(world)
    assert again.status_code == 400 and "registered already" in again.text


def test_a_token_with_a_line_break_is_not_put_into_a_header(world: World) -> None:
    configure(world)
    assert register(world, "a\r\nX-Evil: 1").status_code == 400
    assert world.second.registered == []


def test_a_platform_whose_services_fail_during_registration_is_said_plainly(world: World) -> None:
    configure(world)
    world.second.down = True
    answer = register(world)
    assert answer.status_code == 400 and "gave no usable answer" in answer.text


def test_an_answer_that_redirects_is_not_followed(world: World) -> None:
    host = urlsplit(world.second.issuer).netloc
    configure(world)
    world.second.get = lambda path, query: (302, {}, {"Location": f"http://{host}/keys"})  # type: ignore[method-assign]
    assert register(world).status_code == 400
    assert ("GET", "/keys") not in world.second.requests
