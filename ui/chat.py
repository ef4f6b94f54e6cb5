"""The Ask page: its Gradio layout and its handlers.

Knows nothing of how an answer is made, stored or looks: it reads inputs, calls the tutor and shows what comes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from tutor.answer import Answer, answer_from_dict
from tutor.errors import TutorError
from tutor.learner import Learner
from tutor.practice import Practice
from tutor.store import Message, conversation, messages
from tutor.suggestions import beginners_questions
from ui.format import Writing, failed_html, finished_html, live_html
from ui.frame import fragment
from ui.item import item_card
from ui.pressed import Pressed, learner_of, pressed_in_chat
from ui.runs import Desk, Frame, Run
from ui.texts import text
from ui.turns import Pair, pairs, split
from ui.wanted import pressed_in, wanted_of

if TYPE_CHECKING:
    from tutor.session import Tutor

Shown = dict[Any, Any]
"""Gradio components to their new values."""


class AskPage:
    """The layout's components and the handlers that fill them."""

    def __init__(self, tutor: "Tutor", practice: Practice, desk: Desk) -> None:
        self.tutor = tutor
        self.practice = practice
        self.desk = desk

    def blocks(self) -> gr.Blocks:
        """Lay the page out and connect its handlers."""
        with gr.Blocks(
            title=f"{text('ask.title')} · {text('product')}", analytics_enabled=False, fill_width=True
        ) as page:
            _html("heading", fragment("heading.html", title=text("ask.title")))
            self.history = _html("history")
            self.live = _html("live")
            send, stop = self._composer()
            self.conversation = gr.Textbox(elem_id="conversation", visible="hidden", label="conversation")
            self.wish = gr.Textbox(elem_id="wish", visible="hidden", label="wish")
            grant = gr.Button("ask", elem_id="grant", visible="hidden")
            self._connect(page, [self.question.submit, send.click, grant.click], stop)
        page.max_threads = 400
        page.queue(default_concurrency_limit=None, api_open=False)
        return page

    def _composer(self) -> tuple[gr.Button, gr.Button]:
        """Lay out where a question is written; returns the buttons that send it and that stop its answer."""
        with gr.Row(elem_id="composer"):
            skills = [(skill.title, skill.id) for skill in self.tutor.curriculum.skills]
            self.scope = gr.Dropdown(
                [(text("ask.scope.all"), ""), *skills],
                value="",
                label=text("ask.scope"),
                elem_id="scope",
                filterable=False,
                container=False,
                scale=0,
                min_width=0,
            )
            self.question = gr.Textbox(
                placeholder=text("ask.placeholder"),
                label=text("ask.label"),
                elem_id="question",
                lines=1,
                max_lines=8,
                container=False,
                scale=1,
                min_width=0,
            )
            send = gr.Button(text("ask.send"), variant="primary", elem_id="send", scale=0, min_width=0)
            stop = gr.Button(text("ask.stop"), elem_id="stop", scale=0, min_width=0)
        return send, stop

    def _connect(self, page: gr.Blocks, asks: list[Callable[..., Any]], stop: gr.Button) -> None:
        shown = [self.history, self.live, self.question, self.scope, self.conversation, self.wish]
        open_to_all: dict[str, Any] = {
            "concurrency_limit": None,
            "show_progress": "hidden",
            # All values are text already. Gradio would send each through a thread: four fifths of a yield's cost.
            "postprocess": False,
            "api_visibility": "private",
        }
        page.load(self.open, None, shown, **open_to_all)
        gr.on(
            asks,
            self.ask,
            [self.question, self.scope, self.conversation, self.wish],
            # Without the question: the page's script empties it. A value sent here would be set again with each
            # yield, over what the learner types next, and an output left out costs a new component each time.
            [self.history, self.live, self.conversation, self.wish],
            **open_to_all,
        )
        stop.click(self.stop, [self.conversation], None, **open_to_all)

    async def open(self, request: gr.Request) -> AsyncIterator[Shown]:
        """Show the conversation that the address names, and read along when an answer is being written in it."""
        query = dict(request.query_params)
        opened, skill = query.get("c", ""), query.get("skill", "")
        known = {each.id for each in self.tutor.curriculum.skills}
        values: Shown = {self.scope: skill} if skill in known else {}
        if asked := query.get("q", ""):
            values[self.question] = asked
        try:
            learner = learner_of(request)
            run = self.desk.find(learner, opened) if opened else None
            kept = await self._kept(learner, opened) if opened else []
            if opened and self.scope not in values:
                values[self.scope] = (await self._heading(learner, opened)).skill
        except TutorError as error:
            yield {**values, self.history: fragment("notice.html", message=str(error)), self.live: ""}
            return
        past, newest = split(kept, run.frame if run else None)
        live = await asyncio.to_thread(self._newest, newest, opened, learner, "", skill)
        yield {**values, self.conversation: opened, self.history: self._past(past), self.live: live}
        if run:
            async for html in self._follow(run, learner):
                yield {self.live: html}

    async def ask(self, question: str, skill: str, opened: str, wish: str, request: gr.Request) -> AsyncIterator[Shown]:
        """Ask and show the answer while it is written."""
        if (pressed := pressed_in(wish)) is not None:
            try:
                yield {self.wish: "", self.live: await self._press(opened, pressed, learner_of(request))}
            except TutorError as error:
                yield {self.wish: "", self.live: failed_html("", str(error), opened)}
            return
        wanted = wanted_of(question, skill, opened, wish)
        if not wanted.question.strip():
            yield {self.wish: ""}
            return
        kept: list[Message] = []
        try:
            learner = learner_of(request)
            kept = await self._kept(learner, wanted.conversation) if wanted.conversation else []
            conversation_id, begun = wanted.conversation, False
            if not conversation_id:
                begin = self.tutor.begin, learner, wanted.question, wanted.skill
                conversation_id, begun = await asyncio.to_thread(*begin), True
            events = self.tutor.ask(
                learner, conversation_id, wanted.question, wanted.skill, wanted.retry_of, begun=begun
            )
            run = self.desk.start(learner, wanted.question, conversation_id, events)
        except TutorError as error:
            failed = failed_html(wanted.question, str(error), wanted.conversation)
            yield {self.wish: "", self.history: self._past(pairs(kept)), self.live: failed}
            return
        past = [each for each in pairs(kept) if not (each[1] and each[1].id == wanted.retry_of)]
        # Said again each time, because Gradio makes a component anew for every output that is left out.
        kept_as_is: Shown = {self.history: self._past(past), self.conversation: conversation_id, self.wish: ""}
        async for html in self._follow(run, learner, begun):
            yield {**kept_as_is, self.live: html}

    def stop(self, opened: str, request: gr.Request) -> None:
        """Stop the answer that is being written."""
        run = self.desk.find(learner_of(request), opened)
        if run:
            run.stop()

    async def _follow(self, run: Run, learner: Learner, begun: bool = False) -> AsyncIterator[str]:
        shown = ""
        async for html in self._states(run, learner, begun):
            if html != shown:
                yield html
            shown = html

    async def _states(self, run: Run, learner: Learner, begun: bool) -> AsyncIterator[str]:
        writing, finished = Writing(), False
        async for frame in run.follow(self.desk.interval):
            if finished:  # what was done is shown; only its end was waited for
                continue
            if frame.done:
                finished = True
                curriculum, done = self.tutor.curriculum, frame.done
                card = ""
                if done.answer.item or not begun:  # a conversation that has just begun has no item but its own
                    card = await asyncio.to_thread(self._card, learner, run.conversation, done.answer)
                yield finished_html(curriculum, done.answer, run.conversation, done.message, card=card)
            elif frame.error:
                yield failed_html(frame.question, frame.error, frame.conversation, self._so_far(writing, frame))
            elif frame.ended:
                _, newest = split(await self._kept(learner, run.conversation), None)
                yield await asyncio.to_thread(self._newest, newest, run.conversation, learner)
            else:
                body = self._so_far(writing, frame)
                yield live_html(frame.question, frame.status, body, frame.conversation)

    def _so_far(self, writing: Writing, frame: Frame) -> str:
        return writing.html(self.tutor.curriculum, frame.text, frame.citations) if frame.text else ""

    def _past(self, past: list[Pair]) -> str:
        return "".join(self._turn(pair, "", last=False) for pair in past)

    def _newest(self, newest: Pair | None, opened: str, learner: Learner, notice: str = "", skill: str = "") -> str:
        if newest is None:
            asked = skill if any(each.id == skill for each in self.tutor.curriculum.skills) else ""
            questions = beginners_questions(self.tutor.curriculum, skill=asked)
            return "" if opened else fragment("empty.html", questions=questions)
        answered = newest[1]
        answer = answer_from_dict(answered.data) if answered and answered.data else None
        card = self._card(learner, opened, answer, notice) if answer else ""
        return self._turn(newest, opened, last=True, card=card)

    def _turn(self, pair: Pair, opened: str, last: bool, card: str = "") -> str:
        asked, answered = pair
        if answered is None or not answered.data:
            return failed_html(asked.text, text("ask.interrupted"), opened)
        answer = answer_from_dict(answered.data)
        return finished_html(self.tutor.curriculum, answer, opened, answered.id, last, card)

    def _card(self, learner: Learner, opened: str, answer: Answer, notice: str = "") -> str:
        """The item that is open in a conversation, or the one that its newest turn was about."""
        if not opened:
            return ""
        progress = self.practice.progress(learner)
        showing, outcome = progress.open, ""
        if showing is None and answer.item and progress.closed and progress.closed.outcome not in {"skipped", "left"}:
            showing, outcome = progress.closed.showing, progress.closed.outcome
        if showing is None or showing.conversation != opened:
            return ""
        question = self.practice.question(progress, showing, outcome)
        if question is None:
            return ""
        return item_card(self.tutor.curriculum, question, progress.standing(showing.objective), notice=notice)

    async def _press(self, opened: str, pressed: Pressed, learner: Learner) -> str:
        """Do what was pressed on the card of the newest turn; the turn with what came of it."""
        notice = await pressed_in_chat(self.practice, learner, opened, pressed)
        _, newest = split(await self._kept(learner, opened), None)
        return await asyncio.to_thread(self._newest, newest, opened, learner, notice)

    async def _kept(self, learner: Learner, opened: str) -> list[Message]:
        return await asyncio.to_thread(messages, self.tutor.store, learner, opened)

    async def _heading(self, learner: Learner, opened: str) -> Any:
        return await asyncio.to_thread(conversation, self.tutor.store, learner, opened)


def _html(name: str, value: str = "") -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)
