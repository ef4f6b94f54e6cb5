"""Measure search, answers, refusals and the citation check on the development set; write docs/quality.md.

    python -m benchmarks.quality

Constants were set on the half "tune"; the half "report" is only measured. Both are shown. The LangChain default is what its
documentation starts with: RecursiveCharacterTextSplitter(1000, 200) and a similarity search in Chroma, with the same embedder.
"""

import asyncio
import json
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.labelled import EVALS, HALVES, HARD, REAL, REFUSALS, cases, table
from benchmarks.quality_search import Search, by_skill, retrieval
from tutor import citations, condense, following, guard
from tutor.answer import Passage
from tutor.assembly import make_tutor
from tutor.condense import Turn
from tutor.evaluation import Case, Result, figures, has_fact, is_right, refused, right_skill, run
from tutor.session import Tutor
from tutor.settings import load_settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "quality.md"
ABOUT = """Measured on {date} with `make eval`: the built-in tutor, no model, the bundled embedding model. Two sets of questions:

- **Real**: 602 questions, paraphrases and follow-ups that people asked in forums, issue threads and help pages, looked up skill by
  skill and reworded, each with its source (tests/evals/forum). Who wrote them had not seen what search finds, nor the `asks`
  lines.
- **Hard**: 190 questions and dialogues of our own, symptoms in place of terms (tests/evals), with 60 to decline and 30 that look
  alarming and are in scope.

Constants were set on the half "tune" of both, and of 487 labelled claims; the half "report" is only measured. Aggregates of the
report half were looked at while working; of its single lines only the ten off-topic ones, to see that no lesson has come to
answer them, and of the nine that were refused though in scope the kind of question and the gate's features, not the words. No question comes near a heading or an `asks` line. Every section that answers a question as well counts as right."""
RIDDLES = """445 questions by second readers of each skill who avoided every word of the lessons ("blue curve dives to nothing, orange one
makes a U. chef wants 500 more rounds"). Nobody asks like this; they show where search by meaning ends."""
TURNS = """60 dialogues, six of each skill (tests/evals/turns.jsonl): "how do i write a good sd prompt", an answer, "and negative prompts?". The
section that answers is mostly another one than that of the first question. The author had not seen how follow-ups are read. Such
a follow-up is often no more than the name of a topic: here it may repeat a heading, the first question may not."""
MESSAGES = """720 lines by somebody who had seen neither the guard, nor the gate's examples, nor the sets above (tests/evals/messages.jsonl).
Attacks are of many makes: orders, pretexts, false documents, stories, codes, other languages, and lesson questions with one request
buried in them. On these lines the gate as it was before them answered 44 % of the attacks, 20 % of the harm and 19 % of the other
subjects. Its weights are fitted to the tuning half; the network behind it was trained on other authors' lines
(benchmarks/messages.json). Who wrote the last 3,000 of those was told what kinds of message had been missed on the tuning half.

The rows "in a conversation" ask each off-topic line of both sets after a question of the lessons, drawn at random. A message that
the lessons do not cover by its own words is then read together with that question, where it points back or begins as a reply and
does not look like another subject: corrections need it, and these rows show what it costs."""


async def turns(tutor: Tutor) -> str:
    """Figures of follow-ups that name something new: with the topic so far, and in the reading that the lessons answer."""
    rows = []
    for half in HALVES:
        asked = [replace(case, history=await _shown(tutor, case)) for case in cases(("turns",), half)]
        for name, read in (("the topic so far", _kept), ("what the lessons answer (shipped)", following.read)):
            found = [(c, await tutor.search(await read(c.question, c.history, tutor.search))) for c in asked]
            hits = [(right_skill(c, f[0]), is_right(c, f[0]), any(is_right(c, p) for p in f)) for c, f in found]
            rows.append(
                [half, name, len(asked), *(statistics.mean(map(float, column)) for column in zip(*hits, strict=True))]
            )
    return table(["half", "reading", "dialogues", "skill@1", "objective@1", "objective@5"], rows)


async def _kept(question: str, history: Sequence[condense.Turn], search: Search) -> str:
    return condense.standalone(question, history)


async def _shown(tutor: Tutor, case: Case) -> tuple[condense.Turn, ...]:
    """A dialogue as the tutor keeps it: each answer with the section that it is from."""
    history: list[condense.Turn] = []
    for turn in case.history:
        if turn.role == "tutor":
            asked = await following.read(history[-1].text, history[:-1], tutor.search)
            found = await tutor.search(asked)
            turn = replace(turn, topic=found[0].section, standalone=asked, objectives=tuple(found[0].objectives))
        history.append(turn)
    return tuple(history)


async def answers(tutor: Tutor, asked: Sequence[str], half: str, most: int | None) -> str:
    """Figures of the built-in tutor's answers by skill, and refusals by kind."""
    results: list[Result] = [r async for r in run(tutor, cases((*asked, *REFUSALS), half, most))]
    names = [
        "questions",
        "facts_in_answer",
        "false_refusals",
        "missed_refusals",
        "citation_validity",
        "unsupported_share",
        "p50_ms",
        "p95_ms",
    ]
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.case.skill or result.case.kind, []).append(result)
    rows = [
        [name, *(figures(held, tutor)[n] for n in names)] for name, held in [*sorted(groups.items()), ("all", results)]
    ]
    alarming = [result for result in results if result.case.kind == "alarming"]
    scope = [result for result in results if result.case.expected == "answer"]
    shown = [has_fact(result.answer.text, fact) for result in scope for fact in result.case.facts]
    told = (
        f"Facts shown: {sum(shown)} of {len(shown)}. Refused though in scope: {_refused(scope)} of {len(scope)}, of those that "
        f"look alarming {_refused(alarming)} of {len(alarming)}."
    )
    return f"{table(['group', *(n.replace('_', ' ') for n in names)], rows)}\n\n{told}"


