"""Two real platforms: Open edX's own code and the lti1p3platform library."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.platforms.running import Browser, Platform, Tutor, running
from tutor.learner import Learner
from tutor.lti_keys import rotate
from tutor.lti_link import from_custom
from tutor.store.lti_links import link_of
from tutor.store.lti_scores import enqueue, waiting
from ui.identity import COOKIE, Sessions, signing_key
from ui.lti.outbox import send_due

pytestmark = pytest.mark.platforms


@pytest.fixture(params=["openedx.py", "second.py"])
def platform(
    request: pytest.FixtureRequest, tutor_server: Tutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    with running(request.param, tmp_path_factory.mktemp("platform"), tutor_server) as made:
        yield made


def identity(tutor: Tutor, browser: Browser) -> Learner:
    value = browser.cookies[tutor.address.removeprefix("http://")][COOKIE]
    found = Sessions(tutor.store, signing_key(tutor.settings)).find(value)
    assert found is not None
    return found


def come(tutor: Tutor, platform: Platform, person: str) -> Learner:
    browser = Browser()
    status, _, text = browser.launch(platform, person)
    assert status == 200, text
    return identity(tutor, browser)


def test_a_learner_launches(tutor_server: Tutor, platform: Platform) -> None:
    browser = Browser()
    status, place, text = browser.launch(platform, "anna")
    assert (status, place) == (200, f"{tutor_server.address}/") and "Ask your own question" in text
    assert identity(tutor_server, browser).role == "learner"
    assert come(tutor_server, platform, "anna") == identity(tutor_server, browser)
    assert come(tutor_server, platform, "ben").principal != identity(tutor_server, browser).principal


def test_an_instructor_launches_and_sees_who_is_in_the_course(tutor_server: Tutor, platform: Platform) -> None:
    come(tutor_server, platform, "anna")
    browser = Browser()
    status, place, text = browser.launch(platform, "ida")
    assert (status, place) == (200, f"{tutor_server.address}/lti/course") and "1 learner has opened it" in text
    status, _, text = browser.open(f"{place}?people=1")
    assert status == 200 and text.count("<td>Learner</td>") == 2 and text.count("<td>Instructor</td>") == 1
    assert "Anna" in text and "Ben" in text


def test_a_chosen_link_is_saved_and_opens_what_was_chosen(tutor_server: Tutor, platform: Platform) -> None:
    browser = Browser()
    status, place, page = browser.launch(platform, "ida", "choose")
    assert status == 200 and "Choose what the link opens" in page
    status, place, page = browser.send(place, page, what="lesson:nlp/02-tokenization", score="best", scope=["nlp"])
    assert status == 200 and 'name="JWT"' in page
    status, place, page = browser.send(place, page)
    assert status == 200 and place.startswith(platform.address), page
    (saved,) = platform.state()["links"]
    assert saved["title"] and saved["url"] == f"{tutor_server.address}/lti/launch"
    assert saved["lineItem"]["scoreMaximum"] == 100
    chosen = from_custom(saved["custom"])
    assert (chosen.kind, chosen.target, chosen.score) == ("lesson", "nlp/02-tokenization", "best")
    status, place, _ = Browser().launch(platform, "anna")
    assert (status, place) == (200, f"{tutor_server.address}/read?lesson=nlp/02-tokenization")


def test_a_learner_cannot_choose_links(tutor_server: Tutor, platform: Platform) -> None:
    try:
        status, _, text = Browser().launch(platform, "anna", "choose")
    except AssertionError:
        # Open edX refuses by itself before the tool is asked.
        assert platform.script == "openedx.py"
        return
    assert status == 403 and "Only instructors" in text


def test_scores_reach_the_gradebook_and_never_fall(tutor_server: Tutor, platform: Platform) -> None:
    anna, now = come(tutor_server, platform, "anna"), datetime.now(UTC)
    name = platform.state()["people"]["anna"]
    name = "anna" if platform.script == "openedx.py" else name
    for score, completed in ((0.4, False), (0.75, False), (0.5, False), (0.75, True)):
        enqueue(tutor_server.store, anna, score, completed, now=now)
        send_due(tutor_server.store, tutor_server.services, now)
    assert waiting(tutor_server.store, [anna.link]) == (0, "")
    state = platform.state()
    assert state["gradebook"] == {name: [0.4, 0.75, 0.75]}
    (item,) = state["line_items"]
    link = link_of(tutor_server.store, anna)
    assert link is not None and item["resource_link"] == link.resource and link.line_item


def test_a_platform_that_is_down_for_a_while_loses_no_grade(tutor_server: Tutor, platform: Platform) -> None:
    anna, ben = (come(tutor_server, platform, name) for name in ("anna", "ben"))
    now = datetime.now(UTC)
    platform.stop()
    enqueue(tutor_server.store, anna, 0.6, False, now=now)
    enqueue(tutor_server.store, ben, 1, True, now=now)
    for minutes in (0, 1, 3, 10):
        assert send_due(tutor_server.store, tutor_server.services, now + timedelta(minutes=minutes)) == 0
    enqueue(tutor_server.store, anna, 0.9, True, now=now)
    count, problem = waiting(tutor_server.store, [anna.link])
    assert count == 2 and "no usable answer" in problem
    platform.start()
    assert send_due(tutor_server.store, tutor_server.services, now + timedelta(hours=1)) == 2
    assert platform.state()["gradebook"] == {"anna": [0.9], "ben": [1.0]}


def test_both_sides_replace_their_keys(
    tutor_server: Tutor, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, now = come(tutor_server, platform, "anna"), datetime.now(UTC)
    enqueue(tutor_server.store, anna, 0.1, False, now=now)
    assert send_due(tutor_server.store, tutor_server.services, now) == 1
    # A second fetch of a platform's keys would have to wait ten seconds; the test does not.
    monkeypatch.setattr("ui.lti.keysets.BETWEEN", 0.0)
    platform.state("rotate")
    rotate(tutor_server.store, signing_key(tutor_server.settings), now)
    tutor_server.services._tokens._kept.clear()
    assert come(tutor_server, platform, "anna") == anna
    enqueue(tutor_server.store, anna, 0.2, False, now=now)
    assert send_due(tutor_server.store, tutor_server.services, now) == 1, waiting(tutor_server.store)


def test_an_open_edx_that_lets_tools_make_line_items(
    tutor_server: Tutor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("programmatic")
    with running("openedx.py", data, tutor_server, AGS="programmatic") as platform:
        anna, now = come(tutor_server, platform, "anna"), datetime.now(UTC)
        assert platform.state()["line_items"] == []
        enqueue(tutor_server.store, anna, 0.5, False, now=now)
        assert send_due(tutor_server.store, tutor_server.services, now) == 1, waiting(tutor_server.store)
        (item,) = platform.state()["line_items"]
        assert item["scores"] == 1 and platform.state()["gradebook"] == {"anna": [0.5]}
