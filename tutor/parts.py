"""A section's markdown to its typed parts: direct answer, why, example, mistake, analogy, comparison.

Knows nothing of questions, of the lesson around the section, or of how parts are chosen.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tutor.markdown import commonmark
from tutor.terms import sentences

LABELS = {
    "why it matters": "why",
    "example": "example",
    "common mistake": "mistake",
    "think of it as": "analogy",
    "compare": "compare",
}
_LABEL = re.compile(r"^\*\*(" + "|".join(LABELS) + r")\.\*\*\s*", re.IGNORECASE)
IMAGE = re.compile(r"!\[[^\]]*\]\([^()\s]+\)")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://)[^)]*\)")


def without_label(paragraph: str) -> str:
    """A paragraph without the bold label that says its kind."""
    return _LABEL.sub("", paragraph)


@dataclass(frozen=True)
class Block:
    """One block of markdown.

    Args:
        kind: ``paragraph``, ``code``, ``output``, ``image``, ``table``, ``list``, ``maths`` or ``other``.
        markdown: As written.
        language: Of code.
    """

    kind: str
    markdown: str
    language: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """Whole sentences of a paragraph; of other blocks none."""
        return tuple(sentences(self.markdown)) if self.kind == "paragraph" else ()


@dataclass(frozen=True)
class Part:
    """A typed paragraph and what belongs to it, up to the next typed paragraph.

    Args:
        kind: ``lead`` (the direct answer), ``body``, ``why``, ``example``, ``mistake``, ``analogy`` or ``compare``.
        blocks: The paragraph without its label, then code, output, tables and lists under it.
    """

    kind: str
    blocks: tuple[Block, ...]

    @property
    def prose(self) -> str:
        """The text of its paragraphs."""
        return " ".join(block.markdown for block in self.blocks if block.kind == "paragraph")

    @property
    def sentences(self) -> tuple[str, ...]:
        """All whole sentences of its paragraphs."""
        return tuple(sentence for block in self.blocks for sentence in block.sentences)

    @property
    def has_code(self) -> bool:
        """Whether code belongs to it."""
        return any(block.kind == "code" for block in self.blocks)


def blocks(markdown: str) -> list[Block]:
    """Top-level blocks of a section, in order."""
    lines = markdown.split("\n")
    found: list[Block] = []
    for token in commonmark().parse(markdown):
        if token.level != 0 or token.map is None or token.nesting == -1:
            continue
        text = "\n".join(lines[token.map[0] : token.map[1]]).strip("\n")
        if token.type == "fence":
            language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
            found.append(Block("output" if language == "output" else "code", text, language))
        elif token.type == "paragraph_open":
            found.append(Block(_paragraph_kind(text.strip()), text))
        elif token.type == "table_open":
            found.append(Block("table", text))
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            found.append(Block("list", text))
        elif token.type not in {"html_block", "hr"}:
            found.append(Block("other", text))
    return found


def _paragraph_kind(text: str) -> str:
    if text.startswith("$$"):
        return "maths"
    return "image" if IMAGE.fullmatch(text) else "paragraph"


@lru_cache(maxsize=4096)
def parts(markdown: str) -> tuple[Part, ...]:
    """The typed parts of a section, in order; the first is the direct answer (``lead``).

    Links inside the curriculum become their words: an answer cites sections, it does not carry relative links.
    """
    grouped: list[tuple[str, list[Block]]] = []
    for block in blocks(LINK.sub(r"\1", markdown)):
        label = _LABEL.match(block.markdown) if block.kind == "paragraph" else None
        if label:
            rest = block.markdown[label.end() :].strip()
            grouped.append((LABELS[label.group(1).lower()], [Block("paragraph", rest)] if rest else []))
        elif block.kind == "paragraph" and (not grouped or grouped[-1][0] == "lead"):
            grouped.append(("body" if grouped else "lead", [block]))
        elif not grouped:
            grouped.append(("body", [block]))
        else:
            grouped[-1][1].append(block)
    return tuple(Part(kind, tuple(held)) for kind, held in grouped if held)
