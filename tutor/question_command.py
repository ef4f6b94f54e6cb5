"""The commands ``ask`` and ``search``: one question or a file of them, answered or looked up in the lessons.

Knows nothing of how a question is answered, and keeps nothing.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tutor.errors import TutorError
from tutor.terminal import print_json, tutor_of

if TYPE_CHECKING:
    from tutor.answer import Answer, Passage
    from tutor.session import Tutor


def ask(given: argparse.Namespace) -> int:
    """Answer one question or a file of them."""
    from tutor import exchange

    lines = list(exchange.lines(given.question, given.input))
    tutor = tutor_of(given)
    return asyncio.run(_ask_all(tutor, lines, given))


async def _ask_all(tutor: "Tutor", lines: Sequence[Mapping[str, Any]], given: argparse.Namespace) -> int:
    from tutor import exchange
    from tutor.answer import Done, Status, Token

    failed = 0
    for line in lines:
        try:
            question = tutor.cleaned(str(line["question"]))
            skill = str(line.get("skill") or given.skill)
            if skill:
                tutor.curriculum.skill(skill)
            async for event in tutor.answer(question, exchange.history(line), skill):
                if isinstance(event, Done):
                    _print_answer(event.answer, given.json)
                elif isinstance(event, Token) and not given.json:
                    print(event.text, end="", flush=True)
                elif isinstance(event, Status) and event.code == "fallback" and not given.json:
                    print("\n(The model failed; the built-in tutor answers.)\n")
        except TutorError as error:
            failed += 1
            if given.json:
                print_json(exchange.answer_json(None, str(line["question"]), str(error)))
            else:
                print(str(error), file=sys.stderr)
    return 2 if failed and failed == len(lines) else 0


def _print_answer(answer: "Answer", as_json: bool) -> None:
    if as_json:
        from tutor import exchange

        print_json(exchange.answer_json(answer, answer.question))
        return
    print("\n")
    for n, skill, lesson, anchor in dict.fromkeys((c.n, c.skill, c.lesson, c.anchor) for c in answer.citations):
        print(f"[{n}] {skill}/{lesson}#{anchor}")
    for sentence in answer.unsupported:
        print(f"Not verified in the lessons: {sentence}")


def search(given: argparse.Namespace) -> int:
    """Find sections for one question or a file of them."""
    from tutor import exchange

    lines = list(exchange.lines(given.question, given.input))
    tutor = tutor_of(given)
    return asyncio.run(_search_all(tutor, lines, given))


async def _search_all(tutor: "Tutor", lines: Sequence[Mapping[str, Any]], given: argparse.Namespace) -> int:
    import time
    from functools import partial

    from tutor import exchange, following, gate
    from tutor.outside import Nearness

    for line in lines:
        started = time.perf_counter()
        skill = str(line.get("skill") or given.skill)
        if skill:
            tutor.curriculum.skill(skill)
        within = partial(tutor.search, skill=skill)
        question, history = str(line["question"]), exchange.history(line)
        query = await following.read(question, history, within)
        found: Sequence[Passage] = await tutor.search(query, max(given.k, 3), skill)
        near = await tutor.outside.nearness(question) if tutor.outside is not None else Nearness()
        covered = gate.covered(found, near, question)
        if not covered and (again := await following.read_again(question, history, found, near, within)) is not None:
            covered, found = True, again[1]
        passages = [_shown(passage) for passage in found[: given.k]]
        if given.json:
            taken = round(1000 * (time.perf_counter() - started), 1)
            print_json({"query": line["question"], "covered": covered, "passages": passages, "ms": taken})
            continue
        if not covered:
            print("The lessons do not seem to cover this; the nearest sections:")
        for passage in passages:
            where = f"{passage['skill']}/{passage['lesson']}#{passage['anchor']}"
            print(f"{passage['score']:.3f}  {passage['section']}  ({where})")
    return 0


def _shown(passage: "Passage") -> dict[str, Any]:
    """A passage in its fixed fields."""
    return {
        "skill": passage.skill,
        "lesson": passage.lesson,
        "section": passage.section,
        "anchor": passage.anchor,
        "objectives": list(passage.objectives),
        "score": round(passage.score, 4),
        "text": passage.text,
    }
