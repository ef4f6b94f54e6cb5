"""An answer in the making: what its steps have found so far, and the events of the chain that finds it.

Knows nothing of what is made of it at the end, and nothing of learners or stores.
"""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from tutor.answer import Answer, Citation, Event, Passage, Sources, Status, Token
from tutor.outside import Nearness
from tutor.prompting import prompt_hash


@dataclass
class Unfinished:
    """One answer in the making.

    Args:
        question: What the learner wrote, cleaned.
        started: When it began, in seconds of the monotonic clock.
        standalone: The question made to stand alone; empty until it is known.
        passages: The sections found, best first.
        covered: The lessons cover the question, as far as is known.
        text: What has been said.
        notice: See Answer.
        model: See Answer.
        near: How near the question comes to what the tutor does not do.
        refusal: See Answer.
        blocked: See Answer.
        passed: What the guard of an open item has let through; None without one.
    """

    question: str
    started: float = field(default_factory=time.monotonic)
    standalone: str = ""
    passages: tuple[Passage, ...] = ()
    covered: bool = True
    text: str = ""
    notice: str = ""
    model: str = "built-in"
    near: Nearness = field(default_factory=Nearness)
    refusal: str = ""
    blocked: str = ""
    passed: str | None = None

    def take(self, chunk: Mapping[str, Any]) -> None:
        """Take over what one chunk of the chain says of the search."""
        self.standalone = chunk.get("standalone", self.standalone)
        self.passages = tuple(chunk.get("passages", self.passages))
        self.near = chunk.get("near", self.near)

    def answer(self, **values: Any) -> Answer:
        """The answer as it stands.

        Args:
            values: Fields of the answer in place of what was found.
        """
        taken = round(1000 * (time.monotonic() - self.started))
        base = Answer(
            self.question, self.standalone or self.question, self.text, passages=self.passages, covered=self.covered,
            model=self.model, notice=self.notice, ms=taken, blocked=self.blocked, refusal=self.refusal,
            prompt_hash=prompt_hash() if self.model != "built-in" else "",
        )  # fmt: skip
        return replace(base, **values)


async def streamed(run: Unfinished, chain: Any, inputs: Mapping[str, Any], most: int) -> AsyncGenerator[Event, None]:
    """What the chain finds and says: Sources and Status before the first Token, when the lessons cover the question.

    Args:
        run: Takes up all that is found.
        chain: See ``tutor.chain.build``.
        inputs: Of the chain.
        most: Passages that are numbered.

    Raises:
        ModelError: The model did not answer as it should.
    """
    async with aclosing(chain.astream(dict(inputs))) as chunks:
        async for chunk in chunks:
            run.take(chunk)
            run.covered = chunk.get("covered", run.covered)
            if "covered" in chunk and run.covered:
                yield Sources(_numbered(run.passages[:most]))
                yield Status("reading", {"sections": min(len(run.passages), most)})
            if chunk.get("answer"):
                run.text += chunk["answer"]
                yield Token(chunk["answer"])


def _numbered(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    return tuple(Citation(n, p.skill, p.lesson, p.section, p.anchor, "") for n, p in enumerate(passages, 1))
