"""The Practise page: its Gradio layout and its handlers, and what a card's buttons do on any page.

Knows nothing of grading, of the rules of practice or of the store: it reads what was pressed, calls the practice and
shows what comes.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import gradio as gr

from tutor.errors import TutorError
from tutor.learner import Learner
from tutor.policy import Focus
from tutor.practice import Practice
from tutor.progress import Progress
from tutor.step import Step
from ui.frame import day, fragment
from ui.item import focus_json, item_card, reason_words
from ui.lessons import section_view
from ui.link_quiz import over_now, quiz_page
from ui.markdown import plain
from ui.pressed import Pressed, answer, learner_of, press, pressed_of
from ui.texts import text

SESSION = 10
"""Answers after which the session's summary is shown between two items."""
LATELY = timedelta(minutes=10)
"""Time in which a page loaded again shows the answer that was given last."""


class PractisePage:
    """The layout's components and the handlers that fill them."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice

    def blocks(self) -> gr.Blocks:
        """Lay the page out and connect its handlers."""
        with gr.Blocks(
            title=f"{text('practise.title')} · {text('product')}", analytics_enabled=False, fill_width=True
        ) as page:
            gr.HTML(
                fragment("heading.html", title=text("practise.title")),
                elem_id="heading", apply_default_css=False, js_on_load=None,
            )  # fmt: skip
            self.card = gr.HTML("", elem_id="card", apply_default_css=False, js_on_load=None)
            self.wish = gr.Textbox(elem_id="wish", visible="hidden", label="wish")
            grant = gr.Button("act", elem_id="grant", visible="hidden")
            open_to_all: dict[str, Any] = {
                "concurrency_limit": None, "show_progress": "hidden", "postprocess": False, "api_visibility": "private",
            }  # fmt: skip
            page.load(self.begin, None, [self.card], **open_to_all)
            grant.click(self.act, [self.wish], [self.card], **open_to_all)
        page.max_threads = 400
        page.queue(default_concurrency_limit=None, api_open=False)
        return page

    async def begin(self, request: gr.Request) -> str:
        """Show what is in front of the learner: the open item, the answer just given, or what comes next."""
        query = dict(request.query_params)
        focus = Focus(str(query.get("skill", "")), str(query.get("objective", "")), link="link" in query)
        try:
            learner = learner_of(request)
            return await asyncio.to_thread(self._opened, learner, focus, "done" in query)
        except TutorError as error:
            return fragment("notice.html", message=str(error))

    async def act(self, wish: str, request: gr.Request) -> AsyncIterator[str]:
        """Do what was pressed and show what comes of it."""
        try:
            learner = learner_of(request)
            pressed = pressed_of(json.loads(wish or "{}"))
            yield await self._done(learner, pressed)
        except ValueError:
            yield fragment("notice.html", message=text("error.title"))
        except TutorError as error:
            yield fragment("notice.html", message=str(error))

    def _opened(self, learner: Learner, focus: Focus, done: bool) -> str:
        practice = self.practice
        if focus.link:
            return quiz_page(self, learner)
        progress = practice.progress(learner)
        if done:
            return self.summary(progress, focus, over_now(practice, learner))
        last, now = progress.closed, practice.clock()
        if progress.open is None and last and progress.active and now - progress.active < LATELY and not _wanted(focus):
            question = practice.question(progress, last.showing, last.outcome)
            if question is not None and last.outcome not in {"left", "skipped"}:
                return self.shown(replace(practice.stand(learner, focus), question=question), focus)
        return self.shown(practice.proceed(learner, focus), focus)

    async def _done(self, learner: Learner, pressed: Pressed) -> str:
        if pressed.act == "answer":
            return self.shown(await answer(self.practice, learner, pressed), pressed.focus)
        return await asyncio.to_thread(self._pressed, learner, pressed)

    def _pressed(self, learner: Learner, pressed: Pressed) -> str:
        practice, focus = self.practice, pressed.focus
        if pressed.act == "done" and not focus.link:
            return self.summary(practice.progress(learner), focus, over_now(practice, learner))
        step = press(practice, learner, pressed)
        if step is not None:
            return self.shown(step, focus)
        if focus.link:
            return quiz_page(self, learner, pressed.act == "again")
        step = practice.proceed(learner, focus)
        sitting = step.progress.sitting
        if pressed.act == "next" and pressed.showing and sitting and sitting.answers and sitting.answers % SESSION == 0:
            return self.summary(step.progress, focus, over_now(practice, learner))
        return self.shown(step, focus)

    def shown(self, step: Step, focus: Focus) -> str:
        """A step as HTML: an item, a section to read, an offer, or that there is nothing to do."""
        curriculum, question = self.practice.curriculum(), step.question
        if question is not None:
            standing = step.progress.standing(question.item.objective)
            focus = replace(focus, link=bool(question.showing.link))
            return item_card(curriculum, question, standing, notice=step.notice, focus=focus)
        notice = fragment("notice.html", message=text(f"item.notice.{step.notice}")) if step.notice else ""
        activity = step.activity
        if activity.reading is not None:
            found = activity.reading
            section = curriculum.section(found.skill, found.lesson, found.anchor)
            view = section_view(curriculum, section)
            return notice + fragment(
                "reading.html",
                topic=activity.values.get("topic", ""),
                minutes=activity.minutes,
                reason=reason_words(curriculum, activity),
                title=plain(section.heading),
                body=view.body,
                section=section,
                focus=focus_json(focus),
            )
        if activity.kind == "probe":
            acts = [
                ("test_out", text("probe.yes"), activity.objective, activity.skill),
                ("decline", text("probe.no"), activity.objective, activity.skill),
            ]
            return notice + self._offer(
                step, focus, text("probe.title", skill=curriculum.skill(activity.skill).title), acts
            )
        return notice + self._offer(step, focus, text("practise.nothing"), [], [(text("nav.today"), "./")])

    def _offer(
        self,
        step: Step,
        focus: Focus,
        title: str,
        acts: list[tuple[str, str, str, str]],
        links: list[tuple[str, str]] | None = None,
    ) -> str:
        activity = step.activity
        return fragment(
            "offer.html",
            topic=activity.values.get("topic", ""),
            minutes=activity.minutes if acts else 0,
            title=title,
            reason=reason_words(self.practice.curriculum(), activity),
            acts=acts,
            links=links or [],
            focus=focus_json(focus),
        )

    def summary(self, progress: Progress, focus: Focus, late: str = "") -> str:
        """What the session came to, when there is something to review, and that a due date has passed."""
        sitting = progress.sitting
        known = self.practice.curriculum().objectives

        def titles(names: tuple[str, ...]) -> list[str]:
            return [known[name].title for name in names if name in known]

        learned = sitting.learned if sitting else ()
        return fragment(
            "summary.html",
            answers=sitting.answers if sitting else 0,
            right=sitting.right if sitting else 0,
            reviews=sitting.reviews if sitting else 0,
            learned=titles(learned),
            mastered=titles(sitting.mastered if sitting else ()),
            again=titles(tuple(name for name in (sitting.wrong if sitting else ()) if name not in learned)),
            due=next_due_words(progress, self.practice.clock()),
            late=late,
            focus=focus_json(focus),
        )


def next_due_words(progress: Progress, now: datetime) -> str:
    """When the next review is due, in one sentence."""
    from tutor.review import due

    moments = [due(standing.card) for standing in progress.objectives.values() if standing.card]
    if not moments:
        return text("due.none")
    waiting = sum(moment <= now for moment in moments)
    if waiting:
        return text("due.now", count=waiting)
    return text("due.next", date=day(min(moments).date()))


def _wanted(focus: Focus) -> bool:
    return bool(focus.objective or focus.skill)
