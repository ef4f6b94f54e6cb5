"""Three small lessons, a search over them, and a chat model that answers by script.

Knows nothing of the real lessons: what is tested with it holds for any curriculum.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from tutor.curriculum import Curriculum, documents, load
from tutor.terms import terms

SKILL = """id: text
title: Text
rank: 1
summary: Words and tokens.
objectives:
  - {id: tx-tok, text: Explain tokens., bloom: understand}
  - {id: tx-stop, text: Choose stop words., bloom: apply}
"""
LESSON = """---
title: Tokens
minutes: 5
updated: 2026-11-01
sources: []
---
You will be able to explain what a token is.

## How does byte-pair encoding choose its tokens?
<!-- teaches: tx-tok -->

Byte-pair encoding starts from single bytes and repeatedly merges the pair that occurs most often. Frequent words \
become one token and rare words become several.

**Why it matters.** A rare word costs more tokens than a frequent word.

**Example.** The word "the" is one token, the word "untokenizable" is four tokens.

## When do stop words hurt?
<!-- teaches: tx-stop -->

Removing stop words hurts when a small word carries the meaning. Without "not" a bad review reads like a good review.

**Example.** "To be or not to be" has no words left after stop words are removed.

## What is a learning rate?
<!-- teaches: tx-stop -->

The learning rate says how far each training step moves the weights. A learning rate that is too high makes the \
loss grow.
"""
QUESTION = "How does byte-pair encoding choose its tokens?"


def small_curriculum(folder: Path) -> Curriculum:
    """Write and load the lessons."""
    (folder / "text").mkdir(parents=True)
    (folder / "text" / "skill.yaml").write_text(SKILL, encoding="utf-8")
    (folder / "text" / "01-tokens.md").write_text(LESSON, encoding="utf-8")
    return load([folder])


class Overlap:
    """Search by shared words; good enough for three sections."""

    def __init__(self, curriculum: Curriculum) -> None:
        self._documents = documents(curriculum)
        self.queries: list[str] = []

    async def asearch(self, query: str, k: int = 8, skill: str | None = None) -> Sequence[Document]:
        """Sections by the share of the query's terms that they hold."""
        self.queries.append(query)
        asked = set(terms(query))
        found = []
        for document in self._documents:
            share = len(asked & set(terms(document.page_content))) / max(1, len(asked))
            metadata = {**document.metadata, "score": share, "cosine": share, "bm25": 10 * share}
            found.append(Document(id=document.id, page_content=document.page_content, metadata=metadata))
        return sorted(found, key=lambda document: -document.metadata["score"])[:k]


class Scripted(BaseChatModel):
    """Streams its text word by word; answers a json_schema request with ``structured``; remembers what it was sent."""

    text: str = "Byte-pair encoding starts from single bytes.[1]"
    structured: str = json.dumps({"question": QUESTION})
    finish: str = "stop"
    pause: float = 0.0
    error: Exception | None = None
    seen: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def with_structured_output(self, schema: Any, *, include_raw: bool = False, **kwargs: Any) -> Any:
        assert kwargs["method"] == "json_schema"
        from langchain_core.output_parsers import PydanticOutputParser
        from langchain_core.runnables import RunnableLambda

        async def parsed(message: AIMessage) -> dict[str, Any]:
            try:
                made = await PydanticOutputParser(pydantic_object=schema).ainvoke(message)
            except ValueError as error:
                return {"raw": message, "parsed": None, "parsing_error": error}
            return {"raw": message, "parsed": made, "parsing_error": None}

        return self.bind(structured=True) | RunnableLambda(parsed)

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self.seen.append(messages)
        if self.error is not None:
            raise self.error
        text = self.structured if kwargs.get("structured") else self.text
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.seen.append(messages)
        for word in re.findall(r"\s*\S+", self.text):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
            await asyncio.sleep(self.pause)
        if self.error is not None:
            raise self.error
        last = AIMessageChunk(content="", response_metadata={"finish_reason": self.finish} if self.finish else {})
        yield ChatGenerationChunk(message=last)
