"""Who is asking, as the server verified it.

Knows nothing of cookies or of how the identity was proved.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Learner:
    """One verified identity in one place.

    Args:
        principal: The identity that the server verified, such as ``anon:3f9c...``; never a value from the browser.
        tenant: The platform it came from; ``local`` until an LMS says otherwise.
        context: The course it came from; ``local`` until an LMS says otherwise.
        role: ``learner``, ``instructor`` or ``admin`` in that context.
        link: Id of the LMS link that was followed; empty without an LMS.
    """

    principal: str
    tenant: str = "local"
    context: str = "local"
    role: str = "learner"
    link: str = ""
