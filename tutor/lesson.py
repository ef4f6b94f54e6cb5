"""One lesson file to a Lesson, with every fault at its line.

Knows nothing of other files: links and objectives are checked by tutor.curriculum.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from markdown_it.token import Token

from tutor.fault import Fault
from tutor.markdown import Link, commonmark, headings_of, links_of, notes_of, uncommented
from tutor.parsed import Parsing, afresh
from tutor.text_file import front_matter, read_text

CLOSING = {"try it", "at work"}
PRACTICE_WORDS = (
    "exercise",
    "exercises",
    "task",
    "practice",
    "practise",
    "project",
    "brief",
    "job",
    "jobs",
    "role",
    "career",
    "hired",
)
"""Words by which somebody asks for an exercise, a project or for what a job demands."""


@dataclass(frozen=True)
class Source:
    """Where a fact comes from: a title and an address."""

    title: str
    address: str


@dataclass(frozen=True)
class Section:
    """One idea of a lesson; it makes sense when read alone.

    Args:
        skill: Id of the skill.
        lesson: Id of the lesson in its skill.
        heading: What the section answers.
        anchor: GitHub's slug of the heading, unique inside the lesson.
        objectives: Ids of the objectives that it teaches.
        asks: Questions that it answers, in learners' words; never quoted as lesson text.
        text: Markdown of the body without the heading and without comments.
        line: Line of the heading, from 1.
    """

    skill: str
    lesson: str
    heading: str
    anchor: str
    objectives: tuple[str, ...]
    asks: tuple[str, ...]
    text: str
    line: int

    @property
    def teaching(self) -> bool:
        """Whether the section teaches, rather than closing the lesson (Try it, At work)."""
        return self.heading.strip().lower() not in CLOSING


@dataclass(frozen=True)
class Lesson:
    """One lesson: an opening and its sections, in order.

    Args:
        skill: Id of the skill.
        id: File name without its ending.
        title: Title from the front matter.
        minutes: Minutes to read and try.
        updated: Date on which its facts were last checked.
        sources: Primary sources.
        opening: Markdown before the first section.
        sections: The sections in order.
        path: The file.
        links: Links and images, for the checks across files.
    """

    skill: str
    id: str
    title: str
    minutes: int
    updated: date
    sources: tuple[Source, ...]
    opening: str
    sections: tuple[Section, ...]
    path: Path
    links: tuple[Link, ...] = field(default=(), repr=False)

    @property
    def project(self) -> bool:
        """Whether it is a skill's project: a case with its solution, in place of teaching something new."""
        return self.title.lower().startswith("project")

    def section(self, anchor: str) -> Section | None:
        """The section with this anchor, or None."""
        return next((section for section in self.sections if section.anchor == anchor), None)


def parse_lesson(path: Path, skill: str, parsing: Parsing = afresh) -> tuple[Lesson | None, list[Fault]]:
    """Read one lesson.

    Args:
        path: The markdown file.
        skill: Id of the skill that it belongs to.
        parsing: Parses what was read.

    Returns:
        The lesson, or None when it cannot work, and all faults found in the file.
    """
    text, faults = read_text(path)
    return (None, faults) if faults else parsing(lesson_of, text, path, skill)


def lesson_of(text: str, path: Path, skill: str) -> tuple[Lesson | None, list[Fault]]:
    """The lesson in a text, as `parse_lesson`."""
    fields, offset, faults = front_matter(text, path)
    unread = list(faults)
    body = "\n".join(text.split("\n")[offset:])
    tokens = commonmark().parse(body)
    faults += list(_fence_faults(tokens, body, offset, path))
    opening, sections, more = _sections(tokens, body, offset, path, skill)
    faults += more
    title, minutes, updated, sources, more = _fields(fields, path)
    faults += more if fields or not unread else []
    if any(fault.fatal for fault in faults):
        return None, sorted(faults)
    links = tuple(links_of(tokens, offset))
    lesson = Lesson(skill, path.stem, title, minutes, updated, sources, opening, sections, path, links)
    return lesson, sorted(faults)


