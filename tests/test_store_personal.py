"""All of one learner: read, counted, deleted, and nothing of it left in any file."""

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tutor import portfolio
from tutor.errors import NotFound, StoreError
from tutor.history import fold
from tutor.keeping import TITLE_CHARACTERS
from tutor.learner import Learner
from tutor.store import (
    Event,
    Store,
    add_message,
    advance,
    append,
    counted,
    create_conversation,
    delete_everything,
    delete_named,
    events,
    events_in_order,
    everything,
    find_web_session,
    forget,
    open_store,
    progress,
    purge,
    rename_conversation,
    replace_message,
    start_web_session,
)
from tutor.store.lti_links import Link, visit_link
from tutor.store.lti_platforms import Platform, save_platform, tenant_of
from tutor.store.lti_scores import enqueue, waiting
from tutor.store.personal import OWNED
from tutor.store.tables import metadata
from tutor.tasks import Task

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ANNA = Learner("anon:anna")
BEN = Learner("anon:ben")
ANNA_ELSEWHERE = Learner("anon:anna", tenant="https://lms.example")
TASK = Task("nlp", "01-words", "try-it", "try", "Words", "Count them.", ("counts", "compares"))


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def plan(store: Store, learner: Learner, goal: str, at: datetime = NOW) -> None:
    made = Event(learner.principal, "planned", at, {"path": "", "goal": goal, "minutes": 20}, learner.tenant)
    advance(store, learner, lambda state: ([made], None), fold, now=at)


def fill(store: Store, learner: Learner, words: str) -> str:
    """A row of every kind; the token of the sign-in."""
    talk = create_conversation(store, learner, f"title {words}", now=NOW)
    add_message(store, learner, talk.id, "learner", f"question {words}", now=NOW)
    add_message(store, learner, talk.id, "tutor", f"answer {words}", now=NOW, data={"text": words})
    append(store, Event(learner.principal, "reported", NOW, {"note": words}, learner.tenant))
    plan(store, learner, words)
    portfolio.write(store, learner, TASK, "", f"piece {words}", ("counts",), now=NOW)
    return start_web_session(store, learner, "anonymous", timedelta(days=1), now=NOW)


def rows(store: Store) -> int:
    with store.reading() as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in OWNED)


def test_every_table_with_a_learner_in_it_is_deleted_from() -> None:
    # A table that names a learner without tenant or link needs a word in tutor/store/retention.py; messages go with talks.
    named = {table.name for table in metadata.sorted_tables if "principal" in table.c}
    assert {table.name for table in OWNED} == named
    assert named == {"event", "conversation", "progress", "web_session", "lti_visit", "lti_score"}
    assert all({"tenant", "link"} & set(table.c.keys()) for table in OWNED)


def follow(store: Store, principal: str, deployment: str) -> Learner:
    """Somebody who came by a link of a platform's deployment, with a score on its way."""
    made = Platform("https://lms.example", "abc", "https://l/a", "https://l/t", "https://l/k", origins=("https://l",))
    made = save_platform(store, made, [deployment], now=NOW)
    tenant = tenant_of(made.issuer, made.client_id, deployment)
    link = Link(made.id, tenant, "course", "link-1", title="Week 1", line_items="https://l/items")
    kept = visit_link(store, link, principal, f"subject of {principal}", "learner", now=NOW)
    learner = Learner(principal, tenant, "course", "learner", kept.id)
    assert enqueue(store, learner, 0.5, False, now=NOW)
    return learner


def test_links_followed_and_scores_are_read_and_deleted_of_one_learner_of_one_tenant_only(store: Store) -> None:
    anna, ben, elsewhere = follow(store, "lti:a", "1"), follow(store, "lti:b", "1"), follow(store, "lti:a", "2")
    (kept,) = everything(store, anna).visits
    assert (kept.title, kept.subject, kept.score, kept.sent_score) == ("Week 1", "subject of lti:a", 0.5, None)
    assert counted(store, anna).visits == 1
    assert delete_everything(store, anna)
    assert everything(store, anna).visits == ()
    assert [len(everything(store, each).visits) for each in (ben, elsewhere)] == [1, 1]
    assert waiting(store)[0] == 2


def test_links_followed_and_scores_go_when_their_learner_was_away_long_enough(store: Store) -> None:
    anna, elsewhere = follow(store, "lti:a", "1"), follow(store, "lti:a", "2")
    append(store, Event(anna.principal, "asked", NOW, {}, anna.tenant))
    assert purge(store, later(2), later(-1)).others == 2
    assert (len(everything(store, anna).visits), everything(store, elsewhere).visits) == (1, ())
    assert forget(store, "lti:a").others == 2
    assert waiting(store)[0] == 0


