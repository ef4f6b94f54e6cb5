"""Requests to platforms: with time limits, no redirects, bounded answers, and none to private addresses unless allowed.

Knows nothing of LTI.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from ui.lti.addresses import is_public_address

CONNECT_SECONDS = 5
READ_SECONDS = 10
"""Between two pieces of an answer."""
TOTAL_SECONDS = 20.0
"""For a whole answer: a platform that sends one byte after the other is given up too."""
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
        # One session serves all tenants: what a platform set for one of them is not sent for another.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # A proxy of the environment would hide the address that is really called.
        self.trust_env = private
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(_ANYWHERE if private else _GLOBAL_ONLY))

    def request(self, *given: Any, **named: Any) -> requests.Response:  # type: ignore[override]
        """Send one request.

        Raises:
            requests.RequestException: There was no answer in time, it redirects, or it is too large.
        """
        named |= {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False, "stream": True}
        end = time.monotonic() + CONNECT_SECONDS + TOTAL_SECONDS
        response = super().request(*given, **named)
        with response:
            if response.is_redirect:
                raise requests.TooManyRedirects("The answer is a redirect, which is not followed.", response=response)
            # The body is read under the limits; the attribute is where requests keeps what it read itself.
            response._content = _read(response, end)
        return response


def _read(response: requests.Response, end: float) -> bytes:
    body = b""
    try:
        while piece := response.raw.read1(65536, decode_content=True):
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise requests.RequestException("The answer is too large.", response=response)
            if time.monotonic() > end:
                raise requests.ReadTimeout("The answer takes too long.", response=response)
    except HTTPError as error:
        raise requests.ConnectionError(error, response=response) from error
    return body


class _Timed:
    """Connections on which the head of an answer has to come in time, however many pieces it comes in."""

    def getresponse(self) -> Any:
        cut, open_socket = threading.Event(), self.sock  # type: ignore[attr-defined]

        def give_up() -> None:
            cut.set()
            # The plain socket's own method, because that of a TLS socket is not for two threads.
            with suppress(OSError):
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)

        watch = threading.Timer(TOTAL_SECONDS, give_up)
        watch.daemon = True
        watch.start()
        try:
            found = super().getresponse()  # type: ignore[misc]
        finally:
            watch.cancel()
        if cut.is_set():  # What came so far may look whole.
            raise TimeoutError("The answer takes too long.")
        return found


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


class _Plain(_Timed, HTTPConnection):
    pass


class _Secure(_Timed, HTTPSConnection):
    pass


class _PlainGlobal(_Plain):
    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn)


class _SecureGlobal(_Secure):
    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn)


def _pools(plain: type[HTTPConnection], secure: type[HTTPSConnection]) -> dict[str, type[HTTPConnectionPool]]:
    made = (type("_Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}))  # fmt: skip
    return dict(zip(("http", "https"), made, strict=True))


_ANYWHERE = _pools(_Plain, _Secure)
_GLOBAL_ONLY = _pools(_PlainGlobal, _SecureGlobal)


class _Adapter(HTTPAdapter):
    def __init__(self, pools: dict[str, type[HTTPConnectionPool]]) -> None:
        self._pools = pools
        super().__init__()

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools
