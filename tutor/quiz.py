"""Quiz markdown to Items, with every fault at its line.

Knows nothing of other files, of learners or of how answers are graded: links and objectives are checked by
tutor.curriculum, wording by tutor.lint.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from markdown_it.token import Token

from tutor.fault import Fault
from tutor.item import BLOOM, Item, Kind, Option, Point
from tutor.markdown import comments, commonmark, links_of, plain_inline
from tutor.parsed import Parsing, afresh
from tutor.text_file import read_text

_ID = re.compile(r"[^\W_]+(?:[-_.][^\W_]+)*-[^\W_]+")
_BOX = re.compile(r"\[([ xX])\](?:[ \t]+|\n|$)")
_MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_QUOTED = re.compile(r"^[ \t>]*>[ \t]?|^[ \t]+", re.MULTILINE)
_NUMBER = r"[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?"
_NUMERIC = re.compile(rf"(?P<value>{_NUMBER})\s*(?:(?:\+-|\+/-|±)\s*(?P<tolerance>{_NUMBER})\s*(?P<percent>%?))?")
_SEPARATOR = re.compile(r",(?![^()]*\))(?!(?<=\d,)\d)")
"""A comma between synonyms: neither inside parentheses, as in (n, 1), nor inside a number, as in 200,000."""
_TOLERANCE = re.compile(r"[-+−]?[\d.,]+\s*(?:\+/?-|±)")


@dataclass
class _Draft:
    """What is gathered of an item while its blocks are read."""

    path: Path
    line: int
    stem: str
    body: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    answers: list[tuple[str, int]] = field(default_factory=list)
    points: list[Point] | None = None
    hints: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    note: str | None = None
    faults: list[Fault] = field(default_factory=list)

    def fault(self, code: str, message: str, line: int = 0) -> None:
        self.faults.append(Fault(self.path, line or self.line, code, message))


@dataclass(frozen=True)
class Quiz:
    """One quiz file as read.

    Args:
        items: The items that work.
        faults: All faults of the file.
        broken: Ids of items that cannot work as they are; the last good version may stand in.
        readable: Whether the file could be read as text at all.
    """

    items: tuple[Item, ...]
    faults: tuple[Fault, ...]
    broken: tuple[str, ...] = ()
    readable: bool = True


def quiz_files(folder: Path) -> list[Path]:
    """The quiz files of a skill's folder: quiz.md, then quiz/*.md by name."""
    single = folder / "quiz.md"
    return [single] * single.is_file() + sorted(path for path in (folder / "quiz").glob("*.md") if path.is_file())


def parse_quiz(path: Path, skill: str, parsing: Parsing = afresh) -> Quiz:
    """Read one quiz file.

    Args:
        path: The markdown file.
        skill: Id of the skill that it belongs to.
        parsing: Parses what was read.
    """
    text, faults = read_text(path)
    return Quiz((), tuple(faults), readable=False) if faults else parsing(quiz_of, text, path, skill)


