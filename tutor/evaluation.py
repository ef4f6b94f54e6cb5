"""How good the tutor is on a file of labelled questions: search, answers, refusals and citations, by skill.

Knows nothing of how the tutor was built. Figures are shares from 0 to 1, times are milliseconds.
"""

import math
import re
import statistics
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from tutor.answer import Answer, Done, Passage
from tutor.citations import bare, claims, is_claim
from tutor.condense import Turn
from tutor.errors import TutorError
from tutor.session import Tutor

Fact = str | Sequence[str]


@dataclass(frozen=True)
class Case:
    """One labelled question.

    Args:
        question: What is asked.
        expected: ``answer`` or ``decline``.
        skill: The right skill, as a label; search is not narrowed to it. Empty when unknown.
        objective: The right objective; empty when unknown.
        facts: Key phrases or numbers that a correct answer shows; each may be a list of alternatives.
        history: The conversation before.
        kind: What sort of case it is, such as ``off_topic``; cases are also counted by it.
        also: Skill and objective of other sections that answer the question as well; they count like the label.
    """

    question: str
    expected: str = "answer"
    skill: str = ""
    objective: str = ""
    facts: tuple[Fact, ...] = ()
    history: tuple[Turn, ...] = ()
    kind: str = ""
    also: tuple[tuple[str, str], ...] = ()


class Place(Protocol):
    """Where a text stands: a passage that search found, or a section of the lessons."""

    @property
    def skill(self) -> str:
        """Id of its skill."""
        ...

    @property
    def objectives(self) -> tuple[str, ...]:
        """Ids of the objectives that it teaches."""
        ...


@dataclass(frozen=True)
class Result:
    """What came of one case."""

    case: Case
    answer: Answer
    ranked: tuple[Passage, ...]
    error: str = ""


def case_from_dict(line: Mapping[str, Any]) -> Case:
    """A case from one line of a file.

    Raises:
        TutorError: The line has no question, or an "also" without skill or objective.
    """
    if not str(line.get("question", "")).strip():
        raise TutorError('A line has no "question".')
    others = line.get("also") or ()
    if not all(isinstance(other, Mapping) and other.get("skill") and other.get("objective") for other in others):
        raise TutorError('Each "also" of a line needs a "skill" and an "objective".')
    history = tuple(Turn(turn["role"], turn["text"]) for turn in line.get("history") or ())
    return Case(
        str(line["question"]), str(line.get("expected", "answer")), str(line.get("skill") or ""),
        str(line.get("objective") or ""), tuple(line.get("answer_facts") or ()), history, str(line.get("kind") or ""),
        tuple((str(other["skill"]), str(other["objective"])) for other in others),
    )  # fmt: skip


async def run(tutor: Tutor, cases: Iterable[Case]) -> AsyncIterator[Result]:
    """Ask every case, one after the other; a fresh conversation each."""
    for case in cases:
        started = time.perf_counter()
        answer = Answer(case.question, case.question, "")
        try:
            async for event in tutor.answer(case.question, case.history):
                if isinstance(event, Done):
                    answer = event.answer
        except TutorError as error:
            yield Result(case, answer, (), str(error))
            continue
        answer = replace(answer, ms=round(1000 * (time.perf_counter() - started)))
        found = await tutor.search(answer.standalone, k=10)
        yield Result(case, answer, tuple(found))


def normal(text: str) -> str:
    """A text for comparing facts: lower case, markdown and punctuation out, one space between words."""
    return " ".join(re.sub(r"[^\w.%+\-/=<> ]|(?<!\d)\.|\.(?!\d)", " ", re.sub(r"\[\d+\]", "", text.lower())).split())


def has_fact(text: str, fact: Fact) -> bool:
    """Whether a text shows a fact, or one of its alternatives."""
    plain = f" {normal(text)} "
    return any(normal(one) in plain for one in ([fact] if isinstance(fact, str) else fact))


def refused(answer: Answer) -> bool:
    """Whether the tutor did not answer: declined, or not covered by the lessons."""
    return answer.declined or not answer.covered


def right_skill(case: Case, place: Place) -> bool:
    """Whether a place is in the labelled skill, or in one of those that answer as well."""
    return place.skill in {case.skill, *(skill for skill, _ in case.also)}


def is_right(case: Case, place: Place) -> bool:
    """Whether a place teaches the labelled objective, or one of those that answer as well."""
    if case.objective and case.objective in place.objectives:
        return True
    return any(skill == place.skill and objective in place.objectives for skill, objective in case.also)


