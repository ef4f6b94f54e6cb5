"""The LMS tool's small pages: a refusal, the way out of a frame, the end of a registration.

Knows nothing of verification. Pages stand alone, without the tutor's menu: nobody is signed in on them.
"""

from urllib.parse import urlencode

from tutor.store.lti_platforms import Platform
from ui.frame import page
from ui.lti.refusal import CookieMissing, Refused
from ui.texts import text


def refusal_page(refused: Refused, login: str = "") -> str:
    """One plain sentence; for a missing cookie a link that begins the launch again in a window.

    Args:
        refused: Why.
        login: Our login address.
    """
    window = ""
    if isinstance(refused, CookieMissing):
        # A link, not a form: the policy for forms would hold their redirects to our own origin.
        window = f"{login}?{urlencode(refused.again)}"
    title = text("lti.window.title") if window else text("error.title")
    return page("lti_message.html", title=title, message=str(refused), window=window, base="../", script="", nonce="")


def closing_page(platform: Platform, nonce: str) -> str:
    """Tells an administrator, and the platform's window, that a registration is done."""
    return page(
        "lti_message.html",
        title=text("lti.registered.title"),
        message=text("lti.registered", platform=platform.name, issuer=platform.issuer),
        window="",
        base="../",
        # Dynamic Registration 1.0, section 3.7; the message holds nothing, so any window may read it.
        script="(window.opener || window.parent).postMessage({subject: 'org.imsglobal.lti.close'}, '*');",
        nonce=nonce,
    )
