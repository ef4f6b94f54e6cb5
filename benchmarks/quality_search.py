"""How well sections are found, in each way of searching; part of docs/quality.md.

The LangChain default is what its documentation starts with: RecursiveCharacterTextSplitter(1000, 200) and a similarity search in
Chroma, with the same embedder.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from benchmarks.labelled import EVALS, cases, table
from tutor import following
from tutor.answer import Passage
from tutor.assembly import LateRetriever
from tutor.chain import passage
from tutor.curriculum import documents
from tutor.evaluation import Case, case_from_dict, has_fact, is_right, ndcg, right_skill
from tutor.session import Tutor
from vectorstore.retrieve import SectionRetriever

Search = Callable[[str], Awaitable[Sequence[Passage]]]


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
