"""The tutor as one object: ask a question, report an answer; the only place that orders the steps.

Knows nothing of pages or of how search and store work inside. ``ask`` reads top to bottom: keep, guard, chain, check,
record.
"""

import asyncio
import logging
import unicodedata
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tutor import asking, guard, keeping, outcome, quizzing, store
from tutor.answer import Answer, Done, Event, Marks, Passage, Status, Token
from tutor.chain import Measure, Retriever, build, passage
from tutor.condense import Turn
from tutor.courtesy import courtesy
from tutor.curriculum import Curriculum
from tutor.errors import ModelError, TutorError
from tutor.evidence import Similarity
from tutor.glossary import Term, expanded
from tutor.guarding import ASKED, Guarded, held_back
from tutor.language import language_of
from tutor.learner import Learner
from tutor.link_quiz import chat_skills, open_chat
from tutor.link_scope import narrowed, search_within
from tutor.models import model_name
from tutor.nearest import uncovered
from tutor.practice import Practice
from tutor.progress import Progress
from tutor.replies import replies
from tutor.settings import Settings
from tutor.unfinished import Unfinished, streamed

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

log = logging.getLogger(__name__)

Known = Callable[[Sequence[str]], str]


class Tutor:
    """A tutor for one curriculum, with or without a model and with or without a memory.

    Args:
        settings: Budgets, times and limits.
        curriculum: The lessons; replaced while serving when they change.
        retriever: Search over the same lessons.
        memory: The store; without one nothing is kept (as on the command line).
        model: An OpenAI-compatible chat model; without one the built-in tutor answers.
        similarity: Cosines of one sentence to several, for the check of a model's answer.
        outside: How near a question comes to what the tutor does not do, for the gate.

    Example:
        >>> async def first_words(tutor: Tutor) -> str:
        ...     async for event in tutor.ask(Learner("anon:1"), None, "What is a token?"):
        ...         if isinstance(event, Done):
        ...             return event.answer.text
        ...     return ""
    """

    def __init__(
        self,
        settings: Settings,
        curriculum: Curriculum,
        retriever: "Retriever",
        memory: store.Store | None = None,
        model: "BaseChatModel | None" = None,
        similarity: Similarity | None = None,
        outside: Measure | None = None,
    ) -> None:
        self.settings = settings
        self.curriculum = curriculum
        self.retriever = retriever
        self.store = memory
        self.outside = outside
        self.model = model
        self.similarity = similarity
        self.practice: Practice | None = None
        self._loaded = False

    @cached_property
    def _built_in(self) -> "Runnable[dict[str, Any], dict[str, Any]]":
        return build(self.settings, self.retriever, None, self.outside, self._terms)

    @cached_property
    def _chain(self) -> "Runnable[dict[str, Any], dict[str, Any]]":
        if self.model is None:
            return self._built_in
        return build(self.settings, self.retriever, self.model, self.outside, self._terms)

    def load(self) -> None:
        """Build the chains now rather than with the first question; it imports LangChain."""
        _ = self._chain, self._built_in
        self._loaded = True

    def _terms(self) -> tuple[Term, ...]:
        return self.curriculum.glossary

    async def ask(
        self, learner: Learner, conversation: str | None, question: str, scope: str = "", retry_of: str = "",
        guarding: Guarded | None = None, begun: bool = False,
    ) -> AsyncGenerator[Event, None]:  # fmt: skip
        """Answer a question.

        Args:
            learner: The verified identity.
            conversation: Id of the learner's conversation; None begins a new one.
            question: What the learner wrote.
            scope: Id of a skill to stay within; empty for all.
            retry_of: Id of the tutor's message that a new answer replaces.
            guarding: The item whose key nothing that is said may give away; by default the one that is open for the
                learner.
            begun: The conversation was begun with this very question, see ``begin``.

        Yields:
            Status, Sources, Token, Marks, and at last Done. Closing the iterator early keeps what was said so far,
            marked as stopped.

        Raises:
            TutorError: The question cannot be answered at all: empty, too long, an unknown skill, not the learner's.
        """
        question = self.cleaned(question)
        if scope:
            self.curriculum.skill(scope)
        skills: tuple[str, ...] = ()
        if learner.link:
            scope, skills = narrowed(scope, await asyncio.to_thread(chat_skills, self.practice, learner))
        talk, history = conversation or "", list[Turn]()
        if not begun:
            talk, history = await self._keep(learner, conversation, question, scope, retry_of)
        place = keeping.Place(self.store, learner, talk, retry_of)
        known: Known | None = None
        if self.practice is not None:
            progress = await asyncio.to_thread(self.practice.progress, learner)
            said = await self._about_item(self.practice, progress, place, question, scope, history, skills)
            if said is not None:
                yield Token(said.text)
                yield Done(said, talk, await asyncio.to_thread(place.record, said))
                return
            if guarding is None and progress.open is not None:
                guarding = await asyncio.to_thread(quizzing.guarded, self.practice, learner, progress)
            known = quizzing.acquainted(self.practice, progress) if self.model is not None else None
        # Each iterator is closed by the one around it: a stop reaches the model's connection at once.
        async with aclosing(self.answer(question, history, scope, place.stopped, guarding, skills, known)) as events:
            async for event in events:
                yield await self._recorded(place, event.answer) if isinstance(event, Done) else event

    def begin(self, learner: Learner, question: str, scope: str = "") -> str:
        """Begin a conversation with a question, for ``ask`` with ``begun``; gives back its id.

        Raises:
            TutorError: The question cannot be asked, see ``ask``, or nothing is stored here.
        """
        if self.store is None:
            raise TutorError("Nothing is stored here, so no conversation can be begun.")
        question = self.cleaned(question)
        if scope:
            self.curriculum.skill(scope)
        if self.practice is not None:
            open_chat(self.practice, learner)
        return keeping.begin(self.store, learner, question, scope)

    async def _recorded(self, place: keeping.Place, answer: Answer) -> Done:
        """The end of an answer, stored; a hint that the guard gave in its place counts as one."""
        if answer.blocked and self.practice is not None:
            await asyncio.to_thread(quizzing.helped, self.practice, place.learner)
        return Done(answer, place.conversation, await asyncio.to_thread(place.record, answer))

    async def _about_item(
        self,
        practice: Practice,
        progress: Progress,
        place: keeping.Place,
        message: str,
        scope: str,
        history: Sequence[Turn],
        skills: Sequence[str],
    ) -> Answer | None:
        """The reply to a message that is an answer to an open item, or asks for one; None for a question."""
        about = next((turn.objectives for turn in reversed(history) if turn.objectives), ())

        async def search(words: str, k: int, skill: str) -> Sequence[Passage]:
            return await self.search(words, k, skill, skills)

        said = await quizzing.reply(
            practice, progress, search, place.learner, place.conversation, message, scope, about
        )
        return None if said is None else quizzing.answer_of(message, said, replies()[said.code])

    async def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: str = "",
        on_stop: Callable[[Answer], Any] | None = None,
        guarding: Guarded | None = None,
        skills: Sequence[str] = (),
        known: Known | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Answer a question without keeping anything: the events of ``ask`` for a given history.

        Args:
            question: A cleaned question.
            history: The conversation so far.
            scope: Id of a skill to stay within; empty for all.
            on_stop: Called with the unfinished answer when the iterator is closed early.
            guarding: The item that is open for the learner; see ``ask``.
            skills: Ids of the skills to stay within when ``scope`` is empty; empty for all.
            known: Gives what a model is told of the learner, for the objectives of the passages.
        """
        run = Unfinished(question)
        done: Answer | None = None
        try:
            yield Status("thinking")
            verdict = guard.judge(question)
            if verdict.allowed and guarding is not None and asking.asks_for_key(question, guarding.item):
                run.text, run.blocked = guarding.reply("guard_asked"), ASKED
                yield Token(run.text)
                made = run.answer()
            elif verdict.allowed and (code := courtesy(question)):
                made = outcome.courteous(run, code, self.curriculum)
                yield Token(run.text)
            elif verdict.allowed:
                within = {"scope": scope, "skills": tuple(skills)} | ({"known": known} if known is not None else {})
                async with aclosing(self._said(run, history, within, guarding)) as events:
                    async for event in events:
                        yield event
                made = await asyncio.to_thread(self._finished, run, history, guarding)
                if made.unsupported or made.removed:
                    yield Marks(made.unsupported, made.removed)
            else:
                run.text, run.refusal = replies()[verdict.kind], verdict.kind
                yield Token(run.text)
                made = run.answer(declined=True, covered=False)
            done = made
            yield Done(done)
        except (GeneratorExit, asyncio.CancelledError):
            if done is None and on_stop is not None:
                on_stop(outcome.stopped(run, guarding))
            raise

    async def search(self, query: str, k: int = 5, skill: str = "", skills: Sequence[str] = ()) -> list[Passage]:
        """The best sections for a query, without an answer.

        Args:
            query: A question or a few words.
            k: Most sections to give back.
            skill: Id of a skill to stay within; empty for all.
            skills: Ids of several to stay within when ``skill`` is empty.
        """
        words = expanded(query, self._terms())
        found = await search_within(self.retriever.asearch, words, k, skill, skills)
        return [passage(document) for document in found]

    def _said(
        self, run: Unfinished, history: Sequence[Turn], within: dict[str, Any], guarding: Guarded | None
    ) -> AsyncGenerator[Event, None]:
        """The streamed part of an answer; while an item is open only what has passed the guard."""
        if guarding is None:
            return self._spoken(run, history, within)
        inputs = {**within, "mask": guarding.masking(run)}
        return held_back(self._spoken(run, guarding.history(history), inputs), run, guarding)

    async def _spoken(
        self, run: Unfinished, history: Sequence[Turn], inputs: dict[str, Any]
    ) -> AsyncGenerator[Event, None]:
        """An answer by the model, or by the built-in tutor when there is none or it fails."""
        if not self._loaded:
            await asyncio.to_thread(self.load)  # asked before the server had loaded what answers need
        inputs |= {"question": run.question, "history": tuple(history)}
        inputs["said"] = tuple(turn.text for turn in history if turn.role == "tutor")
        by_model = self.model is not None
        if by_model:
            run.model = model_name(self.settings)
            try:
                async with aclosing(streamed(run, self._chain, inputs, self.settings.passages)) as events:
                    async for event in events:
                        yield event
            except ModelError as error:
                log.warning("model failed: %s: %s", error.code, error)
                by_model, run.notice, run.text, run.model = False, error.code, "", "built-in"
                yield Status("fallback", {"reason": error.code})
        if not by_model and language_of(run.question) == "en":
            async with aclosing(streamed(run, self._built_in, inputs, self.settings.passages)) as events:
                async for event in events:
                    yield event
        elif not by_model:
            async for chunk in self._built_in.astream(inputs):
                run.take(chunk)
            run.notice = "language"
        if run.notice == "language" or not run.covered:
            run.text, run.model = uncovered(run, self.curriculum), "built-in"
            yield Token(run.text)

    def _finished(self, run: Unfinished, history: Sequence[Turn], guarding: Guarded | None) -> Answer:
        return outcome.finished(run, history, self.settings.passages, self.similarity, self.practice, guarding)

    def cleaned(self, question: str) -> str:
        """The question without control characters, in composed form.

        Raises:
            TutorError: Nothing is left, or it is too long.
        """
        kept = "".join(char for char in question if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})
        kept = unicodedata.normalize("NFC", kept).strip()
        longest = self.settings.question_characters
        if not any(char.isalnum() for char in kept):
            raise TutorError("Type a question first, in a few words.", "empty")
        if len(kept) > longest:
            raise TutorError(
                f"That is {len(kept):,} characters; a question may have {longest:,}. Shorten it.", "too_long"
            )
        return kept

    async def _keep(
        self, learner: Learner, conversation: str | None, question: str, scope: str, retry_of: str
    ) -> tuple[str, list[Turn]]:
        """Store the learner's message before anything else; give back the conversation's id and its earlier turns."""
        if self.store is None:
            return "", []
        return await asyncio.to_thread(keeping.keep, self.store, learner, conversation, question, scope, retry_of)

    def report(self, learner: Learner, message: str, reason: str, note: str = "") -> None:
        """Keep what a learner says is wrong with an answer, for whoever looks after the lessons.

        Args:
            learner: The verified identity.
            message: Id of the tutor's message; must be in a conversation of the learner's.
            reason: One of REASONS.
            note: The learner's own words, at most 2,000 characters are kept.

        Raises:
            TutorError: The reason is not known, or the message is not there.
        """
        if self.store is None:
            raise TutorError("Nothing is stored here, so nothing can be reported.")
        keeping.report(self.store, learner, message, reason, note)
