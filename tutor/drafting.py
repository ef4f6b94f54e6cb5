"""Parts of a section to the markdown of an answer: whole sentences, each with its [n], none of them twice.

Knows nothing of questions or of which parts fit them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tutor.parts import Block, Part, parts
from tutor.terms import words

LABEL = {
    "why": "**Why it matters.** ",
    "example": "**Example.** ",
    "mistake": "**Common mistake.** ",
    "analogy": "**Think of it as.** ",
    "compare": "**Compare.** ",
}
WHOLE = {"mistake", "analogy", "why"}  # half of a correction is the wrong belief; half of an analogy is a riddle
IMAGES = re.compile(r"(!\[[^\]]*\]\()images/")  # an answer is read outside its lesson's folder
_CITE = re.compile(r"\s*\[\d+\]")
_NAMED = re.compile(r"^- \*\*(.+?)\*\*", re.MULTILINE)  # a section that a list names
_CODE = re.compile(r"```.*?```", re.DOTALL)


@dataclass
class Draft:
    """An answer in the making.

    Args:
        n: Number of the passage that it is made from.
        seen: Sentences and blocks, without marks, that must not come again; grows with what is added.
        paragraphs: Markdown so far.
        kinds: Kinds of the parts so far.
        prose: Words of prose so far.
        skill: Of the section, for the addresses of its images.
    """

    n: int
    seen: set[str]
    paragraphs: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    prose: int = 0
    skill: str = ""

    def add(self, part: Part, code: bool, limit: int | None = None) -> bool:
        """Add what is new in a part.

        Args:
            part: The part.
            code: Take its code too.
            limit: Most words of prose; at least one sentence is taken.

        Returns:
            Whether anything was added.
        """
        if limit is not None and part.kind in WHOLE and len(words(part.prose)) > limit:
            return False
        made = written(part, self.n, self.seen, code, None if part.kind in WHOLE else limit)
        made = [IMAGES.sub(rf"\1../{self.skill}/images/", text) for text in made]
        if not made:
            return False
        text = "\n\n".join(made)
        label = LABEL.get(part.kind, "")
        if label and not re.search(r" \[\d+\]$", made[0]):  # only prose can stand on the label's line
            label = label.rstrip() + "\n\n"
        self.paragraphs.append(label + text)
        self.kinds.append(part.kind)
        self.prose += len(words(_CITE.sub("", _CODE.sub("", text))))
        return True

    @property
    def text(self) -> str:
        """The markdown of the answer."""
        return "\n\n".join(self.paragraphs)


def begun(part: Part, seen: set[str]) -> bool:
    """Whether something of a part was said before: the rest of it would hang in the air."""
    return any(plain(sentence) in seen for sentence in part.sentences)


def written(part: Part, n: int, seen: set[str], code: bool, limit: int | None) -> list[str]:
    """The new paragraphs and blocks of a part with their citations; what is taken is added to ``seen``."""
    made: list[str] = []
    used = 0
    for i, block in enumerate(part.blocks):
        if block.kind == "paragraph":
            kept = _new_sentences(part, i, seen, code)
            if not kept:
                continue
            taken = _fitting(kept, limit, used)
            if not taken:
                break
            made.append(" ".join(f"{sentence} [{n}]" for sentence in taken))
            used += sum(len(words(sentence)) for sentence in taken)
            seen.update(plain(sentence) for sentence in taken)
            if len(taken) < len(kept):
                break
        elif block.kind in {"code", "output"} and not code:
            break
        elif block.kind == "image" and not code:
            continue
        elif plain(_shown(block)) not in seen and (made or block.kind != "output"):
            made.append(_shown(block))
            seen.add(plain(_shown(block)))
    return made


def _new_sentences(part: Part, i: int, seen: set[str], code: bool) -> list[str]:
    """Sentences of a paragraph that were not said; one that announces a block only when the block follows."""
    block = part.blocks[i]
    after = part.blocks[i + 1].kind if i + 1 < len(part.blocks) else ""
    announced = after in {"list", "table", "maths"} or (after == "code" and code)
    return [
        sentence
        for sentence in block.sentences
        if plain(sentence) not in seen and (announced or not sentence.rstrip("*_`").endswith(":"))
    ]


def _fitting(kept: list[str], limit: int | None, used: int) -> list[str]:
    """As many whole sentences as the limit takes, at least one when nothing was used yet."""
    if limit is None:
        return kept
    fitting: list[str] = []
    for sentence in kept:
        if (fitting or used) and used + len(words(sentence)) > limit:
            break
        fitting.append(sentence)
        used += len(words(sentence))
    return fitting


def _shown(block: Block) -> str:
    """A block for the answer: what a program printed as text; reasons for not running stay in the lesson."""
    if block.kind == "output":
        return re.sub(r"^```output", "```text", block.markdown)
    if block.kind == "code":
        return re.sub(r'^(```\w*) +no-run="[^"]*"', r"\1", block.markdown)
    return block.markdown


def plain(sentence: str) -> str:
    """A sentence or block for comparison: its words in lower case, without citations."""
    return " ".join(words(_CITE.sub("", sentence)))


def said_before(texts: Iterator[str] | tuple[str, ...] | list[str]) -> set[str]:
    """Everything in the tutor's earlier texts that must not come again, as ``plain`` makes it comparable."""
    return {plain(piece) for text in texts for piece in _pieces(text)}


def _pieces(text: str) -> Iterator[str]:
    for part in parts(text):
        for block in part.blocks:
            if block.kind == "paragraph":
                yield from block.sentences
            else:
                yield _shown(block)
            yield from _NAMED.findall(block.markdown) if block.kind == "list" else ()
