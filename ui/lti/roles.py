"""What somebody is in a course, by the roles a platform names.

Knows nothing of sessions. Only roles in the course count: an administrator or teacher of the institution may well be a
learner here, and nobody becomes the tutor's own admin through a platform.
"""

from collections.abc import Iterable

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
# LTI 1.3 core, A.2.3: context roles, their sub-roles after a slash, and simple names, which are deprecated but allowed.
_TEACHING = frozenset({f"{_MEMBERSHIP}#Instructor", f"{_MEMBERSHIP}#Administrator", "Instructor", "Administrator"})
_TEACHING_SUB_ROLES = (f"{_MEMBERSHIP}/Instructor#", f"{_MEMBERSHIP}/Administrator#")


def role_of(roles: Iterable[object]) -> str:
    """``instructor`` or ``learner``.

    Example:
        >>> role_of(["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"])
        'learner'
    """
    named = [role for role in roles if isinstance(role, str)]
    teaching = any(role in _TEACHING or role.startswith(_TEACHING_SUB_ROLES) for role in named)
    return "instructor" if teaching else "learner"
