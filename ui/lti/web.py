"""Requests to platforms: with time limits, no redirects, bounded answers, and none to private addresses unless allowed.

Knows nothing of LTI.
"""

import ipaddress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

CONNECT_SECONDS = 5
READ_SECONDS = 10
LARGEST_ANSWER = 5_000_000
"""Bytes; a roster page of ten thousand people is about half of it."""


class Web(requests.Session):
    """A requests session for one kind of platform.

    Args:
        private: Whether loopback and private addresses may be called.
    """

    def __init__(self, private: bool) -> None:
        super().__init__()
        self.headers["User-Agent"] = "genai-tutor"
        if not private:
            # A proxy of the environment would hide the address that is really called.
            self.trust_env = False
            self.mount("https://", _GlobalOnly())
            self.mount("http://", _GlobalOnly())

    def request(self, *given: Any, **named: Any) -> requests.Response:  # type: ignore[override]
        """Send one request.

        Raises:
            requests.RequestException: There was no answer in time, it redirects, or it is too large.
        """
        named |= {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False, "stream": True}
        response = super().request(*given, **named)
        body = b""
        with response:
            if response.is_redirect:
                raise requests.TooManyRedirects("The answer is a redirect, which is not followed.", response=response)
            for chunk in response.iter_content(65536):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise requests.RequestException("The answer is too large.", response=response)
        # The body was read under the limit above; the attribute is where requests keeps what it read itself.
        response._content = body
        return response


def _refuse_private(connection: Any, made: Any) -> Any:
    # Asked of the open connection, not of the name: a name may resolve to something else the second time.
    address = ipaddress.ip_address(made.getpeername()[0].partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    if not (mapped or address).is_global or (mapped or address).is_multicast:
        made.close()
        raise NewConnectionError(connection, "The address is not on the public internet.")
    return made


class _Plain(HTTPConnection):
    def _new_conn(self) -> Any:
        return _refuse_private(self, super()._new_conn())


class _Secure(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _refuse_private(self, super()._new_conn())


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _GlobalOnly(HTTPAdapter):
    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
