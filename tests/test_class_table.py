"""The class table and its CSV: who stands where, and no cell that a spreadsheet would run."""

import csv
import io
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tutor.class_table import as_csv, class_table, pseudonym
from tutor.outline import Topic
from tutor.store.classes import Enrolled

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TOPICS = tuple(
    Topic(name, "nlp", title, (), (), ()) for name, title in (("a", "Tokens"), ("b", "=1+1"), ("c", "Stops"))
)
STATE = {"objectives": {"a": {"learned": "2026-11-01T00:00:00Z", "mastered": "2026-11-03T00:00:00Z"},
                        "b": {"learned": "2026-11-01T00:00:00Z"}, "c": {"answers": 3}, "gone": {"learned": "x"}}}  # fmt: skip


def test_names_are_the_platforms_or_a_short_pseudonym() -> None:
    anna, ben = Enrolled("lti:1", "u1", NOW, STATE), Enrolled("lti:2", "u2", NOW, {})
    rows = class_table([ben, anna], {"u1": "Anna", "u9": "Nobody"})
    assert [row.name for row in rows] == ["Anna", pseudonym("lti:2")]
    assert "lti:2" not in rows[1].name and "u2" not in rows[1].name
    assert (rows[0].count(TOPICS), rows[0].count(TOPICS, mastered=True)) == (2, 1)
    assert rows[0].standings.get("c") is None and rows[1].standings == {}


def test_the_csv_has_a_column_an_objective() -> None:
    rows = class_table([Enrolled("lti:1", "u1", NOW, STATE)], {"u1": "Anna"})
    head, anna = csv.reader(io.StringIO(as_csv(rows, TOPICS)))
    assert head == ["name", "last active (UTC)", "learned", "mastered", "nlp: Tokens", "nlp: =1+1", "nlp: Stops"]
    assert anna == ["Anna", "2026-11-26 12:00", "2", "1", "mastered", "learned", ""]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@\t\r\n,\"'"), max_size=20)))
def test_no_name_becomes_a_formula_or_another_cell(names: list[str]) -> None:
    learners = [Enrolled(f"lti:{n}", f"u{n}", NOW, {}) for n in range(len(names))]
    rows = class_table(learners, {f"u{n}": name for n, name in enumerate(names)})
    made = list(csv.reader(io.StringIO(as_csv(rows, TOPICS), newline="")))
    assert len(made) == 1 + len(names)
    assert all(len(cells) == 7 for cells in made)
    assert not [cell for cells in made for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
