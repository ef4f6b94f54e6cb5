"""The chain from question to streamed answer: its order, its steps with and without a model, what it leaves behind."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from small_curriculum import QUESTION, Overlap, Scripted, small_curriculum

from tutor import chain
from tutor.condense import Turn
from tutor.errors import ModelError
from tutor.outside import Nearness
from tutor.settings import Settings

TALK = (
    Turn("learner", "How are tokens chosen?"),
    Turn("tutor", "The most frequent pair is merged.[1]", QUESTION, "How are tokens chosen?"),
)


@pytest.fixture
def search(tmp_path: Path) -> Overlap:
    return Overlap(small_curriculum(tmp_path / "lessons"))


def settings(**values: Any) -> Settings:
    return Settings(**{"_env_file": None, "openai_api_key": "", "model": "scripted", "model_timeout": 2, **values})


async def run(search: Overlap, model: Scripted | None, question: str = QUESTION, **inputs: Any) -> dict[str, Any]:
    built = chain.build(settings(), search, model)
    merged: dict[str, Any] = {"answer": "", "order": []}
    async for chunk in built.astream({"question": question, "history": (), "scope": "", "said": (), **inputs}):
        for key, value in chunk.items():
            merged["order"].append(key)
            merged[key] = merged["answer"] + value if key == "answer" else value
    return merged


async def test_the_steps_come_in_order(search: Overlap) -> None:
    made = await run(search, Scripted())
    steps = list(dict.fromkeys(made["order"]))
    assert [step for step in steps if step in {"standalone", "passages", "covered", "answer"}] == [
        "standalone",
        "passages",
        "covered",
        "answer",
    ]
    assert made["answer"].strip() == Scripted().text
    assert made["order"].count("answer") > 3


async def test_invoking_gives_the_same_as_streaming(search: Overlap) -> None:
    inputs = {"question": QUESTION, "history": (), "scope": "", "said": ()}
    made = await chain.build(settings(), search, Scripted()).ainvoke(inputs)
    assert made["answer"].strip() == Scripted().text
    assert made["question"] == QUESTION


async def test_passages_are_sections_best_first(search: Overlap) -> None:
    made = await run(search, None)
    first = made["passages"][0]
    assert (first.skill, first.lesson, first.section) == ("text", "01-tokens", QUESTION)
    assert not first.text.startswith(QUESTION)
    assert first.score >= made["passages"][1].score


async def test_what_the_lessons_do_not_cover_reaches_no_model(search: Overlap) -> None:
    model = Scripted()
    made = await run(search, model, "Who won the football cup in Uruguay?")
    assert not made["covered"]
    assert made["answer"] == ""
    assert model.seen == []


async def test_the_model_gets_the_configured_number_of_passages(search: Overlap) -> None:
    model = Scripted()
    built = chain.build(settings(passages=1), search, model)
    async for _ in built.astream({"question": QUESTION, "history": (), "scope": "", "said": ()}):
        pass
    assert "[1]" in model.seen[0][0].text.split("Passages:")[1]
    assert "[2]" not in model.seen[0][0].text.split("Passages:")[1]


async def test_a_first_question_is_not_rewritten(search: Overlap) -> None:
    model = Scripted()
    made = await run(search, model)
    assert made["standalone"] == QUESTION
    assert len(model.seen) == 1


async def test_a_follow_up_is_rewritten_by_the_model(search: Overlap) -> None:
    model = Scripted(structured=json.dumps({"question": "Why does byte-pair encoding matter?"}))
    made = await run(search, model, "And why does it matter?", history=TALK)
    assert made["standalone"] == "Why does byte-pair encoding matter?"
    assert search.queries == ["Why does byte-pair encoding matter?"]
    assert len(model.seen) == 2


async def test_a_follow_up_without_a_model_takes_the_topic_of_the_conversation(search: Overlap) -> None:
    made = await run(search, None, "And why does it matter?", history=TALK)
    assert made["standalone"].startswith("And why does it matter?")
    assert "byte-pair" in made["standalone"].lower()


@pytest.mark.parametrize("structured", ["no JSON", "{}", '{"question": ""}', json.dumps({"question": "x" * 900})])
async def test_an_unusable_rewriting_is_replaced_by_the_conversations_own_words(
    search: Overlap, structured: str
) -> None:
    made = await run(search, Scripted(structured=structured), "And why does it matter?", history=TALK)
    assert made["standalone"].startswith("And why does it matter?")
    assert "byte-pair" in made["standalone"].lower()


class Ours:
    """Finds every message to look like one about the lessons."""

    async def nearness(self, question: str) -> Nearness:
        return Nearness(-3, -5, -5, -5, -5)


async def test_a_reply_that_the_lessons_do_not_cover_alone_is_read_with_the_question_before_it(search: Overlap) -> None:
    reply = "no, for zulu proverbs"
    inputs = {"question": reply, "history": (Turn("learner", QUESTION), *TALK[1:]), "scope": "", "said": ()}
    built = chain.build(settings(), search, None, Ours())
    made = await built.ainvoke(inputs)
    assert (made["covered"], made["standalone"]) == (True, f"{reply} ({QUESTION})")
    assert search.queries == [reply, made["standalone"]]
    assert made["answer"]
    alone = await built.ainvoke({**inputs, "history": ()})
    assert (alone["covered"], alone["standalone"]) == (False, reply)
    assert "answer" not in alone


class Elsewhere:
    """Finds every message to look like one about another subject."""

    async def nearness(self, question: str) -> Nearness:
        return Nearness(2, -5, -5, -5, -5)


async def test_a_follow_up_on_another_subject_is_not_covered_and_searched_by_its_own_words(search: Overlap) -> None:
    asked = "And for a rice pudding?"
    inputs = {"question": asked, "history": TALK, "scope": "", "said": ()}
    made = await chain.build(settings(), search, None, Elsewhere()).ainvoke(inputs)
    assert (made["covered"], made["standalone"]) == (False, asked)
    assert search.queries[-1] == asked
    assert "answer" not in made
    ours = await chain.build(settings(), search, None, Ours()).ainvoke(inputs)
    assert ours["standalone"].startswith(f"{asked} (")


async def test_a_rewriting_that_takes_too_long_is_not_waited_for(
    search: Overlap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "CONDENSE_SECONDS", 0.05)

    async def never(*_: Any) -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(chain, "_rewritten", never)
    made = await run(search, Scripted(), "And why does it matter?", history=TALK)
    assert made["standalone"].startswith("And why does it matter?")
    assert made["answer"]


async def test_a_failing_model_is_a_model_error(search: Overlap) -> None:
    with pytest.raises(ModelError):
        await run(search, Scripted(error=ConnectionResetError()))


async def test_an_answer_without_an_end_is_a_model_error(search: Overlap) -> None:
    with pytest.raises(ModelError):
        await run(search, Scripted(finish=""))


async def test_a_closed_chain_leaves_no_task_behind(search: Overlap) -> None:
    stream: Any = chain.build(settings(), search, Scripted(text="word " * 500)).astream(
        {"question": QUESTION, "history": (), "scope": "", "said": ()}
    )
    async for chunk in stream:
        if "answer" in chunk:
            break
    await stream.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_scope_reaches_the_search(search: Overlap, monkeypatch: pytest.MonkeyPatch) -> None:
    scopes: list[Any] = []
    found = search.asearch

    async def noting(query: str, k: int = 8, skill: str | None = None) -> Any:
        scopes.append(skill)
        return await found(query, k, skill)

    monkeypatch.setattr(search, "asearch", noting)
    await run(search, None, scope="text")
    await run(search, None)
    assert scopes == ["text", None]
