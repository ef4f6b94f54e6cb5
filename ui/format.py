"""A question and its answer as HTML, while it is written and when it is finished.

Knows nothing of HTTP, Gradio or the database.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from markupsafe import Markup

from tutor.answer import Answer, Citation, Status, Suggestion
from tutor.curriculum import Curriculum
from tutor.errors import NotFound
from ui.frame import fragment, read_address
from ui.highlight import wrap
from ui.lessons import follow_from, picture_from
from ui.markdown import Cite, plain, render
from ui.texts import has, text

NEAREST = 2
_GOES_ON = re.compile(r"\s|([-*+]|\d+[.)])\s")
_TELLING = 6
"""Characters of the next block by which an item of a list can be told."""
_NUMBER = re.compile(r"\[\d{1,3}\]")


@dataclass(frozen=True)
class Link:
    """Words and where they lead."""

    words: str
    address: str
    n: int = 0


def finished_html(
    curriculum: Curriculum,
    answer: Answer,
    conversation: str = "",
    message: str = "",
    last: bool = True,
    card: str = "",
) -> str:
    """A finished turn.

    Args:
        curriculum: All lessons, for titles and links.
        answer: What was answered.
        conversation: Id of its conversation.
        message: Id of the stored answer; empty when it was not stored.
        last: It is the newest turn, so it can be tried again and offers next steps.
        card: HTML of the item that stands under it; empty for none.
    """
    nearest = nearest_links(curriculum, answer)
    return fragment(
        "turn.html",
        question=answer.question,
        state="stopped" if answer.status == "stopped" else "done",
        body=Markup(answer_body(curriculum, answer)),
        conversation=conversation,
        message=message,
        last=last,
        notices=notices(answer),
        nearest=nearest,
        sources=source_links(curriculum, answer.citations),
        chips=[(chip, _suggested(chip)) for chip in answer.suggestions if not _listed(chip, nearest, answer)],
        status="",
        model="" if answer.item else text("ask.builtin") if answer.model == "built-in" else answer.model,
        card=Markup(card),
        item=answer.item,
    )


def live_html(question: str, status: Status, body: str, conversation: str) -> str:
    """A turn that is being written."""
    return _unfinished(question, "working", conversation, body=body, status=status_words(status, bool(body)))


def failed_html(question: str, message: str, conversation: str = "", body: str = "") -> str:
    """A turn that could not be answered, with the sentence that says why and a way to try again."""
    return _unfinished(question, "failed", conversation, body=body, notices=[message])


def _unfinished(
    question: str, state: str, conversation: str, *, body: str = "", status: str = "", notices: Sequence[str] = ()
) -> str:
    return fragment(
        "turn.html",
        question=question,
        state=state,
        body=Markup(body),
        conversation=conversation,
        message="",
        last=True,
        notices=notices,
        nearest=[],
        sources=[],
        chips=[],
        status=status,
        model="",
        card="",
        item="",
    )


def status_words(status: Status, writing: bool) -> str:
    """What the tutor is doing, in words."""
    code = "status.writing" if writing and status.code not in {"waiting", "fallback"} else f"status.{status.code}"
    if status.code == "reading" and not writing:
        found = status.detail.get("sections", 0)
        return text("status.reading.one" if found == 1 else "status.reading", sections=found)
    return text(code, **status.detail) if has(code) else text("status.thinking")


def notices(answer: Answer) -> list[str]:
    """What the learner should know about how the answer came about."""
    found = []
    if answer.status == "stopped":
        found.append(text("ask.stopped" if answer.text else "ask.stopped.empty"))
    if answer.notice and answer.notice != "language":  # its text says so already
        found.append(text(f"notice.{answer.notice}") if has(f"notice.{answer.notice}") else text("notice.other"))
    if answer.removed:
        found.append(text("notice.removed", count=answer.removed))
    return found


def answer_body(curriculum: Curriculum, answer: Answer) -> str:
    """The answer's text as HTML: numbers as links to their sections, unsupported sentences marked."""
    skills = tuple(dict.fromkeys(passage.skill for passage in answer.passages))
    body = _body(curriculum.addresses, skills, answer.text, answer.citations, _titles(curriculum, answer.citations))
    note = f'<span class="unverified-note">{escape(text("ask.unverified"))}</span>'
    for sentence in answer.unsupported:
        body, _ = wrap(body, plain(_NUMBER.sub("", sentence)), '<span class="unverified">', "</span>", note)
    return body


@lru_cache(maxsize=1024)
def _body(
    known: frozenset[str], skills: tuple[str, ...], words: str, citations: tuple[Citation, ...], titles: tuple[str, ...]
) -> str:
    def follow(target: str) -> str | None:
        found = (follow_from(known, skill)(target) for skill in skills or ("",))
        return next((address for address in found if address is not None and not address.startswith("#")), None)

    return render(words, cite=citing(citations, titles), follow=follow, picture=picture_from(""))


