"""One item as HTML, the same on every page: open, with hints, or with what came of it.

Knows nothing of HTTP or of the store. While an item is open, nothing that tells its key is in the HTML.
"""

import json
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tutor.attempts import TEST
from tutor.curriculum import Curriculum
from tutor.grade import RIGHT_FROM
from tutor.item import Item
from tutor.mastery import LEARNED, Chances, right_answers_to_learn
from tutor.policy import NO_FOCUS, Activity, Focus
from tutor.progress import Standing
from tutor.step import Question
from ui.frame import fragment, read_address
from ui.lessons import follow_from, picture_from
from ui.markdown import plain, render
from ui.texts import has, text

LONGEST_ANSWER = 4000
_TYPICAL = Chances(0.25, 0.10)
"""What an average choice tells, for "about two more"."""


@dataclass(frozen=True)
class OptionView:
    """One option as displayed.

    Args:
        number: Its place, from 1, which is also its key.
        html: Its text.
        state: Empty, ``bad`` for a wrong choice, ``good`` for a key, ``missed`` for a key not chosen.
        chosen: Whether the learner chose it last.
        feedback: Why it is wrong or right; empty when there is nothing to say.
    """

    number: int
    html: Markup
    state: str = ""
    chosen: bool = False
    feedback: str = ""


@dataclass(frozen=True)
class PointView:
    """One key point as displayed after the answer."""

    html: Markup
    met: bool | None
    quote: str


def item_card(
    curriculum: Curriculum, question: Question, standing: Standing, *, notice: str = "", focus: Focus = NO_FOCUS
) -> str:
    """An item as a card.

    Args:
        curriculum: All lessons, for links and titles.
        question: The item and how it was shown.
        standing: Where the learner stands with its objective.
        notice: Code of what there is to say; empty for nothing.
        focus: What the learner wanted to practise, kept for the next step.
    """
    item, showing = question.item, question.showing
    objective = curriculum.objectives.get(item.objective)
    section = question.sections[0] if question.sections else None
    made = _Words(curriculum, item)
    return fragment(
        "item.html",
        item=item,
        showing=showing,
        outcome=question.outcome,
        title=objective.title if objective else item.objective,
        stem=made.html(item.stem, inline=True),
        body=made.html(item.body),
        options=_options(question, made),
        verdict=_verdict(question),
        notice=_notice(notice),
        because=_because(question),
        helps=[(each, made.html(each.text)) for each in question.helps],
        why=made.html(item.why) if question.outcome not in {"", "skipped"} else Markup(""),
        answer=_answer(item),
        points=_points(question, made),
        said=str(showing.answer.get("text", "")),
        section=section,
        section_title=plain(section.heading) if section else "",
        section_address=read_address(section.skill, section.lesson, section.anchor) if section else "",
        standing=standing_words(standing),
        focus=focus_json(focus),
        testing=showing.purpose in TEST,
        longest=LONGEST_ANSWER,
    )


class _Words:
    """Markdown of an item to HTML: its links lead to the reader, its images to ours."""

    def __init__(self, curriculum: Curriculum, item: Item) -> None:
        # A bank that grew lies in quiz/, and its links begin there.
        folder = f"{item.skill}/quiz" if item.path.parent.name == "quiz" else item.skill
        self._follow = follow_from(curriculum.addresses, folder)
        self._picture = picture_from(folder)

    def html(self, markdown: str, inline: bool = False) -> Markup:
        made = render(markdown, follow=self._follow, picture=self._picture).strip()
        if inline and made.startswith("<p>") and made.endswith("</p>") and made.count("<p>") == 1:
            made = made[3:-4]
        return Markup(made)


def _options(question: Question, made: _Words) -> list[OptionView]:
    item, showing = question.item, question.showing
    chosen = set(showing.answer.get("choices", ())) if showing.attempts else set()
    views = []
    for number, index in enumerate(showing.order, 1):
        option = item.options[index]
        picked, state = index in chosen, ""
        if question.outcome and question.outcome != "skipped":
            state = "good" if option.correct else "bad" if picked else ""
        elif index in showing.ruled_out:
            state = "bad"
        feedback = option.feedback if state and (picked or option.correct or index in showing.ruled_out) else ""
        views.append(OptionView(number, made.html(option.text, inline=True), state, picked, made.html(feedback, True)))
    return views


def _verdict(question: Question) -> str:
    """One sentence on the last answer; empty before the first."""
    showing, outcome = question.showing, question.outcome
    if outcome in {"skipped", "shown", "unsure"}:
        return text(f"item.{outcome}")
    if outcome == "right":
        return text(
            "item.right.hint" if showing.level else "item.right.again" if showing.attempts > 1 else "item.right"
        )
    if not showing.attempts:
        return ""
    if outcome:
        return text("item.wrong.end")
    if question.item.kind == "free":
        points = showing.answer.get("points", [])
        met = sum(point["met"] is True for point in points)
        needed = -(-len(points) * RIGHT_FROM // 1)
        return text("item.partly", met=met, needed=int(needed)) if met else text("item.wrong.free")
    return text("item.wrong.multiple" if question.item.kind == "multiple" else "item.wrong")


def _because(question: Question) -> str:
    """What the grader says beside its verdict; empty for nothing."""
    code = f"item.reason.{question.showing.answer.get('reason', '')}"
    return text(code) if question.outcome not in {"skipped", "shown"} and has(code) else ""


def _notice(code: str) -> str:
    if not code:
        return ""
    return text(f"item.notice.{code}") if has(f"item.notice.{code}") else text("item.notice.invalid")


def _answer(item: Item) -> str:
    """The key of a constructed response, in words; empty for others."""
    if item.kind == "numeric" and item.value is not None:
        return (
            text("item.answer.about", value=f"{item.value:g}", tolerance=f"{item.tolerance:g}")
            if item.tolerance
            else (f"{item.value:g}")
        )
    return " · ".join(item.accepted) if item.kind == "accepted" else ""


def _points(question: Question, made: _Words) -> list[PointView]:
    if question.item.kind != "free" or question.outcome in {"", "skipped"}:
        return []
    graded: list[dict[str, Any]] = question.showing.answer.get("points", [])
    by_text = {point["point"]: point for point in graded}
    views = []
    for point in question.item.points:
        found = by_text.get(point.text, {})
        views.append(PointView(made.html(point.text, inline=True), found.get("met"), str(found.get("quote", ""))))
    return views


def focus_json(focus: Focus) -> str:
    """What the learner wanted, for the page to send back with what is pressed."""
    return json.dumps({"skill": focus.skill, "objective": focus.objective, **({"link": True} if focus.link else {})})


def standing_words(standing: Standing) -> str:
    """Where a learner stands with an objective, in one sentence."""
    if standing.mastered:
        return text("standing.mastered")
    if not standing.answers:
        return text("standing.new")
    so_far = text("standing.answers", count=standing.answers, right=standing.right)
    if standing.learned and standing.known >= LEARNED:
        return f"{so_far} · {text('standing.learned')}"
    left = right_answers_to_learn(standing.known, _TYPICAL)
    return f"{so_far} · {text('standing.left', count=left)}"


def reason_words(curriculum: Curriculum, activity: Activity) -> str:
    """Why this comes next, in one sentence."""
    values = dict(activity.values)
    if "skill" in values:
        values["skill"] = curriculum.skill(str(values["skill"])).title
    code = f"reason.{activity.reason}"
    if activity.reason == "review":
        days = int(values["days"])
        return text(code if days else "reason.review.today", **{**values, "count": days})
    return text(code, **values)
