"""Answers being written: a pump each that reads the tutor's events, and readers that come and go.

Knows nothing of HTML or Gradio. An answer goes on when its page is closed, and a page opened later reads along.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

from tutor.answer import Answer, Citation, Done, Event, Sources, Status, Token
from tutor.errors import TutorError
from tutor.learner import Learner
from ui.texts import text

log = logging.getLogger(__name__)

QUICKEST = 0.1
"""Seconds between two looks at a text that grows, for one reader."""
SHARE = 0.008
"""Seconds that each further answer adds, so that all readers together keep the server from falling behind."""
SLOWEST = 1.0
AT_ONCE = 6
"""Answers that this process itself works at: the whole of one by the built-in tutor, the search for one by a model. The
others wait in line with their status shown: made all together, each would be as late as the last."""
GLANCE = 0.03
"""Seconds for which a new status waits for the first words: it would be gone again before it is read."""
STOPPING = 5.0
"""Seconds for which a deletion waits for answers to end; one that ends later finds nothing to be kept in."""


@dataclass(frozen=True)
class Frame:
    """What there is to see of an answer at one moment.

    Args:
        question: What was asked.
        conversation: Id of its conversation.
        status: What the tutor is doing.
        text: Markdown so far.
        citations: The sections behind the numbers; empty until they are known.
        done: The end, when it is reached.
        error: The sentence for the learner when the answer failed.
        ended: Nothing more comes.
        stopped: The learner ended it.
    """

    question: str
    conversation: str
    status: Status
    text: str = ""
    citations: tuple[Citation, ...] = ()
    done: Done | None = None
    error: str = ""
    ended: bool = False
    stopped: bool = False


class Run:
    """One answer being written."""

    def __init__(self, question: str, conversation: str) -> None:
        self.question = question
        self.conversation = conversation
        self._status = Status("thinking")
        self._pieces: list[str] = []
        self._citations: tuple[Citation, ...] = ()
        self._done: Done | None = None
        self._error = ""
        self._ended = False
        self._version = 0
        self._stopped = False
        self._pumping: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def frame(self) -> Frame:
        """The present state."""
        return Frame(
            self.question,
            self.conversation,
            self._status,
            "".join(self._pieces),
            self._citations,
            self._done,
            self._error,
            self._ended,
            self._stopped,
        )

    def stop(self) -> None:
        """End the answer; what was written so far is kept, an event awaited now is given up."""
        self._stopped = True
        if self._pumping is not None:
            self._pumping.cancel()

    async def ended(self) -> None:
        """Wait until nothing more comes."""
        await self._over.wait()

    async def pump(self, events: AsyncGenerator[Event, None]) -> None:
        """Read all events; the ui's logged boundary for what goes wrong in an answer."""
        self._pumping = asyncio.current_task()
        try:
            async with aclosing(events):
                if not self._stopped:
                    async for event in events:
                        self._take(event)
                        self._tell()
        except asyncio.CancelledError:
            if not self._stopped:
                raise
        except TutorError as error:
            self._error = str(error)
        except Exception:
            log.exception("An answer failed")
            self._error = text("error.internal")
        finally:
            self._pumping, self._ended = None, True
            self._over.set()
            self._tell()

    def _tell(self) -> None:
        self._version += 1
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def _change(self, seen: int) -> None:
        if self._version == seen:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)

    def _take(self, event: Event) -> None:
        if isinstance(event, Token):
            self._pieces.append(event.text)
        elif isinstance(event, Status):
            self._status = event
            if event.code == "fallback":
                self._pieces.clear()
        elif isinstance(event, Sources):
            self._citations = event.citations
        elif isinstance(event, Done):
            self._done = event

    async def follow(self, interval: Callable[[], float]) -> AsyncIterator[Frame]:
        """The states of the answer, the first at once, the last one ended.

        Args:
            interval: Seconds to leave between two states once the text has begun.
        """
        while True:
            seen, frame = self._version, self.frame
            yield frame
            if frame.ended:
                return
            if frame.text:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), interval())
            await self._change(seen)
            if not frame.text and not self._pieces and not self._ended:
                # What is being done is worth a look only when the words do not follow at once.
                seen = self._version
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._change(seen), GLANCE)


async def _in_turn(
    turns: asyncio.Semaphore, events: AsyncGenerator[Event, None], until: type[Event] | None
) -> AsyncGenerator[Event, None]:
    """The first event at once, because by then the question is kept, the others when it is their turn.

    Args:
        turns: Lets in so many.
        events: Of one answer.
        until: The kind of event with which the turn is given back; None for the end.
    """
    async with aclosing(events):
        async for event in events:
            yield event
            break
        async with turns:
            async for event in events:
                yield event
                if until is not None and isinstance(event, until):
                    break
        async for event in events:
            yield event


class Desk:
    """The answers being written now, by learner and conversation."""

    def __init__(
        self,
        finished: Callable[[Answer | None], None] = lambda answer: None,
        at_once: int | None = None,
        until: type[Event] | None = None,
    ) -> None:
        """Make an empty desk.

        Args:
            finished: Told of each answer when it has ended; None for one without an end of its own.
            at_once: How many answers are made at a time, in the order in which they were asked for; None for all.
            until: The kind of event from which on an answer does not count any more; None for its end.
        """
        self._finished = finished
        self._turns = asyncio.Semaphore(at_once) if at_once else None
        self._until = until
        self._runs: dict[tuple[str, str, str], Run] = {}
        self._pumps: set[asyncio.Task[None]] = set()

    def find(self, learner: Learner, conversation: str) -> Run | None:
        """The answer being written in a learner's conversation, or None."""
        return self._runs.get((learner.tenant, learner.principal, conversation))

    def start(self, learner: Learner, question: str, conversation: str, events: AsyncGenerator[Event, None]) -> Run:
        """Begin to read an answer's events.

        Raises:
            TutorError: An answer is being written in that conversation already.
        """
        if self.find(learner, conversation):
            raise TutorError(text("error.busy"), "busy")
        key = (learner.tenant, learner.principal, conversation)
        run = self._runs[key] = Run(question, conversation)
        pump = asyncio.create_task(
            run.pump(events if self._turns is None else _in_turn(self._turns, events, self._until))
        )
        self._pumps.add(pump)
        pump.add_done_callback(self._pumps.discard)
        pump.add_done_callback(lambda _: self._end(key, run))
        return run

    def _end(self, key: tuple[str, str, str], run: Run) -> None:
        self._runs.pop(key, None)
        self._finished(run.frame.done.answer if run.frame.done else None)

    def __len__(self) -> int:
        """How many answers are being written."""
        return len(self._runs)

    async def close(self, seconds: float) -> None:
        """Let open answers finish, then stop those that have not: what was written so far is kept.

        Args:
            seconds: How long they may take.
        """
        if self._pumps:
            await asyncio.wait(self._pumps, timeout=seconds)
        for run in list(self._runs.values()):
            run.stop()
        if self._pumps:
            await asyncio.wait(self._pumps)

    async def stop_all(self, learner: Learner) -> None:
        """End all answers that are being written for a learner, and wait until they have ended, though not for long."""
        runs = [
            run
            for (tenant, name, _), run in self._runs.items()
            if (tenant, name) == (learner.tenant, learner.principal)
        ]
        for run in runs:
            run.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOPPING):
                for run in runs:
                    await run.ended()

    def interval(self) -> float:
        """Seconds to leave between two looks at one answer, given how many are being written."""
        return min(SLOWEST, QUICKEST + SHARE * max(0, len(self._runs) - 1))
