"""Refuses every socket that does not lead to this machine, in a lesson's process and in the Python processes it starts.

Knows nothing of lessons. It is put on PYTHONPATH by run.py. Sockets opened by compiled libraries are not seen here.
"""

import ipaddress
import socket

REFUSED = "lessons run without a network; only this machine can be reached"
_LOCAL = ("", "localhost", "ip6-localhost")
_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex
_sendto, _getaddrinfo = socket.socket.sendto, socket.getaddrinfo


def _allow(host: object) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or name in _LOCAL:
        return
    try:
        if ipaddress.ip_address(str(name).partition("%")[0]).is_loopback:
            return
    except ValueError:
        pass
    raise OSError(f"{REFUSED} (asked for {name})")


def _checked(call):
    def guarded(self, *args):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _allow(args[-1][0])
        return call(self, *args)

    return guarded


def _getaddrinfo_guarded(host, *args, **kwargs):
    _allow(host)
    return _getaddrinfo(host, *args, **kwargs)


socket.socket.connect = _checked(_connect)
socket.socket.connect_ex = _checked(_connect_ex)
socket.socket.sendto = _checked(_sendto)
socket.getaddrinfo = _getaddrinfo_guarded
