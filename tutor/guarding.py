"""Guards the chat while an item is open: passages and history masked, each reply held back until it has passed.

Knows nothing of stores, models or pages. What the key is says tutor.key, what gives it away tutor.leaks.
"""

import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from tutor.answer import Answer, Citation, Event, Passage, Sources, Status, Token
from tutor.condense import Turn
from tutor.hints import first_hint
from tutor.item import Item
from tutor.key import Key, key_of
from tutor.leaks import leaks
from tutor.lesson import Section
from tutor.masking import masked, states_key
from tutor.replies import replies
from tutor.terms import STOP_WORDS, words

ASKED = "asked"
"""The class of a reply to a learner who asks for the key itself."""
CONTEXT = 2_000  # characters before a sentence that are looked at with it; the finished reply is judged as a whole
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)*_]*(?:\s*\[\d+\])*\s+|\n\s*\n")


@dataclass(frozen=True)
class Guarded:
    """The item that is open for a learner.

    Args:
        item: The item.
        order: Original indices of its options in the order shown.
        sections: Sections that teach its objective.
    """

    item: Item
    order: tuple[int, ...] = ()
    sections: tuple[Section, ...] = field(default=(), repr=False)

    @cached_property
    def key(self) -> Key:
        """What must not be said."""
        return key_of(self.item, self.order)

    def reply(self, code: str) -> str:
        """A sentence of replies.json and the author's hint.

        Args:
            code: ``guard_asked`` or ``guard_blocked``.
        """
        return f"{replies()[code]} {first_hint(self.item)}"

    def passages(self, found: Sequence[Passage]) -> list[Passage]:
        """The passages with what states the key masked; those whose heading or address states it are left out."""
        kept = [passage for passage in found if not self._named(passage)]
        return [self._masked(passage) for passage in kept]

    def masking(self, run: "Writing") -> Callable[[Sequence[Passage]], list[Passage]]:
        """``passages`` for one answer in the making, which is blocked when nothing is left."""

        def mask(found: Sequence[Passage]) -> list[Passage]:
            kept = self.passages(found)
            run.blocked = "passages" if found and not kept else ""
            return kept

        return mask

    def history(self, turns: Sequence[Turn]) -> list[Turn]:
        """The conversation with the tutor's turns masked; what the learner wrote stays."""
        return [self._turn(turn) if turn.role == "tutor" else turn for turn in turns]

    def finished(self, answer: Answer) -> Answer:
        """A finished answer that gives nothing away, in text, quotes, suggestions and the question as understood."""
        found = answer.blocked or leaks(answer.text, self.key)
        if found:
            text = self.reply("guard_asked" if found == ASKED else "guard_blocked")
            answer = replace(
                answer, text=text, citations=(), passages=(), suggestions=(), unsupported=(), blocked=found
            )
        standalone = answer.standalone if not self._tells(answer.standalone) else answer.question
        return replace(
            answer,
            standalone=standalone,
            passages=tuple(replace(passage, chunks=()) for passage in answer.passages),
            citations=tuple(self._citation(citation) for citation in answer.citations),
            suggestions=tuple(
                s for s in answer.suggestions if not self._tells(f"{s.label}. {s.question}. {_spoken(s.anchor)}")
            ),
        )

    def _tells(self, text: str) -> bool:
        return bool(leaks(text, self.key)) or states_key(text, self.key)

    def _named(self, passage: Passage) -> bool:
        return self._tells(passage.section) or self._tells(_spoken(passage.anchor))

    def _masked(self, passage: Passage) -> Passage:
        return replace(passage, text=masked(passage.text, self.key))

    def _turn(self, turn: Turn) -> Turn:
        topic, standalone = ("" if self._tells(text) else text for text in (turn.topic, turn.standalone))
        return replace(turn, text=masked(turn.text, self.key), topic=topic, standalone=standalone)

    def _citation(self, citation: Citation) -> Citation:
        return replace(citation, quote="") if self._tells(citation.quote) else citation


def _spoken(anchor: str) -> str:
    """An anchor as the words of its heading."""
    return anchor.replace("-", " ")


class Writing(Protocol):
    """What the guard needs of an answer in the making."""

    text: str
    passages: tuple[Passage, ...]
    covered: bool
    blocked: str
    passed: str | None


async def held_back(events: AsyncGenerator[Event, None], run: Writing, guarded: Guarded) -> AsyncGenerator[Event, None]:
    """The events of an answer, its text sentence by sentence after each has passed the guard.

    At the first leak the rest is given up; the text becomes the author's hint.

    Args:
        events: Of the answer; its tokens may come in any pieces.
        run: The answer in the making; ``passed`` is kept at what has been let through.
        guarded: The open item.
    """
    run.passed = ""
    waiting = ""
    async with aclosing(events):
        async for event in events:
            if not isinstance(event, Token):
                if isinstance(event, Status) and event.code == "fallback":
                    run.passed, waiting = "", ""
                yield _quiet(event, guarded)
                continue
            waiting += event.text
            end = _ready(waiting)
            if end and _leak(run.passed, waiting[:end], guarded.key):
                break
            if end:
                piece, waiting = waiting[:end], waiting[end:]
                run.passed += piece
                yield Token(piece)
    found = leaks(run.passed + waiting, guarded.key)
    if found or run.blocked:
        run.blocked = found or run.blocked
        run.text = run.passed = guarded.reply("guard_blocked")
        run.passages, run.covered = (), True
        yield Status("guarded")
    elif waiting:
        run.passed += waiting
        yield Token(waiting)


def _leak(passed: str, more: str, key: Key) -> str:
    return leaks(passed[-CONTEXT:] + more, key)


def _quiet(event: Event, guarded: Guarded) -> Event:
    """Sources whose names give nothing away; other events as they are."""
    if not isinstance(event, Sources):
        return event
    return Sources(tuple(c for c in event.citations if not guarded._tells(f"{c.section}. {c.quote}")))


def _ready(text: str) -> int:
    """Where the last whole sentence ends that may be judged by itself; 0 when there is none.

    What has none of the small words of English may be the beginning of something spelt out or encoded and waits.
    """
    for match in reversed(list(_SENTENCE_END.finditer(text))):
        head = text[: match.end()]
        last = head[: match.start()].rpartition(". ")[2]
        if head.count("```") % 2 == 0 and any(word in STOP_WORDS for word in words(last) if len(word) > 1):
            return match.end()
    return 0
