"""The cookies that hold a session's signed value: read from a request, and written for the browser.

Knows nothing of what a value is worth; ui/identity.py finds that.
"""

from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from ui.path_token import outer_root

if TYPE_CHECKING:
    from starlette.types import Scope

COOKIE = "tutor_session"
FRAME_COOKIE = "tutor_frame"
"""The cookie inside other sites' pages: one a site, so nobody is followed from one site to the next."""
LIFETIME = timedelta(days=365)
"""How long a cookie is good."""


def cookie_of(scope: "Scope", called: str = COOKIE) -> str:
    """A cookie's value, the session's unless another is named; empty when there is none."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(called)
            except CookieError:
                return ""
            return morsel.value if morsel else ""
    return ""


def set_cookie(value: str, scope: "Scope") -> str:
    """The Set-Cookie header for a session; with an empty value the one that ends it."""
    root = scope.get("root_path", "") or "/"
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    age = int(LIFETIME.total_seconds()) if value else 0
    return f"{COOKIE}={value}; Path={root}; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def set_frame_cookie(value: str, scope: "Scope") -> str:
    """The Set-Cookie header for a session inside another site's page, kept apart for each such site; empty: its end.

    Browsers take it over https and on loopback only; a frame that gets none back goes on with a path token.
    """
    root = outer_root(scope) or "/"
    age = int(LIFETIME.total_seconds()) if value else 0
    # Written out: Starlette's set_cookie(partitioned=True) raises below Python 3.14.
    return f"{FRAME_COOKIE}={value}; Path={root}; Max-Age={age}; HttpOnly; Secure; SameSite=None; Partitioned"
