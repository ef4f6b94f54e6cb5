"""Free text graded with a chat model: structured output for each key point, and every quote looked up in the answer.

Knows nothing of which model it is, nor of what happens when it fails: it raises ModelError and the caller takes
tutor.grading. The model only says which points it sees; whether the answer is right follows from the points.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, create_model

from tutor.evidence import content
from tutor.free_text import doubt, spoken, unusable
from tutor.grade import LONGEST_ANSWER, Answer, Grade, PointResult, by_points, graded
from tutor.grading import grade
from tutor.item import Item
from tutor.plain_answer import normal
from tutor.prompting import prompt_text

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

LONGEST_QUOTE = 160  # characters; bounds what a model may write


class Seen(BaseModel):
    """What a model says of one key point."""

    model_config = ConfigDict(extra="forbid")

    point: int
    met: bool
    quote: str = Field(max_length=LONGEST_QUOTE)


class Judge:
    """Grades free text with one chat model.

    Args:
        model: Any LangChain chat model that can give structured output.
        name: The model's name, kept with each grade.
        seconds: Longest time for one answer.

    Example:
        >>> judge = Judge(model, "gpt-6-luna", 30.0)  # doctest: +SKIP
        >>> (await judge.grade(item, "Frames of one video are near copies.")).verdict  # doctest: +SKIP
        'partly'
    """

    def __init__(self, model: "BaseChatModel", name: str, seconds: float) -> None:
        self.model = model
        self.name = name
        self.seconds = seconds

    async def grade(self, item: Item, answer_text: str) -> Grade:
        """Grade one answer; other kinds than free text are graded without the model.

        Raises:
            ModelError: The model did not answer in time, or not in the structure that was asked for.
        """
        if item.kind != "free":
            return grade(item, Answer(text=answer_text))
        plain = normal(answer_text[: LONGEST_ANSWER + 1])
        if reason := unusable(answer_text, plain):
            return graded("invalid", plain, reason=reason, by=self.name)
        seen = await self._asked(item, plain)
        points = tuple(checked(item, number, seen, plain) for number in range(1, len(item.points) + 1))
        verdict, score = by_points(points)
        reason = doubt(item, plain)
        if verdict == "right" and reason:
            verdict = "unsure"
        if verdict == "unsure":
            reason = reason or "weak_evidence"
        return graded(verdict, plain, score=score, reason=reason, by=self.name, points=points)

    async def _asked(self, item: Item, plain: str) -> list[Seen]:
        from tutor.models import structured

        parsed = await structured(self.model, answer_schema(len(item.points)), messages(item, plain), self.seconds)
        return list(parsed.points)  # type: ignore[attr-defined]


@cache
def answer_schema(points: int) -> type[BaseModel]:
    """The structure of a grade with so many key points."""
    entries = (list[Seen], Field(min_length=points, max_length=points))
    made: type[BaseModel] = create_model(
        "Grading", __config__=ConfigDict(extra="forbid"), __doc__="What an answer says of each point.", points=entries
    )
    return made


def messages(item: Item, plain: str) -> "list[BaseMessage]":
    """The prompt: rules, question and key points, then the answer between marks that it cannot contain."""
    from langchain_core.messages import HumanMessage, SystemMessage

    mark = f"ANSWER-{hashlib.sha256(plain.encode()).hexdigest()[:16]}"
    listed = "\n".join(
        f"{number}. {point.text}" + (f" (also: {', '.join(point.synonyms)})" if point.synonyms else "")
        for number, point in enumerate(item.points, 1)
    )
    question = f"{item.stem}\n{item.body}".strip()
    asked = f"Question:\n{question}\n\nKey points:\n{listed}\n\n{mark}\n{plain}\n{mark}"
    return [SystemMessage(prompt_text("grade")), HumanMessage(asked)]


def checked(item: Item, number: int, seen: Sequence[Seen], plain: str) -> PointResult:
    """One point as the model sees it, as far as its quote holds.

    Not sure when the model says nothing of the point, contradicts itself, or quotes what the learner did not write.

    Args:
        item: The item.
        number: Number of the point, from 1.
        seen: All that the model said.
        plain: The answer in its normal form.
    """
    text = item.points[number - 1].text
    said = {one.met for one in seen if one.point == number}
    if said == {False}:
        return PointResult(text, False)
    quotes = [found for one in seen if one.point == number and (found := _found(one.quote, item, plain))]
    if said == {True} and quotes:
        return PointResult(text, True, quotes[0])
    return PointResult(text, None)


def _found(quote: str, item: Item, plain: str) -> str:
    """The quoted part as the learner wrote it; empty when it is not in the answer or is meant for the grader."""
    wanted = normal(quote).strip(" .…\"'“”").casefold()
    if not content(wanted) or wanted not in " ".join(spoken(item, plain)).casefold():
        return ""
    start = plain.casefold().find(wanted)
    if start < 0:
        return ""
    # Casefolding may lengthen a text; then the place in it is not the place in the answer.
    return plain[start : start + len(wanted)] if len(plain.casefold()) == len(plain) else wanted