def _fields(fields: dict[str, Any], path: Path) -> tuple[str, int, date, tuple[Source, ...], list[Fault]]:
    faults = []
    given = fields.get("title")
    title = str(given).strip() if isinstance(given, (str, int, float, date)) else ""
    if not title:
        faults.append(Fault(path, 1, "F003", "has no title in its front matter."))
    minutes = fields.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= 240:
        faults.append(Fault(path, 1, "F004", f"minutes is {brief(minutes)}; give whole minutes from 1 to 240."))
        minutes = 10
    updated = fields.get("updated")
    if not isinstance(updated, date):
        faults.append(Fault(path, 1, "F004", f"updated is {brief(updated)}; give a date such as 2026-11-24."))
        updated = date(1970, 1, 1)
    sources = []
    listed = fields.get("sources")
    for entry in listed if isinstance(listed, list) else []:
        entry_title, address = (entry.get("title"), entry.get("address")) if isinstance(entry, dict) else ("", "")
        if isinstance(entry_title, str) and entry_title and isinstance(address, str) and address.startswith("http"):
            sources.append(Source(entry_title, address))
        else:
            faults.append(Fault(path, 1, "F004", f"a source is {brief(entry)}; give title and address (https://...)."))
    if not sources:
        faults.append(Fault(path, 1, "L010", "names no source; add at least one with title and address."))
    return title, minutes, updated, tuple(sources), faults


def _sections(
    tokens: list[Token], body: str, offset: int, path: Path, skill: str
) -> tuple[str, tuple[Section, ...], list[Fault]]:
    lines = body.split("\n")
    headings = list(headings_of(tokens))
    starts = [(start, end, title, anchor) for level, start, end, title, anchor in headings if level == 2]
    faults = []
    noted = list(notes_of(tokens))
    at = [line for line, _, _ in noted]
    opening = uncommented("\n".join(lines[: starts[0][0]] if starts else lines))
    opening = re.sub(r"^# .*\n?", "", opening).strip()
    if not opening:
        faults.append(Fault(path, offset + 1, "L001", "begins without an opening of two or three sentences."))
    if not starts:
        faults.append(Fault(path, offset + 1, "L002", "has no section; begin each with `## ` and what it answers."))
    sections = []
    for i, (start, end, title, anchor) in enumerate(starts):
        stop = starts[i + 1][0] if i + 1 < len(starts) else len(lines)
        raw = "\n".join(lines[end:stop])
        notes = {name: value for _, name, value in noted[bisect_left(at, end) : bisect_left(at, stop)]}
        section = Section(
            skill,
            path.stem,
            title,
            anchor,
            _listed(notes.get("teaches", ""), ","),
            _listed(notes.get("asks", ""), "|"),
            uncommented(raw),
            offset + start + 1,
        )
        faults += _section_faults(section, path)
        sections.append(section)
    return opening, tuple(sections), faults


def _section_faults(section: Section, path: Path) -> Iterator[Fault]:
    if not section.heading:
        yield Fault(path, section.line, "F003", "a section has an empty heading.")
    if not section.text:
        yield Fault(path, section.line, "L011", f"section {section.heading!r} is empty.")
    if not section.objectives:
        yield Fault(path, section.line, "L003", f"section {section.heading!r} has no <!-- teaches: ... --> line.")
    if not section.teaching:
        return
    if not section.asks:
        yield Fault(path, section.line, "L008", f"section {section.heading!r} has no <!-- asks: ... --> line.")
    words = len(re.sub(r"```.*?```", "", section.text, flags=re.DOTALL).split())
    if not 80 <= words <= 600:
        yield Fault(path, section.line, "L009", f"section {section.heading!r} has {words} words of prose.")


def _listed(value: str, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(part.split()) for part in value.split(separator) if part.strip()))


def _fence_faults(tokens: list[Token], body: str, offset: int, path: Path) -> Iterator[Fault]:
    lines = body.split("\n")
    for token in tokens:
        if token.type != "fence" or token.map is None:
            continue
        last = lines[min(token.map[1], len(lines)) - 1].strip() if token.map[1] > token.map[0] + 1 else ""
        if not (last.startswith(token.markup) and set(last) == {token.markup[0]}):
            yield Fault(path, offset + token.map[0] + 1, "L005", "a code fence opened here is never closed.")
        words = token.info.split(maxsplit=1)
        if len(words) > 1 and words[1].startswith("no-run") and not re.match(r'no-run="[^"]{3,}"', words[1]):
            yield Fault(path, offset + token.map[0] + 1, "L007", 'write why it cannot run: no-run="reason".')
