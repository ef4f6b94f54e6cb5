"""The LMS tool's small pages: a refusal, the way out of a frame, the end of a registration.

Knows nothing of verification. Pages stand alone, without the tutor's menu: nobody is signed in on them.
"""

from tutor.store.lti_platforms import Platform
from ui.frame import page
from ui.lti.refusal import CookieMissing, Refused
from ui.texts import text


def refusal_page(refused: Refused, again: str = "") -> str:
    """One plain sentence; for a missing cookie a button that begins the launch again in a window.

    Args:
        refused: Why.
        again: Our login address; empty where there is no other way in.
    """
    fields = refused.again if isinstance(refused, CookieMissing) and again else {}
    title = text("lti.window.title") if fields else text("error.title")
    return page(
        "lti_message.html",
        title=title,
        message=str(refused),
        form=again,
        fields=fields,
        base="../",
        script="",
        nonce="",
    )


def closing_page(platform: Platform, nonce: str) -> str:
    """Tells an administrator, and the platform's window, that a registration is done."""
    return page(
        "lti_message.html",
        title=text("lti.registered.title"),
        message=text("lti.registered", platform=platform.name, issuer=platform.issuer),
        form="",
        fields={},
        base="../",
        # Dynamic Registration 1.0, section 3.7; the message holds nothing, so any window may read it.
        script="(window.opener || window.parent).postMessage({subject: 'org.imsglobal.lti.close'}, '*');",
        nonce=nonce,
    )
