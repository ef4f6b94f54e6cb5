"""The key of an item as what must not be said, and how secret each part of it is.

Knows nothing of replies or of how they are judged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tutor.everyday import everyday, small_number
from tutor.item import Item
from tutor.number_words import shortest
from tutor.terms import terms
from tutor.wording import wording

Secrecy = Literal["secret", "everyday", "shown"]


@dataclass(frozen=True)
class Phrase:
    """Words that give the answer.

    Args:
        words: In comparable form, joined by spaces; empty for a phrase of marks alone.
        secrecy: See Key.
    """

    words: str
    secrecy: Secrecy

    @property
    def secret(self) -> bool:
        """Whether any mention gives it away."""
        return self.secrecy == "secret"


@dataclass(frozen=True)
class Amount:
    """A number that is the answer.

    Args:
        value: Its distance from 0; a sign is no disguise.
        tolerance: Largest distance from value that still counts as the answer.
        secrecy: See Key.
    """

    value: float
    tolerance: float
    secrecy: Secrecy

    @property
    def secret(self) -> bool:
        """Whether any mention gives it away."""
        return self.secrecy == "secret"

    def meets(self, number: float) -> bool:
        """Whether a number of a text is this one."""
        return abs(abs(number) - self.value) <= self.tolerance + 1e-9 * max(1.0, self.value)


@dataclass(frozen=True)
class Key:
    """What must not be said while an item is open.

    A phrase or number is ``shown`` when the learner sees it anyhow, in stem, case, hints or a wrong option;
    ``everyday`` when it is one or two words that many lessons use, a whole number up to 12 or 100, or one word as a
    free-text synonym; else ``secret``. Of what is secret any mention counts; of the everyday and the shown, being
    stated as the answer; of the everyday also a sentence that repeats the question with it.

    Args:
        texts: The right options.
        wrong: The wrong options in comparable form.
        accepted: Accepted answers.
        synonyms: Key points of a free text and their synonyms.
        numbers: Of numeric items, and of options and accepted answers that are numbers.
        places: Displayed places of the right options, from 0.
        count: How many options are shown.
        marks: Accepted answers without a letter or digit, such as a quotation mark.
        about: Terms of the stem.
    """

    texts: tuple[Phrase, ...] = ()
    wrong: tuple[str, ...] = ()
    accepted: tuple[Phrase, ...] = ()
    synonyms: tuple[Phrase, ...] = ()
    numbers: tuple[Amount, ...] = ()
    places: frozenset[int] = frozenset()
    count: int = 0
    marks: tuple[str, ...] = ()
    about: frozenset[str] = frozenset()


def key_of(item: Item, order: Sequence[int] = ()) -> Key:
    """The key of an item.

    Args:
        item: The open item.
        order: Original indices of the options in the order shown; empty for the order of the file.
    """
    order = tuple(order) or tuple(range(len(item.options)))
    wrong = tuple(wording(option.text).flat.strip() for option in item.options if not option.correct)
    seen = _Seen([item.stem, item.body, *item.hints, *(option.text for option in item.options if not option.correct)])
    texts = [option.text for option in item.keys]
    points = [text for point in item.points for text in (point.text, *point.synonyms)]
    return Key(
        texts=seen.phrases(texts),
        wrong=wrong,
        accepted=seen.phrases(item.accepted),
        synonyms=seen.phrases(points, at_least=2),
        numbers=(*seen.amounts(item), *seen.amounts_in([*texts, *item.accepted])),
        places=frozenset(place for place, original in enumerate(order) if item.options[original].correct),
        count=len(order),
        marks=tuple(answer for answer in item.accepted if not any(char.isalnum() for char in answer)),
        about=frozenset(terms(item.stem)),
    )


class _Seen:
    """What the learner sees of the item without its key."""

    def __init__(self, texts: Iterable[str]) -> None:
        shown = [wording(text) for text in texts if text]
        self.flat = "|".join(text.flat for text in shown)
        self.numbers = {value for text in shown for value, _, _ in text.numbers}
        self.percent = "percent" in self.flat or any("%" in text.marked for text in shown)

    def phrases(self, texts: Iterable[str], at_least: int = 1) -> tuple[Phrase, ...]:
        made = []
        for text in texts:
            words = wording(text).flat.strip()
            parts = tuple(words.split())
            usual = len(parts) < at_least or everyday(parts)
            made.append(Phrase(words, "shown" if f" {words} " in self.flat else "everyday" if usual else "secret"))
        return tuple(dict.fromkeys(phrase for phrase in made if phrase.words))

    def amounts(self, item: Item) -> tuple[Amount, ...]:
        if item.value is None:
            return ()
        value, tolerance = abs(item.value), item.tolerance
        made = [self._amount(value, tolerance)]
        if self.percent:
            made.append(self._amount(value / 100, tolerance / 100))
        return tuple(made)

    def amounts_in(self, texts: Iterable[str]) -> tuple[Amount, ...]:
        """The numbers of texts that are numbers and nothing else."""
        said = [wording(text) for text in texts]
        alone = [text.numbers[0][0] for text in said if len(text.words) == 1 and text.numbers]
        return tuple(self._amount(value, 0.0) for value in dict.fromkeys(alone))

    def _amount(self, value: float, tolerance: float) -> Amount:
        found = Amount(value, tolerance, "everyday" if small_number(shortest(value)) else "secret")
        return replace(found, secrecy="shown") if any(found.meets(number) for number in self.numbers) else found