def ndcg(gains: Sequence[float], relevant: int, k: int = 10) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) for binary gains, 0 to 1."""
    ideal = sum(1 / math.log2(i + 2) for i in range(min(relevant, k)))
    return sum(gain / math.log2(i + 2) for i, gain in enumerate(gains[:k])) / ideal if ideal else 0.0


def valid_citations(answer: Answer, tutor: Tutor) -> tuple[int, int]:
    """Citations whose section exists and holds the quoted sentence, and all citations."""
    valid = 0
    for citation in answer.citations:
        try:
            section = tutor.curriculum.section(citation.skill, citation.lesson, citation.anchor)
        except TutorError:
            continue
        valid += bool(citation.quote) and normal(citation.quote) in normal(bare(section.text))
    return valid, len(answer.citations)


def figures(results: Sequence[Result], tutor: Tutor) -> dict[str, float | int | None]:
    """The figures of some results; None where there is nothing to count.

    A passage is right when it teaches the labelled objective or one that answers as well (``is_right``); the best order
    that nDCG compares with has all sections of all these objectives in front. ``skill_at_1`` counts each right skill.
    """
    answerable = [r for r in results if r.case.expected == "answer"]
    unanswerable = [r for r in results if r.case.expected == "decline"]
    labelled = [r for r in answerable if r.case.skill]
    aimed = [r for r in answerable if r.case.objective]
    facts = [(r, fact) for r in answerable for fact in r.case.facts]
    cited = [valid_citations(r.answer, tutor) for r in answerable]
    made = sum(sum(is_claim(claim) for claim, _ in claims(r.answer.text)) for r in answerable)
    times = sorted(r.answer.ms for r in results)
    return {
        "questions": len(results),
        "skill_at_1": _share(r.ranked[:1] and right_skill(r.case, r.ranked[0]) for r in labelled),
        "objective_at_1": _share(_hit(r, 1) for r in aimed),
        "objective_at_5": _share(_hit(r, 5) for r in aimed),
        "ndcg_at_10": _mean(_ndcg(r, tutor) for r in aimed),
        "facts_in_passages": _share(has_fact(" ".join(p.text for p in r.ranked[:5]), fact) for r, fact in facts),
        "facts_in_answer": _share(has_fact(r.answer.text, fact) for r, fact in facts),
        "false_refusals": _share(refused(r.answer) for r in answerable),
        "missed_refusals": _share(not refused(r.answer) for r in unanswerable),
        "citation_validity": sum(v for v, _ in cited) / total if (total := sum(n for _, n in cited)) else None,
        "unsupported_share": sum(len(r.answer.unsupported) for r in answerable) / made if made else None,
        "p50_ms": statistics.median(times) if times else None,
        "p95_ms": times[min(len(times) - 1, math.ceil(0.95 * len(times)) - 1)] if times else None,
        "errors": sum(bool(r.error) for r in results),
    }


def _hit(result: Result, k: int) -> bool:
    return any(is_right(result.case, passage) for passage in result.ranked[:k])


def _ndcg(result: Result, tutor: Tutor) -> float:
    relevant = sum(is_right(result.case, section) for section in tutor.curriculum.sections())
    return ndcg([float(is_right(result.case, passage)) for passage in result.ranked], relevant)


def _share(hits: Iterable[Any]) -> float | None:
    return _mean(float(bool(hit)) for hit in hits)


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def by_skill(results: Sequence[Result], tutor: Tutor) -> dict[str, dict[str, float | int | None]]:
    """Figures for each skill, for the cases without one by their kind, and for all."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.case.skill or result.case.kind or "other", []).append(result)
    made = {name: figures(held, tutor) for name, held in sorted(groups.items())}
    return {**made, "all": figures(results, tutor)}


def table(grouped: Mapping[str, Mapping[str, float | int | None]]) -> str:
    """The figures as a markdown table, a row a skill."""
    columns = list(next(iter(grouped.values()), {}))
    lines = ["| skill | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in grouped.items():
        cells = [
            "–" if row[c] is None else f"{row[c]:.2f}" if isinstance(row[c], float) else str(row[c]) for c in columns
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def as_json(result: Result) -> dict[str, Any]:
    """One result for a file of details."""
    return {
        "case": asdict(result.case),
        "answer": result.answer.text,
        "covered": result.answer.covered,
        "error": result.error,
        "found": [f"{p.skill}/{p.lesson}#{p.anchor}" for p in result.ranked[:5]],
    }
