"""The class table over HTTP: the own course only, names as the platform gives them, learners are told."""

import csv
import io
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.lti_platform import CLAIM
from tests.lti_world import World, a_world, custom
from tutor import wishes


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("lti")) as made:
        yield made


@pytest.fixture(autouse=True)
def fresh(world: World) -> None:
    world.reset()


def come(world: World, who: str, role: str = "Learner", course: str = "course-1", **more: object) -> TestClient:
    browser = world.browser()
    context = {f"{CLAIM}context": {"id": course, "title": course}}
    assert world.launch(browser, role=role, sub=who, **context, **more).status_code == 303
    return browser


def table(browser: TestClient) -> list[list[str]]:
    answer = browser.get("/class.csv")
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))[1:]


def test_an_instructor_sees_the_learners_of_the_own_course_and_no_others(world: World) -> None:
    world.first.members = [{"user_id": "anna", "name": "=Anna <b>", "roles": ["Learner"]}]
    come(world, "anna")
    come(world, "ben")
    come(world, "carl", course="course-2")
    come(world, "dora", platform=world.second)
    teacher = come(world, "teacher", "Instructor")
    names = [row[0] for row in table(teacher)]
    assert "'=Anna <b>" in names and len(names) == 2
    page = teacher.get("/class?skill=nlp").text
    assert ("=Anna &lt;b&gt;" in page and "Tokenize" in page.title()) or "token" in page.lower()
    assert 'href="class"' in teacher.get("/lti/course").text
    assert len(table(come(world, "teacher-2", "Instructor", course="course-2"))) == 1
    assert table(come(world, "teacher-3", "Instructor", course="course-3")) == []
    assert "Nobody has opened" in come(world, "teacher-4", "Instructor", course="course-4").get("/class").text


def test_what_is_learned_is_in_the_table_and_what_was_asked_is_not(world: World) -> None:
    anna = world.identity(come(world, "anna-2"))
    practice = world.app.state.practice
    wishes.plan(practice, anna, "", "zebra-goal", 20)
    teacher = come(world, "teacher", "Instructor")
    assert len(table(teacher)) == 1
    assert "zebra-goal" not in teacher.get("/class").text + teacher.get("/class.csv").text


def test_the_menu_leads_instructors_to_their_class_and_nobody_else(world: World) -> None:
    link = '<a href="class">Your class</a>'
    teacher, anna = come(world, "teacher", "Instructor"), come(world, "anna")
    for page in ("/", "/ask", "/about"):
        assert link in teacher.get(page).text and link not in anna.get(page).text, page


@pytest.mark.parametrize("address", ["/class", "/class.csv", "/class?skill=nlp"])
def test_learners_and_strangers_see_nothing(world: World, address: str) -> None:
    stranger = world.browser()
    stranger.get("/")
    for browser, status in ((come(world, "anna"), 403), (stranger, 403), (world.browser(), 401)):
        assert browser.get(address).status_code == status


def test_a_platform_that_is_down_leaves_the_table_without_names(world: World) -> None:
    come(world, "anna")
    teacher = come(world, "teacher", "Instructor")
    world.first.down = True
    try:
        answer = teacher.get("/class")
    finally:
        world.first.down = False
    assert answer.status_code == 200 and "answered 503" in answer.text and "Learner " in answer.text


def test_learners_are_told_what_instructors_see(world: World) -> None:
    assert "Your instructors see which topics" in come(world, "anna").get("/data").text
    stranger = world.browser()
    stranger.get("/")
    assert "Your instructors see" not in stranger.get("/data").text


def test_a_link_to_a_quiz_lands_on_the_quiz(world: World) -> None:
    answer = world.launch(**custom(open="quiz", target="nlp", items="3"))
    assert answer.headers["location"] == "/practise?link=1"
