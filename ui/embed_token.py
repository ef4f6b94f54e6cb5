"""Tokens by which another site's server says who its visitor is: a short-lived JWT, signed with a shared secret.

Knows nothing of HTTP or of sessions. HS256 only, whatever the token itself says.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tutor.errors import TutorError
from tutor.learner import Learner
from ui.texts import text

AUDIENCE = "genai-tutor"
ALGORITHM = "HS256"
LONGEST = timedelta(minutes=10)
LEEWAY = timedelta(seconds=30)
"""How far the clocks of two servers may differ."""
MOST_CHARACTERS = 4096
MOST_OF_A_CLAIM = 200
REQUIRED = ("iss", "sub", "aud", "exp", "iat", "jti")


class TokenRefused(TutorError):
    """A signed token that is not taken; the message says why in one sentence.

    Args:
        reason: The ending of a text's code, ``embed.refused.<reason>``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(text(f"embed.refused.{reason}"), "embed_token")
        self.reason = reason


@dataclass(frozen=True)
class Signed:
    """What a token says, after it was verified.

    Args:
        learner: The visitor: tenant is the issuing site, the role always that of a learner.
        once: Unique id of the token, which must be used up.
        until: When the token is refused by its own expiry.
    """

    learner: Learner
    once: str
    until: datetime


def verify(token: str, secret: str, issuers: Collection[str], now: datetime) -> Signed:
    """Check a token in every respect but whether it was used before.

    Args:
        token: What the visitor's browser brought.
        secret: The shared secret; empty when none is configured.
        issuers: Origins that may issue: those that may show the tutor.
        now: The present moment; aware.

    Raises:
        TokenRefused: It is not taken.
    """
    if not secret:
        raise TokenRefused("off")
    if len(token) > MOST_CHARACTERS:
        raise TokenRefused("oversized")
    claims = _claims(token, secret)
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    if expires + LEEWAY <= now:
        raise TokenRefused("expired")
    if issued - LEEWAY > now or ("nbf" in claims and _moment(claims, "nbf") - LEEWAY > now):
        raise TokenRefused("early")
    if not timedelta(0) < expires - issued <= LONGEST:
        raise TokenRefused("too_long")
    issuer = _words(claims, "iss")
    if issuer not in issuers:
        raise TokenRefused("issuer")
    context = _words(claims, "context") if "context" in claims else "local"
    learner = Learner(f"embed:{_words(claims, 'sub')}", issuer, context)
    return Signed(learner, f"embed\n{issuer}\n{_words(claims, 'jti')}", expires + LEEWAY)


def _claims(token: str, secret: str) -> dict[str, Any]:
    import jwt

    # The times are checked above, against the moment that is given.
    unchecked = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    options = {"require": list(REQUIRED), "verify_signature": True, "strict_aud": True, **unchecked}
    try:
        return jwt.decode(token, secret, algorithms=[ALGORITHM], audience=AUDIENCE, options=options)  # type: ignore[arg-type]
    except jwt.InvalidAudienceError as error:
        raise TokenRefused("audience") from error
    except jwt.MissingRequiredClaimError as error:
        raise TokenRefused("audience" if error.claim == "aud" else "claims") from error
    except jwt.InvalidSignatureError as error:
        raise TokenRefused("signature") from error
    except jwt.InvalidAlgorithmError as error:
        raise TokenRefused("algorithm") from error
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenRefused("malformed") from error


def _moment(claims: dict[str, Any], name: str) -> datetime:
    seconds = claims[name]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TokenRefused("claims")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TokenRefused("claims") from error


def _words(claims: dict[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str) or not 0 < len(value) <= MOST_OF_A_CLAIM or not value.isprintable():
        raise TokenRefused("claims")
    return value
