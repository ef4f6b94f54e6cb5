"""The hint ladder: what help an open item gives at each level, and which level may come next.

Knows nothing of learners or of how help is shown. 1 the author's hint, 2 a second hint or a masked passage, 3 a worked
example without its last step, 4 the answer and its reason.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tutor.errors import TutorError
from tutor.item import Item
from tutor.key import Key, key_of
from tutor.leaks import leaks
from tutor.lesson import Section
from tutor.masking import GAP, masked
from tutor.number_words import shortest
from tutor.parts import Block, Part, parts
from tutor.replies import replies
from tutor.terms import held, sentences, terms, words

LEVELS = 4
LEAST_WORDS = 12
"""Words that must be left of a passage or an example after masking: fewer help nobody."""
_LINKED = re.compile(r"\]\((?P<file>[^)#\s]*)#(?P<anchor>[^)\s]+)\)")
_QUIET = {"code", "output", "image"}

Kind = Literal["hint", "passage", "example", "answer"]


@dataclass(frozen=True)
class Help:
    """Help with an open item.

    Args:
        level: 1 to 4.
        kind: ``hint`` (the author's), ``passage``, ``example`` or ``answer``.
        text: Markdown.
        section: (skill, lesson, anchor) of the section that it comes from, or None.
    """

    level: int
    kind: Kind
    text: str
    section: tuple[str, str, str] | None = None


def next_level(level: int, attempts_since: int) -> int | None:
    """The level of help that may be given next.

    Args:
        level: The highest level given so far for this item; 0 for none.
        attempts_since: Attempts made since that level was given.

    Returns:
        1 at first and 2 after 1, at once; 3 and 4 after a new attempt; 4 again after 4; None: an attempt comes first.

    Raises:
        TutorError: There is no such level, or the number of attempts is negative.

    Example:
        >>> next_level(0, 0), next_level(1, 0), next_level(2, 0), next_level(2, 1)
        (1, 2, None, 3)
    """
    if not 0 <= level <= LEVELS or attempts_since < 0:
        raise TutorError(
            f"There is no help after level {level} with {attempts_since} attempts; levels are 0 to {LEVELS}."
        )
    if level in (2, 3) and attempts_since == 0:
        return None
    return min(level + 1, LEVELS)


def help_for(item: Item, level: int, sections: Sequence[Section], order: Sequence[int] = ()) -> Help:
    """The help of one level.

    Args:
        item: The open item.
        level: 1 to 4.
        sections: Sections of the lessons; those that do not teach the item's objective are left aside.
        order: Original indices of the options in the order shown.

    Returns:
        Below level 4 nothing that states the key. Where the lessons have nothing that fits, the author's hint again,
        and it says so.

    Raises:
        TutorError: There is no such level.
    """
    if not 1 <= level <= LEVELS:
        raise TutorError(f"There is no help of level {level}; levels are 1 to {LEVELS}.")
    if level == LEVELS:
        return Help(level, "answer", answer_text(item))
    if level <= 2 and len(item.hints) >= level:
        return Help(level, "hint", item.hints[level - 1])
    key, teaching = key_of(item, order), _teaching(item, sections)
    found = None
    if level == 3:
        found = next(_examples(item, key, teaching), None) or next(_passages(item, key, teaching, skip=1), None)
    else:
        found = next(_passages(item, key, teaching), None)
    if found is None:
        return Help(level, "hint", _again(item))
    kind, text, section = found
    return Help(level, kind, text, (section.skill, section.lesson, section.anchor))


def answer_text(item: Item) -> str:
    """The answer and why it is right, as markdown."""
    if item.kind == "free":
        said = "\n\n" + "\n".join(f"- {point.text}" for point in item.points)
    elif item.value is not None:
        said = " " + shortest(item.value)
    elif item.accepted:
        said = " " + item.accepted[0]
    elif len(item.keys) == 1:
        said = " " + item.keys[0].text
    else:
        said = "\n\n" + "\n".join(f"- {option.text}" for option in item.keys)
    return f"**{replies()['help_answer']}**{said}" + (f"\n\n{item.why}" if item.why else "")


def first_hint(item: Item) -> str:
    """The author's hint, or that there is none."""
    return item.hints[0] if item.hints else replies()["hint_none"]


def _again(item: Item) -> str:
    return f"{replies()['hint_again']} {item.hints[-1]}" if item.hints else replies()["hint_none"]


def _teaching(item: Item, sections: Iterable[Section]) -> list[Section]:
    """The sections that teach the item's objective: the one that its Why leads to, then by shared terms."""
    linked = {
        (match["file"].rpartition("/")[2].removesuffix(".md"), match["anchor"]) for match in _LINKED.finditer(item.why)
    }
    asked = _asked(item)
    found = [section for section in sections if section.teaching and item.objective in section.objectives]
    return sorted(
        found,
        key=lambda section: (
            (section.lesson, section.anchor) not in linked,
            -len(asked & held(f"{section.heading} {section.text}")),
        ),
    )


def _asked(item: Item) -> frozenset[str]:
    return frozenset(terms(f"{item.stem} {item.body}"))


def _passages(item: Item, key: Key, sections: Sequence[Section], skip: int = 0) -> Iterator[tuple[Kind, str, Section]]:
    """Masked parts of the sections, the best section first and in it the part nearest to the question.

    Args:
        item: The open item.
        key: Its key.
        sections: Those that teach its objective, the best first.
        skip: So many of the best are left out, because they have been given.
    """
    asked = _asked(item)
    for section in sections:
        told = [part for part in parts(section.text) if part.kind != "example" and part.prose]
        for part in sorted(told, key=lambda part: -len(asked & held(part.prose))):
            text = masked(_markdown(block for block in part.blocks if block.kind not in _QUIET), key)
            if _helps(text, key) and (skip := skip - 1) < 0:
                yield "passage", text, section


def _examples(item: Item, key: Key, sections: Sequence[Section]) -> Iterator[tuple[Kind, str, Section]]:
    """Masked worked examples of the sections, the last step of each left open."""
    for section in sections:
        for part in parts(section.text):
            if part.kind == "example" and (open_end := _without_last_step(part)):
                text = masked(open_end, key)
                if _helps(text, key):
                    yield "example", text if text.endswith((GAP, "```")) else f"{text}\n\n{GAP}", section


def _markdown(blocks: Iterable[Block]) -> str:
    return "\n\n".join(block.markdown for block in blocks)


def _without_last_step(part: Part) -> str:
    """An example whose last output line, row, list entry or sentence is left open; empty when it has one step only."""
    shown = [block for block in part.blocks if block.kind != "image"]
    if not shown:
        return ""
    last, before = shown[-1], _markdown(shown[:-1])
    lines = last.markdown.split("\n")
    if last.kind in {"code", "output"}:
        inside = [
            place for place in range(1, len(lines)) if lines[place].strip() and not lines[place].startswith("```")
        ]
        if not inside or (len(inside) == 1 and not before):
            return ""
        lines[inside[-1]] = GAP
        open_end = "\n".join(lines)
    elif last.kind in {"list", "table"}:
        open_end = "\n".join([*lines[:-1], f"- {GAP}" if last.kind == "list" else ""]).rstrip()
    else:
        told = sentences(last.markdown)
        open_end = " ".join([*told[:-1], GAP])
    return f"{before}\n\n{open_end}".strip() if before or open_end != GAP else ""


def _helps(text: str, key: Key) -> bool:
    """Whether enough is left of a text, more of it than was taken out, and nothing that the guard would stop."""
    left = len(words(text))
    return left >= LEAST_WORDS and text.count(GAP) <= left // 6 and not leaks(text, key)
