"""A platform's signed message: its signature, its times, for whom it is. Nothing of it is used before all hold.

Knows nothing of states, cookies or of what the message says.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from tutor.store.lti_platforms import Platform
from ui.lti.keysets import KeySets
from ui.lti.refusal import Refused

LEEWAY = 60.0
"""Seconds by which clocks may differ."""
OLDEST = timedelta(minutes=15)
"""How long before the launch a message may have been made; a login under way lives for ten minutes."""
LONGEST = timedelta(hours=24)
"""The farthest expiry that is believed."""
LONGEST_TOKEN = 200_000


def verified(token: str, platform: Platform, keysets: KeySets, now: datetime) -> Mapping[str, Any]:
    """The claims of a message that a platform signed for us.

    Only RS256 with a key of the platform's own set counts; ``jku``, ``jwk``, ``x5u`` in the header mean nothing.

    Args:
        token: The id_token as it came.
        platform: Whose message it must be.
        keysets: Where its keys are found.
        now: The present moment; aware.

    Raises:
        Refused: Anything is not as it must be.
    """
    if not token or len(token) > LONGEST_TOKEN:
        raise Refused("malformed", platform)
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Refused("malformed", platform) from error
    if header.get("alg") != "RS256":
        raise Refused("alg", platform)
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Refused("kid", platform)
    claims = _decoded(token, platform, keysets.key(platform, kid))
    _check_parties(claims, platform)
    _check_times(claims, platform, now.timestamp())
    return claims


def _decoded(token: str, platform: Platform, key: Any) -> Mapping[str, Any]:
    # Times, issuer and audience are checked below, with our own clock and stricter.
    options = {"verify_signature": True} | {
        f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
    }
    try:
        claims = jwt.decode(token, key, algorithms=["RS256"], options=options)  # type: ignore[arg-type]
    except jwt.InvalidSignatureError as error:
        raise Refused("signature", platform) from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Refused("malformed", platform) from error
    return claims


def _check_parties(claims: Mapping[str, Any], platform: Platform) -> None:
    if claims.get("iss") != platform.issuer:
        raise Refused("issuer", platform)
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or platform.client_id not in audiences:
        raise Refused("audience", platform)
    party = claims.get("azp")
    if (len(audiences) > 1 and party is None) or (party is not None and party != platform.client_id):
        raise Refused("audience", platform)


def _check_times(claims: Mapping[str, Any], platform: Platform, now: float) -> None:
    expires, issued = _seconds(claims, "exp", platform), _seconds(claims, "iat", platform)
    if expires <= now - LEEWAY or issued < now - OLDEST.total_seconds():
        raise Refused("expired", platform)
    begins = _seconds(claims, "nbf", platform) if "nbf" in claims else issued
    if max(issued, begins) > now + LEEWAY or expires > now + LONGEST.total_seconds() or expires < issued:
        raise Refused("times", platform)


def _seconds(claims: Mapping[str, Any], name: str, platform: Platform) -> float:
    value = claims.get(name)
    # Whole numbers of any length compare; an infinity or NaN, which Python's JSON reads, does not.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise Refused("times", platform)
    return float(value)
