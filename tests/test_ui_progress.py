"""Progress and learning paths from outside, with a real store: nobody's, and a learner's with weeks of practice."""

import asyncio
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from tests.practised import Clock, practice_over, practised
from tests.scripted_tutor import ScriptedTutor
from tutor.curriculum import Curriculum
from tutor.learner import Learner
from tutor.policy import due_topics
from tutor.practice import Practice
from tutor.settings import Settings
from tutor.store import events, open_store, start_web_session
from ui.app import create_app
from ui.frame import day
from ui.identity import COOKIE, Sessions, signing_key

ORIGIN = {"origin": "http://testserver"}
ANNA = Learner("anon:anna")


@dataclass
class Place:
    """The application, its practice and its clock."""

    app: object
    tutor: ScriptedTutor
    practice: Practice
    clock: Clock
    settings: Settings
    since: datetime

    def client(self, learner: Learner | None = None) -> TestClient:
        made = TestClient(self.app, headers={"accept": "text/html", **ORIGIN})  # type: ignore[arg-type]
        if learner is not None:
            token = start_web_session(self.tutor.store, learner, "anonymous", timedelta(days=900), now=self.clock.now)
            made.cookies.set(
                COOKIE, Sessions(self.tutor.store, signing_key(self.settings))._signer.sign(token).decode()
            )
        return made


