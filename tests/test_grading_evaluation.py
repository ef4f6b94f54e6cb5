"""Figures of grading: counted by hand, abstentions apart, faults of a file at their line, and the command."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quiz_items import NOISE, accepted, numeric

from tutor.cli import main
from tutor.curriculum import Curriculum
from tutor.errors import ModelError, TutorError
from tutor.grade import Grade, Verdict, graded
from tutor.grading_evaluation import (
    LABELS,
    Labelled,
    Outcome,
    built_in,
    by_group,
    figures,
    kappa,
    outcomes,
    read,
    table,
)
from tutor.item import Item
from tutor.terms import jaccard, terms

EVALS = Path(__file__).resolve().parent / "evals" / "grading.jsonl"
CLASSES = {"right", "partly", "wrong_fluent", "off_topic", "keyword_soup", "question_repeated", "injection"}


def outcome(label: str, verdict: Verdict, item: Item = NOISE, group: str = "") -> Outcome:
    return Outcome(Labelled(item, "text", label, group or label), graded(verdict, "text"))


def test_figures_are_counted_and_abstentions_stand_apart() -> None:
    found = [
        outcome("right", "right"), outcome("right", "unsure"), outcome("right", "partly"), outcome("wrong", "right"),
        outcome("wrong", "wrong"), outcome("partly", "invalid"), outcome("partly", "partly"), outcome("wrong", "wrong"),
    ]  # fmt: skip
    made = figures(found)
    assert made["answers"] == 8
    assert made["abstained"] == 2 / 8
    assert made["agreement"] == pytest.approx(4 / 6)
    assert made["right_found"] == pytest.approx(1 / 3)
    assert (made["false_right"], made["false_wrong"], made["fallbacks"]) == (1, 1, 0)
    # Labels 2 right, 3 wrong, 1 partly; verdicts 2 right, 2 wrong, 2 partly: chance (4 + 6 + 2) / 36.
    assert made["kappa"] == pytest.approx((4 / 6 - 12 / 36) / (1 - 12 / 36))


def test_nothing_to_count_is_none_and_shows_as_a_dash() -> None:
    made = figures([outcome("wrong", "unsure")])
    assert (made["agreement"], made["kappa"], made["right_found"]) == (None, None, None)
    assert "| wrong | 1 | 1.00 | – | – | – | 0 | 0 | 0 |" in table({"wrong": made})


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), max_size=30))
def test_kappa_is_at_most_one_and_one_only_for_full_agreement(pairs: list[tuple[str, str]]) -> None:
    value = kappa(pairs)
    if value is None:
        assert len({label for label, _ in pairs}) < 2
    else:
        assert value <= 1
        assert (value == pytest.approx(1)) == all(label == verdict for label, verdict in pairs)


def test_kappa_of_ratings_by_chance_is_zero() -> None:
    assert kappa([(one, other) for one in LABELS for other in LABELS]) == pytest.approx(0)


def test_free_text_is_shown_by_class_and_other_kinds_by_kind() -> None:
    found = [outcome("wrong", "wrong", group="injection"), outcome("right", "right", accepted("token"))]
    found.append(outcome("right", "right", numeric(5.0)))
    assert list(by_group(found)) == ["accepted", "injection", "numeric", "free text", "all"]


async def test_where_a_model_fails_the_built_in_grader_takes_over_and_is_counted() -> None:
    async def broken(item: Item, text: str) -> Grade:
        raise ModelError("The model did not answer in time.", "model_timeout")

    labelled = [Labelled(accepted("token"), "token", "right", "right")]
    found = await outcomes(labelled, broken, None)
    assert (found[0].fallback, found[0].grade.verdict) == (True, "right")
    assert figures(found)["fallbacks"] == 1
    assert not (await outcomes(labelled, built_in(None), None))[0].fallback


def written(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


GOOD_ROW = {"item": "x-1-a", "answer": "token", "label": "right", "class": "right", "half": "tune"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{", "answers.jsonl:2 is not JSON"), ("[]", 'answers.jsonl:2 is not an object with an "item"'),
        ({**GOOD_ROW, "answer": 5}, "answers.jsonl:2 is not an object"),
        ({**GOOD_ROW, "label": "good"}, "answers.jsonl:2 has the label 'good'; allowed: right, partly, wrong."),
        ({**GOOD_ROW, "item": "nowhere"}, "answers.jsonl:2 names 'nowhere', which is no item"),
    ],
)  # fmt: skip
def test_a_fault_of_the_file_is_told_with_its_line(row: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(TutorError) as caught:
        read(written(tmp_path / "answers.jsonl", GOOD_ROW, row), {"x-1-a": accepted("token")})
    assert told in str(caught.value)


def test_a_missing_file_and_an_empty_half_are_told(tmp_path: Path) -> None:
    with pytest.raises(TutorError, match="cannot be read"):
        read(tmp_path / "none.jsonl", {})
    path = written(tmp_path / "answers.jsonl", GOOD_ROW)
    with pytest.raises(TutorError, match="no answers of the half report"):
        read(path, {"x-1-a": accepted("token")}, "report")
    assert len(read(path, {"x-1-a": accepted("token")}, "tune")) == 1


def test_the_command_prints_a_table_or_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "TUTOR_OPENAI_API_KEY", "TUTOR_BASE_URL", "TUTOR_MODEL", "TUTOR_CURRICULA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    row = {"item": "gpt-true-g", "answer": "hallucination", "label": "right", "class": "right", "half": "tune"}
    path = str(written(tmp_path / "answers.jsonl", row, {**row, "answer": "a lie", "label": "wrong"}))
    assert main(["eval-grading", path]) == 0
    shown = capsys.readouterr().out
    assert "Grader: built-in" in shown and "| all | 2 | 0.00 | 1.00 | 1.00 | 1.00 | 0 | 0 | 0 |" in shown
    assert main(["eval-grading", path, "--json", "--half", "tune"]) == 0
    assert json.loads(capsys.readouterr().out)["built-in"]["all"]["agreement"] == 1.0
    assert main(["eval-grading", path, "--half", "report"]) == 2


# The development set


def test_the_development_set_is_what_it_claims_to_be(shipped: Curriculum) -> None:
    items = {item.id: item for item in shipped.items}
    rows = [json.loads(line) for line in EVALS.read_text(encoding="utf-8").splitlines()]
    assert len(read(EVALS, items)) == len(rows)
    assert all(set(row) == {"item", "answer", "label", "class", "half"} for row in rows)
    assert len({(row["item"], row["answer"]) for row in rows}) == len(rows)
    free = [row for row in rows if items[row["item"]].kind == "free"]
    assert len(free) >= 150
    for half in ("tune", "report"):
        held = [row for row in free if row["half"] == half]
        assert len({row["item"] for row in held}) >= 25
        assert len({items[row["item"]].skill for row in held}) >= 10
        assert {row["class"] for row in held} == CLASSES
        counts = Counter(row["label"] for row in held)
        assert min(counts[label] for label in LABELS) >= 0.15 * len(held)


def test_no_item_is_in_both_halves() -> None:
    rows = [json.loads(line) for line in EVALS.read_text(encoding="utf-8").splitlines()]
    halves = {half: {row["item"] for row in rows if row["half"] == half} for half in ("tune", "report")}
    assert halves["tune"].isdisjoint(halves["report"])


def test_classes_and_labels_fit_and_right_answers_do_not_copy_the_key(shipped: Curriculum) -> None:
    items = {item.id: item for item in shipped.items}
    for line in EVALS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        item = items[row["item"]]
        if row["class"] in {"right", "partly"}:
            assert row["label"] == row["class"]
        elif row["class"] != "injection":
            assert row["label"] == "wrong"
        if item.kind == "free" and row["label"] == "right":
            assert jaccard(terms(row["answer"]), terms(" ".join(point.text for point in item.points))) < 0.6, row
