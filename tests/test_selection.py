"""Which parts of which sections answer a question."""

import re
from dataclasses import replace

import pytest

from tutor.answer import Passage
from tutor.curriculum import Curriculum
from tutor.intent import Intent
from tutor.parts import parts
from tutor.selection import (
    PARTS,
    SPEAKS,
    Scored,
    choose,
    misconception,
    scored,
    speaking,
    tie,
    two_sides,
    weights,
)

TEXT = """A stop word is a frequent word that search leaves out.

Lists differ between programs.

**Why it matters.** They shrink an index.

**Example.** Without "not" a review turns round:

```python
print("not")
```

**Common mistake.** Believing that removing stop words always improves a classifier: with negations it hurts.

**Think of it as.** The packing foam around a parcel.

**Compare.** Weighting keeps the words and counts them less.
"""
STOP = Passage("nlp", "03", "What is a stop word?", "s", ("nlp-stop",), 0.8, TEXT, 0.8)
STEM = Passage("nlp", "01", "What is stemming?", "a", ("nlp-pre",), 0.8, "Stemming cuts endings off.", 0.7)
LEMMA = Passage("nlp", "02", "What is lemmatisation?", "b", ("nlp-lem",), 0.795, "Lemmatisation looks a word up.", 0.7)


def fitting(kind: str, better: float) -> list[Scored]:
    """The parts of the section, all fitting alike, but one kind better by so much."""
    return [replace(entry, fit=0.2 + (better if entry.part.kind == kind else 0.0)) for entry in scored(STOP, {})]


def chosen(question: str, intent: Intent) -> list[str]:
    return [entry.part.kind for entry in choose(scored(STOP, weights(question, [STOP])), intent)]


@pytest.mark.parametrize(
    ("intent", "kind"),
    [("why", "why"), ("example", "example"), ("simpler", "analogy"), ("compare", "compare"), ("mistake", "mistake"), ("code", "example")],
)  # fmt: skip
def test_the_direct_answer_comes_first_and_then_what_was_asked_for(intent: Intent, kind: str) -> None:
    assert chosen("stop words", intent)[:2] == ["lead", kind]


def test_no_part_is_chosen_twice_and_not_more_than_an_answer_takes() -> None:
    entries = scored(STOP, weights("stop words", [STOP]))
    made = choose(entries, "how")
    assert len(made) == len(set(made)) <= PARTS


def test_a_section_of_one_part_is_that_part() -> None:
    assert [entry.part.kind for entry in choose(scored(STEM, {}), "example")] == ["lead"]


def test_a_part_that_says_the_words_of_the_question_fits_better() -> None:
    entries = scored(STOP, weights("removing for a classifier with negations", [STOP]))
    best = max(entries, key=lambda entry: entry.fit)
    assert best.part.kind == "mistake"


def test_nearness_in_meaning_counts_where_search_measured_it() -> None:
    near = replace(STOP, chunks=(("**Think of it as.** The packing foam around a parcel.", 0.9),))
    entries = scored(near, {})
    assert {entry.part.kind: entry.fit for entry in entries}["analogy"] >= 0
    assert max(entries, key=lambda entry: entry.fit).fit == max(entry.fit for entry in entries)


@pytest.mark.parametrize("intent", ["what", "cause", "how", "code"])
def test_nothing_comes_before_the_direct_answer_however_well_it_fits(intent: Intent) -> None:
    for kind in ("example", "mistake", "why", "body"):
        assert choose(fitting(kind, 2.0), intent)[0].part.kind == "lead"


def test_an_example_with_code_comes_unasked_where_somebody_looks_for_a_cause() -> None:
    entries = fitting("example", 0.3)
    assert "example" in [entry.part.kind for entry in choose(entries, "cause")]
    others = [replace(entry, fit=0.5) if entry.part.kind == "why" else entry for entry in entries]
    assert "example" not in [entry.part.kind for entry in choose(others, "what")]


def test_another_section_speaks_by_its_direct_answer_unless_a_part_fits_better() -> None:
    assert [part.kind for part in speaking(fitting("mistake", SPEAKS - 0.01))] == ["lead"]
    assert [part.kind for part in speaking(fitting("mistake", SPEAKS + 0.01))] == ["mistake", "lead"]
    assert [part.kind for part in speaking(fitting("analogy", 1.0))] == ["lead"]
    assert [part.kind for part in speaking(fitting("example", 1.0))] == ["lead"]
    assert speaking([]) == []


def test_a_listed_wrong_belief_in_the_question_is_found() -> None:
    found = misconception("removing stop words always improves a classifier, right?", [STEM, STOP])
    assert found is not None
    assert (found[0], found[1].kind) == (2, "mistake")


@pytest.mark.parametrize(
    "question",
    [
        "What are stop words?",
        "How do I remove stop words for a classifier?",
        "ok",
        "stop words, right?",
        "Is Paris in France, right?",
    ],
)
def test_an_open_question_or_another_belief_states_no_listed_one(question: str) -> None:
    assert misconception(question, [STOP, STEM]) is None


def test_each_shipped_misconception_is_found_when_a_learner_states_it(shipped: Curriculum) -> None:
    stated = found = 0
    for section in shipped.sections():
        held = Passage(
            section.skill, section.lesson, section.heading, section.anchor, section.objectives, 1, section.text
        )
        for part in parts(section.text):
            belief = re.match(r"Believing that ([^`]+?)(?:: in fact|\. In fact)", part.prose)
            if part.kind == "mistake" and belief:
                stated += 1
                made = misconception(f"{belief.group(1)}, right?", [held])
                found += made is not None and made[1] == part
    assert stated > 20
    assert found / stated > 0.85


def test_two_sections_that_hold_one_side_each_are_set_side_by_side() -> None:
    assert two_sides("What is the difference between stemming and lemmatisation?", [LEMMA, STEM]) == (2, 1)
    assert two_sides("stemming vs lemmatisation", [STEM, STOP, LEMMA]) == (1, 3)


def test_a_section_that_compares_both_needs_no_second_one() -> None:
    both = replace(STOP, text="Stemming cuts, lemmatisation looks up.")
    assert two_sides("stemming vs lemmatisation", [both, STEM, LEMMA]) is None
    assert two_sides("stemming vs teleportation", [STEM, LEMMA]) is None
    assert two_sides("what is stemming", [STEM, LEMMA]) is None


def test_two_lessons_that_fit_a_short_question_equally_well_tie() -> None:
    assert tie("word endings", [STEM, LEMMA]) == (STEM, LEMMA)


def test_no_tie_when_one_is_better_or_both_teach_the_same_or_the_question_is_long() -> None:
    assert tie("word endings", [STEM, replace(LEMMA, score=0.5)]) is None
    assert tie("word endings", [STEM, replace(LEMMA, objectives=STEM.objectives)]) is None
    assert tie("word endings", [STEM, replace(LEMMA, lesson=STEM.lesson)]) is None
    assert tie("stemming", [STEM, LEMMA]) is None
    assert tie("how do word endings change the size of the vocabulary", [STEM, LEMMA]) is None
    assert tie("word endings", [STEM]) is None
