"""Addresses: which are ours, which a platform may name, where a frame may come from.

Knows nothing of requests to them. Pure.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from tutor.errors import TutorError

_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_LOOSE = re.compile(r"[^\x21-\x7e]|[\\<>\"'`{}|^]")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(host: str) -> bool:
    """Whether a host may be on the public internet, by what is written: a name, or an address that is global.

    Example:
        >>> [is_public(host) for host in ("lms.example.edu", "10.0.0.1", "2130706433", "localhost")]
        [True, False, False, False]
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # A number in place of a top-level domain is an address in one of its other spellings.
        return not is_loopback(host) and not re.fullmatch(r"(0x[0-9a-f]*|\d+)", host.rstrip(".").rpartition(".")[2])
    return is_public_address(address)


def is_public_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is on the public internet."""
    real = getattr(address, "ipv4_mapped", None) or address
    return bool(real.is_global and not real.is_multicast)


def is_safe(address: str) -> bool:
    """Whether an address is https, or http on loopback, names a host, and holds nothing that breaks out of markup.

    Example:
        >>> [is_safe(each) for each in ("https://lms.example/a?b=1", "http://lms.example", "javascript:alert(1)")]
        [True, False, False]
    """
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if not host or "@" in parts.netloc or _LOOSE.search(address) or len(address) > 2000:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def origin_of(address: str) -> str:
    """Scheme, host and port; empty when the address is not safe."""
    if not is_safe(address):
        return ""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, {"https": 443, "http": 80}[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_ours(address: str, base: str) -> bool:
    """Whether an address lies under our own.

    Example:
        >>> is_ours("https://t.example/tutor/lti/launch", "https://t.example/tutor")
        True
        >>> is_ours("https://t.example.evil/tutor", "https://t.example/tutor")
        False
    """
    if not is_safe(address) or origin_of(address) != origin_of(base):
        return False
    path, root = urlsplit(address).path or "/", urlsplit(base).path.rstrip("/")
    return "/.." not in path and "%2e" not in path.lower() and (path == root or path.startswith(f"{root}/"))


def service(address: object, private: bool) -> str:
    """A service's address as a platform names it, when the tutor may call it; else empty.

    Args:
        address: The claim's value.
        private: Whether the platform may lie on loopback or private addresses.
    """
    if not isinstance(address, str) or not is_safe(address):
        return ""
    return address if private or is_public(urlsplit(address).hostname or "") else ""


def frame_origin(given: str) -> str:
    """An origin that may show the tutor, as an operator writes it: ``https://lms.example.edu``, ``https://*.lms.example``.

    Raises:
        TutorError: It is none.
    """
    parts = urlsplit(given.rstrip("/").lower())
    try:
        port = f":{parts.port}" if parts.port else ""
        host = parts.netloc.rpartition(":")[0] if port else parts.netloc
    except ValueError:
        host, port = "", ""
    local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not (parts.scheme == "https" or local) or not _HOST.fullmatch(host) or parts.path or parts.query:
        raise TutorError(f"{given} is no origin. Write it like https://lms.example.edu, without a path.", "lti")
    return f"{parts.scheme}://{host}{port}"


def platform_origins(given: list[str]) -> tuple[str, ...]:
    """The origins that may show the tutor, from what an operator gave.

    Args:
        given: Origins first, then a platform's issuer, login, token and keys addresses.

    Raises:
        TutorError: One of the addresses cannot be used, or an origin is none.
    """
    *named, issuer, login_url, token_url, keys_url = given
    for address in (login_url, token_url, keys_url):
        if not is_safe(address):
            raise TutorError(f"{address} cannot be used: it must be an https address (http on loopback only).", "lti")
    return tuple(dict.fromkeys([*map(frame_origin, named), *frame_origins([issuer, login_url])]))


def frame_origins(addresses: Iterable[str]) -> tuple[str, ...]:
    """The origins of a platform's addresses, each once."""
    return tuple(dict.fromkeys(filter(None, map(origin_of, addresses))))
