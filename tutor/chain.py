"""The way of one question as one LCEL chain: condense | retrieve | gate | prompt | model.

Knows nothing of learners, stores or what is shown. Its input holds question, history, said, scope
and, while an item is open, mask, which changes the passages; its output adds
standalone, passages, covered and the streamed answer. LangChain is imported when a chain is built: that takes a seventh
of the server's start, and the pages can be opened without it.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from tutor import condense, following, gate, prompting
from tutor.answer import Passage
from tutor.errors import ModelError
from tutor.extractive import built_in_tutor
from tutor.glossary import Term, asked_for, expanded
from tutor.lesson import CLOSING, PRACTICE_WORDS
from tutor.link_scope import search_within
from tutor.models import watched
from tutor.outside import Nearness
from tutor.settings import Settings

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

CONDENSE_SECONDS = 8.0
LONGEST_STANDALONE = 400  # characters
SEARCHED = 8  # sections looked at by the gate and by "did you mean"; settings.passages of them reach a model


class Retriever(Protocol):
    """What the chain needs of search: whole sections, best first, with score, cosine and bm25 in their metadata."""

    async def asearch(self, query: str, k: int = 8, skill: str | None = None) -> "Sequence[Document]":
        """Find sections for a query."""


def passage(document: "Document") -> Passage:
    """A found section as our own value."""
    data = document.metadata
    heading, _, body = document.page_content.partition("\n\n")
    return Passage(
        data["skill"], data["lesson"], data.get("section", heading), data["anchor"], tuple(data["objectives"]),
        float(data["score"]), body, float(data.get("cosine", 0.0)), float(data.get("bm25", 0.0)),
        tuple((str(text), float(cosine)) for text, cosine in data.get("chunks", ())),
    )  # fmt: skip


class Measure(Protocol):
    """What the gate needs beside the passages: how near a question comes to what the tutor does not do."""

    async def nearness(self, question: str) -> Nearness:
        """Cosines to the nearest examples outside."""


def build(
    settings: Settings,
    retriever: Retriever,
    model: "BaseChatModel | None" = None,
    outside: Measure | None = None,
    glossary: Callable[[], tuple[Term, ...]] = tuple,
) -> "Runnable[dict[str, Any], dict[str, Any]]":
    """The chain for one model, or for the built-in tutor when there is none.

    Args:
        settings: Budgets and times.
        retriever: Search over the lessons' sections.
        model: An OpenAI-compatible chat model.
        outside: Measures how near a question comes to what the tutor does not do; without it only the passages count.
        glossary: Gives the terms of the lessons as they are now.

    Returns:
        A Runnable whose ``astream`` yields dictionaries: a first reading and what it found, near, then standalone,
        passages and covered together, then pieces of answer.
    """
    finding = _Finding(retriever, outside, glossary)
    return (
        _adding(reading=_condenser(model, finding.search))
        | _adding(found=finding.first, near=finding.near)
        | _taking(finding.judged)
        | _answering(speaker(settings, model))
    )


@dataclass(frozen=True)
class _Finding:
    """The steps between a first reading of a question and its answer; arguments as those of ``build``."""

    retriever: Retriever
    outside: Measure | None
    glossary: Callable[[], tuple[Term, ...]]

    async def search(self, query: str, values: Mapping[str, Any]) -> list[Passage]:
        """Sections for a query, within the scope of the question."""
        within = values.get("scope", ""), values.get("skills", ())
        found = await search_within(self.retriever.asearch, expanded(query, self.glossary()), SEARCHED, *within)
        return closing_last([passage(document) for document in found], values["question"])

    async def find(self, values: Mapping[str, Any], query: str) -> list[Passage]:
        """The same, masked while an item is open, the section of a term that is asked for in front."""
        passages = await self.search(query, values)
        passages = await asyncio.to_thread(values["mask"], passages) if "mask" in values else passages
        term = asked_for(values["question"], self.glossary())
        return section_first(passages, term.section) if term is not None else passages

    async def first(self, values: Mapping[str, Any]) -> list[Passage]:
        """What the first reading finds."""
        return await self.find(values, values["reading"])

    async def near(self, values: Mapping[str, Any]) -> Nearness:
        """How near the question comes to what the tutor does not do."""
        return await self.outside.nearness(values["question"]) if self.outside is not None else Nearness()

    async def judged(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether the lessons cover the question, in the first reading or a second one, with what that one finds."""
        question, reading, found, near = (values[name] for name in ("question", "reading", "found", "near"))
        if following.leaves(question, reading, found, near):
            return {"standalone": question, "passages": await self.find(values, question), "covered": False}
        # Words of other subjects too (token, seed, opening): here the lessons' own meaning is meant.
        named = bool(found) and asked_for(question, self.glossary()) is not None
        if gate.covered(found, near, question) or (named and not gate.refusal(found, near)):
            return {"standalone": reading, "passages": found, "covered": True}
        within = partial(self.find, values)
        again = await following.read_again(question, values.get("history", ()), found, near, within)
        meant, passages = again or (reading, found)
        return {"standalone": meant, "passages": passages, "covered": again is not None}


_ASKS_FOR_PRACTICE = re.compile(rf"\b(try|work as|{'|'.join(PRACTICE_WORDS)})\b", re.IGNORECASE)


