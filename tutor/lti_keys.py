"""The tutor's own keys towards platforms: made, sealed at rest, published, replaced.

Knows nothing of HTTP. A private key is encrypted with a password derived from the server's signing key, so that a copy
of the database alone signs nothing.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from tutor.errors import TutorError
from tutor.store import Store
from tutor.store.lti_keys import Key, add_key, keys, remove_retired

BITS = 2048
"""As the 1EdTech Security Framework 1.0, section 5.1.1 asks for at least."""
PUBLISHED = timedelta(days=7)
"""How long a replaced key stays published: what it signed lives for minutes, and platforms cache keys for hours."""


@dataclass(frozen=True)
class Signer:
    """What signs the tutor's messages to platforms.

    Args:
        kid: Name of the key.
        private_pem: The private key, not encrypted; in memory only.
    """

    kid: str
    private_pem: str


def signer(store: Store, secret: bytes, now: datetime) -> Signer:
    """The key that signs; the first use makes one.

    Raises:
        TutorError: The key was sealed with another secret.
        StoreError: The database failed.
    """
    found = [key for key in keys(store) if key.retired is None]
    if not found:
        add_key(store, _new(secret, now), only_first=True)
        found = [key for key in keys(store) if key.retired is None]
    return Signer(found[0].kid, _unseal(found[0].sealed, secret))


def rotate(store: Store, secret: bytes, now: datetime) -> str:
    """Let a new key sign. The one before stays published for a week, older ones go.

    Returns:
        The new key's kid.

    Raises:
        StoreError: The database failed; nothing is changed.
    """
    key = _new(secret, now)
    add_key(store, key)
    remove_retired(store, now - PUBLISHED)
    return key.kid


def published(store: Store, now: datetime) -> dict[str, Any]:
    """The JWK set that platforms read.

    Raises:
        StoreError: The database failed.
    """
    return {"keys": [dict(key.public) for key in keys(store) if not key.retired or key.retired > now - PUBLISHED]}


def _new(secret: bytes, now: datetime) -> Key:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
    from jwt.algorithms import RSAAlgorithm

    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    jwk = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    # RFC 7638: the thumbprint of the required members in this order.
    thumb = json.dumps({name: jwk[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    kid = hashlib.sha256(thumb.encode()).hexdigest()[:32]
    public = {"kty": "RSA", "n": jwk["n"], "e": jwk["e"], "alg": "RS256", "use": "sig", "kid": kid}
    sealing = BestAvailableEncryption(_password(secret))
    sealed = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealing).decode()
    return Key(kid, sealed, public, now)


@lru_cache(maxsize=4)
def _unseal(sealed: str, secret: bytes) -> str:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    try:
        private = load_pem_private_key(sealed.encode(), _password(secret))
    except ValueError as error:
        raise TutorError(
            "The LTI key in the database was sealed with another signing key. Restore the file signing-key (or "
            "TUTOR_SECRET) of before, or make a new key: genai-tutor lti rotate-keys",
            "lti_key",
        ) from error
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _password(secret: bytes) -> bytes:
    # Of several signing keys the oldest: a new one is put behind it, and what was sealed can still be opened.
    return hmac.new(secret.split()[0], b"tutor.lti.key", hashlib.sha256).hexdigest().encode()
