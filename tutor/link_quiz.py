"""The quiz of a link in a course: so many questions, one try each, then a result; as often as the link allows.

Knows nothing of pages or of gradebooks. Everything that limits a quiz comes from the link of the verified session.
"""

import uuid
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tutor import attempts
from tutor.attempts import Happening, after
from tutor.errors import NotFound, TutorError
from tutor.learner import Learner
from tutor.lti_link import LinkSettings
from tutor.outline import ItemOutline, Outline
from tutor.practice import Practice
from tutor.progress import Progress, Quiz
from tutor.step import shuffled

CHAT_CLOSED = timedelta(hours=24)
"""How long a quiz that was begun and never ended keeps the chat closed."""


def settings_of(practice: Practice, learner: Learner) -> LinkSettings:
    """What the learner's link tells of its quiz.

    Raises:
        NotFound: The learner came by no link to a quiz.
        StoreError: The database failed.
    """
    settings = practice.told(learner)
    if settings is None or settings.kind != "quiz":
        raise NotFound("There is no quiz here. Open the quiz from your course.")
    return settings


def quiz_of(progress: Progress, learner: Learner) -> Quiz:
    """Where a learner stands with the quiz of the link they came by."""
    return progress.quizzes.get(learner.link) or Quiz()


def may_begin(quiz: Quiz, settings: LinkSettings) -> bool:
    """Whether the link allows one more try."""
    return not settings.attempts or quiz.taken < settings.attempts


def go_on(practice: Practice, learner: Learner, again: bool = False) -> Progress:
    """Show the next question of the quiz; begin it when it never was, or again when the learner says so.

    Args:
        practice: The learner's practice.
        learner: The verified identity.
        again: Begin another try when none is under way and the link allows one.

    Returns:
        Where the learner stands: with a question of the quiz open, or with the quiz ended.

    Raises:
        NotFound: The learner came by no link to a quiz.
        StoreError: The database failed.
    """
    settings, now = settings_of(practice, learner), practice.clock()

    def decide(progress: Progress) -> Sequence[Happening]:
        made = practice.ended(progress)
        progress = after(progress, made, now)
        quiz, showing = quiz_of(progress, learner), progress.open
        if showing is not None and showing.link == learner.link and quiz.items:
            return made
        pool = pool_of(practice.known()[1], settings.target)
        if not quiz.items:
            if not pool or not may_begin(quiz, settings) or (quiz.taken and not again):
                return made
            made.append(_begun(learner, settings, len(pool)))
            quiz = quiz_of(after(progress, made[-1:], now), learner)
        chosen = choose(progress, quiz, pool)
        if chosen is None:  # The bank shrank meanwhile.
            return [*made, Happening("quizzed", {"link": learner.link, "state": "ended"})]
        item = practice.item(chosen)
        shown = attempts.show(progress, item, shuffled(learner, item), "quiz", "practise", uuid.uuid4().hex)
        shown[-1] = replace(shown[-1], payload={**shown[-1].payload, "link": learner.link})
        return [*made, *shown]

    return practice.advance(learner, decide, now)


def _begun(learner: Learner, settings: LinkSettings, most: int) -> Happening:
    items = min(settings.items, most)
    return Happening(
        "quizzed", {"link": learner.link, "state": "begun", "items": items, "chat": settings.chat_open}
    )  # fmt: skip


def pool_of(outline: Outline, skill: str) -> list[tuple[str, ItemOutline]]:
    """The questions that a quiz may ask, each with its objective: all that can be graded for certain."""
    return [(topic.id, item) for topic in outline.of_skill(skill) for item in topic.items if item.kind != "free"]


def choose(progress: Progress, quiz: Quiz, pool: Sequence[tuple[str, ItemOutline]]) -> str | None:
    """The next question: of the objective asked least in this try, unseen ones first, then those seen longest ago.

    Args:
        progress: Where the learner stands.
        quiz: The try under way.
        pool: What may be asked.
    """
    asked = set(quiz.asked)
    times: dict[str, int] = {}
    for objective, item in pool:
        times[objective] = times.get(objective, 0) + (item.id in asked)

    def rank(each: tuple[str, ItemOutline]) -> tuple[int, float, int]:
        objective, item = each
        seen = progress.items.get(item.id)
        order = zlib.crc32(f"{quiz.taken}{item.id}".encode())
        return times[objective], seen.shown.timestamp() if seen else 0.0, order

    best = min((each for each in pool if each[1].id not in asked), key=rank, default=None)
    return best[1].id if best else None


def open_chat(practice: Practice, learner: Learner) -> None:
    """Do nothing when the chat may answer this learner.

    Raises:
        TutorError: A quiz is under way whose link closes the chat.
        StoreError: The database failed.
    """
    if not learner.link:
        return
    now = practice.clock()
    for quiz in practice.progress(learner).quizzes.values():
        under_way = quiz.items and quiz.begun is not None and now - quiz.begun < CHAT_CLOSED
        if under_way and not quiz.chat:
            raise TutorError("The chat is closed while your quiz is open. Finish the quiz, then ask here.", "quiz_open")


def chat_skills(practice: Practice | None, learner: Learner) -> tuple[str, ...]:
    """Ids of the skills that the chat may use for a learner; empty for all.

    Args:
        practice: Knows the links; None where there are none.
        learner: The verified identity.

    Raises:
        TutorError: The chat is closed while the learner's quiz is open, or the link's settings are wrong.
        StoreError: The database failed.
    """
    if practice is None or not learner.link:
        return ()
    open_chat(practice, learner)
    settings = practice.told(learner)
    return settings.scope if settings else ()
