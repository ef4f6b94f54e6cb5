"""Requests to platforms: with time limits, no redirects, bounded answers, and none to private addresses unless allowed.

Knows nothing of LTI.
"""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from ui.lti.addresses import is_public_address

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


def _connected(connection: HTTPConnection, connect: Callable[[], socket.socket]) -> socket.socket:
    try:
        found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NewConnectionError(connection, "The name does not resolve.") from error
    _refuse_private(connection, [str(each[4][0]) for each in found])
    made = connect()
    try:
        # Asked of the open connection too: the name may resolve to something else the second time.
        _refuse_private(connection, [made.getpeername()[0]])
    except NewConnectionError:
        made.close()
        raise
    return made


def _refuse_private(connection: HTTPConnection, addresses: list[str]) -> None:
    if not all(is_public_address(ipaddress.ip_address(each.partition("%")[0])) for each in addresses):
        raise NewConnectionError(connection, "The address is not on the public internet.")


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn)


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _GlobalOnly(HTTPAdapter):
    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
