"""Who may show the tutor in a frame: the configured origins, and the tutor itself.

Knows nothing of learners or pages; pure functions over a request's headers.
"""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

FRAMES = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})
"""Values of Sec-Fetch-Dest of a document that another document holds."""


def in_frame(headers: Mapping[str, str]) -> bool:
    """Whether a document is asked for by a frame; browsers before 2023 do not tell, then it is taken for none.

    Args:
        headers: Header names in lower case.
    """
    return headers.get("sec-fetch-dest", "") in FRAMES


def ancestors(origins: Collection[str]) -> str:
    """The policy's directive that makes browsers refuse every other frame.

    Example:
        >>> ancestors(["https://team.example"])
        "frame-ancestors 'self' https://team.example"
    """
    return " ".join(["frame-ancestors 'self'", *sorted(origins)])


def stranger(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Whether a frame of another site that is not allowed asks for a document.

    A page may hide where it is (Referrer-Policy: no-referrer): then the frame-ancestors of the answer decide, which
    the browser holds against the whole chain of frames. Where no site is allowed at all, nothing needs to be told.

    Args:
        headers: Header names in lower case.
        origins: The allowed origins, such as ``https://team.example``.
    """
    if not in_frame(headers) or headers.get("sec-fetch-site") not in {"cross-site", "same-site"}:
        return False
    told = headers.get("origin", "").replace("null", "") or origin_of(headers.get("referer", ""))
    return not any(_covers(origin, told) for origin in origins) if told else not origins


def _covers(allowed: str, origin: str) -> bool:
    # A platform's origins may name all hosts of a domain, as in the policy: https://*.lms.example
    scheme, star, rest = allowed.partition("*")
    return origin == allowed or bool(star and origin.startswith(scheme) and origin.endswith(rest))


def origin_of(address: str) -> str:
    """The origin of an address; empty when it has none.

    Example:
        >>> origin_of("https://team.example:8443/handbook?page=2")
        'https://team.example:8443'
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""
