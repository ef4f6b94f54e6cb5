"""What of a provider's word is believed, against a provider that lies; roles; where a sign-in leads."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.oidc_server import CLIENT, CURVE, SECRET, STRANGER, UNKNOWN, Lies, lying
from tests.oidc_server import Provider as Lying
from tutor.errors import TutorError
from tutor.settings import Settings
from ui.oidc import Provider, role_of, safe_page


@pytest.fixture(scope="module")
def server() -> Iterator[Lying]:
    with lying() as provider:
        yield provider


@pytest.fixture
def lies(server: Lying) -> Iterator[Lying]:
    yield server
    server.lies = Lies()


def provider(server: Lying, **more: Any) -> Provider:
    settings = Settings(
        oidc_issuer=server.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, _env_file=None, **more,
    )  # type: ignore[arg-type,call-arg]  # fmt: skip
    return Provider(settings, b"key")


async def sign_in(server: Lying, own: Provider | None = None, **said: str) -> Any:
    own = own or provider(server)
    started = await own.begin("http://here/callback", "ask")
    query = {name: value[0] for name, value in parse_qs(urlsplit(started.address).query).items()}
    server.nonce = query["nonce"]
    server.asked.clear()
    return await own.finish(started.cookie, said.get("state", query["state"]), said.get("code", "c")), query


async def test_an_honest_word_is_believed_and_pkce_state_and_nonce_are_used(lies: Lying) -> None:
    finished, query = await sign_in(lies)
    assert finished.learner.principal == f"oidc:{lies.issuer}|4711"
    assert (finished.learner.role, finished.learner.tenant, finished.following) == ("learner", "local", "ask")
    assert (query["response_type"], query["client_id"], query["scope"]) == ("code", CLIENT, "openid email")
    assert query["code_challenge_method"] == "S256"
    asked = lies.asked[0]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest()).rstrip(b"=")
    assert query["code_challenge"] == challenge.decode()
    assert asked["redirect_uri"] == "http://here/callback" == query["redirect_uri"]
    assert len(query["state"]) >= 16 and len(query["nonce"]) >= 16


FORGED = {
    "another issuer": Lies(claims={"iss": "https://evil.example"}),
    "no issuer": Lies(without=("iss",)),
    "for another client": Lies(claims={"aud": "other"}),
    "for another client, naming us as its party": Lies(claims={"aud": "other", "azp": CLIENT}),
    "for several, the party is another": Lies(claims={"aud": [CLIENT, "other"], "azp": "other"}),
    "for several without a party": Lies(claims={"aud": [CLIENT, "other"]}),
    "without an audience": Lies(without=("aud",)),
    "expired": Lies(claims={"exp": 1}),
    "without an end": Lies(without=("exp",)),
    "without a beginning": Lies(without=("iat",)),
    "not yet": Lies(claims={"nbf": 32503680000}),
    "another nonce": Lies(claims={"nonce": "other"}),
    "without a nonce": Lies(without=("nonce",)),
    "without a subject": Lies(without=("sub",)),
    "an empty subject": Lies(claims={"sub": ""}),
    "signed by a stranger": Lies(key=STRANGER),
    "an unknown key": Lies(key=UNKNOWN, header={"kid": "two"}),
    "not signed": Lies(header={"alg": "none"}),
    "not signed, and the provider says that this is usual": Lies(
        header={"alg": "none"}, metadata={"id_token_signing_alg_values_supported": ["none"]}
    ),
    "another kind of key": Lies(key=CURVE, header={"alg": "ES256", "kid": "three"}),
    "no token": Lies(token={"access_token": "a", "token_type": "Bearer"}),
    "no JSON": Lies(token=b"<html>"),
    "a list": Lies(token=[]),
    "an error": Lies(token={"error": "invalid_grant"}, status=400),
    "a failure": Lies(token=b"", status=500),
    "nonsense": Lies(token={"access_token": "a", "token_type": "Bearer", "id_token": "a.b"}),
}


@pytest.mark.parametrize("how", FORGED)
async def test_a_forged_word_is_refused_with_one_sentence(lies: Lying, how: str) -> None:
    lies.lies = FORGED[how]
    with pytest.raises(TutorError, match=r"^Signing in did not work\."):
        await sign_in(lies)


async def test_the_clients_secret_is_no_key_for_identities(lies: Lying) -> None:
    from joserfc.jwk import OctKey

    lies.lies = Lies(
        key=OctKey.import_key(SECRET, {"kid": "one"}), header={"alg": "HS256"},
        metadata={"id_token_signing_alg_values_supported": ["HS256", "RS256"]},
    )  # fmt: skip
    with pytest.raises(TutorError):
        await sign_in(lies)


@pytest.mark.parametrize("said", [{"state": "other"}, {"state": ""}, {"code": ""}, {"state": "\x00é"}])
async def test_another_browsers_answer_is_refused(lies: Lying, said: dict[str, str]) -> None:
    with pytest.raises(TutorError):
        await sign_in(lies, **said)


@pytest.mark.parametrize("cookie", ["", "x", "e30.x.y"])
async def test_a_forged_cookie_is_refused(lies: Lying, cookie: str) -> None:
    with pytest.raises(TutorError):
        await provider(lies).finish(cookie, "s", "c")


async def test_a_cookie_that_another_server_signed_is_refused(lies: Lying) -> None:
    started = await Provider(Settings(oidc_issuer=lies.issuer, oidc_client_id=CLIENT), b"other").begin(
        "http://h/c", "ask"
    )
    with pytest.raises(TutorError):
        await provider(lies).finish(started.cookie, "s", "c")


async def test_who_takes_too_long_begins_anew(lies: Lying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.oidc.SECONDS", -1)
    with pytest.raises(TutorError):
        await sign_in(lies)


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://evil.example"}, {"issuer": None}, {"authorization_endpoint": None}],
)
async def test_a_provider_that_is_another_one_is_not_gone_to(lies: Lying, metadata: dict[str, Any]) -> None:
    lies.lies = Lies(metadata=metadata)
    with pytest.raises(TutorError, match="cannot be reached"):
        await provider(lies).begin("http://here/callback", "ask")


async def test_a_provider_that_is_gone_is_told_and_tried_again_later(lies: Lying) -> None:
    own = Provider(Settings(oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT), b"key")
    with pytest.raises(TutorError, match="cannot be reached"):
        await own.begin("http://here/callback", "ask")


ROLES: list[tuple[dict[str, str], dict[str, Any], str]] = [
    ({}, {}, "learner"),
    ({"oidc_instructors": "4711, ann@school.example"}, {}, "instructor"),
    ({"oidc_instructors": "Ann@School.example"}, {"email": "ann@school.EXAMPLE", "email_verified": True}, "instructor"),
    ({"oidc_instructors": "ann@school.example"}, {"email": "ann@school.example"}, "learner"),
    ({"oidc_instructors": "ann@school.example"}, {"email": "ann@school.example", "email_verified": "true"}, "learner"),
    ({"oidc_instructors": "ann@school.example"}, {"email": "ann@school.example", "email_verified": False}, "learner"),
    ({"oidc_admins": "4711", "oidc_instructors": "4711"}, {}, "admin"),
    ({"oidc_instructor_groups": "staff"}, {"groups": ["x", "staff"]}, "instructor"),
    ({"oidc_instructor_groups": "staff"}, {"groups": "staff"}, "instructor"),
    ({"oidc_instructor_groups": "staff"}, {"groups": "x staff"}, "learner"),
    ({"oidc_instructor_groups": "staff"}, {"roles": ["staff"]}, "learner"),
    ({"oidc_admin_groups": "root", "oidc_groups_claim": "roles"}, {"roles": ["root"]}, "admin"),
    ({"oidc_instructor_groups": ""}, {"groups": [""]}, "learner"),
    ({"oidc_instructors": ""}, {"sub": "", "email": "", "email_verified": True}, "learner"),
]


@pytest.mark.parametrize(("given", "claims", "role"), ROLES)
def test_roles_come_from_lists_and_groups_only(given: dict[str, str], claims: dict[str, Any], role: str) -> None:
    settings = Settings(oidc_issuer="https://i.example", oidc_client_id="c", _env_file=None, **given)  # type: ignore[arg-type,call-arg]
    assert role_of(settings, {"sub": "4711", **claims}) == role


PAGES = frozenset({"/", "/ask", "/read"})


@pytest.mark.parametrize(
    ("wanted", "to"),
    [
        ("ask", "ask"),
        ("/ask?q=x%20y", "ask?q=x%20y"),
        ("", "./"),
        ("/", "./"),
        ("logout", "./"),
        ("https://evil.example/ask", "./"),
        ("//evil.example/ask", "./"),
        ("\\\\evil.example", "./"),
        ("/\\evil.example/ask", "./"),
        ("javascript:alert(1)", "./"),
        ("ask/../logout", "./"),
    ],
)
def test_a_sign_in_leads_to_pages_of_ours_only(wanted: str, to: str) -> None:
    assert safe_page(wanted, PAGES) == to