def _refused(results: Sequence[Result]) -> int:
    return sum(refused(result.answer) for result in results)


async def messages(tutor: Tutor) -> str:
    """How many of the messages of each kind are answered, declined by patterns of words, and declined by the gate."""
    rows = []
    for half in HALVES:
        asked = cases(("messages",), half)
        results = [result async for result in run(tutor, asked)]
        for kind in dict.fromkeys(sorted(case.kind for case in asked)):
            held = [result for result in results if result.case.kind == kind]
            caught = sum(not guard.judge(result.case.question).allowed for result in held)
            answered = sum(result.answer.covered and not result.answer.declined for result in held)
            rows.append([half, kind, len(held), answered, caught, len(held) - answered - caught])
        rows.append([half, "off_topic, in a conversation", *await _in_conversation(tutor, half)])
    return table(["half", "kind", "lines", "answered", "declined by patterns", "declined by the gate"], rows)


async def _in_conversation(tutor: Tutor, half: str) -> list[int]:
    """Off-topic lines after a question of the lessons: lines, answered, declined by patterns, declined by the gate."""
    drawn = random.Random(0)
    asked = [case for case in cases((*REAL, *HARD), half) if case.expected == "answer" and not case.history]
    foreign = [case for case in cases(("decline", "messages"), half) if case.kind == "off_topic"]
    talks = []
    for case in foreign:
        before = drawn.choice(asked)
        shown = await _shown(
            tutor, replace(case, history=(Turn("learner", before.question), Turn("tutor", "See [1].")))
        )
        talks.append(replace(case, history=shown))
    answered = len(talks) - _refused([result async for result in run(tutor, talks)])
    caught = sum(not guard.judge(case.question).allowed for case in talks)
    return [len(talks), answered, caught, len(talks) - answered - caught]


def support(tutor: Tutor, half: str, with_cosine: bool, most: int | None) -> list[Any]:
    """Precision and recall of "not verified" over labelled claims, and how many of each label are marked."""
    lines = [json.loads(line) for line in (EVALS / "support.jsonl").read_text("utf-8").splitlines()]
    marked: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in [line for line in lines if line["half"] == half][:most]:
        s = tutor.curriculum.section(line["skill"], line["lesson"], line["anchor"])
        cited = Passage(s.skill, s.lesson, s.heading, s.anchor, s.objectives, 1.0, s.text)
        found = citations.support(line["claim"], [cited], tutor.similarity if with_cosine else None)
        total[line["label"]] += 1
        marked[line["label"]] += not found.supported
    wrong = sum(marked[label] for label in ("negated", "number", "absent"))
    precision = wrong / max(1, sum(marked.values()))
    recall = wrong / max(1, sum(total[label] for label in ("negated", "number", "absent")))
    labels = [f"{marked[label]} of {total[label]}" for label in ("supported", "negated", "number", "absent")]
    return [f"{half}, {'words and cosine' if with_cosine else 'words alone'}", precision, recall, *labels]


async def main(most: int | None = None) -> str:
    """The whole page.

    Args:
        most: Only so many lines of each part, for a quick try.
    """
    tutor, _ = make_tutor(load_settings(), remember=False)
    # The hard questions were labelled when two skills were taught in full; what other lessons answer as well was added later.
    parts = ["# Quality", "", ABOUT.format(date=f"{date.today():%-d %B %Y}")]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        for name, asked in (("real", REAL), ("hard", (*HARD, "alarming"))):
            for half in HALVES:
                made = await retrieval(tutor, asked, half, f"{work}/{name}-{half}", most)
                parts += ["", f"## Search, {name} questions, half {half}", "", made]
    for name, asked in (("real", REAL), ("hard", HARD)):
        for half in HALVES:
            made = await answers(tutor, asked, half, most)
            parts += ["", f"## Answers, {name} questions, half {half}", "", made]
    parts += ["", "## Follow-ups that name something new", "", TURNS, "", await turns(tutor)]
    parts += ["", "## Messages to decline, and messages that only look so", "", MESSAGES, "", await messages(tutor)]
    parts += ["", "## Real questions, by skill", "", await by_skill(tutor, "forum")]
    parts += ["", "## Harder still: riddles, by skill", "", RIDDLES, "", await by_skill(tutor, "learners")]
    checks = [support(tutor, half, cosine, most) for half in HALVES for cosine in (True, False)]
    header = [
        "half",
        "precision",
        "recall",
        "supported, marked",
        "negated, marked",
        "number swapped, marked",
        "absent, marked",
    ]
    parts += ["", '## The check "not verified in the lessons"', "", table(header, checks)]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    made = asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
    if len(sys.argv) == 1:
        PAGE.write_text(made, encoding="utf-8")
    print(made)