def citing(citations: Sequence[Citation], titles: Sequence[str]) -> Cite:
    """Numbers to links: each occurrence of a number takes that number's next citation.

    Args:
        citations: In the order of the text.
        titles: The lesson's title of each.
    """
    waiting: defaultdict[int, list[str]] = defaultdict(list)
    for citation, title in zip(citations, titles, strict=True):
        waiting[citation.n].append(citation_html(citation, title))

    def cite(n: int) -> str:
        links = waiting.get(n)
        if not links:
            return ""
        return links.pop(0) if len(links) > 1 else links[0]

    return cite


@lru_cache(maxsize=4096)
def citation_html(citation: Citation, lesson_title: str) -> str:
    """One number as a link that works without a script."""
    address = read_address(citation.skill, citation.lesson, citation.anchor, citation.quote)
    label = text("ask.citation", n=citation.n, section=plain(citation.section), lesson=lesson_title)
    return f'<a class="cite" href="{escape(address)}" aria-label="{escape(label)}">{citation.n}</a>'


def _titles(curriculum: Curriculum, citations: Sequence[Citation]) -> tuple[str, ...]:
    return tuple(lesson_title(curriculum, citation.skill, citation.lesson) for citation in citations)


def lesson_title(curriculum: Curriculum, skill: str, lesson: str) -> str:
    """A lesson's title; its id when the lesson is gone."""
    try:
        return curriculum.lesson(skill, lesson).title
    except NotFound:
        return f"{skill}/{lesson}"


def source_links(curriculum: Curriculum, citations: Sequence[Citation]) -> list[Link]:
    """The sections that an answer cites, each once, by number."""
    found: dict[int, Link] = {}
    for citation in citations:
        words = f"{lesson_title(curriculum, citation.skill, citation.lesson)} › {plain(citation.section)}"
        address = read_address(citation.skill, citation.lesson, citation.anchor, citation.quote)
        found.setdefault(citation.n, Link(words, address, citation.n))
    return [found[n] for n in sorted(found)]


def nearest_links(curriculum: Curriculum, answer: Answer) -> list[Link]:
    """The lessons to look at when there is no answer: those the tutor names, or the nearest sections found."""
    if (not answer.declined and answer.covered) or answer.citations:
        return []
    named = [_suggested(chip) for chip in answer.suggestions if chip.lesson]
    if named or answer.declined:
        return [Link(plain(link.words), link.address) for link in named]
    return [
        Link(
            f"{lesson_title(curriculum, passage.skill, passage.lesson)} › {plain(passage.section)}",
            read_address(passage.skill, passage.lesson, passage.anchor),
        )
        for passage in answer.passages[:NEAREST]
    ]


def _listed(chip: Suggestion, nearest: Sequence[Link], answer: Answer) -> bool:
    """Whether the answer itself leads to that section already."""
    cited = {(citation.skill, citation.lesson, citation.anchor) for citation in answer.citations}
    return bool(nearest) or (chip.kind == "read" and (chip.skill, chip.lesson, chip.anchor) in cited)


def _suggested(chip: Suggestion) -> Link:
    address = "" if chip.question else read_address(chip.skill, chip.lesson, chip.anchor)
    if not address and chip.kind == "read":
        address = read_address(chip.skill, chip.lesson, chip.anchor)
    return Link(plain(chip.label), address)


class Writing:
    """The HTML of a text that grows: finished blocks are rendered once, only the last one again and again."""

    def __init__(self) -> None:
        self._kept = ""
        self._done = 0
        self._citations: tuple[Citation, ...] = ()

    def html(self, curriculum: Curriculum, words: str, citations: tuple[Citation, ...]) -> str:
        """The text so far as HTML; a text that does not go on from the last one starts again."""
        if len(words) < self._done or citations != self._citations:
            self._kept, self._done, self._citations = "", 0, citations
        titles = _titles(curriculum, citations)
        known = curriculum.addresses
        end = _stable(words, self._done)
        if end > self._done:
            self._kept += _body(known, (), words[self._done : end], citations, titles)
            self._done = end
        return self._kept + _body.__wrapped__(known, (), words[self._done :], citations, titles)


def _stable(words: str, start: int) -> int:
    """Where the last block that cannot change any more ends: at an empty line outside code and before no list item."""
    end, fenced, at = start, False, start
    for line in words[start:].splitlines(keepends=True)[:-1]:
        if line.lstrip().startswith(("```", "~~~", "$$")):
            fenced = not fenced
        at += len(line)
        if not line.strip() and not fenced and len(words) - at >= _TELLING and not _GOES_ON.match(words, at):
            end = at
    return end
