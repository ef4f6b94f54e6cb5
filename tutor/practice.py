"""Practice for one learner after the other: show, grade, hint, skip, and what comes next.

Knows nothing of pages or of SQL. What an answer makes happen is decided by tutor.attempts and stored, with the state
after it, in one transaction.
"""

import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

from tutor import attempts, store
from tutor.attempts import Given, Happening, after
from tutor.curriculum import Curriculum
from tutor.errors import NotFound
from tutor.grade import Answer, Grade
from tutor.hints import next_level
from tutor.history import fold
from tutor.item import Item
from tutor.learner import Learner
from tutor.lesson import Section
from tutor.lti_link import LinkSettings, from_custom
from tutor.outline import Outline, along_path, outline_of
from tutor.policy import NO_FOCUS, Focus, next_activity
from tutor.progress import Place, Progress, Showing, from_json
from tutor.step import Question, Step, question_of, sections_of, shuffled, stale
from tutor.store.lti_links import link_of

log = logging.getLogger(__name__)
Grader = Callable[[Item, Answer], Awaitable[Grade]]
Decide = Callable[[Progress], Sequence[Happening]]


class Practice:
    """Practice over one curriculum, one store and one grader.

    Args:
        curriculum: Gives the lessons being served now.
        memory: The store.
        grader: Grades an answer; may ask a model.
        clock: Gives the present moment; aware.

    Attributes:
        after: Told of each learner whose progress changed, when that is stored; must not raise.
    """

    def __init__(
        self,
        curriculum: Callable[[], Curriculum],
        memory: store.Store,
        grader: Grader,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.curriculum = curriculum
        self.store = memory
        self._grader = grader
        self.clock = clock
        self.after: Callable[[Learner, Progress], None] = lambda learner, progress: None
        self._outlined: tuple[Curriculum, Outline, Mapping[str, Item]] | None = None

    # Reading

    def progress(self, learner: Learner) -> Progress:
        """Where a learner stands.

        Raises:
            StoreError: The database failed.
        """
        return from_json(store.progress(self.store, learner))

    def told(self, learner: Learner) -> LinkSettings | None:
        """What the link in a course was told by which a learner came; None for those who came without one.

        Raises:
            TutorError: The link's settings are not allowed; the message names the one.
            StoreError: The database failed.
        """
        found = link_of(self.store, learner)
        return None if found is None else from_custom(found.settings)

    def within(self, learner: Learner, focus: Focus) -> Focus:
        """What a learner wants, within the skills that their link allows."""
        settings = self.told(learner)
        return replace(focus, allowed=settings.scope) if settings else focus

    def outline(self, progress: Progress) -> Outline:
        """The topics in the order of a learner's path."""
        return along_path(self.known()[1], self.curriculum(), progress.plan.path)

    def stand(self, learner: Learner, focus: Focus = NO_FOCUS) -> Step:
        """Where a learner stands and what would come next; nothing is shown or stored.

        Raises:
            StoreError: The database failed.
        """
        progress = self.progress(learner)
        return self._step(progress, self.within(learner, focus))

    def item(self, name: str) -> Item:
        """An item by its id.

        Raises:
            NotFound: There is no such item (any more).
        """
        try:
            return self.known()[2][name]
        except KeyError:
            raise NotFound(f"There is no question {name!r} any more; its author has taken it out.") from None

    def sections(self, objective: str) -> tuple[Section, ...]:
        """The sections that teach an objective, in order."""
        return sections_of(self.curriculum(), objective)

    def question(self, progress: Progress, showing: Showing | None, outcome: str = "") -> Question | None:
        """A showing with its item and hints; None when its item is not the one that was shown any more."""
        item = self.known()[2].get(showing.item) if showing else None
        if showing is None or item is None or item.content_hash != showing.content:
            return None
        return question_of(item, showing, outcome, self.sections(item.objective))

    # Doing

    def proceed(
        self, learner: Learner, focus: Focus = NO_FOCUS, place: Place = "practise", conversation: str = ""
    ) -> Step:
        """Go on: an open item stays, else the next activity; when that is an item, it is shown.

        Args:
            learner: The verified identity.
            focus: What the learner wants to practise.
            place: Where the item is shown.
            conversation: Id of the conversation it is shown in.

        Raises:
            StoreError: The database failed.
        """
        now, notices = self.clock(), [""]
        focus = self.within(learner, focus)

        def decide(progress: Progress) -> Sequence[Happening]:
            made, notices[0] = stale(progress, self.known()[2], focus)
            progress = after(progress, made, now)
            activity = next_activity(progress, self.outline(progress), now, focus)
            if activity.kind not in {"item", "review", "mixed"}:
                return made
            item = self.item(activity.item)
            order = shuffled(learner, item)
            name = uuid.uuid4().hex
            return [*made, *attempts.show(progress, item, order, activity.purpose, place, name, conversation)]

        return self._step(self.advance(learner, decide, now), focus, notices[0])

    async def submit(self, learner: Learner, showing: str, number: int, answer: Answer) -> Step:
        """Grade an answer to the open item.

        Args:
            learner: The verified identity.
            showing: Id of the showing that the answer is to.
            number: How many answers the learner had given to it before; a second click carries the same.
            answer: The answer.

        Returns:
            What came of it: ``question`` with its outcome, or open for another try. ``notice`` says why an answer was
            not taken.

        Raises:
            StoreError: The database failed; the answer is not stored.
        """
        now = self.clock()
        progress = self.progress(learner)
        seen = progress.open
        if seen is None or seen.id != showing or seen.attempts != number:
            return self.answered(progress, showing)
        question = self.question(progress, seen)
        if question is None:
            changed = self.advance(learner, self.ended, now)
            return self._step(changed, NO_FOCUS, "changed" if seen.item in self.known()[2] else "withdrawn")
        grade = await self._grader(question.item, answer)
        if grade.verdict == "invalid":
            return replace(self._step(progress, NO_FOCUS, grade.reason or "invalid"), question=question)
        given = _given(question.item, answer, grade)

        def decide(present: Progress) -> Sequence[Happening]:
            same = present.open is not None and present.open.id == showing and present.open.attempts == number
            return attempts.attempt(present, given, now) if same else ()

        return self.answered(self.advance(learner, decide, now), showing)

    def hint(self, learner: Learner, showing: str) -> Step:
        """Give the next hint of the ladder, or say that an attempt comes first.

        Raises:
            StoreError: The database failed.
        """
        now, notices = self.clock(), [""]

        def decide(progress: Progress) -> Sequence[Happening]:
            seen = progress.open
            if seen is None or seen.id != showing:
                return ()
            if seen.purpose in attempts.TEST:
                notices[0] = "hint_test"
                return ()
            level = next_level(seen.level, seen.attempts - seen.attempts_at_level)
            if level is None:
                notices[0] = "hint_attempt"
                return ()
            return attempts.hint(seen, level)

        return self.answered(self.advance(learner, decide, now), showing, notices[0])

    def skip(self, learner: Learner, showing: str) -> Step:
        """Put the open item aside: no evidence, no key; a test-out ends.

        Raises:
            StoreError: The database failed.
        """
        now = self.clock()

        def decide(progress: Progress) -> Sequence[Happening]:
            seen = progress.open
            if seen is None or seen.id != showing:
                return ()
            ended = [Happening("tested", {"objective": seen.objective, "state": "failed"})] if progress.testing else []
            return [attempts.closed(seen, "skipped"), *ended]

        return self._step(self.advance(learner, decide, now), NO_FOCUS)

    # The one way into the store

    def advance(self, learner: Learner, decide: Decide, now: datetime) -> Progress:
        """Look at where a learner stands, store what happens, give back where they stand then.

        Raises:
            StoreError: The database failed; nothing is stored.
        """

        def decided(state: store.State) -> tuple[list[store.Event], tuple[Progress, bool]]:
            progress = from_json(state)
            made = decide(progress)
            return [event_of(learner, each, now) for each in made], (after(progress, made, now), bool(made))

        progress, changed = store.advance(self.store, learner, decided, fold, now=now)
        if changed:  # Outside of the transaction: what follows from an answer cannot lose it.
            self.after(learner, progress)
        return progress

    # What follows from a progress

    def known(self) -> tuple[Curriculum, Outline, Mapping[str, Item]]:
        """The lessons being served now, their outline and their items by id."""
        curriculum = self.curriculum()
        if self._outlined is None or self._outlined[0] is not curriculum:
            self._outlined = curriculum, outline_of(curriculum), {item.id: item for item in curriculum.items}
        return self._outlined

    def _step(self, progress: Progress, focus: Focus, notice: str = "") -> Step:
        activity = next_activity(progress, self.outline(progress), self.clock(), focus)
        return Step(progress, activity, self.question(progress, progress.open), notice)

    def answered(self, progress: Progress, showing: str, notice: str = "") -> Step:
        """The step after something was done to a showing: the question as it stands now."""
        step = self._step(progress, NO_FOCUS, notice)
        if progress.open is not None and progress.open.id == showing:
            return step
        last = progress.closed
        if last is not None and last.showing.id == showing:
            return replace(step, question=self.question(progress, last.showing, last.outcome))
        return replace(step, notice="elsewhere")

    def ended(self, progress: Progress) -> list[Happening]:
        """The end of an open showing whose item was changed or taken out; nothing otherwise."""
        return stale(progress, self.known()[2], NO_FOCUS)[0]


def event_of(learner: Learner, happening: Happening, now: datetime) -> store.Event:
    """A happening as an event of the store; an answer's key keeps it from being stored twice."""
    payload = happening.payload
    key = f"{learner.principal}:{payload['showing']}:{payload['number']}" if happening.kind == "attempted" else ""
    return store.Event(
        learner.principal, happening.kind, now, payload, learner.tenant, learner.context, idempotency_key=key
    )


def _given(item: Item, answer: Answer, grade: Grade) -> Given:
    record = {
        "choices": list(answer.choices), "text": answer.text, "verdict": grade.verdict, "score": grade.score,
        "points": [asdict(point) for point in grade.points], "reason": grade.reason, "by": grade.by,
    }  # fmt: skip
    choice = answer.choices[0] if item.kind == "single" and answer.choices else None
    return Given(grade.correct, record, choice)
