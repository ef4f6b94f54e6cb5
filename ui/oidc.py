"""Signing in at an OpenID Connect provider: code flow with PKCE, state bound to the browser, nonce; and the roles.

Knows nothing of routes. Keeps no name and no mail address: issuer and subject are the identity.
"""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer

from tutor.errors import TutorError
from tutor.learner import Learner
from tutor.settings import Settings
from ui.texts import text

log = logging.getLogger(__name__)

COOKIE = "tutor_signin"
SECONDS = 600
"""How long a person may take at the provider."""
LIFETIMES = {"learner": timedelta(days=30), "instructor": timedelta(hours=12), "admin": timedelta(hours=12)}
"""How long a sign-in is good; a role that was taken away at the provider must not last."""
PROVIDER_SECONDS = 10.0
SIGNED = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Algorithms of an ID token. Not none, and not HS256: the client's secret is no key for identities."""


@dataclass(frozen=True)
class Started:
    """A sign-in that has begun.

    Args:
        address: Where the browser goes.
        cookie: What the browser keeps until it comes back; signed.
    """

    address: str
    cookie: str


@dataclass(frozen=True)
class Finished:
    """A sign-in that has succeeded.

    Args:
        learner: The verified identity with its role.
        following: The page of ours to go to.
    """

    learner: Learner
    following: str


class Provider:
    """The configured provider."""

    def __init__(self, settings: Settings, key: bytes) -> None:
        """Prepare, without asking the provider anything yet.

        Args:
            settings: With the provider's issuer and our client id there.
            key: Signs what the browser keeps between leaving and coming back.
        """
        from authlib.integrations.starlette_client import StarletteOAuth2App

        self._settings = settings
        self._signer = URLSafeTimedSerializer(key.split(), salt="tutor.sign-in")
        self._client = StarletteOAuth2App(
            None,
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value() or None,
            server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.oidc_scopes,
                "code_challenge_method": "S256",
                "timeout": PROVIDER_SECONDS,
                **({} if settings.oidc_client_secret.get_secret_value() else {"token_endpoint_auth_method": "none"}),
            },
        )

    async def begin(self, callback: str, following: str) -> Started:
        """Send a browser to the provider.

        Args:
            callback: Our own address to come back to.
            following: The page of ours to go to afterwards.

        Raises:
            TutorError: The provider does not answer as it should.
        """
        with _plain("error.provider"):
            await self._load()
            made = await self._client.create_authorization_url(callback)
        kept = {name: made[name] for name in ("state", "nonce", "code_verifier")}
        return Started(made["url"], str(self._signer.dumps({**kept, "callback": callback, "following": following})))

    async def finish(self, cookie: str, state: str, code: str) -> Finished:
        """Verify what a browser brought back.

        Args:
            cookie: What `begin` gave this browser.
            state: From the address.
            code: From the address.

        Raises:
            TutorError: It is not the browser that began, it took too long, or the provider's word cannot be verified.
        """
        try:
            kept = self._signer.loads(cookie, max_age=SECONDS)
        except BadSignature as error:  # also when it is too old
            raise TutorError(text("error.sign_in"), "sign_in_state") from error
        if not code or not hmac.compare_digest(kept["state"].encode(), state.encode()):
            raise TutorError(text("error.sign_in"), "sign_in_state")
        with _plain("error.sign_in"):
            token = await self._client.fetch_access_token(
                redirect_uri=kept["callback"], code=code, code_verifier=kept["code_verifier"]
            )
            known = await self._load()
            # Without the audience Authlib takes a token for another client that names us as its authorized party.
            wanted = {"iss": {"values": [known["issuer"]]}, "aud": {"values": [self._settings.oidc_client_id]}}
            claims = await self._client.parse_id_token(token, nonce=kept["nonce"], claims_options=wanted)
        if not claims or not claims.get("sub") or not hmac.compare_digest(str(claims.get("nonce")), kept["nonce"]):
            raise TutorError(text("error.sign_in"), "sign_in_token")
        learner = Learner(f"oidc:{self._settings.oidc_issuer}|{claims['sub']}", role=role_of(self._settings, claims))
        return Finished(learner, kept["following"])

    async def _load(self) -> dict[str, Any]:
        known: dict[str, Any] = await self._client.load_server_metadata()
        if str(known.get("issuer", "")).rstrip("/") != self._settings.oidc_issuer:
            self._client.server_metadata.pop("_loaded_at", None)
            raise ValueError("the provider names another issuer than TUTOR_OIDC_ISSUER")
        offered = set(known.get("id_token_signing_alg_values_supported") or ["RS256"])
        known["id_token_signing_alg_values_supported"] = sorted(offered & SIGNED) or ["RS256"]
        return known


def role_of(settings: Settings, claims: Mapping[str, Any]) -> str:
    """A person's role by the allow-lists and groups of the settings.

    Args:
        settings: Who is what.
        claims: Of the verified ID token.
    """
    names = {str(claims.get("sub", ""))}
    # A mail address that the provider has not verified is whatever a person typed there.
    if claims.get("email_verified") is True:
        names.add(str(claims.get("email", "")).lower())
    listed = claims.get(settings.oidc_groups_claim)
    groups = {str(group) for group in listed} if isinstance(listed, list | tuple) else {str(listed or "")}
    if names & _listed(settings.oidc_admins) or groups & _listed(settings.oidc_admin_groups):
        return "admin"
    if names & _listed(settings.oidc_instructors) or groups & _listed(settings.oidc_instructor_groups):
        return "instructor"
    return "learner"


def safe_page(wanted: str, pages: frozenset[str]) -> str:
    """The page to go to after signing in, relative to the root; Today for whatever is not a page of ours."""
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or "\\" in wanted or f"/{parts.path.lstrip('/')}" not in pages:
        return "./"
    path = parts.path.lstrip("/") or "./"
    return f"{path}?{parts.query}" if parts.query else path


def _listed(value: str) -> set[str]:
    return {
        part.strip().lower() if "@" in part else part.strip() for part in value.split(",") if part.strip()
    }  # a mail address is the same in capitals; a subject or a group is not


class _plain:
    """Turns whatever a provider can do wrong into one sentence; the log gets its kind."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        from authlib.common.errors import AuthlibBaseError
        from authlib.integrations.httpx_client import _compat
        from joserfc.errors import JoseError

        http = _compat.httpx2  # httpx or its successor, whichever Authlib found
        expected = (AuthlibBaseError, JoseError, http.HTTPError, http.InvalidURL, ValueError, KeyError, TypeError)
        if isinstance(error, (*expected, RuntimeError, AttributeError)):
            log.warning("sign-in failed: %s", type(error).__name__)
            raise TutorError(text(self.code), self.code.removeprefix("error.")) from error
