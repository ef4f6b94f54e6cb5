"""The values that one question passes through: passages, citations, events, the finished answer.

Knows nothing of how they are made, stored or shown.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True)
class Passage:
    """A whole section of a lesson that search found, with how well it fits.

    Args:
        skill: Id of the skill, such as ``nlp``.
        lesson: Id of the lesson inside its skill: the file name without ending, such as ``02-tokenization``.
        section: The section's heading.
        anchor: The heading's slug, unique inside the lesson.
        objectives: Ids of the objectives that the section teaches.
        score: Fused relevance, 0 to 1; higher is better.
        text: The section's markdown without its heading and without comments.
        cosine: Best cosine similarity of the question to the section's vectors, -1 to 1.
        bm25: Best BM25 score of the section, 0 or more, not normalised.
        chunks: The section's slices, each with its cosine to the question; empty when it is not known.
    """

    skill: str
    lesson: str
    section: str
    anchor: str
    objectives: tuple[str, ...]
    score: float
    text: str
    cosine: float = 0.0
    bm25: float = 0.0
    chunks: tuple[tuple[str, float], ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies the section: (skill, lesson, anchor)."""
        return (self.skill, self.lesson, self.anchor)


@dataclass(frozen=True)
class Citation:
    """One [n] in an answer: the section it points to and the sentence there that supports the claim.

    An answer holds one citation for each occurrence of a [n], in the order of the text.

    Args:
        n: The number in the text.
        skill: Id of the skill.
        lesson: Id of the lesson inside its skill.
        section: The section's heading.
        anchor: The section's anchor.
        quote: The supporting sentence, word for word as the lesson has it; empty when no sentence supports the claim.
    """

    n: int
    skill: str
    lesson: str
    section: str
    anchor: str
    quote: str


@dataclass(frozen=True)
class Suggestion:
    """A next step offered as a button under an answer.

    Args:
        kind: ``example``, ``simpler``, ``code``, ``compare``, ``why``, ``ask``, ``quiz`` or ``read``.
        label: The words on the button.
        question: What is asked when it is pressed; for ``read`` empty.
        skill: With ``read`` and "did you mean": the section it leads to.
        lesson: See skill.
        anchor: See skill.
    """

    kind: str
    label: str
    question: str = ""
    skill: str = ""
    lesson: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Answer:
    """A finished answer as it is stored, shown and printed.

    Args:
        question: What the learner wrote.
        standalone: The same question made to stand alone.
        text: Markdown with [n] citations.
        citations: One for each [n] in the text, in order.
        passages: The sections the answer was made from, best first.
        declined: The tutor refused, as the guard says.
        covered: The lessons cover the question.
        unsupported: Sentences of the text that their passages do not support.
        removed: How many invented citation numbers were taken out.
        model: Name of the model, or ``built-in``.
        notice: A code of the texts catalogue such as ``model_busy``; empty when nothing went wrong.
        suggestions: Next steps, at most four.
        status: ``complete``, ``stopped`` (by the learner) or ``failed``.
        prompt_hash: SHA-256 of the prompt files used; empty for the built-in tutor.
        ms: Milliseconds from question to the end of the answer.
        item: For a reply about an item the id of its showing, or ``none``; empty for answers to questions.
        blocked: Class of the leak that the guard of an open item caught, or ``asked``; empty when nothing was blocked.
        refusal: Why it was declined, as the guard or the gate names it; empty when it was not.
    """

    question: str
    standalone: str
    text: str
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    declined: bool = False
    covered: bool = True
    unsupported: tuple[str, ...] = ()
    removed: int = 0
    model: str = "built-in"
    notice: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    status: str = "complete"
    prompt_hash: str = ""
    ms: int = 0
    item: str = ""
    blocked: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class Status:
    """What the tutor is doing now.

    Args:
        code: ``reading`` (detail: sections), ``thinking``, ``waiting`` (detail: seconds), ``fallback``
            (detail: reason, a code of ModelError; the text streamed so far is void and starts again).
        detail: Values for the words of the catalogue.
    """

    code: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Token:
    """The next piece of the answer's markdown."""

    text: str


@dataclass(frozen=True)
class Sources:
    """The sections behind the numbers 1..n, known before the first token; quotes are still empty."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Marks:
    """What the check after the stream found: sentences without support, invented numbers removed."""

    unsupported: tuple[str, ...]
    removed: int


@dataclass(frozen=True)
class Done:
    """The end: the finished answer (its text replaces the streamed one) and where it is stored.

    Args:
        answer: The finished answer.
        conversation: Id of the conversation; empty when nothing was stored (``ask`` on the command line).
        message: Id of the tutor's stored message; empty likewise.
    """

    answer: Answer
    conversation: str = ""
    message: str = ""


Event = Status | Token | Sources | Marks | Done


def answer_to_dict(answer: Answer) -> dict[str, Any]:
    """An answer as plain JSON values, as a stored message holds it; passages keep no text, the lessons have it."""
    return asdict(replace(answer, passages=tuple(replace(each, text="", chunks=()) for each in answer.passages)))


def answer_from_dict(data: Mapping[str, Any]) -> Answer:
    """The answer that answer_to_dict stored; fields of another version are ignored."""
    known = {field.name for field in fields(Answer)}
    values = {name: value for name, value in data.items() if name in known}
    values["citations"] = tuple(Citation(**entry) for entry in data.get("citations", ()))
    values["passages"] = tuple(
        Passage(**{**entry, "objectives": tuple(entry["objectives"]), "chunks": ()})
        for entry in data.get("passages", ())
    )
    values["suggestions"] = tuple(Suggestion(**entry) for entry in data.get("suggestions", ()))
    values["unsupported"] = tuple(data.get("unsupported", ()))
    values.setdefault("question", "")
    values.setdefault("standalone", "")
    values.setdefault("text", "")
    return Answer(**values)