def test_everything_of_a_learner_is_read_and_nothing_of_another(store: Store) -> None:
    for learner in (ANNA, BEN, ANNA_ELSEWHERE):
        fill(store, learner, f"of {learner.principal} at {learner.tenant}")
    kept = everything(store, ANNA)
    assert [event.kind for event in kept.events] == ["reported", "planned", "wrote"]
    assert [talk.title for talk, _ in kept.conversations] == ["title of anon:anna at local"]
    assert [line.text for line in kept.conversations[0][1]] == [
        "question of anon:anna at local", "answer of anon:anna at local",
    ]  # fmt: skip
    assert kept.state == progress(store, ANNA) and kept.state["plan"]["goal"] == "of anon:anna at local"
    assert [(each.source, each.created) for each in kept.sessions] == [("anonymous", NOW)]
    found = counted(store, ANNA)
    assert (found.events, found.conversations, found.messages, found.sessions, found.since) == (3, 1, 2, 1, NOW)


def test_of_a_learner_without_anything_nothing_is_read(store: Store) -> None:
    kept = everything(store, ANNA)
    assert (kept.events, kept.conversations, dict(kept.state), kept.sessions) == ((), (), {}, ())
    assert counted(store, ANNA).since is None
    assert delete_everything(store, ANNA)


def test_deletion_takes_every_row_of_one_learner_and_none_of_another(store: Store) -> None:
    tokens = {learner: fill(store, learner, learner.tenant) for learner in (ANNA, BEN, ANNA_ELSEWHERE)}
    before = {learner: everything(store, learner) for learner in (BEN, ANNA_ELSEWHERE)}
    assert delete_everything(store, ANNA)
    kept = everything(store, ANNA)
    assert (kept.events, kept.conversations, dict(kept.state), kept.sessions) == ((), (), {}, ())
    assert find_web_session(store, tokens[ANNA], NOW) is None
    assert {learner: everything(store, learner) for learner in (BEN, ANNA_ELSEWHERE)} == before
    assert find_web_session(store, tokens[BEN], NOW) == BEN
    with store.reading() as connection:
        left = connection.execute(select(func.count()).select_from(metadata.tables["message"])).scalar_one()
    assert left == 4


def test_a_message_that_comes_after_the_deletion_finds_no_place(store: Store) -> None:
    talk = create_conversation(store, ANNA, "title", now=NOW)
    delete_everything(store, ANNA)
    with pytest.raises(NotFound):
        add_message(store, ANNA, talk.id, "tutor", "late", now=NOW)
    assert rows(store) == 0


def test_a_deletion_that_fails_deletes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tutor.sqlite3"
    store = open_store(f"sqlite:///{path}")
    fill(store, ANNA, "stays")
    before = everything(store, ANNA)
    with sqlite3.connect(path) as other:
        # The last table of the transaction refuses: what went before it must come back.
        other.execute("CREATE TRIGGER no BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'no'); END")
    other.close()
    with pytest.raises(StoreError):
        delete_everything(store, ANNA)
    assert everything(store, ANNA) == before
    store.close()


def test_events_in_order_are_in_the_order_of_arrival_when_the_clock_went_back(store: Store) -> None:
    for n, minutes in enumerate((5, 1, 3)):
        append(store, Event(ANNA.principal, "wrote", later(minutes), {"id": "a", "n": n}))
    assert [event.payload["n"] for event in events_in_order(store, ANNA, {"wrote"})] == [0, 1, 2]
    assert [event.payload["n"] for event in events(store, ANNA.principal)] == [1, 2, 0]


def test_named_events_are_deleted_and_what_was_done_is_kept(store: Store) -> None:
    for learner in (ANNA, BEN, ANNA_ELSEWHERE):
        for name in ("a", "b"):
            for kind in ("wrote", "viewed", "reported"):
                append(store, Event(learner.principal, kind, NOW, {"id": name}, learner.tenant))
    last = Event(ANNA.principal, "unwrote", NOW, {"id": "a"})
    assert delete_named(store, ANNA, ("wrote", "viewed"), "a", last) == 2
    left = [(event.kind, event.payload["id"]) for event in everything(store, ANNA).events]
    assert left == [("reported", "a"), ("wrote", "b"), ("viewed", "b"), ("reported", "b"), ("unwrote", "a")]
    assert [len(everything(store, each).events) for each in (BEN, ANNA_ELSEWHERE)] == [6, 6]
    again = Event(ANNA.principal, "unwrote", NOW, {"id": "a"})
    assert delete_named(store, ANNA, ("wrote", "viewed"), "a", again) == 0
    assert len(everything(store, ANNA).events) == 5


# 1,000 strings in all kinds of rows, changed and grown in between, so that pages are split, filled up and joined.


