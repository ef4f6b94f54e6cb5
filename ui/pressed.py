"""What a learner pressed on an item's card, on any page: read from what the page sent, and done.

Knows nothing of layout: where the card stands, the page shows what came of it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from tutor import wishes
from tutor.grade import Answer
from tutor.learner import Learner
from tutor.policy import NO_FOCUS, Focus
from tutor.practice import Practice
from tutor.step import Step
from ui.access import require


@dataclass(frozen=True)
class Pressed:
    """What a learner did on a card.

    Args:
        act: The button: ``answer``, ``hint``, ``skip``, ``next``, ``done``, ``test_out``, ``decline``, ``read``,
            ``dispute``, ``assess``, ``again``.
        showing: Id of the showing.
        number: Answers given to it before.
        places: Places of the chosen options, from 1, as displayed.
        text: What was written.
        objective: Id of an objective.
        skill: Id of a skill.
        lesson: Id of a lesson.
        section: Anchor of a section.
        focus: What the learner wants to practise.
    """

    act: str = "next"
    showing: str = ""
    number: int = 0
    places: tuple[int, ...] = ()
    text: str = ""
    objective: str = ""
    skill: str = ""
    lesson: str = ""
    section: str = ""
    focus: Focus = NO_FOCUS


def pressed_of(value: Any) -> Pressed:
    """What a page sent, made safe: unknown fields are left out, wrong types are empty."""
    if not isinstance(value, Mapping):
        return Pressed()
    words = {name: str(value.get(name) or "") for name in ("act", "showing", "text", "objective", "skill")}
    more = {name: str(value.get(name) or "") for name in ("lesson", "section")}
    listed = value.get("places")
    places = tuple(int(each) for each in listed if str(each).isdecimal()) if isinstance(listed, list) else ()
    number = value.get("number")
    focus = value.get("focus")
    wanted = {name: str(focus.get(name) or "") for name in ("skill", "objective")} if isinstance(focus, Mapping) else {}
    within = Focus(**wanted, link=isinstance(focus, Mapping) and focus.get("link") is True)
    return Pressed(**words, **more, places=places, number=int(number) if str(number).isdecimal() else 0, focus=within)


def press(practice: Practice, learner: Learner, pressed: Pressed) -> Step | None:
    """Do what a card's button says; None when what comes next is to be shown.

    Raises:
        TutorError: It cannot be done; the message says why.
    """
    if pressed.act == "hint":
        return practice.hint(learner, pressed.showing)
    if pressed.act == "assess":
        return wishes.assess(practice, learner, pressed.showing, [place - 1 for place in pressed.places])
    if pressed.act == "dispute":
        wishes.dispute(practice, learner, pressed.showing, pressed.text)
        return practice.answered(practice.progress(learner), pressed.showing, "disputed")
    if pressed.act == "skip":
        practice.skip(learner, pressed.showing)
    elif pressed.act == "test_out":
        wishes.begin_test_out(practice, learner, pressed.objective)
    elif pressed.act == "decline":
        wishes.decline_probe(practice, learner, pressed.skill)
    elif pressed.act == "read":
        wishes.opened(practice, learner, pressed.skill, pressed.lesson, pressed.section)
    return None


async def answer(practice: Practice, learner: Learner, pressed: Pressed) -> Step:
    """Grade what was chosen or written on a card."""
    progress = await asyncio.to_thread(practice.progress, learner)
    order = progress.open.order if progress.open and progress.open.id == pressed.showing else ()
    choices = tuple(order[place - 1] for place in dict.fromkeys(pressed.places) if 0 < place <= len(order))
    return await practice.submit(learner, pressed.showing, pressed.number, Answer(choices, pressed.text))


async def pressed_in_chat(practice: Practice, learner: Learner, conversation: str, pressed: Pressed) -> str:
    """Do what a card in a conversation says; the code of what there is to say about it.

    Raises:
        TutorError: It cannot be done; the message says why.
    """
    if pressed.act == "answer":
        return (await answer(practice, learner, pressed)).notice
    if pressed.act == "done":
        return ""
    progress = await asyncio.to_thread(practice.progress, learner)
    step = await asyncio.to_thread(press, practice, learner, pressed)
    if step is None and pressed.act in {"next", "test_out"}:
        last = progress.closed.showing.objective if progress.closed else ""
        focus = Focus(objective=pressed.objective or last)
        await asyncio.to_thread(practice.proceed, learner, focus, "chat", conversation)
    return step.notice if step is not None else ""


def learner_of(request: gr.Request) -> Learner:
    """The learner whom the server verified for this request, never a value from the page.

    Raises:
        SignInNeeded: The request carries no session.
    """
    return require(request.request.state.learner if request.request else None, "learner")
