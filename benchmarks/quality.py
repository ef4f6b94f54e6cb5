"""Measure search, answers, refusals and the citation check on the development set; write docs/quality.md.

    python -m benchmarks.quality

Constants were set on the half "tune"; the half "report" is only measured. Both are shown. The LangChain default is what its
documentation starts with: RecursiveCharacterTextSplitter(1000, 200) and a similarity search in Chroma, with the same embedder.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from tutor import citations, condense, following, guard
from tutor.answer import Passage
from tutor.assembly import LateRetriever, make_tutor
from tutor.chain import passage
from tutor.curriculum import documents
from tutor.evaluation import Case, Result, case_from_dict, figures, has_fact, is_right, ndcg, right_skill, run
from tutor.session import Tutor
from tutor.settings import load_settings
from vectorstore.retrieve import SectionRetriever

ROOT = Path(__file__).resolve().parent.parent
EVALS = ROOT / "tests" / "evals"
PAGE = ROOT / "docs" / "quality.md"
HALVES = ("report", "tune")
REAL = tuple(f"forum/{path.stem}" for path in sorted((EVALS / "forum").glob("*.jsonl")))
HARD = ("answer", "follow_up")
REFUSALS = ("alarming", "decline")
ABOUT = """Measured on {date} with `make eval`: the built-in tutor, no model, the bundled embedding model. Two sets of questions:

- **Real**: 602 questions, paraphrases and follow-ups that people asked in forums, issue threads and help pages, looked up skill by
  skill and reworded, each with its source (tests/evals/forum). Who wrote them had not seen what search finds, nor the `asks`
  lines.
- **Hard**: 190 questions and dialogues of our own, symptoms in place of terms (tests/evals), with 60 to decline and 30 that look
  alarming and are in scope.

