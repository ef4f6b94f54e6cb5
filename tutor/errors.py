"""The errors people are told about, each a sentence that says what, where and what to do.

Knows nothing of how they are shown. The tree::

    TutorError                 anything a person can act on
    ├── SettingsError          a setting has a value that is not allowed
    ├── CurriculumError        lessons cannot be read, or nothing usable is in them
    ├── IndexUnavailable       the search index is missing, broken or out of reach
    ├── StoreError             the database cannot be opened, read or written
    ├── ModelError             the configured model did not answer as it should
    ├── NotFound               a conversation, lesson or section that is not there (or not yours)
    ├── Forbidden              the person in front of it may not do this
    └── SignInNeeded           nobody is signed in, and this needs somebody
"""


class TutorError(Exception):
    """A failure with one plain sentence for the person in front of it.

    Args:
        message: What happened, where, and what to do about it.
        code: A stable key of the texts catalogue, for a translated message.
    """

    code = "error"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class SettingsError(TutorError):
    """A setting names a value that is not allowed."""

    code = "settings"


class CurriculumError(TutorError):
    """The lessons cannot be read, or nothing usable is in them."""

    code = "curriculum"


class IndexUnavailable(TutorError):
    """The search index is missing, broken or out of reach."""

    code = "index"


class StoreError(TutorError):
    """The database cannot be opened, read or written."""

    code = "store"


class ModelError(TutorError):
    """The configured model did not answer as it should.

    Args:
        message: What happened, where, and what to do about it.
        code: One of model_key, model_busy, model_timeout, model_broken, model_unreachable, model_refused.
    """

    code = "model_broken"


class NotFound(TutorError):
    """A conversation, lesson or section that is not there, or belongs to somebody else."""

    code = "not_found"


class Forbidden(TutorError):
    """The person in front of it has not the role that this needs."""

    code = "forbidden"


class SignInNeeded(TutorError):
    """Nobody is signed in, and this needs somebody."""

    code = "session"