@pytest.fixture(scope="module")
def begun(shipped: Curriculum, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One application for all tests, and Anna, who has practised in it for weeks and whom no test changes."""
    settings = Settings(data=tmp_path_factory.mktemp("progress"))
    store = open_store(settings.database)
    clock = Clock()
    practice = practice_over(shipped, store, clock)
    tutor = ScriptedTutor(store, shipped)
    with pytest.MonkeyPatch.context() as patched, asyncio.Runner() as runner:
        patched.setattr("ui.app.practice_of", lambda tutor: practice)
        app = runner.run(made(tutor, settings))
    practised(practice, ANNA, clock, skill="nlp", days=8)
    yield Place(app, tutor, practice, clock, settings, clock.now)
    store.close()


async def made(tutor: ScriptedTutor, settings: Settings) -> object:
    """The application; where no event loop runs, Gradio would begin some and leave them open."""
    return create_app(tutor, settings)  # type: ignore[arg-type]


@pytest.fixture
def place(begun: Place) -> Place:
    begun.clock.now = begun.since
    return begun


@pytest.fixture
def anna(place: Place) -> TestClient:
    return place.client(ANNA)


@pytest.fixture
def bob(place: Place) -> Learner:
    """A learner of this test alone, whose first answers were all right."""
    learner = fresh()
    practised(place.practice, learner, place.clock, skill="nlp", days=2, share=1.0)
    return learner


def fresh() -> Learner:
    """Somebody who was never here."""
    return Learner(f"anon:{uuid.uuid4().hex}")


def words(html: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#39;", "'")


def row_of(html: str, objective: str) -> str:
    found = re.search(
        rf'<li class="topic" id="objective-{objective}">(.*?)</li>\s*(?=<li class="topic"|</ul>)', html, re.S
    )
    assert found is not None
    return found[1]


def test_a_first_visit_begins_a_session_and_says_that_nothing_is_there(place: Place, shipped: Curriculum) -> None:
    client = place.client()
    answer = client.get("/progress")
    assert answer.status_code == 200 and "set-cookie" in answer.headers
    said = words(answer.text)
    assert f"{len(shipped.objectives)} objectives, none of them answered yet" in said
    assert said.count("Too early for a plot: it takes 10 first answers, and there are 0.") == 2
    assert 'role="img"' not in answer.text
    assert '<details class="topics" id="skill-nlp">' in answer.text
    assert len(re.findall(r'<li class="topic"', answer.text)) == len(shipped.objectives)


@pytest.mark.parametrize("path", ["/progress", "/paths"])
def test_nothing_on_the_pages_needs_an_inline_style_or_script(anna: TestClient, path: str) -> None:
    answer = anna.get(path)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert " style=" not in answer.text and "<style" not in answer.text
    assert re.findall(r"<script(?![^>]*\bsrc=)", answer.text) == []
    assert re.findall(r"\son\w+=", answer.text) == []
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


def test_the_page_tells_what_the_progress_holds(place: Place, anna: TestClient, shipped: Curriculum) -> None:
    progress = place.practice.progress(ANNA)
    html = anna.get("/progress").text
    learned = sum(each.learned is not None for each in progress.objectives.values())
    mastered = sum(each.mastered is not None for each in progress.objectives.values())
    due = len(due_topics(progress, place.practice.outline(progress).topics, place.clock.now))
    assert learned and mastered and due
    assert f"{learned} of {len(shipped.objectives)} objectives learned, {mastered} mastered, {due} review" in words(
        html
    )
    for name, standing in progress.objectives.items():
        row = words(row_of(html, name))
        assert f"{standing.right} of {standing.answers} first answer" in row
        assert standing.last is not None and f"last on {day(standing.last)}" in row
    assert html.index('id="skill-nlp" open') < html.index('id="skill-start"')


def test_the_numbers_stand_beside_every_plot(place: Place, anna: TestClient) -> None:
    html = anna.get("/progress").text
    counted = [each for each in events(place.tutor.store, ANNA.principal, {"attempted"}) if each.payload["counted"]]
    assert len(counted) >= 10
    assert len(re.findall(r'<svg role="img"', html)) == len(re.findall(r"<table>", html)) == 3
    table = re.search(r"<caption class=\"unseen\">First answers in each.*?</table>", html, re.S)
    assert table is not None
    cells = [int(each) for each in re.findall(r'<td class="right">(\d+)</td>', table[0])]
    lately = [each for each in counted if place.clock.now - each.at < timedelta(weeks=11)]
    assert sum(cells[::2]) == sum(each.payload["correct"] for each in lately)
    assert sum(cells[1::2]) == sum(not each.payload["correct"] for each in lately)
    brier = sum((each.payload["predicted"] - each.payload["correct"]) ** 2 for each in counted) / len(counted)
    assert f"Brier score over {len(counted)} answers: {brier:.2f}." in words(html)


def test_the_curve_of_another_objective_is_shown_on_request(place: Place, anna: TestClient) -> None:
    progress = place.practice.progress(ANNA)
    titles = place.practice.outline(progress).by_id
    learned = [name for name, standing in progress.objectives.items() if standing.card]
    assert len(learned) >= 2
    for name in learned:
        html = anna.get(f"/progress?objective={name}").text
        assert f"Forgetting curve of {titles[name].title}</title>" in html
        assert '<details class="fold whole" open>' in html
    assert '<details class="fold whole">' in anna.get("/progress?objective=no-such").text


def test_a_skill_may_be_chosen_for_the_map(anna: TestClient, shipped: Curriculum) -> None:
    html = anna.get("/progress?skill=pytorch").text
    assert 'aria-label="Map of PyTorch"' in html
    for objective in shipped.skill("pytorch").objectives:
        assert html.count(f'href="practise?objective={objective.id}"') == 3  # its row, the map and the list
    assert 'aria-label="Map of Natural language processing"' in anna.get("/progress?skill=no-such").text


def test_reset_forgets_one_objective_and_keeps_the_events(place: Place, bob: Learner) -> None:
    name = next(iter(place.practice.progress(bob).objectives))
    before = len(events(place.tutor.store, bob.principal, {"attempted"}))
    answer = place.client(bob).post("/progress", data={"act": "reset", "objective": name})
    assert [each.status_code for each in answer.history] == [303]
    assert "begins anew." in words(answer.text)
    assert name not in place.practice.progress(bob).objectives
    assert "Reset" not in row_of(answer.text, name)
    assert len(events(place.tutor.store, bob.principal, {"attempted"})) == before


def test_an_estimate_is_corrected_downwards(place: Place, bob: Learner) -> None:
    name = next(name for name, standing in place.practice.progress(bob).objectives.items() if standing.learned)
    answer = place.client(bob).post("/progress", data={"act": "correct", "objective": name})
    standing = place.practice.progress(bob).standing(name)
    assert (standing.known, standing.learned, standing.card) == (0.5, None, None)
    assert "counts as not learned" in words(answer.text)
    assert "50 %" in words(row_of(answer.text, name))
    assert 'value="correct"' not in row_of(answer.text, name)


def test_i_know_this_begins_a_test_out_by_a_post_only(place: Place) -> None:
    learner = fresh()
    client = place.client(learner)
    client.get("/progress")
    assert place.practice.progress(learner).testing is None
    answer = client.post("/progress", data={"act": "know", "objective": "nlp-tok"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "practise?objective=nlp-tok")
    testing = place.practice.progress(learner).testing
    assert testing is not None and testing.objective == "nlp-tok"


def test_a_test_out_without_unseen_questions_is_not_begun(place: Place) -> None:
    learner = fresh()
    topic = place.practice.known()[1].by_id["nlp-tok"]
    clock, practice = place.clock, place.practice
    from tests.practised import go_on
    from tutor.policy import Focus

    while len([item for item in topic.items if item.id not in practice.progress(learner).items]) > 1:
        step = go_on(practice, learner, Focus(objective="nlp-tok"))
        assert step.question is not None
        practice.skip(learner, step.question.showing.id)
        clock.wait(minutes=1)
    answer = place.client(learner).post("/progress", data={"act": "know", "objective": "nlp-tok"})
    assert "there are not two unseen questions left" in words(answer.text)
    assert practice.progress(learner).testing is None


@pytest.mark.parametrize("data", [{"act": "reset", "objective": "x"}, {"act": "know", "objective": "x"}])
def test_an_objective_that_is_not_there_is_a_plain_page(place: Place, data: dict[str, str]) -> None:
    answer = place.client(ANNA).post("/progress", data=data)
    assert answer.status_code == 404 and "no objective" in words(answer.text)


def test_an_unknown_act_and_another_site_change_nothing(place: Place) -> None:
    learner = fresh()
    client = place.client(learner)
    assert client.post("/progress", data={"act": "burn", "objective": "nlp-tok"}).status_code == 404
    stranger = {"origin": "http://evil.example"}
    assert client.post("/progress", data={"act": "know", "objective": "nlp-tok"}, headers=stranger).status_code == 403
    nobody = place.client()
    assert nobody.post("/progress", data={"act": "know", "objective": "nlp-tok"}).status_code == 401
    assert events(place.tutor.store, learner.principal) == []


@pytest.mark.parametrize("done", ["reset", "planned", "<script>", "corrected"])
def test_an_address_cannot_put_words_on_the_page(place: Place, done: str) -> None:
    html = place.client(ANNA).get("/progress", params={"done": done, "of": "<b>x</b>"}).text
    assert "<b>x</b>" not in html and "<script>" not in html
    assert ('class="notice good"' in html) is (done == "planned")


def test_every_path_is_listed_with_its_steps(place: Place, shipped: Curriculum) -> None:
    html = place.client(ANNA).get("/paths").text
    assert len(shipped.paths) == len(re.findall(r'id="path-', html)) > 30
    said = words(html).replace("&amp;", "&").replace("&#34;", '"')
    for path in shipped.paths:
        assert path.title in said
        assert all(step.why in said for step in path.steps)


def test_a_path_is_taken_and_aim_and_minutes_stay(place: Place, shipped: Curriculum) -> None:
    learner = fresh()
    client = place.client(learner)
    client.post("/plan", data={"path": "", "goal": "read <papers>", "minutes": "40"})
    form = re.search(
        r'<form method="post" action="plan">(?=<input type="hidden" name="path" value="nlp-engineer">).*?</form>',
        client.get("/paths").text,
    )
    assert form is not None
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    assert fields["goal"] == "read &lt;papers&gt;"
    answer = client.post("/plan", data={**fields, "goal": "read <papers>"})
    assert answer.url.path == "/progress" and "The order of your topics is set." in words(answer.text)
    assert "Path: NLP engineer · about 40 minutes a week" in words(answer.text)
    plan = place.practice.progress(learner).plan
    assert (plan.path, plan.goal, plan.minutes) == ("nlp-engineer", "read <papers>", 40)
    assert "Your path" in words(client.get("/paths").text)


def test_what_is_learned_counts_on_every_path(place: Place, anna: TestClient, shipped: Curriculum) -> None:
    from tutor.paths import objectives_of

    progress = place.practice.progress(ANNA)
    html = anna.get("/paths").text
    skills = {skill.id: skill for skill in shipped.skills}
    for path in shipped.paths:
        every = objectives_of(path, skills)
        learned = sum(progress.standing(name).learned is not None for name in every)
        summary = re.search(rf'id="path-{path.id}".*?</summary>', html, re.S)
        assert summary is not None and f"{learned} of {len(every)} learned" in words(summary[0])


def test_the_plan_form_on_today_still_leads_to_today(place: Place) -> None:
    learner = fresh()
    answer = place.client(learner).post("/plan", data={"path": "builder"}, follow_redirects=False)
    assert answer.headers["location"] == "./"
