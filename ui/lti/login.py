"""The first step of a launch: a platform begins a login, the tutor sends the browser back with a state and a nonce.

Knows nothing of tokens. The state is a ticket good once; a cookie binds it to the browser.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from tutor.store import Store
from tutor.store.lti_platforms import Platform, deployments_of, find_platforms
from tutor.store.lti_tickets import issue
from ui.lti.addresses import is_ours
from ui.lti.refusal import Refused

LIFETIME = timedelta(minutes=10)
"""How long a login may take; people may have to sign in to the platform first."""
PARAMETERS = ("iss", "login_hint", "target_link_uri", "lti_message_hint", "lti_deployment_id", "client_id")
LONGEST = 10_000
"""Characters of one parameter; message hints of some platforms are signed tokens."""


@dataclass(frozen=True)
class Login:
    """A login under way.

    Args:
        platform: Who began it.
        address: Where the browser goes now, on the platform.
        state: Names the login; returns with the launch.
        browser: The secret of the cookie that binds the state to this browser.
    """

    platform: Platform
    address: str
    state: str
    browser: str


def begin(store: Store, given: Mapping[str, str], base: str, now: datetime) -> Login:
    """Begin a login that a platform asks for.

    Args:
        store: Where platforms and tickets are.
        given: The request's parameters.
        base: Our own address, without a slash at its end.
        now: The present moment; aware.

    Raises:
        Refused: The platform is unknown, or a parameter is missing or strange.
        StoreError: The database failed.
    """
    again = {name: given[name] for name in PARAMETERS if given.get(name)}
    if any(len(value) > LONGEST for value in again.values()):
        raise Refused("malformed")
    platform = _platform(store, again)
    deployment = again.get("lti_deployment_id", "")
    if deployment and deployment not in deployments_of(store, platform.id):
        raise Refused("deployment", platform)
    if not again.get("login_hint"):
        raise Refused("login", platform)
    if not is_ours(again.get("target_link_uri", ""), base):
        raise Refused("target", platform)
    nonce, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    data = {
        "platform": platform.id,
        "deployment": deployment,
        "nonce": nonce,
        "browser": browser_hash(browser),
        "redirect": f"{base}/lti/launch",
        "again": again,
    }
    state = issue(store, "login", data, LIFETIME, now=now)
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": data["redirect"],
        "state": state,
        "nonce": nonce,
        "login_hint": again["login_hint"],
    }
    if hint := again.get("lti_message_hint"):
        query["lti_message_hint"] = hint
    joint = "&" if urlsplit(platform.login_url).query else "?"
    return Login(platform, f"{platform.login_url}{joint}{urlencode(query)}", state, browser)


def cookie_name(state: str) -> str:
    """The cookie of a login: one each, because a course page may hold several links that launch at once."""
    return f"tutor_lti_{hashlib.sha256(state.encode('utf-8', 'replace')).hexdigest()[:16]}"


def browser_hash(secret: str) -> str:
    """What is stored of the cookie's secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _platform(store: Store, given: Mapping[str, str]) -> Platform:
    if not given.get("iss"):
        raise Refused("login")
    found = find_platforms(store, given["iss"], given.get("client_id", ""))
    deployment = given.get("lti_deployment_id")
    if len(found) > 1 and deployment:
        found = [each for each in found if deployment in deployments_of(store, each.id)]
    if len(found) != 1:
        raise Refused("platform" if not found else "client")
    return found[0]
