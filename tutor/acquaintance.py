"""What the tutor knows of a learner, in the few lines a model needs to choose its level and its example.

Knows nothing of models, of the store or of pages. Pure; says nothing of an item that is open.
"""

from collections.abc import Callable, Sequence

from tutor.item import Item
from tutor.outline import Outline
from tutor.progress import Progress, Standing

MOST_TOPICS = 3
"""Objectives of the passages that are told of; the first ones are those of the best passage."""

LONGEST = 200
"""Characters of what a learner wrote or chose; a goal has as many."""


def about(
    progress: Progress, outline: Outline, path: str, objectives: Sequence[str], item_of: Callable[[str], Item | None]
) -> str:
    """Lines on a learner who asks about some objectives.

    Args:
        progress: Where the learner stands.
        outline: Titles of the objectives.
        path: Title of the learner's path, a role or a general aim; empty without one.
        objectives: Of the passages that were found, the best first, each once.
        item_of: The item of an id; None when it was taken out.

    Returns:
        One line a fact, each beginning with "- "; empty when nothing is known, and while an item is open: a wrong
        choice that is told of narrows down the key.
    """
    if progress.open is not None:
        return ""
    lines = [f"Follows the path: {path}"] if path else []
    if progress.plan.goal:
        lines.append(f"Aim, in the learner's own words: {_short(progress.plan.goal)}")
    for name in list(objectives)[:MOST_TOPICS]:
        topic = outline.by_id.get(name)
        standing = progress.objectives.get(name)
        if topic is not None and standing is not None:
            lines.append(f"{topic.title}: {_stands(standing)}")
    lines.extend(_mistake(progress, objectives, item_of))
    return "\n".join(f"- {line}" for line in lines)


def _stands(standing: Standing) -> str:
    evidence = f"{standing.right} of {standing.answers} first answers right"
    if standing.status == "new":
        return "not practised yet"
    if standing.wrong_in_row:
        return f"weak, {evidence}, the last {standing.wrong_in_row} wrong"
    return f"{standing.status}, {evidence}"


def _mistake(progress: Progress, objectives: Sequence[str], item_of: Callable[[str], Item | None]) -> list[str]:
    """The wrong answer given last, when it was about what is asked now and its item is as it was."""
    closed = progress.closed
    if closed is None or closed.outcome not in ("wrong", "shown") or closed.showing.objective not in objectives:
        return []
    item, answer = item_of(closed.showing.item), closed.showing.answer
    if item is None or item.content_hash != closed.showing.content or answer.get("verdict") != "wrong":
        return []
    chosen = [item.options[n] for n in answer.get("choices", ()) if n < len(item.options)]
    given = "; ".join(option.text for option in chosen if not option.correct) or str(answer.get("text", ""))
    why = " ".join(option.feedback for option in chosen if not option.correct)
    if not given:
        return []
    told = f'Last wrong answer, to "{_short(item.stem)}": "{_short(given)}"'
    return [f"{told}. What is wrong with it: {_short(why)}" if why else told]


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST else one_line[: LONGEST - 1].rstrip() + "…"
