"""Platforms' public keys: fetched, kept for an hour, fetched again for an unknown kid, but not for every stranger.

Knows nothing of tokens.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from tutor.store.lti_platforms import Platform
from ui.lti.refusal import Refused
from ui.lti.web import Web

KEPT = 3600.0
"""Seconds for which a key set is believed."""
BETWEEN = 10.0
"""Seconds between two fetches of the same set, whatever the tokens name."""
FEWEST_BITS = 2048

log = logging.getLogger(__name__)


class KeySets:
    """The key sets seen lately. Safe to use from many threads."""

    def __init__(self, web: Callable[[Platform], Web], clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none.

        Args:
            web: What reaches a platform.
            clock: Seconds that never go back.
        """
        self._web = web
        self._clock = clock
        self._locks: dict[str, threading.Lock] = {}
        self._sets: dict[str, tuple[float, Mapping[str, RSAPublicKey]]] = {}
        self._tried: dict[str, float] = {}

    def key(self, platform: Platform, kid: str) -> RSAPublicKey:
        """The public key of a platform that has this kid.

        Raises:
            Refused: The platform has none, or its keys cannot be had.
        """
        # One lock a key set: a platform that answers slowly holds up nobody else's launch.
        with self._locks.setdefault(platform.keys_url, threading.Lock()):
            at, known = self._sets.get(platform.keys_url, (0.0, {}))
            now = self._clock()
            stale = not known or now - at > KEPT
            if (stale or kid not in known) and now - self._tried.get(platform.keys_url, -BETWEEN) >= BETWEEN:
                self._tried[platform.keys_url] = now
                known = self._fetch(platform) or known
                self._sets[platform.keys_url] = (now, known)
        if not known:
            raise Refused("keys", platform)
        if kid not in known:
            raise Refused("kid", platform)
        return known[kid]

    def _fetch(self, platform: Platform) -> Mapping[str, RSAPublicKey]:
        try:
            answer = self._web(platform).get(platform.keys_url, headers={"accept": "application/json"})
            answer.raise_for_status()
            found = answer.json()["keys"]
            return {str(each["kid"]): key for each in found if (key := _usable(each)) is not None}
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            log.warning("keys of platform %s cannot be had: %s", platform.id, type(error).__name__)
            return {}


def _usable(jwk: Any) -> RSAPublicKey | None:
    if not isinstance(jwk, Mapping) or jwk.get("kty") != "RSA" or not jwk.get("kid") or jwk.get("use", "sig") != "sig":
        return None
    if jwk.get("alg", "RS256") != "RS256":
        return None
    try:
        key = RSAAlgorithm.from_jwk({name: jwk[name] for name in ("kty", "n", "e")})
    except (InvalidKeyError, ValueError, KeyError, TypeError):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size >= FEWEST_BITS else None
