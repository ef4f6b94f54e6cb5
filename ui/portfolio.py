"""The portfolio: the page on which a piece is written, the pieces, and all of them as one file.

Knows nothing of HTTP, of the database or of models: it is given what it shows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup, escape

from tutor.curriculum import Curriculum
from tutor.portfolio import LONGEST, Piece
from tutor.tasks import Task, first_task
from ui.frame import day, fragment, page, read_address, write_address
from ui.lessons import section_view
from ui.markdown import outside_only, plain, render
from ui.texts import text

MOST_MARKS = 2000
"""Opening brackets from which a text is shown as it was typed: reading it as markdown takes time by their square."""


@dataclass(frozen=True)
class CriterionView:
    """A criterion with the learner's tick and what a model says of it.

    Args:
        words: The criterion without markdown.
        met: The learner's tick.
        seen: Code of a model's opinion: ``met``, ``missed``, ``unsure``; empty without one.
        quote: Where the model sees it.
    """

    words: str
    met: bool
    seen: str = ""
    quote: str = ""


@dataclass(frozen=True)
class PieceView:
    """A piece ready to be shown.

    Args:
        piece: What it is.
        skill: Title of its skill.
        saved: The date of its last saving, in words.
        body: Its text as HTML.
        criteria: Its criteria.
        lesson: Address of its task's lesson; empty when the lesson is gone.
        edit: Address at which it is changed; empty when its task is gone.
        opinion: Who gave the opinion and when, in words; empty without one.
    """

    piece: Piece
    skill: str
    saved: str
    body: Markup
    criteria: tuple[CriterionView, ...]
    lesson: str
    edit: str
    opinion: str


def write_page(
    curriculum: Curriculum,
    task: Task | None,
    name: str,
    words: str = "",
    met: Collection[str] = (),
    saved: datetime | None = None,
    notice: str = "",
) -> str:
    """The page on which a piece is written.

    Args:
        curriculum: All lessons.
        task: What is to be done; None when the lesson does not ask for it any more.
        name: Id of the piece.
        words: What is written so far.
        met: Criteria that are ticked.
        saved: When it was saved last; None for a new piece.
        notice: What to say first, such as why it could not be saved; empty for nothing.
    """
    brief, address, skill = "", "", None
    if task is not None:
        section = curriculum.section(task.skill, task.lesson, task.section)
        skill = curriculum.skill(task.skill)
        body = section_view(curriculum, replace(section, text=task.text)).body
        # A link inside the lesson leads to the lesson: this page has none of its places.
        here = read_address(task.skill, task.lesson)
        brief = Markup(str(body).replace('href="#', f'href="{here}#'))
        address = read_address(task.skill, task.lesson, task.section)
    return page(
        "write.html",
        title=task.title if task else text("portfolio.title"),
        task=task,
        skill=skill,
        brief=brief,
        address=address,
        criteria=[(each, plain(each), each in met) for each in (task.criteria if task else ())],
        name=name,
        words=words,
        longest=LONGEST,
        saved=day(saved.date()) if saved else "",
        notice=notice,
    )


def portfolio_page(
    curriculum: Curriculum,
    found: Sequence[Piece],
    *,
    model: str = "",
    notice: str = "",
    good: bool = True,
    of: str = "",
) -> str:
    """All pieces, the one saved last first.

    Args:
        curriculum: All lessons.
        found: The pieces.
        model: Name of the model that may look at them; empty without one.
        notice: What to say first; empty for nothing.
        good: Whether that is good news.
        of: Id of the piece that it is about; empty when it is about none or about the first.
    """
    first = first_task(curriculum)
    return page(
        "portfolio.html",
        title=text("portfolio.title"),
        pieces=[piece_view(curriculum, piece) for piece in found],
        first=write_address(first.skill, first.lesson, first.section) if first else "",
        model=model,
        unseen=any(piece.opinion is None and piece.criteria for piece in found),
        notice=notice,
        good=good,
        of=of if any(piece.id == of for piece in found) else "",
    )


def portfolio_file(curriculum: Curriculum, found: Sequence[Piece], now: datetime) -> str:
    """All pieces as one HTML file without scripts, whole in itself."""
    return fragment(
        "portfolio_file.html",
        title=text("portfolio.title"),
        made=day(now.date()),
        pieces=[piece_view(curriculum, piece) for piece in found],
    )


def piece_view(curriculum: Curriculum, piece: Piece) -> PieceView:
    """A piece ready to be shown; its links lead outside only and images of other places stay out."""
    skills = {skill.id: skill.title for skill in curriculum.skills}
    there = f"{piece.skill}/{piece.lesson}" in curriculum.addresses
    opinion = piece.opinion
    points = opinion.points if opinion else ()
    states = {True: "met", False: "missed", None: "unsure"}
    criteria = tuple(
        CriterionView(
            plain(criterion.text),
            criterion.met,
            states[points[number].met] if number < len(points) else "",
            points[number].quote if number < len(points) else "",
        )
        for number, criterion in enumerate(piece.criteria)
    )
    return PieceView(
        piece,
        skills.get(piece.skill, piece.skill),
        day(piece.saved.date()),
        Markup(_body(piece.text)),
        criteria,
        read_address(piece.skill, piece.lesson, piece.section) if there else "",
        write_address(piece.skill, piece.lesson, piece.section, piece.id) if there else "",
        text("portfolio.opinion", model=opinion.model, date=day(opinion.at.date())) if opinion else "",
    )


def _body(words: str) -> str:
    if words.count("[") + words.count("\\(") > MOST_MARKS:
        return f'<p class="typed">{escape(words)}</p>'
    return render(words, follow=outside_only)
