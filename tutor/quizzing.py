"""Practice inside a conversation: an item begins, an answer typed in the chat is graded, a hint or a skip is taken.

Knows nothing of pages or of how answers to questions are made; what is no such message is left to the tutor.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tutor import attempts, chat_items
from tutor.acquaintance import about
from tutor.answer import Answer, Passage, Suggestion
from tutor.attempts import Happening
from tutor.guarding import Guarded
from tutor.learner import Learner
from tutor.policy import Focus
from tutor.practice import Practice
from tutor.progress import Progress
from tutor.step import Question, Step

Search = Callable[[str, int, str], Awaitable[Sequence[Passage]]]
LONGEST_OPEN = timedelta(hours=24)
"""How long an item stays open for the chat; after that asking puts it aside."""
QUIZ_ME = "Quiz me on this"
FEWEST_COSINE = 0.25
"""Cosine below which a topic to be quizzed on is none of the lessons'."""


@dataclass(frozen=True)
class Reply:
    """What the tutor says about an item.

    Args:
        code: A key of replies.json.
        values: What its words name.
        showing: Id of the showing that stands under the words; empty for none.
    """

    code: str
    values: dict[str, str]
    showing: str = ""


async def reply(
    practice: Practice,
    progress: Progress,
    search: Search,
    learner: Learner,
    conversation: str,
    message: str,
    scope: str,
    about: Sequence[str],
) -> Reply | None:
    """The tutor's reply when a message is about an item; None when it is a question like any other.

    Args:
        practice: The learner's practice.
        progress: Where the learner stands now.
        search: Search over the sections: words, how many, a skill.
        learner: The verified identity.
        conversation: Id of the conversation.
        message: What the learner wrote.
        scope: Id of the skill that the conversation keeps to; empty for all.
        about: Objectives that the last answer was about, for "quiz me on this".
    """
    topic = chat_items.wish(message)
    if topic is not None:
        if not topic and progress.open is not None and progress.open.conversation == conversation:
            await asyncio.to_thread(practice.skip, learner, progress.open.id)  # "another one" is another one
        return await _begin(practice, search, learner, conversation, topic, scope, about)
    question = practice.question(progress, progress.open)
    if question is None or question.showing.conversation != conversation:
        return Reply("hint_nothing", {}) if chat_items.asks_for_hint(message) else None
    meant = chat_items.meant(message, question.item, question.showing.order)
    if meant.act == "other":
        return None
    if meant.act == "hint":
        return _hinted(await asyncio.to_thread(practice.hint, learner, question.showing.id))
    if meant.act == "skip":
        await asyncio.to_thread(practice.skip, learner, question.showing.id)
        return Reply("item_skipped", {})
    step = await practice.submit(learner, question.showing.id, question.showing.attempts, meant.answer)
    return _graded(step)


async def _begin(
    practice: Practice,
    search: Search,
    learner: Learner,
    conversation: str,
    topic: str,
    scope: str,
    about: Sequence[str],
) -> Reply:
    focus = Focus(scope)
    if topic or about:
        objective = await _objective(practice, search, topic, scope) if topic else _practicable(practice, about)
        if not objective:
            return Reply("item_none", {"topic": topic})
        focus = Focus(objective=objective)
    step = await asyncio.to_thread(practice.proceed, learner, focus, "chat", conversation)
    if step.question is None:
        step = await asyncio.to_thread(practice.proceed, learner, _first(practice, step, focus), "chat", conversation)
    if step.question is None:
        return Reply("item_later", {})
    title = _title(practice, step.question)
    return Reply("item_begin", {"topic": title}, step.question.showing.id)


def _first(practice: Practice, step: Step, focus: Focus) -> Focus:
    """Where a reading or a probe comes next, the questions of its topic: the learner asked for one."""
    return Focus(objective=step.activity.objective) if step.activity.objective else focus


async def _objective(practice: Practice, search: Search, topic: str, scope: str) -> str:
    """The objective that a topic names, by its title or by the section that fits best; empty when none does."""
    known = practice.known()[1].topics
    named = [each for each in known if each.title.lower() == topic.lower() and (not scope or each.skill == scope)]
    if named:
        return named[0].id
    for passage in await search(topic, 5, scope):
        found = _practicable(practice, passage.objectives)
        if found and passage.cosine >= FEWEST_COSINE:
            return found
    return ""


def _practicable(practice: Practice, objectives: Sequence[str]) -> str:
    by_id = practice.known()[1].by_id
    return next((name for name in objectives if name in by_id and by_id[name].items), "")


def _hinted(step: Step) -> Reply:
    showing = step.question.showing.id if step.question else ""
    if step.notice:
        return Reply(step.notice if step.notice in {"hint_attempt", "hint_test"} else "item_elsewhere", {}, showing)
    return Reply("item_shown" if step.question and step.question.outcome else "item_hint", {}, showing)


def _graded(step: Step) -> Reply:
    question = step.question
    if question is None:
        return Reply("item_elsewhere", {})
    if step.notice:
        return Reply("item_invalid", {}, question.showing.id)
    code = {"right": "item_right", "unsure": "item_unsure", "": "item_again"}.get(question.outcome, "item_wrong")
    return Reply(code, {}, question.showing.id)


def _title(practice: Practice, question: Question) -> str:
    return practice.known()[1].by_id[question.item.objective].title


def answer_of(message: str, reply: Reply, words: str) -> Answer:
    """A reply as the conversation keeps it."""
    return Answer(message, message, words.format(**reply.values), item=reply.showing or "none")


def offer(practice: Practice | None, objectives: Sequence[str]) -> tuple[Suggestion, ...]:
    """The button "Quiz me on this" under an answer, when there are questions on what it was about."""
    if practice is None or not _practicable(practice, objectives):
        return ()
    return (Suggestion("quiz", QUIZ_ME, QUIZ_ME),)


def guarded(practice: Practice, learner: Learner, progress: Progress) -> Guarded | None:
    """The item that is open for a learner, for the guard of the chat; one that was left a day ago is put aside.

    Args:
        practice: The learner's practice.
        learner: The verified identity.
        progress: Where the learner stands now.

    Raises:
        StoreError: The database failed.
    """
    showing = progress.open
    if showing is None:
        return None
    if not timedelta() <= practice.clock() - showing.shown < LONGEST_OPEN:
        practice.skip(learner, showing.id)
        return None
    question = practice.question(progress, showing)
    return Guarded(question.item, showing.order, question.sections) if question is not None else None


def acquainted(practice: Practice, progress: Progress) -> Callable[[Sequence[str]], str]:
    """What a model is told of a learner who stands there, for objectives."""
    curriculum, outline, items = practice.known()
    path = next((each.title for each in curriculum.paths if each.id == progress.plan.path), "")
    return lambda objectives: about(progress, outline, path, objectives, items.get)


def helped(practice: Practice, learner: Learner) -> None:
    """The chat gave the author's hint in place of a reply: a right answer after it is no evidence.

    Raises:
        StoreError: The database failed.
    """

    def decide(progress: Progress) -> Sequence[Happening]:
        showing = progress.open
        return attempts.hint(showing, 1) if showing is not None and showing.level == 0 else ()

    practice.advance(learner, decide, practice.clock())
