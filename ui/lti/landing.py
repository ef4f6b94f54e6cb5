"""Where a launch ends: the verified session handed to the browser, and the page that the link names.

Knows nothing of how the launch was verified.
"""

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from tutor.lti_link import LinkSettings
from ui.cookies import COOKIE
from ui.lti.addresses import is_loopback
from ui.path_token import outer_root, path_of

INSTRUCTORS = "lti/course"
LIFETIME = 12 * 3600
"""Seconds for which somebody who came from a platform stays signed in: a day's work; a new launch begins anew."""

PLACES = {
    "tutor": "",
    "skill": "lessons?skill={}",
    "lesson": "read?lesson={}",
    "quiz": "practise?link=1",
}


def place(settings: LinkSettings) -> str:
    """The page that a link opens, relative to the tutor's root."""
    return PLACES[settings.kind].format(quote(settings.target, safe="/"))


def landing(request: Request, value: str, target: str) -> Response:
    """Sign the browser in and go to a page.

    The one place that decides how the identity travels. In a platform's frame by a token in the path, which needs no
    cookie; in a window of our own by the same plain cookie as without a platform, so that a browser never holds two.

    Args:
        request: The launch.
        value: What ``Sessions.start`` gave.
        target: A page relative to the tutor's root.
    """
    root = outer_root(request.scope)
    if request.headers.get("sec-fetch-dest") != "document":
        return RedirectResponse(f"{root}{path_of(value)}/{target}", 303, {"cache-control": "no-store"})
    response = RedirectResponse(f"{root}/{target}", 303)
    add_cookie(response, request, COOKIE, value, root or "/", LIFETIME, framed=False)
    return response


def add_cookie(
    response: Response, request: Request, name: str, value: str, path: str, seconds: int, framed: bool = True
) -> None:
    """Set a cookie; a framed one reaches the tutor inside a platform's frame and when a platform posts to us.

    Browsers take SameSite=None with Secure only, on loopback also over http. Starlette writes ``Partitioned`` from
    Python 3.14 on only, so the header is written here.
    """
    secure = request.url.scheme == "https" or is_loopback(request.url.hostname or "")
    ways = "SameSite=None; Secure; Partitioned" if framed and secure else "SameSite=Lax"
    if secure and not framed and request.url.scheme == "https":
        ways += "; Secure"
    header = f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; {ways}"
    response.headers.append("set-cookie", header)
