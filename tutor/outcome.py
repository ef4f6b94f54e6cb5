"""What an answer in the making becomes: finished with its citations checked and next steps, or stopped on the way.

Knows nothing of how it was made, and nothing of stores.
"""

from collections.abc import Sequence

from tutor import citations, extractive, quizzing
from tutor.answer import Answer, Suggestion
from tutor.condense import Turn
from tutor.curriculum import Curriculum
from tutor.evidence import Similarity
from tutor.guarding import Guarded
from tutor.nearest import readings
from tutor.practice import Practice
from tutor.replies import replies
from tutor.suggestions import beginners_questions
from tutor.unfinished import Unfinished


def finished(
    run: Unfinished,
    history: Sequence[Turn],
    most: int,
    similarity: Similarity | None,
    practice: Practice | None,
    guarding: Guarded | None = None,
) -> Answer:
    """The finished answer: citations resolved, claims checked, next steps added.

    Args:
        run: The answer when all is said; its text is left without invented numbers.
        history: The conversation before it.
        most: Passages that a model was given.
        similarity: Cosines of one sentence to several, for the check of a model's answer.
        practice: Tells whether there are questions to be quizzed on; None without practice.
        guarding: The item that is open for the learner.
    """
    by_model = run.model != "built-in"
    passages = run.passages[:most] if by_model else run.passages
    found = citations.check(run.text, passages, similarity if by_model else None)
    run.text = found.text
    said = tuple(turn.text for turn in history if turn.role == "tutor")
    made = run.answer(
        declined=bool(run.refusal),
        citations=found.citations,
        passages=passages,
        unsupported=found.unsupported if by_model and run.covered else (),
        removed=found.removed,
        suggestions=_suggestions(run, said, practice),
    )
    return made if guarding is None else guarding.finished(made)


def courteous(run: Unfinished, code: str, curriculum: Curriculum) -> Answer:
    """The reply to a greeting, to thanks or to a question about the tutor itself, with first questions to ask.

    Args:
        run: Takes up the text.
        code: See ``tutor.courtesy.courtesy``.
        curriculum: What can be asked about.
    """
    run.text = replies()[code].format(skills=curriculum.taught)
    asks = beginners_questions(curriculum) if code in {"hello", "about"} else ()
    return run.answer(suggestions=tuple(Suggestion("ask", question, question) for question in asks))


def _suggestions(run: Unfinished, said: Sequence[str], practice: Practice | None) -> tuple[Suggestion, ...]:
    if not run.passages or run.refusal:
        return ()
    if not run.covered or run.notice == "language":
        return readings(run)
    offered = extractive.reply(run.question, run.passages, said, run.standalone).suggestions
    return (*offered, *quizzing.offer(practice, run.passages[0].objectives))


def stopped(run: Unfinished, guarding: Guarded | None = None) -> Answer:
    """The unfinished answer as it is kept; while an item is open only what its guard has let through."""
    if guarding is not None:
        return run.answer(status="stopped", text=run.passed or "", passages=())
    if not run.text:
        return run.answer(status="stopped")
    found = citations.check(run.text, run.passages)
    return run.answer(status="stopped", text=found.text, citations=found.citations, removed=found.removed)