def closing_last(passages: Sequence[Passage], question: str) -> list[Passage]:
    """Sections that close a lesson (Try it, At work) after those that teach, unless they are what is asked for."""
    if _ASKS_FOR_PRACTICE.search(question):
        return list(passages)
    return sorted(passages, key=lambda found: found.section.strip().lower() in CLOSING)


def section_first(passages: Sequence[Passage], section: str) -> list[Passage]:
    """The passages, that of ``skill/lesson#anchor`` before the others where it was found."""
    return sorted(passages, key=lambda found: f"{found.skill}/{found.lesson}#{found.anchor}" != section)


def speaker(settings: Settings, model: "BaseChatModel | None") -> "Runnable[Any, str]":
    """What turns question and passages into a streamed answer: prompt | model, or the built-in tutor."""
    from langchain_core.runnables import RunnableGenerator

    if model is None:
        return built_in_tutor()

    async def speak(inputs: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[str]:
        values = await _merged(inputs)
        given = {**values, "passages": values["passages"][: settings.passages]}
        prompt = prompting.messages(given, settings.prompt_tokens)
        # The chunks themselves and not their text: only they tell whether the stream ended or broke off.
        async with aclosing(watched(model.astream(prompt), settings)) as pieces:
            async for piece in pieces:
                yield piece

    return RunnableGenerator(speak)


def _adding(**steps: Callable[[Mapping[str, Any]], Coroutine[Any, Any, Any]]) -> "Runnable[Any, dict[str, Any]]":
    """What came so far, then the results of these steps, which run at the same time."""

    async def together(values: Mapping[str, Any]) -> Mapping[str, Any]:
        made = await asyncio.gather(*(step(values) for step in steps.values()))
        return dict(zip(steps, made, strict=True))

    return _taking(together)


def _taking(
    step: Callable[[Mapping[str, Any]], Coroutine[Any, Any, Mapping[str, Any]]],
) -> "Runnable[Any, dict[str, Any]]":
    """What came so far, then what a step makes of it, under names that are new.

    RunnablePassthrough.assign would say the same, but it runs what it adds in tasks that it leaves behind when the
    stream is stopped (langchain-core 1.7): the model would go on writing for nobody.
    """
    from langchain_core.runnables import AddableDict, RunnableGenerator

    async def generate(inputs: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        values: dict[str, Any] = {}
        async for chunk in inputs:
            values.update(chunk)
            yield AddableDict(chunk)
        yield AddableDict(await step(values))

    return RunnableGenerator(generate)


def _answering(speak: "Runnable[Any, str]") -> "Runnable[Any, dict[str, Any]]":
    """What came so far, then the answer piece by piece, when the lessons cover the question."""
    from langchain_core.runnables import AddableDict, RunnableGenerator

    async def generate(inputs: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        values: dict[str, Any] = {}
        async for chunk in inputs:
            values.update(chunk)
            yield AddableDict(chunk)
        if values["covered"]:
            async with aclosing(cast("AsyncGenerator[str, None]", speak.astream(values))) as pieces:
                async for piece in pieces:
                    yield AddableDict(answer=piece)

    return RunnableGenerator(generate)


async def _merged(inputs: AsyncIterator[Mapping[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    async for chunk in inputs:
        values.update(chunk)
    return values


def _condenser(
    model: "BaseChatModel | None", search: Callable[[str, Mapping[str, Any]], Awaitable[Sequence[Passage]]]
) -> Callable[[Mapping[str, Any]], Coroutine[Any, Any, str]]:
    """How a follow-up is made to stand alone: by the model, else in the reading that the lessons answer."""

    async def run(values: Mapping[str, Any]) -> str:
        question, history = values["question"], values.get("history", ())
        if condense.standalone(question, history) == question:
            return str(question)
        if model is not None:
            with suppress(TimeoutError, ModelError):
                async with asyncio.timeout(CONDENSE_SECONDS):
                    if rewritten := await _rewritten(model, question, history):
                        return rewritten
        return await following.read(question, history, lambda query: search(query, values))

    return run


async def _rewritten(model: "BaseChatModel", question: str, history: Sequence[condense.Turn]) -> str:
    """The model's own rewriting as structured output; empty when it is unusable.

    Raises:
        ModelError: The model did not answer, or not with the structure that was asked for.
    """
    from langchain_core.messages import HumanMessage, SystemMessage
    from pydantic import BaseModel, Field

    from tutor.models import translated

    class Rewritten(BaseModel):
        """The learner's last message as a question of its own."""

        question: str = Field(max_length=LONGEST_STANDALONE)

    told = "\n".join(f"{turn.role}: {prompting.cut(turn.text, 120)}" for turn in history[-4:])
    asked = [SystemMessage(prompting.prompt_text("condense")), HumanMessage(f"{told}\nlearner: {question}")]
    structured = model.with_structured_output(Rewritten, method="json_schema", include_raw=True)
    try:
        made: Any = await structured.ainvoke(asked)
    except Exception as error:
        raise translated(error) from error
    parsed = made.get("parsed")
    return parsed.question.strip() if isinstance(parsed, Rewritten) else ""
