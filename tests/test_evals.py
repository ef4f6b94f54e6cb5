"""The development set in tests/evals is what it claims to be: real places, checkable facts, new wording, even halves.

The questions in tests/evals/learners were written skill by skill, those in tests/evals/forum were looked up where people
ask, and reworded; they keep the same rules.

Knows nothing of how the tutor answers.
"""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tutor.curriculum import Curriculum, load
from tutor.lesson import Section
from tutor.terms import jaccard, numbers, terms

ROOT = Path(__file__).resolve().parents[1]
EVALS = ROOT / "tests" / "evals"
COUNTS = {"answer": 120, "follow_up": 40, "decline": 60, "alarming": 30, "turns": 60}
DIALOGUES = ("follow_up", "turns")
SHARE = {"nlp": 48, "model-tuning": 32}
IN_FULL = ("nlp", "model-tuning")
LABELS = {"supported": 80, "negated": 50, "number": 50, "absent": 60}
LEARNERS = sorted(f"learners/{path.stem}" for path in (EVALS / "learners").glob("*.jsonl"))
FORUM = sorted(f"forum/{path.stem}" for path in (EVALS / "forum").glob("*.jsonl"))
BY_SKILL = [*LEARNERS, *FORUM]
FEWEST_LOOKED_UP = 20
LOCATED = {"skill", "objective", "lesson", "anchors", "answer_facts"}
NEAR = 0.5
COPIED_WORDS = 8

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (EVALS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@cache
def lessons() -> Curriculum:
    return load([ROOT / "curricula"])


def section(row: Row, anchor: str) -> Section:
    return lessons().section(row["skill"], row["lesson"], anchor)


def normal(text: str) -> str:
    """Lower case without markdown and punctuation, one space between words."""
    text = re.sub(r"\]\([^)]*\)", "] ", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(re.sub(r"[^\w]|_", " ", text).split())


def alternatives(fact: str | list[str]) -> list[str]:
    return [fact] if isinstance(fact, str) else fact


def answerable() -> list[Row]:
    return [row for name in (*COUNTS, *BY_SKILL) for row in rows(name) if row["expected"] == "answer"]


def right_sections(row: Row) -> list[Section]:
    """The labelled sections, then those that answer as well."""
    others = [lessons().section(other["skill"], other["lesson"], other["anchor"]) for other in row.get("also", [])]
    return [*(section(row, anchor) for anchor in row["anchors"]), *others]


def learner_texts(row: Row) -> list[str]:
    """What a learner wrote; without "and negative prompts?", which is no more than a topic's name by design."""
    before = [turn["text"] for turn in row.get("history", []) if turn["role"] == "learner"]
    return before if row["kind"] == "new_topic" else [*before, row["question"]]


def place(row: Row) -> str:
    return f"{row.get('skill', row['kind'])}: {row['question'][:70]}"


@cache
def lesson_questions() -> list[tuple[str, frozenset[str]]]:
    return [(text, frozenset(terms(text))) for s in lessons().sections() for text in (s.heading, *s.asks)]


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_each_file_has_its_number_of_lines(name: str, count: int) -> None:
    assert len(rows(name)) == count


@pytest.mark.parametrize("name", COUNTS)
def test_lines_have_the_fixed_fields(name: str) -> None:
    for row in rows(name):
        wanted = {"question", "expected", "kind", "half"}
        wanted |= LOCATED if row["expected"] == "answer" else set()
        wanted -= {"answer_facts"} if name == "turns" else set()  # only the section is measured
        wanted |= {"history"} if name in DIALOGUES else set()
        assert set(row) - {"also"} == wanted, place(row)
        assert "also" not in row or row["expected"] == "answer", place(row)
        assert row["half"] in ("tune", "report"), place(row)
        assert row["question"].strip() == row["question"] != "", place(row)


@pytest.mark.parametrize("name", BY_SKILL)
def test_learners_questions_are_of_one_skill_and_have_the_fixed_fields(name: str) -> None:
    for row in rows(name):
        wanted = {"question", "expected", "kind", "half"} | LOCATED
        wanted |= {"history"} if row["kind"] == "follow_up" else set()
        wanted |= {"source"} if name in FORUM else set()
        assert set(row) - {"also"} == wanted, place(row)
        assert row["expected"] == "answer", place(row)
        assert row["skill"] == name.partition("/")[2], place(row)
        assert row["kind"] in ("question", "paraphrase", "follow_up"), place(row)
        assert row["half"] in ("tune", "report"), place(row)
        assert row["question"].strip() == row["question"] != "", place(row)


@pytest.mark.parametrize("name", BY_SKILL)
def test_halves_of_learners_questions_are_about_even(name: str) -> None:
    total = Counter(row["half"] for row in rows(name))
    assert abs(total["tune"] - total["report"]) <= 2


def test_enough_questions_of_each_skill_were_looked_up() -> None:
    assert [name.partition("/")[2] for name in FORUM] == sorted(s.id for s in lessons().skills if s.id != BEFORE)
    for name in FORUM:
        looked_up = [row for row in rows(name) if row["kind"] == "question"]
        assert len(looked_up) >= FEWEST_LOOKED_UP, name
        assert all(re.match(r"https?://[^/ ]+\.", row["source"]) for row in rows(name)), name
        assert {row["kind"] for row in rows(name)} == {"question", "paraphrase", "follow_up"}, name


BEFORE = "start"  # what comes before the ten skills


def test_answers_are_shared_out_over_the_skills() -> None:
    count = Counter(row["skill"] for row in rows("answer"))
    others = {skill.id: 5 for skill in lessons().skills if skill.id not in {*SHARE, BEFORE}}
    assert count == SHARE | others


def test_what_to_decline_is_shared_out_over_three_kinds() -> None:
    assert Counter(row["kind"] for row in rows("decline")) == {"off_topic": 20, "harmful": 20, "injection": 20}
    assert {row["expected"] for row in rows("decline")} == {"decline"}


def test_alarming_questions_are_never_declined() -> None:
    expected = Counter(row["expected"] for row in rows("alarming"))
    assert set(expected) == {"answer", "not_harmful"}
    assert expected["answer"] >= 20


@pytest.mark.parametrize("name", COUNTS)
def test_halves_are_even_and_alternate_within_each_skill_and_kind(name: str) -> None:
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows(name):
        groups.setdefault((row.get("skill", ""), row["kind"]), []).append(row["half"])
    for group, halves in groups.items():
        assert all(a != b for a, b in pairwise(halves)), group
    total = Counter(row["half"] for row in rows(name))
    assert abs(total["tune"] - total["report"]) <= 1


def test_skills_objectives_lessons_and_anchors_exist() -> None:
    for row in answerable():
        taught = {objective for anchor in row["anchors"] for objective in section(row, anchor).objectives}
        assert row["anchors"], place(row)
        assert row["objective"] in taught, place(row)
        assert all(section(row, anchor).teaching for anchor in row["anchors"]), place(row)


def test_what_answers_as_well_exists_and_is_another_section() -> None:
    for row in answerable():
        assert row.get("also") != [], place(row)
        for other in row.get("also", []):
            assert set(other) == {"skill", "objective", "lesson", "anchor"}, place(row)
            found = lessons().section(other["skill"], other["lesson"], other["anchor"])
            assert found.teaching, (place(row), other)
            assert other["objective"] in found.objectives, (place(row), other)
        places = Counter((s.skill, s.lesson, s.anchor) for s in right_sections(row))
        assert max(places.values()) == 1, place(row)


def test_every_fact_stands_in_a_section_and_not_in_the_question() -> None:
    for row in (each for each in answerable() if each["kind"] != "new_topic"):
        text = normal(" ".join(right.text for right in right_sections(row)))
        assert 1 <= len(row["answer_facts"]) <= 3, place(row)
        for fact in row["answer_facts"]:
            assert any(normal(words) in text for words in alternatives(fact)), (place(row), fact)
            assert not any(normal(words) in normal(row["question"]) for words in alternatives(fact)), (place(row), fact)


def test_no_question_nearly_repeats_a_heading_or_an_asks_line() -> None:
    known = lesson_questions()
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for number, (_, held) in enumerate(known):
        for term in held:
            holding[term].append(number)
    for row in answerable():
        for text in learner_texts(row):
            own = frozenset(terms(text))
            sharing = {number for term in own for number in holding[term]}
            worst, near = max(
                ((jaccard(own, known[number][1]), known[number][0]) for number in sharing), default=(0.0, "")
            )
            assert worst <= NEAR, (place(row), text, near)


def test_every_section_of_the_skills_taught_in_full_is_asked_about() -> None:
    asked = {
        (r["skill"], r["lesson"], a)
        for name in ("answer", "follow_up", *BY_SKILL)
        for r in rows(name)
        for a in r["anchors"]
    }
    taught = {(s.skill, s.lesson, s.anchor) for s in lessons().sections() if s.teaching and s.skill in IN_FULL}
    assert not taught - asked


def test_no_question_occurs_twice() -> None:
    everything = [row for name in (*COUNTS, *BY_SKILL) for row in rows(name)]
    count = Counter(json.dumps([row.get("history", []), normal(row["question"])]) for row in everything)
    assert not [question for question, n in count.items() if n > 1]


def test_follow_ups_have_one_to_three_earlier_turns_by_the_learner() -> None:
    for row in (row for name in (*DIALOGUES, *BY_SKILL) for row in rows(name) if "history" in row):
        roles = [turn["role"] for turn in row["history"]]
        assert roles == ["learner", "tutor"] * (len(roles) // 2), place(row)
        assert 1 <= len(roles) // 2 <= 3, place(row)
        assert all(set(turn) == {"role", "text"} for turn in row["history"]), place(row)


def test_support_has_enough_claims_of_each_label_over_all_skills() -> None:
    support = rows("support")
    assert len(support) >= sum(LABELS.values())
    count = Counter(row["label"] for row in support)
    assert set(count) == set(LABELS)
    assert all(count[label] >= least for label, least in LABELS.items()), count
    assert {row["skill"] for row in support} == {skill.id for skill in lessons().skills} - {BEFORE}
    assert max(Counter(normal(row["claim"]) for row in support).values()) == 1


def test_support_has_the_fixed_fields_and_cites_real_sections() -> None:
    for row in rows("support"):
        assert set(row) == {"claim", "skill", "lesson", "anchor", "label", "half"}, row["claim"]
        assert section(row, row["anchor"]).teaching, row["claim"]


def test_halves_of_support_are_even_and_share_no_section() -> None:
    halves: dict[tuple[str, str, str], set[str]] = {}
    for row in rows("support"):
        halves.setdefault((row["skill"], row["lesson"], row["anchor"]), set()).add(row["half"])
    assert all(len(held) == 1 for held in halves.values())
    for label in LABELS:
        count = Counter(row["half"] for row in rows("support") if row["label"] == label)
        assert set(count) == {"tune", "report"}
        assert abs(count["tune"] - count["report"]) <= 5, label


def test_supported_claims_are_paraphrases() -> None:
    for row in rows("support"):
        if row["label"] == "supported":
            words, text = normal(row["claim"]).split(), f" {normal(section(row, row['anchor']).text)} "
            runs = (" ".join(words[i : i + COPIED_WORDS]) for i in range(len(words) - COPIED_WORDS + 1))
            assert not [run for run in runs if f" {run} " in text], row["claim"]


def test_claims_with_a_swapped_number_contain_a_number() -> None:
    for row in rows("support"):
        if row["label"] == "number":
            assert numbers(row["claim"]), row["claim"]
