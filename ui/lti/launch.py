"""The last step of a launch: from the form that a platform posts to a verified person in a course.

Knows nothing of pages, cookies' headers or sessions.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tutor.errors import NotFound
from tutor.store import Store
from tutor.store.lti_links import Link
from tutor.store.lti_platforms import Platform, deployments_of, platform, principal_of, tenant_of
from tutor.store.lti_tickets import redeem
from ui.lti.addresses import is_ours, service
from ui.lti.keysets import KeySets
from ui.lti.login import browser_hash
from ui.lti.refusal import CookieMissing, Refused
from ui.lti.roles import role_of
from ui.lti.token import verified

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
LONGEST_ID = 255
"""Characters; LTI 1.3 core, section 5.3 and 5.4, limits subject, deployment and resource link ids to this."""


@dataclass(frozen=True)
class Choice:
    """An instructor is to choose what a new link opens.

    Args:
        return_url: Where the platform waits for the choice.
        data: What it wants back with it; None for nothing.
        graded: Whether it takes a gradebook column with the link.
    """

    return_url: str
    data: str | None
    graded: bool


@dataclass(frozen=True)
class Launch:
    """A verified launch.

    Args:
        platform: Where it comes from.
        deployment: Which deployment.
        tenant: The deployment as our own tenant.
        principal: The person as our own identity.
        subject: The person as the platform calls them.
        role: ``learner`` or ``instructor`` in this course.
        context: The course's id.
        course: The course's title; may be empty.
        link: The link that was followed; None when one is to be made.
        choice: How a new link is made; None when one was followed.
    """

    platform: Platform
    deployment: str
    tenant: str
    principal: str
    subject: str
    role: str
    context: str
    course: str
    link: Link | None = None
    choice: Choice | None = None


def accept(
    store: Store, form: Mapping[str, str], browser: str | None, base: str, keysets: KeySets, now: datetime
) -> Launch:
    """Verify a launch.

    Args:
        store: Where logins and platforms are.
        form: What was posted.
        browser: The secret of the login's cookie in this browser; None without the cookie.
        base: Our own address.
        keysets: Platforms' public keys.
        now: The present moment; aware.

    Raises:
        CookieMissing: Another browser began the login, or this one keeps no cookie.
        Refused: Anything else is not as it must be.
        StoreError: The database failed.
    """
    ticket = redeem(store, "login", form.get("state", ""), now=now)
    if ticket is None:
        raise Refused("state")
    login, _ = ticket
    try:
        issuer = platform(store, login["platform"])
    except NotFound as error:
        raise Refused("platform") from error
    if browser is None:
        raise CookieMissing(issuer, login["again"])
    if not hmac.compare_digest(browser_hash(browser), login["browser"]):
        raise Refused("browser", issuer)
    if login["redirect"] != f"{base}/lti/launch":
        raise Refused("target", issuer)
    if form.get("error"):
        raise Refused("error", issuer)
    claims = verified(form.get("id_token", ""), issuer, keysets, now)
    if not hmac.compare_digest(_id(claims, "nonce").encode("utf-8", "replace"), login["nonce"].encode()):
        raise Refused("nonce", issuer)
    return _read(store, claims, issuer, login["deployment"], base)


def _read(store: Store, claims: Mapping[str, Any], issuer: Platform, expected: str, base: str) -> Launch:
    deployment = _id(claims, f"{CLAIM}deployment_id")
    if deployment not in deployments_of(store, issuer.id) or (expected and deployment != expected):
        raise Refused("deployment", issuer)
    subject = _id(claims, "sub")
    if not subject:
        raise Refused("anonymous", issuer)
    if claims.get(f"{CLAIM}version") != "1.3.0":
        raise Refused("message", issuer)
    if not is_ours(_text(claims, f"{CLAIM}target_link_uri"), base):
        raise Refused("target", issuer)
    roles = claims.get(f"{CLAIM}roles")
    common = {
        "platform": issuer,
        "deployment": deployment,
        "tenant": tenant_of(issuer.issuer, issuer.client_id, deployment),
        "principal": principal_of(issuer.issuer, issuer.client_id, deployment, subject),
        "subject": subject,
        "role": role_of(roles if isinstance(roles, list) else []),
        "course": _text(_part(claims, f"{CLAIM}context"), "title")[:LONGEST_ID],
    }
    context = _id(_part(claims, f"{CLAIM}context"), "id")
    message = claims.get(f"{CLAIM}message_type")
    if message == "LtiResourceLinkRequest":
        link = _link(claims, issuer, str(common["tenant"]), context)
        return Launch(**common, context=link.context, link=link)
    if message == "LtiDeepLinkingRequest":
        return Launch(**common, context=context, choice=_choice(claims, issuer, str(common["role"])))
    raise Refused("message", issuer)


def _link(claims: Mapping[str, Any], issuer: Platform, tenant: str, context: str) -> Link:
    resource = _part(claims, f"{CLAIM}resource_link")
    if not _id(resource, "id"):
        raise Refused("message", issuer)
    grades, roster = _part(claims, AGS), _part(claims, NRPS)
    scopes = grades.get("scope")
    custom = {name: str(value) for name, value in _part(claims, f"{CLAIM}custom").items() if name.startswith("tutor_")}
    return Link(
        platform=issuer.id,
        tenant=tenant,
        context=context or f"link:{_id(resource, 'id')}",
        resource=_id(resource, "id"),
        title=_text(resource, "title")[:LONGEST_ID],
        settings=custom,
        line_item=service(grades.get("lineitem"), issuer.private),
        line_items=service(grades.get("lineitems"), issuer.private),
        scopes=tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else (),
        roster_url=service(roster.get("context_memberships_url"), issuer.private),
    )


def _choice(claims: Mapping[str, Any], issuer: Platform, role: str) -> Choice:
    settings = _part(claims, LINKING)
    if role != "instructor":
        raise Refused("role", issuer, 403)
    address, types = service(settings.get("deep_link_return_url"), issuer.private), settings.get("accept_types")
    if not address or not isinstance(types, list) or "ltiResourceLink" not in types:
        raise Refused("linking", issuer)
    data = settings.get("data")
    return Choice(address, data if isinstance(data, str) else None, settings.get("accept_lineitem") is not False)


def _part(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = claims.get(name)
    return found if isinstance(found, dict) else {}


def _text(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name)
    return found if isinstance(found, str) else ""


def _id(claims: Mapping[str, Any], name: str) -> str:
    found = _text(claims, name)
    return found if len(found) <= LONGEST_ID else ""
