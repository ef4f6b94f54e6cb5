"""Dynamic registration: a platform's administrator opens an invitation, and both sides exchange their addresses.

Knows nothing of pages. LTI Dynamic Registration 1.0: https://www.imsglobal.org/spec/lti-dr/v1p0
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from tutor.store import Store
from tutor.store.lti_platforms import Platform, find_platforms, save_platform
from tutor.store.lti_tickets import redeem
from ui.lti.addresses import frame_origins, origin_of, service
from ui.lti.refusal import Refused
from ui.lti.web import Web
from ui.texts import text

INVITED = timedelta(hours=48)
"""How long an invitation is good, unless the operator says otherwise."""
SCOPES = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


def register(store: Store, given: Mapping[str, str], base: str, web: Web, private: bool, now: datetime) -> Platform:
    """Register the tutor with the platform whose administrator opened an invitation.

    Args:
        store: Where invitations and platforms are.
        given: The request's parameters: ``invite``, ``openid_configuration``, ``registration_token``.
        base: Our own address.
        web: What reaches platforms; refuses private addresses unless the operator allows them.
        private: Whether the operator allows them.
        now: The present moment; aware.

    Returns:
        The platform as stored.

    Raises:
        Refused: The invitation is not good, or the platform's answers are not as they must be.
        StoreError: The database failed.
    """
    # The invitation goes first: without one nobody makes the server send a request anywhere.
    if redeem(store, "invite", given.get("invite", ""), now=now) is None:
        raise Refused("invite", status=403)
    configuration_address = given.get("openid_configuration", "")
    if not _allowed(configuration_address, private):
        raise Refused("register.address")
    configuration = _json(web, "GET", configuration_address)
    issuer = configuration.get("issuer")
    if not isinstance(issuer, str) or origin_of(issuer) != origin_of(configuration_address):
        raise Refused("register.issuer")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    addresses = [configuration.get(name) for name in names]
    if not all(isinstance(each, str) and _allowed(each, private) for each in addresses):
        raise Refused("register.address")
    login_url, token_url, keys_url, register_url = map(str, addresses)
    token = given.get("registration_token", "")
    answer = _json(web, "POST", register_url, _configuration(base), token)
    client_id = answer.get("client_id")
    if not isinstance(client_id, str) or not client_id or len(client_id) > 255:
        raise Refused("register.answer")
    if find_platforms(store, issuer, client_id):
        raise Refused("register.known")
    made = Platform(
        issuer=issuer,
        client_id=client_id,
        login_url=login_url,
        token_url=token_url,
        keys_url=keys_url,
        name=_product(configuration) or urlsplit(issuer).netloc,
        audience=_audience(configuration),
        private=private,
        origins=frame_origins([issuer, login_url]),
    )
    return save_platform(store, made, _deployments(answer), now=now)


def _allowed(address: str, private: bool) -> bool:
    return bool(service(address, private))


def _json(web: Web, method: str, address: str, body: object = None, token: str = "") -> dict[str, Any]:
    headers = {"accept": "application/json"}
    if token:
        if not re.fullmatch(r"[\x21-\x7e]{1,8000}", token):
            raise Refused("register.answer")
        headers["authorization"] = f"Bearer {token}"
    try:
        answer = web.request(method, address, json=body, headers=headers)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Refused("register.reach", host=urlsplit(address).netloc) from error
    if not isinstance(found, dict):
        raise Refused("register.answer")
    return found


def _configuration(base: str) -> dict[str, object]:
    launch = f"{base}/lti/launch"
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base}/lti/login",
        "redirect_uris": [launch],
        "client_name": text("lti.tool"),
        "jwks_uri": f"{base}/lti/jwks",
        "logo_uri": f"{base}/static/icon.svg",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES),
        TOOL: {
            "domain": urlsplit(base).netloc,
            "description": text("lti.tool.more"),
            "target_link_uri": launch,
            "claims": ["iss", "sub"],
            "messages": [
                {"type": "LtiResourceLinkRequest", "target_link_uri": launch, "label": text("lti.tool")},
                {"type": "LtiDeepLinkingRequest", "target_link_uri": launch, "label": text("lti.tool")},
            ],
        },
    }


def _product(configuration: Mapping[str, Any]) -> str:
    found = configuration.get(PLATFORM)
    name = found.get("product_family_code") if isinstance(found, dict) else ""
    return name[:80] if isinstance(name, str) else ""


def _audience(configuration: Mapping[str, Any]) -> str:
    # Some platforms want another audience in token requests than the token address itself.
    found = configuration.get("authorization_server")
    return found if isinstance(found, str) and len(found) < 500 else ""


def _deployments(answer: Mapping[str, Any]) -> list[str]:
    found = answer.get(TOOL)
    deployment = found.get("deployment_id") if isinstance(found, dict) else None
    return [deployment] if isinstance(deployment, str) and 0 < len(deployment) <= 255 else []
