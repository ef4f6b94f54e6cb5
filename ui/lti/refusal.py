"""Why a message of a platform is not accepted, with plain words and a 4xx status, or why its service did not answer.

Knows nothing of how it is shown.
"""

from tutor.errors import TutorError
from tutor.store.lti_platforms import Platform
from ui.texts import text


class Refused(TutorError):
    """A message that is not accepted.

    Args:
        why: The part of the text code behind ``lti.refused.``; also what is logged.
        platform: The platform it claims to come from, when one is known: its frame may show the sentence.
        status: HTTP status, 4xx.
        **values: What the sentence names.
    """

    def __init__(self, why: str, platform: Platform | None = None, status: int = 400, **values: object) -> None:
        super().__init__(text(f"lti.refused.{why}", **values), f"lti.{why}")
        self.why = why
        self.platform = platform
        self.status = status


class CookieMissing(Refused):
    """The launch came without the login's cookie: from another browser, or one that keeps none in frames.

    Args:
        platform: The platform.
        again: The parameters with which the platform began the login: a new window can begin it again.
    """

    def __init__(self, platform: Platform, again: dict[str, str]) -> None:
        super().__init__("cookie", platform, 401)
        self.again = again


class ServiceFailed(Exception):
    """A platform's service did not do what was asked of it.

    Args:
        message: What happened, for operators and instructors; holds no token and no names.
        status: HTTP status; 0 when there was no answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status