Constants were set on the half "tune" of both, and of 487 labelled claims; the half "report" is only measured. Aggregates of the
report half were looked at while working; of its single lines only the ten off-topic ones, to see that no lesson has come to
answer them. No question comes near a heading or an `asks` line. Every section that answers a question as well counts as right."""
RIDDLES = """445 questions by second readers of each skill who avoided every word of the lessons ("blue curve dives to nothing, orange one
makes a U. chef wants 500 more rounds"). Nobody asks like this; they show where search by meaning ends."""
TURNS = """60 dialogues, six of each skill (tests/evals/turns.jsonl): "how do i write a good sd prompt", an answer, "and negative prompts?". The
section that answers is mostly another one than that of the first question. The author had not seen how follow-ups are read. Such
a follow-up is often no more than the name of a topic: here it may repeat a heading, the first question may not."""
MESSAGES = """720 lines by somebody who had seen neither the guard, nor the gate's examples, nor the sets above (tests/evals/messages.jsonl).
Attacks are of many makes: orders, pretexts, false documents, stories, codes, other languages, and lesson questions with one request
buried in them. On these lines the gate as it was before them answered 44 % of the attacks, 20 % of the harm and 19 % of the other
subjects. Its weights are fitted to the tuning half; the model behind it was trained on other authors' lines (benchmarks/messages.json)."""
Search = Callable[[str], Awaitable[Sequence[Passage]]]


def cases(names: Sequence[str], half: str, most: int | None = None) -> list[Case]:
    """The labelled questions of some files and one half."""
    lines = [json.loads(line) for name in names for line in (EVALS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [case_from_dict(line) for line in lines if line["half"] == half][:most]


def row(cells: Sequence[Any]) -> str:
    """A line of a table; shares with two digits behind the point."""
    shown = ("–" if c is None else f"{c:.2f}" if isinstance(c, float) else str(c) for c in cells)
    return "| " + " | ".join(shown) + " |"


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A markdown table."""
    return "\n".join([row(header), "|---" * len(header) + "|", *map(row, rows)])


async def searched(tutor: Tutor, asked: Sequence[Case], search: Search, condensed: bool = True) -> list[Any]:
    """Figures of one way of searching: skill@1, objective@1, @5, nDCG@10, facts in the first and in five passages, p50 ms.

    Any section counts that teaches the labelled objective or one that answers as well; nDCG compares with all of them.
    """
    skill, first, five, gains, one, all_five, times = [], [], [], [], [], [], []
    for case in asked:
        question = case.question
        if condensed and case.history:
            question = await following.read(question, case.history, tutor.search)
        started = time.perf_counter()
        found = list(await search(question))[:10]
        times.append(1000 * (time.perf_counter() - started))
        skill.append(bool(found) and right_skill(case, found[0]))
        hits = [float(is_right(case, p)) for p in found]
        first.append(bool(hits) and hits[0] == 1)
        five.append(any(hits[:5]))
        relevant = sum(is_right(case, section) for section in tutor.curriculum.sections())
        gains.append(ndcg(hits, relevant))
        for fact in case.facts:
            one.append(bool(found) and has_fact(found[0].text, fact))
            all_five.append(has_fact(" ".join(p.text for p in found[:5]), fact))
    shares = [statistics.mean(map(float, values)) for values in (skill, first, five, gains, one, all_five)]
    return [*shares, f"{statistics.median(times):.1f}"]


def section_search(tutor: Tutor, mode: str, asks: bool) -> Search:
    """Our own search in one of its modes."""
    shipped = tutor.retriever
    assert isinstance(shipped, LateRetriever)
    retriever = SectionRetriever(index=shipped.index, mode=mode, asks=asks)

    async def search(question: str) -> list[Passage]:
        return [passage(found) for found in await retriever.asearch(question, 10)]

    return search


def langchain_default(tutor: Tutor, folder: str) -> Search:
    """What LangChain's documentation starts with; chunks stand for the section they come from."""
    from langchain_chroma import Chroma
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    shipped = tutor.retriever
    assert isinstance(shipped, LateRetriever)
    made = documents(tutor.curriculum)
    whole = {document.id: document for document in made}
    for document in made:
        document.metadata = {"id": document.id}
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(made)
    store = Chroma("default", shipped.index.embedder, persist_directory=folder)
    store.add_documents(chunks)
    sections = {f"{s.skill}/{s.lesson}#{s.anchor}": s for s in tutor.curriculum.sections()}

    async def search(question: str) -> list[Passage]:
        found = await asyncio.to_thread(store.similarity_search_with_score, question, k=40)
        ranked: dict[str, tuple[str, float]] = {}
        for document, distance in found:
            # The passage is the chunk itself: that is what such a chain gives to its model.
            ranked.setdefault(document.metadata["id"], (document.page_content, 1 - distance))
        passages = []
        for key, (text, score) in ranked.items():
            s = sections[key]
            passages.append(Passage(s.skill, s.lesson, s.heading, s.anchor, s.objectives, score, text))
        assert whole
        return passages

    return search


async def retrieval(tutor: Tutor, names: Sequence[str], half: str, folder: str, most: int | None) -> str:
    """The table of all ways of searching."""
    asked = [case for case in cases(names, half, most) if case.expected == "answer" and case.skill]
    default = langchain_default(tutor, folder)
    rows = []
    for mode, name in (("fusion", "score fusion (shipped)"), ("dense", "dense"), ("bm25", "BM25"), ("rrf", "RRF")):
        for asks in (True, False):
            made = await searched(tutor, asked, section_search(tutor, mode, asks))
            rows.append([f"{name}{'' if asks else ', without asks'}", *made])
    rows.append(["LangChain default", *await searched(tutor, asked, default)])
    rows.append(["LangChain default, question as typed", *await searched(tutor, asked, default, condensed=False)])
    header = ["search", "skill@1", "objective@1", "objective@5", "nDCG@10", "facts in first", "facts in five", "p50 ms"]
    return f"{len(asked)} questions.\n\n{table(header, rows)}"


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
    refused = sum(result.answer.declined for result in results if result.case.kind == "alarming")
    alarming = sum(result.case.kind == "alarming" for result in results)
    told = f"Questions that look alarming and are in scope: {refused} of {alarming} refused."
    return f"{table(['group', *(n.replace('_', ' ') for n in names)], rows)}\n\n{told}"


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
    return table(["half", "kind", "lines", "answered", "declined by patterns", "declined by the gate"], rows)


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


async def by_skill(tutor: Tutor, folder: str) -> str:
    """The table of the questions of a folder by skill, with and without the `asks` lines."""
    groups: dict[str, list[Case]] = {}
    for path in sorted((EVALS / folder).glob("*.jsonl")):
        asked = [case_from_dict(json.loads(line)) for line in path.read_text("utf-8").splitlines()]
        groups[path.stem] = [case for case in asked if case.expected == "answer" and case.skill]
    groups["all"] = [case for listed in groups.values() for case in listed]
    ours, plain = (section_search(tutor, "fusion", asks) for asks in (True, False))
    rows = []
    for name, listed in groups.items():
        made, without = await searched(tutor, listed, ours), await searched(tutor, listed, plain)
        rows.append([name, len(listed), made[0], made[1], made[2], made[4], without[0], without[2]])
    head = ["skill", "questions", "skill@1", "objective@1", "objective@5", "facts in first"]
    return table([*head, "skill@1 without asks", "objective@5 without asks"], rows)


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
