"""Choosing what a new link opens: the form for an instructor, and the signed answer to the platform.

Knows nothing of sessions: a ticket in the form, good once, stands for the launch, so that no cookie is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tutor.curriculum import Curriculum
from tutor.errors import NotFound, TutorError
from tutor.lti_keys import Signer
from tutor.lti_link import MOST_ATTEMPTS, MOST_ITEMS, SCORES
from tutor.store import Store
from tutor.store.lti_platforms import Platform, platform
from tutor.store.lti_tickets import issue, redeem
from ui.frame import page
from ui.lti.addresses import origin_of
from ui.lti.deep_linking import Item, chosen, response, title_of
from ui.lti.launch import Launch
from ui.lti.refusal import Refused
from ui.texts import text

LIFETIME = timedelta(hours=2)


@dataclass(frozen=True)
class Chosen:
    """A choice on its way to the platform.

    Args:
        platform: Who waits for it.
        address: Where it goes.
        message: The signed message.
        title: What the link is called.
    """

    platform: Platform
    address: str
    message: str
    title: str

    @property
    def sends_to(self) -> str:
        """The origin that the form goes to."""
        return origin_of(self.address)

    def page(self, nonce: str) -> str:
        """A form that sends itself, with a button where scripts do not run."""
        return page("lti_send.html", title=text("lti.choose.title"), chosen=self, base="../", nonce=nonce)


def choosing_page(store: Store, launch: Launch, curriculum: Curriculum, now: datetime) -> str:
    """The form in which an instructor chooses.

    Raises:
        StoreError: The database failed.
    """
    assert launch.choice is not None
    data = {
        "platform": launch.platform.id,
        "deployment": launch.deployment,
        "return_url": launch.choice.return_url,
        "data": launch.choice.data,
        "graded": launch.choice.graded,
        "course": launch.course,
    }
    return _form(data, issue(store, "choice", data, LIFETIME, now=now), curriculum)


def _form(data: Mapping[str, Any], ticket: str, curriculum: Curriculum) -> str:
    return page(
        "lti_choose.html",
        title=text("lti.choose.title"),
        course=data["course"],
        graded=data["graded"],
        ticket=ticket,
        curriculum=curriculum,
        scores=SCORES,
        most_items=MOST_ITEMS,
        most_attempts=MOST_ATTEMPTS,
        base="../",
    )


def finish(
    store: Store, form: Mapping[str, Any], curriculum: Curriculum, key: Signer, base: str, now: datetime
) -> Chosen:
    """Make the platform's answer of a filled-in form.

    Raises:
        Refused: The form's ticket is used or too old, or a value is not allowed.
        StoreError: The database failed.
    """
    ticket = redeem(store, "choice", str(form.get("ticket", "")), now=now)
    if ticket is None:
        raise Refused("choice")
    data, _ = ticket
    try:
        asked = platform(store, data["platform"])
    except NotFound as error:
        raise Refused("platform") from error
    try:
        settings = chosen(form, curriculum)
    except TutorError as error:
        raise Refused("chosen", asked, reason=str(error)) from error
    title = str(form.get("title", "")).strip()[:200] or title_of(settings, curriculum)
    item = Item(settings, title, f"{base}/lti/launch", data["graded"])
    return Chosen(asked, data["return_url"], response(asked, data["deployment"], data["data"], key, item), title)
