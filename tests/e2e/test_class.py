"""The instructor's class table in a real browser: wide and narrow, light and dark, as a file, and refused to learners."""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, serving
from tests.e2e.test_accessibility import no_violation
from tests.lti_platform import LocalPlatform, local_platform
from tests.practised import Clock, practice_over, practised
from tutor.learner import Learner
from tutor.settings import Settings
from tutor.store import Store
from tutor.store.lti_links import Link, visit_link
from tutor.store.lti_platforms import Platform, save_platform, tenant_of
from ui.identity import COOKIE, Sessions, signing_key

pytestmark = pytest.mark.browser
LONG = "Wilhelmina-Charlotte von und zu Hohenlohe-Langenburg-Weikersheim"
NAMES = {"anna": "Anna Bold", "ben": "Ben Beck", "cem": LONG, "dana": "دانا خوري", "eve": "=HYPERLINK(1)<b>"}
NAMELESS = "finn"
BEGUN = datetime.now(UTC) - timedelta(days=12)


@dataclass
class Course:
    """A course with learners, and how to come from it."""

    address: str
    store: Store
    sessions: Sessions
    platform: LocalPlatform
    source: Platform

    def come(self, who: str, role: str = "learner", context: str = "course-1") -> Learner:
        """Follow the course's link, as a launch would."""
        tenant = tenant_of(self.source.issuer, self.source.client_id, "1")
        roster = f"{self.platform.issuer}/members"
        link = Link(self.source.id, tenant, context, context, "Language models", roster_url=roster)
        kept = visit_link(self.store, link, f"lti:{who}", who, role, now=BEGUN)
        return Learner(f"lti:{who}", tenant, context, role, kept.id)

    def show(self, opened: Open, who: Learner, address: str = "class?skill=nlp", **options: object) -> Page:
        """A page as one who came from the course sees it."""
        page = opened(f"{self.address}/healthz", **options)
        _, value = self.sessions.start(who, "lti")
        page.context.add_cookies([{"name": COOKIE, "value": value, "url": self.address}])
        page.goto(f"{self.address}/{address}")
        return page


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    data: Path = tmp_path_factory.mktemp("class")
    with ExitStack() as stack:
        served, platform = stack.enter_context(serving(data)), stack.enter_context(local_platform())
        store = served.tutor.store
        here = platform.issuer
        made = Platform(here, "abc", f"{here}/auth", f"{here}/token", f"{here}/keys", private=True, origins=(here,))
        source = save_platform(store, made, ["1"], now=BEGUN)
        sessions = Sessions(store, signing_key(Settings(data=data, _env_file=None)))  # type: ignore[call-arg]
        platform.page = 100
        platform.members = [{"user_id": who, "name": name, "roles": ["Learner"]} for who, name in NAMES.items()]
        found = Course(served.address, store, sessions, platform, source)
        for days, who in enumerate((*NAMES, NAMELESS)):
            clock = Clock(BEGUN)
            practised(
                practice_over(served.tutor.curriculum, store, clock), found.come(who), clock, skill="nlp", days=days,
                answers=10, share=0.95,
            )  # fmt: skip
        yield found


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_table_can_be_read_and_has_no_violation(course: Course, opened: Open, width: int, theme: str) -> None:
    page = course.show(opened, course.come("teacher", "instructor"), width=width, theme=theme)
    expect(page.locator("h1")).to_have_text("Your class")
    names = page.get_by_role("rowheader").all_inner_texts()
    assert {*NAMES.values()} < set(names) and len(names) == len(NAMES) + 1
    assert [name for name in names if name.startswith("Learner ")]
    assert page.get_by_role("cell", name="learned", exact=True).count() > 0
    assert page.get_by_role("cell", name="mastered", exact=True).count() > 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    no_violation(page)


def test_the_names_stay_while_the_objectives_are_looked_through(course: Course, opened: Open) -> None:
    page = course.show(opened, course.come("teacher", "instructor"), width=390)
    region = page.get_by_role("region", name="Your class")
    region.focus()
    page.keyboard.press("End")
    before = region.evaluate("e => e.scrollLeft")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("([e, n]) => e.scrollLeft > n", arg=[region.element_handle(), before])
    box = page.get_by_role("rowheader").first.bounding_box()
    assert box is not None and 0 <= box["x"] < 390 and box["width"] < 390 / 2


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_a_link_can_be_read_and_has_no_violation(course: Course, opened: Open, width: int) -> None:
    page = course.show(opened, course.come("teacher", "instructor"), "lti/course?people=1", width=width)
    expect(page.get_by_role("cell", name="Anna Bold")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    no_violation(page)
    page.get_by_role("link", name="Your class").click()
    expect(page.get_by_role("rowheader", name="Anna Bold")).to_be_visible()


def test_another_skill_is_a_click_away(course: Course, opened: Open) -> None:
    page = course.show(opened, course.come("teacher", "instructor"))
    page.get_by_label("Objectives of").select_option(label="PyTorch")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Objectives of")).to_have_value("pytorch")
    assert page.get_by_role("cell", name="mastered", exact=True).count() == 0


def test_the_file_holds_every_objective_and_no_formula(course: Course, opened: Open) -> None:
    page = course.show(opened, course.come("teacher", "instructor"))
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download all as CSV").click()
    assert loading.value.suggested_filename == "class.csv"
    words = Path(loading.value.path()).read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(words, newline=""))
    assert len(head) > 100 and {len(row) for row in rows} == {len(head)}
    assert "'=HYPERLINK(1)<b>" in {row[0] for row in rows} and len(rows) == len(NAMES) + 1


@pytest.mark.parametrize("address", ["class", "class.csv"])
def test_a_learner_gets_a_refusal(course: Course, opened: Open, address: str) -> None:
    page = course.show(opened, course.come("anna"), "about")
    answer = page.request.get(f"{course.address}/{address}", headers={"accept": "text/html"})
    assert answer.status == 403
    assert "Ben" not in answer.text() and "Traceback" not in answer.text()


def test_a_course_that_nobody_has_opened_says_so(course: Course, opened: Open) -> None:
    page = course.show(opened, course.come("teacher", "instructor", "course-2"))
    expect(page.get_by_text("Nobody has opened the tutor from this course yet.")).to_be_visible()
    no_violation(page)
