"""What counts as found: the labelled place, or any other that answers the question as well."""

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.quality_search import searched
from tutor.answer import Answer, Passage
from tutor.errors import TutorError
from tutor.evaluation import Case, Result, case_from_dict, figures, is_right, right_skill

DROPOUT = Case("what does dropout do", skill="tuning", objective="mt-reg", also=(("torch", "pt-train"),))


def place(skill: str, *objectives: str) -> Passage:
    return Passage(skill, "01-lesson", "What is it?", "what-is-it", objectives, 1.0, "Dropout hides random units.")


RIGHT, AS_WELL, WRONG = place("tuning", "mt-reg"), place("torch", "pt-train"), place("nlp", "nlp-tok")


def tutor_with(*sections: Passage) -> Any:
    return SimpleNamespace(curriculum=SimpleNamespace(sections=lambda: iter(sections)))


def figure(name: str, case: Case, ranked: Sequence[Passage], sections: Sequence[Passage]) -> Any:
    result = Result(case, Answer(case.question, case.question, "It hides units."), tuple(ranked))
    return figures([result], tutor_with(*sections))[name]


def line(**values: Any) -> dict[str, Any]:
    return {"question": "what does dropout do", "skill": "tuning", "objective": "mt-reg", **values}


def test_a_line_names_what_answers_as_well() -> None:
    other = {"skill": "torch", "objective": "pt-train", "lesson": "05-training", "anchor": "how-do-i-see-overfitting"}
    assert case_from_dict(line(also=[other])) == DROPOUT
    assert case_from_dict(line()).also == case_from_dict(line(also=None)).also == ()


@pytest.mark.parametrize(
    "other", [{"skill": "torch"}, {"objective": "pt-train"}, {"skill": "", "objective": "a"}, "torch"]
)
def test_what_answers_as_well_needs_skill_and_objective(other: Any) -> None:
    with pytest.raises(TutorError, match="also"):
        case_from_dict(line(also=[other]))


def test_a_place_is_right_by_its_label_or_as_well() -> None:
    assert is_right(DROPOUT, RIGHT) and is_right(DROPOUT, AS_WELL)
    assert not is_right(DROPOUT, WRONG)
    assert is_right(DROPOUT, place("torch", "pt-debug", "pt-train"))
    assert not is_right(DROPOUT, place("tuning", "pt-train")), "the objective of another skill"
    assert not is_right(DROPOUT, place("torch", "pt-debug")), "the skill alone is not the objective"
    assert not is_right(Case("anything"), RIGHT)


def test_a_skill_is_right_by_its_label_or_as_well() -> None:
    assert [right_skill(DROPOUT, found) for found in (RIGHT, AS_WELL, WRONG)] == [True, True, False]
    assert right_skill(DROPOUT, place("torch", "pt-debug"))
    assert not right_skill(Case("anything", skill="tuning"), AS_WELL)


@pytest.mark.parametrize("name", ["skill_at_1", "objective_at_1", "objective_at_5"])
def test_what_answers_as_well_counts_as_found(name: str) -> None:
    lessons = (RIGHT, AS_WELL, WRONG)
    assert figure(name, DROPOUT, [AS_WELL, WRONG], lessons) == 1
    assert figure(name, DROPOUT, [WRONG], lessons) == 0
    assert figure(name, Case("x", skill="tuning", objective="mt-reg"), [AS_WELL], lessons) == 0


def test_the_fifth_passage_counts_and_the_sixth_does_not() -> None:
    assert figure("objective_at_5", DROPOUT, [WRONG] * 4 + [AS_WELL], (AS_WELL,)) == 1
    assert figure("objective_at_5", DROPOUT, [WRONG] * 5 + [AS_WELL], (AS_WELL,)) == 0


def test_ndcg_compares_with_all_sections_of_all_right_objectives() -> None:
    lessons = (RIGHT, AS_WELL, WRONG)
    assert figure("ndcg_at_10", DROPOUT, [AS_WELL, RIGHT, WRONG], lessons) == pytest.approx(1)
    second = 1 / math.log2(3)
    assert figure("ndcg_at_10", DROPOUT, [AS_WELL, WRONG], lessons) == pytest.approx(1 / (1 + second))
    assert figure("ndcg_at_10", DROPOUT, [WRONG, RIGHT], (RIGHT, WRONG)) == pytest.approx(second)


async def test_the_comparison_of_searches_counts_alike() -> None:
    async def search(question: str) -> Sequence[Passage]:
        return [AS_WELL, WRONG]

    case = Case(**{**DROPOUT.__dict__, "facts": ("random units",)})
    skill, first, five, ndcg, one, all_five, _ = await searched(tutor_with(RIGHT, AS_WELL, WRONG), [case], search)
    assert (skill, first, five, one, all_five) == (1, 1, 1, 1, 1)
    assert ndcg == pytest.approx(figure("ndcg_at_10", case, [AS_WELL, WRONG], (RIGHT, AS_WELL, WRONG)))
