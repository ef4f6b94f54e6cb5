"""A passage of a lesson without the sentences that state the key of an open item.

Knows nothing of chats or hints. What is taken out leaves a "…"; what remains is markdown as before.
"""

import re
from functools import lru_cache

from tutor.key import Key
from tutor.leaks import states
from tutor.parts import Block, blocks, without_label
from tutor.terms import held, sentences
from tutor.wording import Wording, wording

GAP = "…"
COVERAGE = 0.75  # share of a key's terms from which a sentence states it in other words
FEWEST = 3  # terms of a key below which only its own words count
SHARED = 1  # terms of the stem from which a sentence of a passage is about the question
_ROW = re.compile(r"[^|\n]+")
_MARK = re.compile(r"^(\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?|\s*>\s*)")


def masked(text: str, key: Key) -> str:
    """The text with each sentence, list line, table cell and line of code that states the key replaced by "…".

    A sentence states the key when it says so openly (tutor.leaks.states), or when it holds most terms of a longer key.
    Lessons hide nothing in codes, so only what is said openly is looked for here; each reply passes the whole guard.

    Args:
        text: Markdown of a section.
        key: Of the open item.

    Example:
        >>> from tutor.key import Phrase
        >>> masked("Watch the curve. It overfits there.", Key(accepted=(Phrase("overfits", "secret"),)))
        'Watch the curve. …'
    """
    return _masked(text, key)


@lru_cache(maxsize=512)
def _masked(text: str, key: Key) -> str:
    before = blocks(text)
    made = [_block(block, key) for block in before]
    changed = any(part.count(GAP) > block.markdown.count(GAP) for part, block in zip(made, before, strict=True))
    kept = "\n\n".join(made) if changed else text
    if not states(wording(kept), key):
        return kept
    # What no single sentence says and two together do: the whole block goes, and in the end all.
    kept = "\n\n".join(GAP if states(wording(part), key) else part for part in made)
    return GAP if states(wording(kept), key) else kept


def states_key(sentence: str, key: Key) -> bool:
    """Whether a sentence of a lesson states the key, in its words or in most of its terms."""
    text, said = wording(sentence), held(sentence)
    if states(text, key) or (len(said & key.about) >= SHARED and _mentions(text, key)):
        return True
    return any(len(said & wanted) >= COVERAGE * len(wanted) for wanted in _terms(key))


def _mentions(text: Wording, key: Key) -> bool:
    """Whether a sentence holds a part of the key that is too common to be a secret in a chat, but not in a passage."""
    phrases = (*key.texts, *key.accepted, *key.synonyms)
    if any(phrase.secrecy == "everyday" and f" {phrase.words} " in text.flat for phrase in phrases):
        return True
    usual = [amount for amount in key.numbers if amount.secrecy == "everyday"]
    return any(amount.meets(value) for amount in usual for value, _, _ in text.numbers)


@lru_cache(maxsize=512)
def _terms(key: Key) -> tuple[frozenset[str], ...]:
    phrases = (*key.texts, *key.accepted, *key.synonyms)
    return tuple(wanted for phrase in phrases if phrase.secret and len(wanted := held(phrase.words)) >= FEWEST)


def _block(block: Block, key: Key) -> str:
    if block.kind == "paragraph":
        label = block.markdown[: len(block.markdown) - len(without_label(block.markdown))]
        return label + _joined([_kept(sentence, key) for sentence in sentences(without_label(block.markdown))])
    if block.kind in {"code", "output"}:
        return _code(block.markdown, key)
    if block.kind == "table":
        return "\n".join(_row(line, key) for line in block.markdown.split("\n"))
    if block.kind == "list":
        return "\n".join(_line(line, key) for line in block.markdown.split("\n"))
    return GAP if states_key(block.markdown, key) else block.markdown


def _kept(sentence: str, key: Key) -> str:
    return GAP if states_key(sentence, key) else sentence


def _joined(parts: list[str]) -> str:
    """Sentences with one gap for several that stood together."""
    return " ".join(part for place, part in enumerate(parts) if part != GAP or place == 0 or parts[place - 1] != GAP)


def _code(fence: str, key: Key) -> str:
    first, *lines = fence.split("\n")
    return "\n".join([first, *(line if line.startswith("```") else _kept(line, key) for line in lines)])


def _line(line: str, key: Key) -> str:
    mark = _MARK.match(line)
    head = mark[0] if mark else ""
    return head + _joined([_kept(sentence, key) for sentence in sentences(line[len(head) :])])


def _row(line: str, key: Key) -> str:
    if not states_key(line, key):
        return line
    return _ROW.sub(
        lambda cell: f" {GAP} " if cell[0].strip() and not set(cell[0].strip()) <= {"-", ":"} else cell[0], line
    )
