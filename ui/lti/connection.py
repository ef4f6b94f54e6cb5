"""A signed-in connection to one platform's services: its access tokens, each client's own, and pages of one origin.

Knows nothing of what the services are for.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import requests
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

from tutor.lti_keys import Signer
from tutor.store.lti_platforms import Platform
from ui.lti.addresses import origin_of
from ui.lti.refusal import ServiceFailed
from ui.lti.web import Web

MOST_TOKENS = 1000
EARLY = 60.0
"""Seconds before its end at which an access token is no longer used."""
MOST_PAGES = 200


class _Registration(Registration):
    """The library's registration, with the name of our key as we keep it."""

    kid = ""

    def get_kid(self) -> str:
        return self.kid


def registration(platform: Platform, signer: Signer) -> Registration:
    """A platform and our key as the library wants them."""
    made = _Registration()
    made.kid = signer.kid
    made.set_issuer(platform.issuer).set_client_id(platform.client_id)
    made.set_auth_login_url(platform.login_url).set_auth_token_url(platform.token_url)
    made.set_auth_audience(platform.audience).set_key_set_url(platform.keys_url)
    made.set_tool_private_key(signer.private_pem)
    return made


class Tokens:
    """Access tokens that are still good. Safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def get(self, key: str) -> str | None:
        """The token under a key; None when there is none that is good."""
        with self._lock:
            until, token = self._kept.get(key, (0.0, ""))
            return token if token and self._clock() < until else None

    def put(self, key: str, token: str, seconds: float) -> None:
        """Keep a token until shortly before its end."""
        with self._lock:
            self._kept[key] = (self._clock() + seconds - EARLY, token)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_TOKENS:
                self._kept.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget a token that a platform no longer accepts."""
        with self._lock:
            self._kept.pop(key, None)


class Connection(ServiceConnector):
    """The library's connector with tokens kept per client, and failures as one kind of error."""

    def __init__(self, platform: Platform, signer: Signer, web: Web, tokens: Tokens) -> None:
        super().__init__(registration(platform, signer), web)
        self._platform = platform
        self._tokens = tokens

    def _scope_key(self, scopes: Any) -> str:
        # The library's own key leaves out the client: two clients of one issuer would get each other's tokens.
        return "\n".join([self._platform.id, self._platform.client_id, self._platform.token_url, *sorted(scopes)])

    def _get_cached_access_token(self, scope_key: str) -> str | None:
        return self._tokens.get(scope_key)

    def _cache_access_token(self, scope_key: str, access_token: str, expires_in: Any) -> None:
        try:
            seconds = float(expires_in)
        except (TypeError, ValueError):
            seconds = 0.0
        self._tokens.put(scope_key, access_token, seconds)

    def make_service_request(self, scopes: Sequence[str], url: str, **named: Any) -> Any:
        """Ask a service; a token that it no longer accepts is replaced once.

        Raises:
            ServiceFailed: There was no answer, or not the one that was asked for.
        """
        try:
            return self._ask(scopes, url, **named)
        except ServiceFailed as failure:
            if failure.status != 401:
                raise
        self._tokens.drop(self._scope_key(scopes))
        return self._ask(scopes, url, **named)

    def _ask(self, scopes: Sequence[str], url: str, **named: Any) -> Any:
        host = origin_of(url) or "its service"
        try:
            answer = super().make_service_request(scopes, url, **named, case_insensitive_headers=True)
        except LtiServiceException as error:
            raise ServiceFailed(f"{host} answered {error.response.status_code}.", error.response.status_code) from error
        except requests.RequestException as error:
            raise ServiceFailed(f"{host} gave no usable answer ({type(error).__name__}).") from error
        except (LtiException, ValueError, KeyError, TypeError) as error:
            raise ServiceFailed(f"{host} answered with something that is not LTI ({type(error).__name__}).") from error
        answer["next_page_url"] = _following(answer["headers"].get("link", ""), url)
        return answer


def _following(header: str, url: str) -> str | None:
    # The library knows rel="next" only; RFC 8288 allows rel=next too, and platforms send it.
    for link in requests.utils.parse_header_links(header) if header else []:
        # Our access token goes to nobody else than the host that was asked.
        if "next" in link.get("rel", "").lower().split() and origin_of(link["url"]) == origin_of(url):
            return str(link["url"])
    return None
