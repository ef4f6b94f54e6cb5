"""The lesson reader: a lesson's sections as HTML, its links inside the tutor, the section shown beside an answer.

Knows nothing of learners or HTTP.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from posixpath import normpath

from markupsafe import Markup

from tutor.curriculum import Curriculum
from tutor.errors import NotFound
from tutor.lesson import Lesson, Section
from tutor.skill import Skill
from tutor.tasks import tasks_of
from ui.frame import fragment, page, read_address
from ui.glossary import with_terms
from ui.highlight import wrap
from ui.markdown import PICTURE, Follow, Picture, outside_only, plain, render
from ui.texts import text


@dataclass(frozen=True)
class SectionView:
    """A section ready to be shown.

    Args:
        section: What it is.
        heading: Its heading's words, without markdown.
        body: Its HTML.
        quoted: The sentence asked for is marked in the body.
    """

    section: Section
    heading: str
    body: Markup
    quoted: bool


def follow_from(known: frozenset[str], skill: str) -> Follow:
    """Where links of a skill's lessons lead: other lessons to the reader, the rest outside."""

    def follow(target: str) -> str | None:
        path, _, anchor = target.partition("#")
        if not path:
            return f"#{anchor}"
        if not path.endswith(".md") or "://" in path:
            return outside_only(target)
        address = "/".join(normpath(f"/{skill}/{path}").removesuffix(".md").split("/")[-2:])
        return read_address(*address.split("/"), anchor) if address in known else None

    return follow


_IMAGE = re.compile(r"[a-z0-9-]+/[\w-]+\.(png|svg)")
KINDS = {".png": "image/png", ".svg": "image/svg+xml"}


def picture_from(skill: str) -> Picture:
    """Where images of a skill's lessons lie; those of other places have no address."""

    def picture(target: str) -> str | None:
        folder, _, name = normpath(f"/{skill}/{target}").lstrip("/").partition("/images/")
        return f"{PICTURE}{folder}/{name}" if _IMAGE.fullmatch(f"{folder}/{name}") else None

    return picture


def picture_file(curriculum: Curriculum, of: str) -> Path:
    """The file of an image, named ``skill/name.png``.

    Raises:
        NotFound: There is no such image.
    """
    skill, _, name = of.partition("/")
    path = curriculum.skill(skill).path / "images" / name if _IMAGE.fullmatch(of) else None
    if path is None or not path.is_file():
        raise NotFound(f"There is no image {of!r}.")
    return path


@lru_cache(maxsize=1024)
def _body(known: frozenset[str], skill: str, markdown: str) -> str:
    return render(markdown, follow=follow_from(known, skill), picture=picture_from(skill))


def section_view(curriculum: Curriculum, section: Section, quotation: str = "") -> SectionView:
    """A section as HTML, the quoted sentence marked."""
    body, found = _body(curriculum.addresses, section.skill, section.text), False
    if quotation:
        body, found = wrap(body, plain(quotation), "<mark>", "</mark>")
    return SectionView(section, plain(section.heading), Markup(body), found)


def lesson_page(curriculum: Curriculum, address: str, anchor: str = "", quotation: str = "") -> str:
    """The whole lesson.

    Args:
        curriculum: All lessons.
        address: ``skill/lesson``.
        anchor: The section that a citation asked for; empty for none.
        quotation: Its supporting sentence.

    Raises:
        NotFound: There is no such lesson.
    """
    skill, lesson = find(curriculum, address)
    views = [
        _with_terms(curriculum, section_view(curriculum, s, quotation if s.anchor == anchor else ""))
        for s in lesson.sections
    ]
    place = [each.id for each in skill.lessons].index(lesson.id)
    return page(
        "lesson.html",
        title=lesson.title,
        skill=skill,
        lesson=lesson,
        opening=Markup(_body(curriculum.addresses, skill.id, lesson.opening)),
        views=views,
        written={task.section for task in tasks_of(lesson)},
        practised={view.section.anchor: practised(skill, view.section) for view in views},
        previous=skill.lessons[place - 1] if place else None,
        following=skill.lessons[place + 1] if place + 1 < len(skill.lessons) else None,
    )


def _with_terms(curriculum: Curriculum, view: SectionView) -> SectionView:
    # Only in the reader: beside an answer a link to the glossary would lead away from the conversation.
    section = view.section
    place = f"{section.skill}/{section.lesson}#{section.anchor}"
    return replace(view, body=Markup(with_terms(str(view.body), curriculum.glossary, section.skill, place)))


def panel(curriculum: Curriculum, address: str, anchor: str, quotation: str = "") -> str:
    """One section for the place beside an answer.

    Raises:
        NotFound: There is no such section.
    """
    skill, lesson = find(curriculum, address)
    section = curriculum.section(skill.id, lesson.id, anchor)
    view = section_view(curriculum, section, quotation)
    return fragment(
        "panel.html",
        skill=skill,
        lesson=lesson,
        view=view,
        lost=bool(quotation) and not view.quoted,
        objective=practised(skill, section),
    )


def practised(skill: Skill, section: Section) -> str:
    """The objective of a section that has questions; empty when there is none."""
    with_items = {item.objective for item in skill.items}
    return next((name for name in section.objectives if name in with_items), "") if section.teaching else ""


def skill_page(curriculum: Curriculum, skill: str) -> str:
    """A skill's lessons.

    Raises:
        NotFound: There is no such skill.
    """
    found = curriculum.skill(skill)
    return page("skill.html", title=found.title, skill=found)


def find(curriculum: Curriculum, address: str) -> tuple[Skill, Lesson]:
    """The skill and lesson of ``skill/lesson``.

    Raises:
        NotFound: There is no such lesson.
    """
    skill, _, lesson = address.partition("/")
    found = curriculum.lesson(skill, lesson)
    return curriculum.skill(skill), found


def lesson_count(skill: Skill) -> str:
    """How much there is to read, in words."""
    return text("lessons.opening") if skill.status == "opening" else text("lessons", count=len(skill.lessons))
