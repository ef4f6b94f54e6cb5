"""The glossary of a curriculum folder: terms with other names, a definition and the section that teaches them.

Knows nothing of pages or of search; a caller gives it the sections that exist.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from tutor.fault import Fault
from tutor.markdown import commonmark, plain_inline
from tutor.parsed import Parsing, afresh
from tutor.text_file import read_text

FILE = "glossary.md"
_LINK = re.compile(r"\s*\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]*)\)\s*$")
_WHAT_IS = re.compile(
    r"\s*(?:(?:so |and |please |hi,? |hey,? )*"
    r"(?:what(?: exactly| actually)?(?:['’]?s| is| are| does)|explain|define|describe|how (?:do|does)|tell me about|"
    r"meaning of|definition of)(?: exactly| actually| meant by)?\s+)?(?:an? |the )?(.+?)"
    r"(?: mean| works?| exactly| actually| to me| please| in simple words| simply)*\s*[?.!]*\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Term:
    """One entry.

    Args:
        name: The term as its heading writes it.
        also: Abbreviations and other names.
        text: The definition, markdown without the link.
        target: Where its link leads, as written.
        section: ``skill/lesson#anchor`` of the section that teaches it; empty while unknown.
        path: The glossary.md.
        line: Line of the heading, from 1.
    """

    name: str
    also: tuple[str, ...]
    text: str
    target: str
    section: str
    path: Path
    line: int

    @property
    def names(self) -> tuple[str, ...]:
        """The term and its other names."""
        return (self.name, *self.also)


def parse_glossary(file: Path, parsing: Parsing = afresh) -> tuple[tuple[Term, ...] | None, list[Fault]]:
    """Read one glossary.md.

    Returns:
        The terms that have a definition, None when the file cannot be read, and the faults. No file is no fault.

    Example:
        >>> parse_glossary(Path("nowhere/glossary.md"))
        ((), [])
    """
    if not file.is_file():
        return (), []
    text, faults = read_text(file)
    return (None, faults) if faults else parsing(terms_of, text, file)


def terms_of(text: str, file: Path) -> tuple[tuple[Term, ...], list[Fault]]:
    """The terms in a text, as `parse_glossary`."""
    faults: list[Fault] = []
    found: list[Term] = []
    for name, line, paragraphs in _entries(text):
        also, body = _also("\n".join(paragraphs))
        link = _LINK.search(body)
        definition = " ".join((body[: link.start()] if link else body).split())
        if not name or not definition:
            faults.append(Fault(file, line, "G001", f"{name or 'a heading without words'} has no definition."))
        else:
            found.append(Term(name, also, definition, link[2] if link else "", "", file, line))
    return tuple(found), faults


def _entries(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Each second-level heading with its line and the paragraphs under it."""
    tokens = commonmark().parse(text)
    name, line, paragraphs = "", 0, list[str]()
    for before, token in pairwise(tokens):
        if token.type != "inline":
            continue
        if before.type == "heading_open" and before.tag == "h2":
            if line:
                yield name, line, paragraphs
            name, line, paragraphs = plain_inline(token), (token.map or [0])[0] + 1, []
        elif before.type == "paragraph_open" and line:
            paragraphs.append(token.content)
    if line:
        yield name, line, paragraphs


def _also(body: str) -> tuple[tuple[str, ...], str]:
    first, _, rest = body.partition("\n")
    if not first.startswith("Also:"):
        return (), body
    names = (" ".join(name.split()) for name in first.removeprefix("Also:").split(","))
    return tuple(dict.fromkeys(name for name in names if name)), rest


def resolved(terms: Sequence[Term], sections: Mapping[str, str]) -> tuple[tuple[Term, ...], list[Fault]]:
    """The terms with the sections that their links lead to; of two with one name the first.

    Args:
        terms: Of all folders, in order.
        sections: ``folder/skill/lesson.md#anchor`` as a path and anchor, to ``skill/lesson#anchor``.
    """
    faults: list[Fault] = []
    kept: list[Term] = []
    seen: dict[str, Term] = {}
    for term in terms:
        section = sections.get(f"{term.path.parent}/{term.target}", "")
        if not section:
            told = f"the link {term.target!r} leads to no section" if term.target else "it has no link to a section"
            faults.append(Fault(term.path, term.line, "G002", f"{term.name}: {told}."))
        twice = [name for name in dict.fromkeys(map(str.casefold, term.names)) if name in seen]
        for name in twice:
            first = seen[name]
            message = f"{name!r} is also named in {first.path}:{first.line}; name it once."
            faults.append(Fault(term.path, term.line, "G003", message))
        if term.name.casefold() not in seen:
            kept.append(replace(term, section=section))
        seen |= {name.casefold(): term for name in term.names if name.casefold() not in seen}
    return tuple(kept), faults


@lru_cache(maxsize=8)
def abbreviations(terms: tuple[Term, ...]) -> Mapping[str, str]:
    """Abbreviations in lower case to their terms: other names of two to six letters with at least two capitals."""
    short = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z]{2,6}")
    return {other.lower(): term.name.lower() for term in terms for other in term.also if short.fullmatch(other)}


def expanded(question: str, terms: tuple[Term, ...]) -> str:
    """The question with the long forms of its abbreviations behind it, for the search.

    Example:
        >>> expanded("is my lr too high", (Term("Learning rate", ("LR",), "", "", "", Path(), 1),))
        'is my lr too high (learning rate)'
    """
    known = abbreviations(terms)
    told = question.lower()
    words = dict.fromkeys(re.findall(r"(?<![\w-])[a-z]{2,6}(?![\w-])", told))
    long = [known[word] for word in words if word in known and known[word] not in told]
    return f"{question.rstrip()} ({', '.join(long)})" if long else question


@lru_cache(maxsize=8)
def _by_name(terms: tuple[Term, ...]) -> Mapping[str, Term]:
    """Each name, casefolded, to the first term that has it."""
    return {name.casefold(): term for term in reversed(terms) for name in term.names}


def asked_for(question: str, terms: tuple[Term, ...]) -> Term | None:
    """The term of a question that is all about one: "what is X", "explain X to me", "how does X work", or X alone."""
    match = _WHAT_IS.fullmatch(question)
    name = " ".join(match[1].split()).casefold() if match else ""
    if not name:
        return None
    known = _by_name(terms)
    return known.get(name) or known.get(name.removesuffix("s"))
