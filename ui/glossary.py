"""The glossary page, and the quiet links from a lesson's words to it.

Knows nothing of how terms are read or of learners.
"""

import html
import re
from collections.abc import Sequence
from functools import lru_cache

from tutor.curriculum import Curriculum
from tutor.glossary import Term
from tutor.markdown import slug
from ui.frame import page, read_address
from ui.highlight import texts
from ui.markdown import plain
from ui.texts import text

_PIECES = re.compile(r"(<[^>]*>)")
# Words of these are code, a formula, a link already or a heading: a link inside would disturb what they are for.
_SKIPPED = re.compile(r"<(pre|code|math|a|h[3-6]|th)\b")


def glossary_page(curriculum: Curriculum) -> str:
    """All terms in the order of the alphabet, each with the section that teaches it."""
    entries = []
    for term in sorted(curriculum.glossary, key=lambda term: term.name.casefold()):
        place, _, anchor = term.section.partition("#")
        skill, _, lesson = place.partition("/")
        heading = plain(curriculum.section(skill, lesson, anchor).heading) if term.section else ""
        address = read_address(skill, lesson, anchor) if term.section else ""
        entries.append((slug(term.name), term.name, ", ".join(term.also), plain(term.text), heading, address))
    return page("glossary.html", title=text("glossary.title"), entries=entries)


def with_terms(fragment: str, terms: tuple[Term, ...], skill: str, section: str) -> str:
    """HTML of a section with the first occurrence of each term linked to its definition.

    A term of one plain word, such as "recall", is linked only in its skill and from the lesson on that teaches it,
    because elsewhere it means what it always means. A section that teaches a term does not link it.

    Args:
        fragment: Well-formed HTML.
        terms: All terms.
        skill: Id of the section's skill.
        section: The section as ``skill/lesson#anchor``.
    """
    pattern, found = _pattern(terms, skill, section)
    if pattern is None:
        return fragment
    seen: set[str] = set()

    def link(match: re.Match[str]) -> str:
        term = found[match[0]] if match[0] in found else found[_key(match[0], found)]
        if term.name in seen:
            return match[0]
        seen.add(term.name)
        told = html.escape(f"{term.name}: {plain(term.text)}")
        return f'<a class="term" href="glossary#{slug(term.name)}" title="{told}">{match[0]}</a>'

    pieces = _PIECES.split(fragment)
    for index in texts(pieces, _SKIPPED):
        pieces[index] = pattern.sub(link, pieces[index])
    return "".join(pieces)


def _key(word: str, found: dict[str, Term]) -> str:
    lower = " ".join(word.lower().split())
    return lower if lower in found else lower.removesuffix("s")


@lru_cache(maxsize=1024)
def _pattern(terms: tuple[Term, ...], skill: str, section: str) -> tuple[re.Pattern[str] | None, dict[str, Term]]:
    """The names that a section may link, and the term of each: abbreviations as they are, words in lower case."""
    found: dict[str, Term] = {}
    for term in terms:
        if term.section == section:
            continue
        for name in term.names:
            taught = term.section.startswith(f"{skill}/") and _lesson(term.section) <= _lesson(section)
            if taught or _telling(name):
                found.setdefault(name if _short(name) else name.lower(), term)
    if not found:
        return None, found
    short = [re.escape(name) for name in _longest_first(found) if name != name.lower()]
    words = [re.escape(name).replace(r"\ ", r"\s+") for name in _longest_first(found) if name == name.lower()]
    both = "|".join([*([f"(?i:(?:{'|'.join(words)})s?)"] if words else []), *short])
    return re.compile(rf"(?<![\w&-])(?:{both})(?![\w-])"), found


def _lesson(section: str) -> str:
    return section.partition("#")[0]


def _longest_first(names: Sequence[str] | dict[str, Term]) -> list[str]:
    return sorted(names, key=lambda name: (-len(name), name))


def _short(name: str) -> bool:
    """Whether capitals make the name: LR is the learning rate, lr is a name in somebody's code."""
    return sum(letter.isupper() for letter in name) > 1 and " " not in name


def _telling(name: str) -> bool:
    """Whether a name means the term wherever it stands."""
    return _short(name) or re.fullmatch(r"[a-z]+", name.lower()) is None