def quiz_of(text: str, path: Path, skill: str) -> Quiz:
    """The quiz in a text, as `parse_quiz`."""
    faults: list[Fault] = []
    tokens = commonmark().parse(text)
    lines = text.split("\n")
    items: list[Item] = []
    broken: list[str] = []
    starts = [i for i, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    for start, stop in pairwise([*starts, len(tokens)]):
        if tokens[start].tag != "h3":
            continue
        item, more, name = _item(tokens[start:stop], lines, path, skill)
        faults += more
        if item is not None:
            items.append(item)
        elif name:
            broken.append(name)
    if not items and not broken and not faults:
        faults.append(Fault(path, 1, "Q017", "holds no item; begin each with `### ` and the question."))
    return Quiz(tuple(items), tuple(sorted(faults)), tuple(broken))


def _item(tokens: Sequence[Token], lines: list[str], path: Path, skill: str) -> tuple[Item | None, list[Fault], str]:
    first = (tokens[0].map or [0, 0])[0] + 1
    draft = _Draft(path, first, plain_inline(tokens[1]))
    _gather(tokens[3:], lines, draft)
    if not draft.stem:
        draft.fault("Q015", "has an empty heading; write the question after ###.")
    name, objective, bloom = _identity(draft)
    kind = _kind(draft)
    value, tolerance, accepted, kind = _answer(draft, kind)
    if not draft.hints:
        draft.fault("Q010", f"item {name or draft.stem!r} has no Hint; add `> Hint: ...`.")
    if not draft.why:
        draft.fault("Q011", f"item {name or draft.stem!r} has no Why; add `> Why: ...`.")
    if kind is None or any(fault.fatal for fault in draft.faults):
        return None, draft.faults, name
    return Item(
        name, skill, objective, bloom, kind, draft.stem, "\n\n".join(draft.body), tuple(draft.options), value,
        tolerance, accepted, tuple(draft.points or ()), tuple(draft.hints), "\n\n".join(draft.why), path, first,
        tuple(links_of(list(tokens), 0)),
    ), draft.faults, name  # fmt: skip


def _gather(tokens: Sequence[Token], lines: list[str], draft: _Draft) -> None:
    """Sort an item's top-level blocks into case, options, answer, points, hints and why."""
    expect_points = False
    for i, token in enumerate(tokens):
        if token.level != 0 or token.map is None or token.nesting == -1:
            continue
        raw = "\n".join(lines[token.map[0] : token.map[1]]).strip("\n")
        line = token.map[0] + 1
        was_expected, expect_points = expect_points, False
        if token.type == "html_block":
            _take_note(raw, draft)
        elif token.type == "blockquote_open":
            _take_quote(_unquote(raw), line, draft)
        elif token.type == "paragraph_open" and re.match(r"Answer:", raw):
            draft.answers.append((" ".join(raw.removeprefix("Answer:").split()), line))
        elif token.type == "paragraph_open" and re.fullmatch(r"Points:\s*", raw):
            draft.points, expect_points = draft.points or [], True
        elif token.type.endswith("list_open") and was_expected and draft.points is not None:
            draft.points += [_point(text) for text, _, _ in _entries(tokens[i:], lines)]
        elif token.type == "bullet_list_open" and _has_box(tokens[i:]):
            _take_options(tokens[i:], lines, draft)
        else:
            draft.body.append(raw)


def _take_note(raw: str, draft: _Draft) -> None:
    for comment in comments(raw):
        name, _, value = comment.partition(":")
        if name.strip().lower() == "item" and draft.note is None:
            draft.note = value.strip()


def _take_quote(text: str, line: int, draft: _Draft) -> None:
    parts = re.split(r"^(Hint|Why):[ \t]*", text, flags=re.MULTILINE)
    if parts[0].strip():
        draft.fault("Q016", f"a blockquote begins with {parts[0].split()[0]!r}; begin it with Hint: or Why:.", line)
    for label, content in zip(parts[1::2], parts[2::2], strict=True):
        if content.strip():
            (draft.hints if label == "Hint" else draft.why).append(content.strip())


def _take_options(tokens: Sequence[Token], lines: list[str], draft: _Draft) -> None:
    for text, feedback, line in _entries(tokens, lines):
        box = _BOX.match(text)
        content = text[box.end() :].strip() if box else ""
        if box is None:
            draft.fault("Q008", "an option has no box; begin it with `- [ ]` or `- [x]`.", line)
        elif not content:
            draft.fault("Q008", "an option has no text.", line)
        else:
            draft.options.append(Option(content, box.group(1) != " ", feedback))


def _entries(tokens: Sequence[Token], lines: list[str]) -> Iterator[tuple[str, str, int]]:
    """Entries of the list that begins the tokens: (text without quotes, text of the quotes, line from 1)."""
    base = tokens[0].level
    for i, token in enumerate(tokens):
        if i and token.level <= base:
            return
        if token.type != "list_item_open" or token.level != base + 1 or token.map is None:
            continue
        start, stop = token.map
        quotes = [other.map for other in _inside(tokens[i:]) if other.type == "blockquote_open" and other.map]
        quoted = {number for a, b in quotes for number in range(a, b)}
        kept = [lines[number] for number in range(start, min(stop, len(lines))) if number not in quoted]
        own = _MARKER.sub("", kept[0], count=1) if kept else ""
        rest = [line.strip() for line in kept[1:]]
        feedback = _unquote("\n".join(lines[number] for number in sorted(quoted) if number < len(lines)))
        yield "\n".join([own, *rest]).strip(), feedback, start + 1


def _inside(tokens: Sequence[Token]) -> Iterator[Token]:
    for i, token in enumerate(tokens):
        if i and token.level <= tokens[0].level:
            return
        if i and token.level == tokens[0].level + 1:
            yield token


def _has_box(tokens: Sequence[Token]) -> bool:
    return any(_BOX.match(token.content) for token in _first_lines(tokens))


def _first_lines(tokens: Sequence[Token]) -> Iterator[Token]:
    for i, token in enumerate(tokens):
        if i and token.level <= tokens[0].level:
            return
        if token.type == "inline" and token.level == tokens[0].level + 3:
            yield token


def _unquote(raw: str) -> str:
    return _QUOTED.sub("", raw).strip()


def _point(text: str) -> Point:
    found = re.search(r"\(also:([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$", text)
    if found is None:
        return Point(" ".join(text.split()))
    synonyms = tuple(" ".join(part.split()) for part in _SEPARATOR.split(found.group(1)) if part.strip())
    return Point(" ".join(text[: found.start()].split()), synonyms)


def _identity(draft: _Draft) -> tuple[str, str, str]:
    words = (draft.note or "").split()
    if not words:
        draft.fault("Q001", f"{draft.stem[:60]!r} has no id; add `<!-- item: objective-a apply -->` under the heading.")
        return "", "", "understand"
    name, bloom = words[0], words[1].lower() if len(words) > 1 else ""
    if not _ID.fullmatch(name):
        draft.fault(
            "Q002", f"item id {name[:60]!r} must be an objective's id, a hyphen and a suffix, such as nlp-tok-a."
        )
        return "", "", "understand"
    if bloom not in BLOOM:
        draft.fault("Q004", f"item {name} has the Bloom level {bloom!r}; allowed: {', '.join(BLOOM)}.")
        bloom = "understand"
    return name, name.rpartition("-")[0], bloom


def _kind(draft: _Draft) -> Kind | None:
    given = [bool(draft.options), bool(draft.answers), draft.points is not None]
    if sum(given) > 1 or len(draft.answers) > 1:
        draft.fault("Q007", "has answers of two kinds; keep options, one Answer or Points.")
    elif draft.points is not None:
        if not draft.points or not all(point.text for point in draft.points):
            draft.fault("Q007", "has Points: without a list of key points under it.")
        return "free"
    elif draft.answers:
        return "accepted"
    elif not draft.options:
        draft.fault("Q006", "has no answer; add options with one [x], `Answer: ...`, or `Points:` and a list.")
    elif not any(option.correct for option in draft.options):
        draft.fault("Q006", "has no option marked [x].")
    elif len(draft.options) < 2:
        draft.fault("Q008", "has one option only; give at least two.")
    else:
        return "single" if sum(option.correct for option in draft.options) == 1 else "multiple"
    return None


def _answer(draft: _Draft, kind: Kind | None) -> tuple[float | None, float, tuple[str, ...], Kind | None]:
    if kind != "accepted":
        return None, 0.0, (), kind
    text, line = draft.answers[0]
    number = _NUMERIC.fullmatch(text)
    value = _number(number.group("value")) if number else None
    if number is not None and value is not None:
        tolerance = _number(number.group("tolerance") or "0")
        if tolerance is None or tolerance < 0:
            draft.fault("Q007", f"the tolerance of `Answer: {text[:60]}` is no number of 0 or more.", line)
            return None, 0.0, (), None
        return value, abs(value) * tolerance / 100 if number.group("percent") else tolerance, (), "numeric"
    accepted = tuple(dict.fromkeys(part.strip() for part in text.split("|") if part.strip()))
    if not accepted or _TOLERANCE.match(text) or number is not None:
        draft.fault("Q007", f"`Answer: {text[:60]}` cannot be read; write `600 +- 5` or `one answer | another`.", line)
        return None, 0.0, (), None
    return None, 0.0, accepted, "accepted"


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").replace("−", "-"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
