"""What the tutor asks of a platform after a launch: put a score into the gradebook, tell who is in the course.

Knows nothing of when scores are sent or of who may see a roster.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.exception import LtiException
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.names_roles import NamesRolesProvisioningService

from tutor.lti_keys import Signer
from tutor.store.lti_links import Link
from tutor.store.lti_platforms import Platform
from tutor.store.lti_scores import Score
from ui.lti.connection import MOST_PAGES, Connection, Tokens
from ui.lti.refusal import ServiceFailed
from ui.lti.roles import role_of
from ui.lti.web import Web

MOST_MEMBERS = 100_000


@dataclass(frozen=True)
class Member:
    """Somebody in a course, as the platform tells.

    Args:
        subject: What the platform calls this person.
        name: Empty when the platform keeps names to itself.
        role: ``learner`` or ``instructor``.
        active: Whether they take part now.
    """

    subject: str
    name: str
    role: str
    active: bool


class Services:
    """Reaches platforms. Safe to use from many threads."""

    def __init__(self, signer: Callable[[], Signer], public: Web | None = None, private: Web | None = None) -> None:
        """Nothing is called yet.

        Args:
            signer: Gives our signing key.
            public: Reaches platforms that registered by invitation.
            private: Reaches platforms that the operator added, wherever they are.
        """
        self._signer = signer
        self._public = public or Web(private=False)
        self._private = private or Web(private=True)
        self._tokens = Tokens()

    def web(self, platform: Platform) -> Web:
        """What reaches a platform."""
        return self._private if platform.private else self._public

    def send(self, platform: Platform, link: Link, score: Score) -> str:
        """Put a score into the gradebook.

        The launch's own line item is preferred; otherwise the one with our resource link is found, or made.

        Returns:
            The address of the line item.

        Raises:
            ServiceFailed: It did not arrive.
        """
        grades = self._grades(platform, link)
        line_item = link.line_item or _line_item(grades, link)
        try:
            _put(grades, line_item, score)
        except ServiceFailed as failure:
            if failure.status not in {404, 410} or not link.line_items:
                raise
            # The column was deleted since the launch: another is found or made.
            line_item = _line_item(grades, link)
            _put(grades, line_item, score)
        return line_item

    def roster(self, platform: Platform, link: Link) -> list[Member]:
        """Who is in the course of a link, all pages of it.

        Raises:
            ServiceFailed: The platform does not tell.
        """
        if not link.roster_url:
            raise ServiceFailed("The platform does not share who is in the course.")
        service = NamesRolesProvisioningService(
            self._connection(platform), {"context_memberships_url": link.roster_url}
        )
        members: list[Member] = []
        following: str | None = link.roster_url
        for _ in range(MOST_PAGES):
            page, following = _page(service, following)
            members += page
            if not following or len(members) > MOST_MEMBERS:
                break
        return list({member.subject: member for member in members}.values())

    def _connection(self, platform: Platform) -> Connection:
        return Connection(platform, self._signer(), self.web(platform), self._tokens)

    def _grades(self, platform: Platform, link: Link) -> AssignmentsGradesService:
        data: Any = {"scope": list(link.scopes), "lineitems": link.line_items, "lineitem": link.line_item}
        return AssignmentsGradesService(self._connection(platform), data)


def _put(grades: AssignmentsGradesService, line_item: str, score: Score) -> None:
    stamp = (score.stamp or datetime.now(UTC)).astimezone(UTC)
    grade = Grade().set_score_given(round(100 * score.score, 2)).set_score_maximum(100)
    grade.set_user_id(score.subject).set_activity_progress("Completed" if score.completed else "InProgress")
    # Without FullyGraded platforms keep the score out of the gradebook (AGS 2.0, section 3.4.8).
    grade.set_grading_progress("FullyGraded")
    grade.set_timestamp(stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    try:
        grades.put_grade(grade, LineItem({"id": line_item}))
    except LtiException as error:
        raise ServiceFailed("The platform does not let the tutor send scores for this link.") from error


def _line_item(grades: AssignmentsGradesService, link: Link) -> str:
    wanted = LineItem().set_score_maximum(100).set_label(link.title or "Tutor").set_resource_link_id(link.resource)
    if not link.line_items:
        raise ServiceFailed("The link has no column in the gradebook, and none can be made.")
    try:
        found = grades.find_or_create_lineitem(wanted, find_by="resource_link_id").get_id()
    except LtiException as error:
        raise ServiceFailed("The platform does not let the tutor make a column in the gradebook.") from error
    if not found:
        raise ServiceFailed("The platform made a column in the gradebook but did not say where.")
    return found


def _page(service: NamesRolesProvisioningService, address: str | None) -> tuple[list[Member], str | None]:
    try:
        found, following = service.get_members_page(address)
        return [_member(each) for each in found if isinstance(each, dict) and each.get("user_id")], following
    except (AttributeError, TypeError) as error:
        raise ServiceFailed("The platform's list of members is not as LTI says.") from error


def _member(found: Any) -> Member:
    roles = found.get("roles")
    name = found.get("name") or " ".join(filter(None, (found.get("given_name"), found.get("family_name"))))
    role = role_of(roles if isinstance(roles, list) else [])
    return Member(str(found["user_id"]), str(name or ""), role, found.get("status", "Active") == "Active")
