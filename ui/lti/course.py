"""The instructors' page of a link: what it opens, how it is scored, who has been there.

Knows nothing of what learners did or asked.
"""

from typing import TYPE_CHECKING

from tutor.curriculum import Curriculum
from tutor.errors import NotFound, TutorError
from tutor.learner import Learner
from tutor.lti_link import LinkSettings, from_custom
from tutor.store import Store
from tutor.store.lti_links import Link, link_of, visits
from tutor.store.lti_platforms import platform
from tutor.store.lti_scores import waiting
from ui.frame import day, page
from ui.lti.deep_linking import title_of
from ui.lti.landing import place
from ui.lti.refusal import ServiceFailed
from ui.texts import text

if TYPE_CHECKING:
    from ui.lti.services import Services


def course_page(
    store: Store, services: "Services", learner: Learner | None, curriculum: Curriculum, people: bool
) -> str:
    """The page for the instructor who came through a link.

    Args:
        store: Where links are.
        services: Asks the platform who is in the course.
        learner: Who asks, as the server verified it.
        curriculum: What the link may open.
        people: Whether to ask the platform for the course's members.

    Raises:
        NotFound: Whoever asks is no instructor of a course on a platform.
        StoreError: The database failed.
    """
    link = link_of(store, learner) if learner is not None and learner.role == "instructor" else None
    if link is None:
        raise NotFound(text("lti.course.none"))
    settings, problem = _settings(link)
    count, reason = waiting(store, [link.id])
    members, trouble = _members(store, services, link) if people else ([], "")
    return page(
        "lti_course.html",
        title=link.title or text("product"),
        base="../",
        itself="lti/course",
        facts=_facts(link, settings, curriculum),
        problem=problem,
        opens=place(settings),
        opened=sum(1 for each in visits(store, link.id) if each.role == "learner"),
        waiting=count,
        reason=reason,
        people=people,
        members=members,
        trouble=trouble,
        roster=bool(link.roster_url),
    )


def _settings(link: Link) -> tuple[LinkSettings, str]:
    try:
        return from_custom(link.settings), ""
    except TutorError as error:
        return LinkSettings(), str(error)


def _facts(link: Link, settings: LinkSettings, curriculum: Curriculum) -> list[tuple[str, str]]:
    try:
        opens = title_of(settings, curriculum)
    except NotFound as error:
        opens = str(error)
    graded = bool(link.line_item or link.line_items)
    facts = [("opens", opens), ("score", text(f"lti.score.{settings.score}") if graded else text("lti.score.nowhere"))]
    if settings.scope:
        facts.append(("scope", ", ".join(_skill(each, curriculum) for each in settings.scope)))
    if settings.attempts:
        facts.append(("attempts", str(settings.attempts)))
    if settings.due:
        facts.append(("due", f"{day(settings.due)}, {settings.due:%H:%M} UTC"))
    if not settings.chat_open:
        facts.append(("chat", text("lti.chat.off")))
    return [(text(f"lti.fact.{name}"), value) for name, value in facts]


def _skill(id: str, curriculum: Curriculum) -> str:
    try:
        return str(curriculum.skill(id).title)
    except NotFound:
        return id


def _members(store: Store, services: "Services", link: Link) -> tuple[list[tuple[str, str, str]], str]:
    seen = {visit.subject: visit.last for visit in visits(store, link.id)}
    try:
        found = services.roster(platform(store, link.platform), link)
    except ServiceFailed as failure:
        return [], str(failure)
    rows = []
    for member in sorted(found, key=lambda each: (each.role, each.name.casefold(), each.subject)):
        last = seen.get(member.subject)
        name = member.name or text("lti.people.unnamed", id=member.subject)
        rows.append((name, text(f"lti.role.{member.role}"), day(last) if last else text("lti.people.never")))
    return rows, ""
