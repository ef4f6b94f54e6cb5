"""A chat model's opinion of a piece of work: criterion by criterion with a quote, each quote looked up in the text.

Knows nothing of learners or of the store, nor of what happens when the model fails: it raises ModelError.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, create_model

from tutor.grade import PointResult
from tutor.plain_answer import normal
from tutor.prompting import prompt_text
from tutor.terms import words

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

LONGEST_QUOTE = 300  # characters; bounds what a model may write
FEWEST_WORDS = 2
"""Words of a quote that can be evidence: a single one occurs in any text."""


class Seen(BaseModel):
    """What a model says of one criterion."""

    model_config = ConfigDict(extra="forbid")

    criterion: int
    met: bool
    quote: str = Field(max_length=LONGEST_QUOTE)


async def looked_at(
    model: "BaseChatModel", task: str, criteria: Sequence[str], text: str, seconds: float
) -> tuple[PointResult, ...]:
    """What a model finds of the criteria in a piece of work.

    Args:
        model: Any LangChain chat model that can give structured output.
        task: What was to be done; markdown.
        criteria: What good work shows.
        text: The work.
        seconds: Longest time for the whole.

    Returns:
        One result a criterion, in order. ``met`` is None where the model quoted what is not in the text, contradicted
        itself or said nothing.

    Raises:
        ModelError: The model did not answer in time, or not in the structure that was asked for.
    """
    from tutor.models import structured

    parsed = await structured(model, _schema(len(criteria)), messages(task, criteria, text), seconds)
    seen: list[Seen] = parsed.criteria  # type: ignore[attr-defined]
    return tuple(checked(words_of, number, seen, text) for number, words_of in enumerate(criteria, 1))


def messages(task: str, criteria: Sequence[str], text: str) -> "list[BaseMessage]":
    """The prompt: rules, task and criteria, then the work between marks that it cannot contain."""
    from langchain_core.messages import HumanMessage, SystemMessage

    mark = f"WORK-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    listed = "\n".join(f"{number}. {criterion}" for number, criterion in enumerate(criteria, 1))
    asked = f"Task:\n{task}\n\nCriteria:\n{listed}\n\n{mark}\n{text}\n{mark}"
    return [SystemMessage(prompt_text("work")), HumanMessage(asked)]


def checked(criterion: str, number: int, seen: Sequence[Seen], text: str) -> PointResult:
    """One criterion as the model sees it, as far as its quote holds.

    Args:
        criterion: Its words.
        number: Its number, from 1.
        seen: All that the model said.
        text: The work.
    """
    said = {one.met for one in seen if one.criterion == number}
    if said == {False}:
        return PointResult(criterion, False)
    quotes = [found for one in seen if one.criterion == number and (found := found_in(text, one.quote))]
    if said == {True} and quotes:
        return PointResult(criterion, True, quotes[0])
    return PointResult(criterion, None)


def found_in(text: str, quote: str) -> str:
    """The quoted part as it stands in the text, spaces aside; empty when it is not there or says too little."""
    plain = normal(text)
    wanted = normal(quote).strip(" .…\"'“”").casefold()
    if len(words(wanted)) < FEWEST_WORDS:
        return ""
    start = plain.casefold().find(wanted)
    if start < 0:
        return ""
    # Casefolding may lengthen a text; then the place in it is not the place in the work.
    return plain[start : start + len(wanted)] if len(plain.casefold()) == len(plain) else wanted


@cache
def _schema(count: int) -> type[BaseModel]:
    entries = (list[Seen], Field(min_length=count, max_length=count))
    made: type[BaseModel] = create_model(
        "Look", __config__=ConfigDict(extra="forbid"), __doc__="What a work shows of each criterion.", criteria=entries
    )
    return made
