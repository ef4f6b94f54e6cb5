"""How much a question looks like what the tutor does not do: other subjects, harm, attacks on the tutor itself.

Knows nothing of passages or verdicts: the gate weighs this against what search found.
"""

import asyncio
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.disguise import revealed
from tutor.kinds import Kinds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embed import Embedder

OWN = -4.5
"""Log-odds for another subject up to which a skill is like the shipped ones, whose own questions have about -6.3 at the
median (benchmarks/train_kinds.py prints it)."""

Own = Mapping[str, tuple[Sequence[str], "NDArray[np.float32]"]]
"""Questions of each skill with their vectors."""


@dataclass(frozen=True)
class Nearness:
    """Log-odds of each kind against "for the lessons"; 0 where it was not measured.

    Args:
        off_topic: Other subjects.
        harm: Requests that would do harm.
        injection: Attacks on the tutor itself.
        hidden_harm: Harm in the question or in any one clause of it.
        hidden_injection: An attack in the question or in any one clause of it.
        foreign: By how much the own questions of a skill look like another subject, for skills that do.
    """

    off_topic: float = 0.0
    harm: float = 0.0
    injection: float = 0.0
    hidden_harm: float = 0.0
    hidden_injection: float = 0.0
    foreign: tuple[tuple[str, float], ...] = ()

    def off_topic_in(self, skill: str) -> float:
        """Log-odds for another subject than a skill's: what looks as foreign as its own questions does not count."""
        return self.off_topic - dict(self.foreign).get(skill, 0.0)


class Outside:
    """Measures questions.

    Args:
        embedder: The embedding model of the index.
        lessons: Gives questions of each skill, asked before the first question. Lessons on other subjects than the
            shipped ones would look like other subjects; by their questions this is put right. None takes all for
            shipped.
    """

    def __init__(self, embedder: "Embedder", lessons: "Callable[[], Own] | None" = None) -> None:
        self._embedder = embedder
        self._kinds = Kinds()
        self._lessons = lessons
        self._preparing = threading.Lock()
        self._foreign: tuple[tuple[str, float], ...] | None = None

    def ready(self) -> None:
        """Do once what a question needs: read the weights, and look at the lessons if they were given."""
        with self._preparing:
            if self._foreign is None:
                self._kinds.load()
                own = self._lessons() if self._lessons is not None else {}
                shifts = {skill: self._shift(*asked) for skill, asked in own.items()}
                self._foreign = tuple((skill, shift) for skill, shift in shifts.items() if shift > 0)

    def _shift(self, texts: Sequence[str], vectors: "NDArray[np.float32]") -> float:
        """By how much a skill's own questions look more like another subject than the shipped ones do, or 0."""
        import numpy as np

        return max(0.0, float(np.median(self._kinds.odds(texts, vectors)[:, 0])) - OWN) if texts else 0.0

    async def nearness(self, question: str) -> Nearness:
        """How much a question looks like each kind.

        For harm and attacks each clause counts by itself, so that one hidden in harmless text shows; quoted words do
        not count: whoever reports an attack quotes it.
        """
        if self._foreign is None:
            await asyncio.to_thread(self.ready)
        import numpy as np

        parts, hidden = clauses(question), revealed(question)
        embedded = await asyncio.gather(*map(self._embedder.aembed_query, [question, *hidden]))
        vectors = np.asarray(embedded, dtype=np.float32)
        # A clause keeps the meaning of its question: a vector of its own tells attacks no better and takes as long.
        own = np.concatenate([vectors[:1].repeat(1 + len(parts), 0), vectors[1:]])
        odds = self._kinds.odds([question, *parts, *hidden], own)
        whole, most = odds[0], odds.max(axis=0)
        off_topic, harm, injection = map(float, whole)
        return Nearness(off_topic, harm, injection, float(most[1]), float(most[2]), self._foreign or ())


MOST_CLAUSES = 12
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']{6,}'(?!\w)|`[^`]*`")


def clauses(question: str) -> list[str]:
    """The clauses of at least four words in a longer question, without what it quotes; of many the last ones."""
    text = _QUOTED.sub(" ", question)
    found = [part.strip() for part in re.split(r"[.!?;:,\n]+\s|[\n]+| - ", text)]
    long = [part for part in found if len(part.split()) >= 4]
    return long[-MOST_CLAUSES:] if len(long) > 1 or text != question else []
