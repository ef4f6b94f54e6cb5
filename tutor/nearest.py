"""What is said when the lessons do not answer a question: a refusal, or that they do not, and what comes nearest.

Knows nothing of models, learners or stores; whether a question is refused says tutor.gate.
"""

from tutor import gate
from tutor.answer import Passage, Suggestion
from tutor.curriculum import Curriculum
from tutor.replies import replies
from tutor.unfinished import Unfinished

NEAR = 0.3  # cosine from which an uncovered question's nearest section is worth naming


def uncovered(run: Unfinished, curriculum: Curriculum) -> str:
    """The words of a refusal, or those that name the nearest sections.

    Args:
        run: Its refusal, coverage and notice are set to what is said.
        curriculum: The lessons, whose skills are named when no section is near.
    """
    run.refusal = gate.refusal(run.passages, run.near)
    if run.refusal:
        run.covered, run.notice = False, ""
        return replies()[run.refusal]
    run.covered = run.notice == "language" and bool(run.passages)
    near = _near(run)
    if not near:
        return f"{replies()['not_covered']} {replies()['nothing_near'].format(skills=curriculum.taught)}"
    lead = replies()["language"] if run.covered else f"{replies()['not_covered']} {replies()['nearest']}"
    return lead + "\n\n" + "\n".join(f"- {passage.section} [{n}]" for n, passage in enumerate(near, 1))


def readings(run: Unfinished) -> tuple[Suggestion, ...]:
    """The nearest sections as next steps."""
    return tuple(
        Suggestion("read", passage.section, "", passage.skill, passage.lesson, passage.anchor) for passage in _near(run)
    )


def _near(run: Unfinished) -> list[Passage]:
    """The two best sections, those far away left out unless the lessons cover the question."""
    return [passage for passage in run.passages[:2] if run.covered or passage.cosine >= NEAR]