class Planter:
    """Stores texts that can be told from all others."""

    def __init__(self, store: Store, learner: Learner, mark: str, seed: int) -> None:
        self.store, self.learner, self.mark = store, learner, mark
        self.rng = random.Random(seed)
        self.planted: list[str] = []
        self.talks: list[str] = []
        self.lines: list[str] = []

    def word(self) -> str:
        self.planted.append(f"PLANT-{self.mark}-{len(self.planted):06d}")
        return self.planted[-1] + " x" * self.rng.choice((0, 0, 3, 40, 700, 2500))

    def some(self) -> None:
        """One more row of some kind."""
        who, store, rng = self.learner, self.store, self.rng
        act = rng.randrange(8)
        if act == 0 or not self.talks:
            self.talks.append(create_conversation(store, who, self.word()[:TITLE_CHARACTERS], now=NOW).id)
        elif act == 1:
            rename_conversation(store, who, rng.choice(self.talks), self.word()[:TITLE_CHARACTERS])
        elif act == 2:
            talk = rng.choice(self.talks)
            line = add_message(store, who, talk, "tutor", self.word(), now=NOW, data={"text": self.word()})
            self.lines.append(line.id)
        elif act == 3 and self.lines:
            replace_message(store, who, rng.choice(self.lines), self.word(), now=NOW, data={"q": self.word()})
        elif act == 4:
            plan(store, who, self.word())
        elif act == 5:
            portfolio.write(store, who, TASK, "", self.word(), (), now=NOW)
        elif act == 6:
            payload = {"note": self.word(), "answer": {"text": self.word(), "points": [{"quote": self.word()}]}}
            append(store, Event(who.principal, "disputed", NOW, payload))
        else:
            add_message(store, who, rng.choice(self.talks), "learner", self.word(), now=NOW)


def planted(store: Store, many: int = 1400) -> list[str]:
    """So many strings of Anna's among others of Ben's; some of them are written over by later ones."""
    anna, ben = Planter(store, ANNA, "A", 1), Planter(store, BEN, "B", 2)
    while len(anna.planted) < many:
        anna.some()
        if anna.rng.random() < 0.4:
            ben.some()
    return anna.planted


def found_in(folder: Path, texts: list[str]) -> list[str]:
    """Which texts stand in any file of a folder."""
    held = b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return [text for text in texts if text.encode() in held]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_of_a_thousand_planted_strings_no_file_holds_one_afterwards(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder / 'tutor.sqlite3'}")
    texts = planted(store)
    last = len(everything(store, BEN).events)
    assert len(found_in(folder, texts)) >= 1000
    # Another connection that reads from time to time, as the server's other threads and a backup do.
    other = sqlite3.connect(folder / "tutor.sqlite3")
    assert other.execute("SELECT count(*) FROM event").fetchone()[0] > 0
    assert delete_everything(store, ANNA)
    assert found_in(folder, texts) == []
    assert other.execute("SELECT count(*) FROM event").fetchone()[0] == last
    assert found_in(folder, texts) == []
    other.close()
    store.close()
    assert found_in(folder, texts) == []


def test_while_a_reader_is_in_the_midst_of_reading_the_rows_go_and_the_log_follows(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder / 'tutor.sqlite3'}")
    texts = planted(store, 150)
    reader = sqlite3.connect(folder / "tutor.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    seen = reader.execute("SELECT count(*) FROM event WHERE principal = ?", (ANNA.principal,)).fetchone()[0]
    assert seen > 0
    # The reader's own view cannot be taken from it; everybody else sees nothing any more.
    assert not delete_everything(store, ANNA)
    assert everything(store, ANNA).events == ()
    assert reader.execute("SELECT count(*) FROM event WHERE principal = ?", (ANNA.principal,)).fetchone()[0] == seen
    reader.execute("COMMIT")
    assert store.empty_log()
    assert found_in(folder, texts) == []
    reader.close()
    store.close()


def test_a_removed_piece_leaves_no_version_in_any_file(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder / 'tutor.sqlite3'}")
    name = portfolio.write(store, ANNA, TASK, "", "PLANT-first version", (), now=NOW)
    portfolio.write(store, ANNA, TASK, name, "PLANT-second version" + " y" * 9000, (), now=later(1))
    portfolio.remove(store, ANNA, name, now=later(2))
    assert found_in(folder, ["PLANT-first", "PLANT-second"]) == []
    store.close()


def test_a_deleted_goal_leaves_the_state_too(store: Store) -> None:
    plan(store, ANNA, "a goal of mine")
    assert "a goal of mine" in str(progress(store, ANNA))
    delete_everything(store, ANNA)
    assert progress(store, ANNA) == {} and rows(store) == 0
