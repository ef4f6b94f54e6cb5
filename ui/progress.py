"""The Progress page: where the learner stands with each objective, why the tutor thinks so, and what can be done.

Knows nothing of HTTP or of the database: it is given what it shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tutor.curriculum import Curriculum
from tutor.mastery import LEARNED
from tutor.outline import Outline
from tutor.progress import Progress
from tutor.report import Answered, Evidence, Totals, evidence, totals
from ui.frame import day, page
from ui.progress_map import between_skills, chosen_skill, within_skill
from ui.progress_plots import activity_plot, calibration_plot, early_words, forgetting_view
from ui.skill_map import NODE_HEIGHT, NODE_WIDTH
from ui.texts import text
from ui.today import path_words, paths_by_kind

STATES = {
    "new": "state.new",
    "started": "state.started",
    "learned": "state.learned",
    "mastered": "state.mastered",
    "due": "state.due",
}
"""Codes of the words of each state."""
NOTICES = {
    "reset": "progress.done.reset",
    "corrected": "progress.done.corrected",
    "untested": "progress.done.untested",
    "planned": "progress.done.planned",
}
"""Codes of what there is to say after something was done."""
CORRECTED = 0.5
"""P(known) to which "I know this less well" lowers an estimate."""


@dataclass(frozen=True)
class Row:
    """One objective as displayed.

    Args:
        id: Its id.
        title: A few words.
        text: What one can do with it.
        state: One of STATES.
        word: The state in words.
        evidence: Why, and when the next review is, in parts of a sentence.
        estimate: P(known) in a sentence; empty while there is no evidence.
        touched: There is something to reset.
        testable: "I know this" may be said.
        lowerable: "I know this less well" may be said.
    """

    id: str
    title: str
    text: str
    state: str
    word: str
    evidence: tuple[str, ...]
    estimate: str
    touched: bool
    testable: bool
    lowerable: bool


@dataclass(frozen=True)
class SkillRows:
    """One skill as displayed, with its objectives."""

    id: str
    title: str
    words: str
    share: int
    touched: bool
    rows: tuple[Row, ...]


def state_words() -> Mapping[str, str]:
    """Each state and its words."""
    return {state: text(code) for state, code in STATES.items()}


def progress_page(
    curriculum: Curriculum,
    outline: Outline,
    progress: Progress,
    answers: Sequence[Answered],
    now: datetime,
    *,
    objective: str = "",
    skill: str = "",
    notice: str = "",
) -> str:
    """The page.

    Args:
        curriculum: All lessons.
        outline: The topics in the learner's order.
        progress: Where the learner stands.
        answers: The learner's first answers.
        now: The present moment; aware.
        objective: Id of the objective whose forgetting curve is shown; empty for the most forgotten.
        skill: Id of the skill whose map is shown; empty for the one practised last.
        notice: What was just done, in words; empty for nothing.
    """
    found = evidence(progress, outline, now)
    counts = totals(progress, found)
    return page(
        "progress.html",
        title=text("progress.title"),
        notice=notice,
        standing=standing_sentence(counts, bool(answers)),
        path=path_words(curriculum, progress),
        go="practise" if answers else f"practise?objective={_first(outline)}",
        go_words=text("progress.go") if answers else text("today.first"),
        plan=progress.plan,
        paths=paths_by_kind(curriculum),
        states=state_words(),
        skills=skill_rows(curriculum, outline, found, progress),
        **_maps(curriculum, outline, found, chosen_skill(outline, progress, skill)),
        **_plots(progress, answers, found, now, objective),
    )


def _maps(curriculum: Curriculum, outline: Outline, found: Sequence[Evidence], chosen: str) -> dict[str, Any]:
    return {
        "size": (NODE_WIDTH, NODE_HEIGHT),
        "chosen": {"id": chosen, "title": curriculum.skill(chosen).title, "every": curriculum.skills},
        "between": between_skills(curriculum, outline, found),
        "within": within_skill(curriculum, outline, found, chosen),
    }


def _plots(
    progress: Progress, answers: Sequence[Answered], found: Sequence[Evidence], now: datetime, objective: str
) -> dict[str, Any]:
    return {
        "activity": activity_plot(answers, now),
        "forgetting": forgetting_view(progress, found, now, objective),
        "calibration": calibration_plot(answers),
        "early": early_words(len(answers)),
        "early_alone": early_words(sum(not each.assisted for each in answers)),
    }


def notice_words(outline: Outline, done: str, objective: str) -> str:
    """What was just done, in words; empty for what is not known."""
    topic = outline.by_id.get(objective)
    if done == "planned":
        return text(NOTICES[done])
    return text(NOTICES[done], topic=topic.title) if topic and done in NOTICES else ""


def standing_sentence(counts: Totals, begun: bool) -> str:
    """Where the learner stands, in one sentence."""
    if not begun and not counts.learned:
        return text("progress.none", count=counts.objectives)
    parts = [text("progress.learned", learned=counts.learned, count=counts.objectives)]
    if counts.mastered:
        parts.append(text("progress.mastered", count=counts.mastered))
    parts.append(text("due.chip", count=counts.due) if counts.due else text("progress.due.none"))
    return f"{', '.join(parts)}."


def skill_rows(
    curriculum: Curriculum, outline: Outline, found: Sequence[Evidence], progress: Progress
) -> list[SkillRows]:
    """The skills with their objectives, those that were touched first, else in the learner's order."""
    made = []
    for name in outline.skills:
        skill = curriculum.skill(name)
        own = [each for each in found if each.topic.skill == name]
        touched = any(each.topic.id in progress.objectives for each in own)
        counts = totals(progress, own)
        words = (
            text("skill.learned", learned=counts.learned, total=counts.objectives)
            if touched
            else text("progress.objectives", count=counts.objectives)
        )
        share = round(100 * counts.learned / max(1, counts.objectives))
        rows = tuple(row(curriculum, each, each.topic.id in progress.objectives) for each in own)
        made.append(SkillRows(name, skill.title, words, share, touched, rows))
    return sorted(made, key=lambda each: not each.touched)


def row(curriculum: Curriculum, one: Evidence, touched: bool) -> Row:
    """One objective with its evidence in words."""
    # An estimate comes close to 1 and never reaches it.
    estimate = text("progress.estimate", percent=min(99, round(100 * one.known)), learned=round(100 * LEARNED))
    return Row(
        one.topic.id,
        one.topic.title,
        curriculum.objectives[one.topic.id].text,
        one.state,
        text(STATES[one.state]),
        evidence_words(one),
        estimate if touched else "",
        touched,
        testable=one.known < LEARNED,
        lowerable=touched and one.known > CORRECTED,
    )


def evidence_words(one: Evidence) -> tuple[str, ...]:
    """Why the tutor thinks so, and when the next review is; nothing for what was never answered."""
    parts = []
    if one.answers:
        so_far = text("standing.answers", count=one.answers, right=one.right)
        parts.append(text("progress.last", answers=so_far, date=day(one.last)) if one.last else so_far)
    elif one.learned:
        parts.append(text("progress.tested"))
    if one.slipped:
        parts.append(text("progress.slipped"))
    if one.due and one.state != "due":
        parts.append(text("progress.next", date=day(one.due)))
    return tuple(parts)


def _first(outline: Outline) -> str:
    return next((topic.id for topic in outline.topics if topic.skill != "start" and topic.practicable), "")
