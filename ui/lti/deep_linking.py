"""What an instructor may choose for a new link, and the signed message that tells the platform.

Knows nothing of forms' looks.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pylti1p3.deep_link import DeepLink
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem

from tutor.curriculum import Curriculum
from tutor.errors import TutorError
from tutor.lti_keys import Signer
from tutor.lti_link import LinkSettings, from_custom
from tutor.store.lti_platforms import Platform
from ui.lti.connection import registration
from ui.texts import text


def chosen(form: Mapping[str, Any], curriculum: Curriculum) -> LinkSettings:
    """The settings that a filled-in form says.

    Args:
        form: Field names to values; ``what`` is ``tutor``, ``skill:<id>``, ``lesson:<skill>/<id>`` or ``quiz:<skill>``.
        curriculum: What there is to choose from.

    Raises:
        TutorError: A value is not allowed.
        NotFound: There is no such skill or lesson.
    """
    kind, _, target = str(form.get("what", "tutor")).partition(":")
    scope = form.get("scope", [])
    custom = {
        "tutor_open": kind,
        "tutor_target": target,
        "tutor_items": form.get("items", "") if kind == "quiz" else "",
        "tutor_score": form.get("score", ""),
        "tutor_scope": ",".join(scope if isinstance(scope, list) else [scope]),
        "tutor_attempts": form.get("attempts", ""),
        "tutor_due": _utc(str(form.get("due", ""))),
        "tutor_chat": "off" if form.get("chat") == "off" else "",
    }
    settings = from_custom(custom)
    for skill in {*settings.scope, *([settings.target.partition("/")[0]] if settings.target else [])}:
        curriculum.skill(skill)
    if settings.kind == "lesson":
        curriculum.lesson(*settings.target.split("/"))
    return settings


def title_of(settings: LinkSettings, curriculum: Curriculum) -> str:
    """What the link is called in the course."""
    if settings.kind == "tutor":
        return text("product")
    skill = curriculum.skill(settings.target.partition("/")[0])
    if settings.kind == "lesson":
        return str(curriculum.lesson(*settings.target.split("/")).title)
    if settings.kind == "quiz":
        return text("lti.link.quiz", skill=skill.title, count=settings.items)
    return str(skill.title)


def response(platform: Platform, deployment: str, data: str | None, signer: Signer, item: "Item") -> str:
    """The signed message with the chosen link.

    Args:
        platform: Who asked for it.
        deployment: In which deployment.
        data: What the platform wants back.
        signer: Our key.
        item: The chosen link.
    """
    linking = DeepLink(registration(platform, signer), deployment, {"data": data})  # type: ignore[typeddict-item]
    message = linking.get_message_jwt([item])
    if data is None:
        del message["https://purl.imsglobal.org/spec/lti-dl/claim/data"]
    return str(linking.encode_jwt(message))


class Item(DeepLinkResource):
    """A link as a content item, with its due date where there is one."""

    def __init__(self, settings: LinkSettings, title: str, address: str, graded: bool) -> None:
        self.set_title(title).set_url(address).set_custom_params(settings.to_custom())
        self._due = settings.due
        if graded and settings.score != "none":
            self.set_lineitem(LineItem().set_score_maximum(100).set_label(title).set_resource_id("genai-tutor"))

    def to_dict(self) -> dict[str, object]:
        """The content item as JSON."""
        made = super().to_dict()
        if self._due is not None:
            made["submission"] = {"endDateTime": f"{self._due:%Y-%m-%dT%H:%M:%SZ}"}
        return made


def _utc(given: str) -> str:
    # A browser's date field: a day counts to its end, UTC.
    if not given:
        return ""
    try:
        return f"{datetime.strptime(given, '%Y-%m-%d').replace(tzinfo=UTC):%Y-%m-%d}T23:59:59Z"
    except ValueError as error:
        raise TutorError(text("lti.choose.due.wrong"), "lti_link") from error
