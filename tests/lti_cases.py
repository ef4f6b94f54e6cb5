"""Everything that the LMS tool must refuse, one case each, against the whole application.

A test fixture only. ``python -m tests.lti_cases`` runs the cases and writes docs/lti-security.md.
"""

import base64
import hashlib
import hmac
import html
import json
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt

from tests.lti_platform import CLAIM, LINKING, MEMBERSHIP, new_key, public_pem
from tests.lti_world import LAUNCH, World, a_world, custom
from tutor.store.lti_tickets import issue

PAGE = Path(__file__).resolve().parent.parent / "docs" / "lti-security.md"


@dataclass(frozen=True)
class Case:
    """One thing that must not work.

    Args:
        group: Heading of the table.
        name: What is tried.
        attempt: Tries it; gives the answer.
    """

    group: str
    name: str
    attempt: Callable[[World], Any]


CASES: list[Case] = []


def case(group: str, name: str) -> Callable[[Callable[[World], Any]], Callable[[World], Any]]:
    """Add a case."""

    def add(attempt: Callable[[World], Any]) -> Callable[[World], Any]:
        CASES.append(Case(group, name, attempt))
        return attempt

    return add


def claim(group: str, name: str, change: Callable[[dict[str, Any]], Any], **more: Any) -> None:
    """Add a launch whose claims are changed before they are signed with the platform's right key."""
    CASES.append(Case(group, name, lambda world: world.launch(change=change, **more)))


def forged(group: str, name: str, make: Callable[[World, dict[str, Any]], str]) -> None:
    """Add a launch whose token is made in another way."""

    def attempt(world: World) -> Any:
        browser = world.browser()
        begun = world.begin(browser)
        return world.post(browser, begun["state"], make(world, world.first.claims("one", begun["nonce"], LAUNCH)))

    CASES.append(Case(group, name, attempt))


def b64(value: Any) -> str:
    """A part of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


# State and browser


def _with_state(state: Callable[[World, Any, dict[str, str]], str | None]) -> Callable[[World], Any]:
    def attempt(world: World) -> Any:
        browser = world.browser()
        begun = world.begin(browser)
        token = world.first.sign(world.first.claims("one", begun["nonce"], LAUNCH))
        return world.post(browser, state(world, browser, begun), token)

    return attempt


STATE = "State and browser"
case(STATE, "no state")(_with_state(lambda world, browser, begun: None))
case(STATE, "a made-up state")(_with_state(lambda world, browser, begun: "x" * 43))
case(STATE, "an empty state")(_with_state(lambda world, browser, begun: ""))
case(STATE, "a state of ten thousand characters")(_with_state(lambda world, browser, begun: "x" * 10_000))
case(STATE, "the state of another login of this browser")(
    _with_state(lambda world, browser, begun: world.begin(browser)["state"])
)
case(STATE, "the state of a login with another platform")(
    _with_state(lambda world, browser, begun: world.begin(browser, world.second)["state"])
)
case(STATE, "the state of a login with another client of the same platform")(
    _with_state(lambda world, browser, begun: world.begin(browser, client_id="two")["state"])
)


@case(STATE, "a launch posted a second time in the same browser")
def _(world: World) -> Any:
    browser = world.browser()
    begun = world.begin(browser)
    token = world.first.sign(world.first.claims("one", begun["nonce"], LAUNCH))
    kept = dict(browser.cookies)
    assert world.post(browser, begun["state"], token).status_code == 303
    browser.cookies.update(kept)
    return world.post(browser, begun["state"], token)


@case(STATE, "a launch posted a second time in another browser")
def _(world: World) -> Any:
    browser = world.browser()
    begun = world.begin(browser)
    token = world.first.sign(world.first.claims("one", begun["nonce"], LAUNCH))
    assert world.post(browser, begun["state"], token).status_code == 303
    return world.post(world.browser(), begun["state"], token)


@case(STATE, "a launch begun in one browser and posted in another (login CSRF)")
def _(world: World) -> Any:
    begun = world.begin(world.browser())
    return world.post(
        world.browser(), begun["state"], world.first.sign(world.first.claims("one", begun["nonce"], LAUNCH))
    )


@case(STATE, "another browser that has a login of its own")
def _(world: World) -> Any:
    begun, other = world.begin(world.browser()), world.browser()
    world.begin(other)
    for cookie in list(other.cookies.jar):
        other.cookies.set(_cookie(begun["state"]), str(cookie.value), domain="tutor.example", path="/lti")
    return world.post(other, begun["state"], world.first.sign(world.first.claims("one", begun["nonce"], LAUNCH)))


@case(STATE, "a login older than ten minutes")
def _(world: World) -> Any:
    data = {"platform": "p", "deployment": "", "nonce": "n", "browser": "b", "redirect": LAUNCH, "again": {}}
    early = datetime.now(UTC) - timedelta(minutes=11)
    state = issue(world.store, "login", data, timedelta(minutes=10), now=early)
    return world.post(world.browser(), state, world.first.sign(world.first.claims("one", "n", LAUNCH)))


@case(STATE, "an invitation's token as a state")
def _(world: World) -> Any:
    state = issue(world.store, "invite", {}, timedelta(minutes=10), now=datetime.now(UTC))
    return world.post(world.browser(), state, world.first.sign(world.first.claims("one", "n", LAUNCH)))


def _cookie(state: str) -> str:
    return f"tutor_lti_{hashlib.sha256(state.encode()).hexdigest()[:16]}"


# Nonce

NONCE = "Nonce"
claim(NONCE, "no nonce", lambda claims: claims.pop("nonce"))
claim(NONCE, "an empty nonce", lambda claims: claims.update(nonce=""))
claim(NONCE, "a made-up nonce", lambda claims: claims.update(nonce="x" * 43))
claim(NONCE, "a nonce that is no text", lambda claims: claims.update(nonce=["x"]))
claim(NONCE, "a nonce with a lone surrogate", lambda claims: claims.update(nonce="\ud800"))


@case(NONCE, "the nonce of another login of this browser")
def _(world: World) -> Any:
    browser = world.browser()
    first, second = world.begin(browser), world.begin(browser)
    return world.post(browser, first["state"], world.first.sign(world.first.claims("one", second["nonce"], LAUNCH)))


# Times


def _in(seconds: float) -> int:
    return int(time.time() + seconds)


TIMES = "Times"
claim(TIMES, "no exp", lambda claims: claims.pop("exp"))
claim(TIMES, "exp two minutes ago", lambda claims: claims.update(exp=_in(-120)))
claim(TIMES, "exp in two days", lambda claims: claims.update(exp=_in(172_800)))
claim(TIMES, "exp as text", lambda claims: claims.update(exp=str(_in(300))))
claim(TIMES, "exp true", lambda claims: claims.update(exp=True))
claim(TIMES, "exp infinite", lambda claims: claims.update(exp=float("inf")))
claim(TIMES, "exp not a number", lambda claims: claims.update(exp=float("nan")))
claim(TIMES, "exp with four hundred digits", lambda claims: claims.update(exp=10**400))
claim(TIMES, "exp before iat", lambda claims: claims.update(iat=_in(30), exp=_in(10)))
claim(TIMES, "no iat", lambda claims: claims.pop("iat"))
claim(TIMES, "iat an hour ago", lambda claims: claims.update(iat=_in(-3600)))
claim(TIMES, "iat in ten minutes", lambda claims: claims.update(iat=_in(600), exp=_in(900)))
claim(TIMES, "iat as a list", lambda claims: claims.update(iat=[_in(0)]))
claim(TIMES, "nbf in ten minutes", lambda claims: claims.update(nbf=_in(600)))
claim(TIMES, "nbf as text", lambda claims: claims.update(nbf="now"))

# Parties

PARTIES = "Issuer, audience, deployment"
claim(PARTIES, "no iss", lambda claims: claims.pop("iss"))
claim(PARTIES, "another iss", lambda claims: claims.update(iss="https://lms.example"))
claim(PARTIES, "iss with a slash more", lambda claims: claims.update(iss=claims["iss"] + "/"))
claim(PARTIES, "no aud", lambda claims: claims.pop("aud"))
claim(PARTIES, "another aud", lambda claims: claims.update(aud="other"))
claim(PARTIES, "the aud of another client of the same platform", lambda claims: claims.update(aud="two"))
claim(PARTIES, "a list of audiences without us", lambda claims: claims.update(aud=["other"]))
claim(PARTIES, "a list of audiences without azp", lambda claims: claims.update(aud=["one", "other"]))
claim(PARTIES, "a list of audiences with another azp", lambda claims: claims.update(aud=["one", "other"], azp="other"))
claim(PARTIES, "one audience with another azp", lambda claims: claims.update(azp="other"))
claim(PARTIES, "aud as an object", lambda claims: claims.update(aud={"one": 1}))
claim(PARTIES, "no deployment", lambda claims: claims.pop(f"{CLAIM}deployment_id"))
claim(PARTIES, "a deployment that nobody added", lambda claims: claims.update({f"{CLAIM}deployment_id": "9"}))
claim(PARTIES, "a deployment as a number", lambda claims: claims.update({f"{CLAIM}deployment_id": 1}))


@case(PARTIES, "another deployment than the login's")
def _(world: World) -> Any:
    browser = world.browser()
    begun = world.begin(browser, lti_deployment_id="2")
    return world.post(browser, begun["state"], world.first.sign(world.first.claims("one", begun["nonce"], LAUNCH)))


@case(PARTIES, "a login from a platform that nobody added")
def _(world: World) -> Any:
    return world.login(world.browser(), iss="https://unknown.example")


@case(PARTIES, "a login with a client id that nobody added")
def _(world: World) -> Any:
    return world.login(world.browser(), client_id="three")


@case(PARTIES, "a login with a deployment that nobody added")
def _(world: World) -> Any:
    return world.login(world.browser(), lti_deployment_id="9")


@case(PARTIES, "a login without a client id where the issuer has two")
def _(world: World) -> Any:
    return world.login(world.browser(), client_id=None)


@case(PARTIES, "a login without an issuer")
def _(world: World) -> Any:
    return world.login(world.browser(), iss=None)


@case(PARTIES, "a login without a login hint")
def _(world: World) -> Any:
    return world.login(world.browser(), login_hint=None)


# Signature

SIGNATURE = "Signature"


def _none(world: World, claims: dict[str, Any]) -> str:
    return f"{b64({'alg': 'none', 'typ': 'JWT', 'kid': 'first'})}.{b64(claims)}."


def _hs256(world: World, claims: dict[str, Any]) -> str:
    signed = f"{b64({'alg': 'HS256', 'typ': 'JWT', 'kid': 'first'})}.{b64(claims)}"
    secret = public_pem(world.first.keys["first"])
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _tampered(world: World, claims: dict[str, Any]) -> str:
    head, _, signature = world.first.sign(claims).split(".")
    return f"{head}.{b64(claims | {f'{CLAIM}roles': [f'{MEMBERSHIP}#Instructor']})}.{signature}"


def _signature_changed(world: World, claims: dict[str, Any]) -> str:
    head, body, signature = world.first.sign(claims).split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def _stranger(world: World, claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": "first", **header})


def _jwk(world: World, claims: dict[str, Any]) -> str:
    key = new_key()
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "mine", "jwk": jwk | {"kid": "mine"}})


forged(SIGNATURE, "alg none", _none)
forged(
    SIGNATURE, "alg NONE in capitals", lambda world, claims: f"{b64({'alg': 'NONE', 'kid': 'first'})}.{b64(claims)}."
)
forged(SIGNATURE, "HS256 with the platform's public key as the secret", _hs256)
forged(SIGNATURE, "a key of somebody else under the platform's kid", _stranger)
forged(
    SIGNATURE, "jku to a key set of the second platform",
    lambda world, claims: jwt.encode(
        claims, world.second.keys["first"], algorithm="RS256",
        headers={"kid": "theirs", "jku": f"{world.second.issuer}/keys"},
    ),
)  # fmt: skip
forged(SIGNATURE, "a key inside the token's own header (jwk)", _jwk)
forged(
    SIGNATURE, "the second platform's key for the first platform's claims",
    lambda world, claims: world.second.sign(claims),
)  # fmt: skip
forged(SIGNATURE, "an unknown kid", lambda world, claims: world.first.sign(claims, kid="other"))
forged(SIGNATURE, "no kid", lambda world, claims: jwt.encode(claims, world.first.keys["first"], algorithm="RS256"))
forged(SIGNATURE, "a kid that is a path", lambda world, claims: world.first.sign(claims, kid="../../dev/null"))
forged(
    SIGNATURE, "another algorithm with the right key (RS512)",
    lambda world, claims: jwt.encode(claims, world.first.keys["first"], algorithm="RS512", headers={"kid": "first"}),
)  # fmt: skip
forged(SIGNATURE, "roles changed after signing", _tampered)
forged(SIGNATURE, "a changed signature", _signature_changed)
forged(SIGNATURE, "no signature", lambda world, claims: world.first.sign(claims).rpartition(".")[0] + ".")
forged(SIGNATURE, "two parts only", lambda world, claims: world.first.sign(claims).rpartition(".")[0])
forged(SIGNATURE, "no token", lambda world, claims: "")
forged(SIGNATURE, "words in place of a token", lambda world, claims: "not a token")
forged(
    SIGNATURE,
    "a list in place of claims",
    lambda world, claims: f"{b64({'alg': 'RS256', 'kid': 'first'})}.{b64([1])}.x",
)
forged(SIGNATURE, "a token of 300 kB", lambda world, claims: world.first.sign(claims | {"pad": "x" * 250_000}))

# Target

TARGET = "Target address"


def _login_to(target: str) -> Callable[[World], Any]:
    return lambda world: world.login(world.browser(), target_link_uri=target)


for target in (
    "https://evil.example/lti/launch",
    "https://tutor.example.evil.example/lti/launch",
    "https://tutor.example@evil.example/lti/launch",
    "http://tutor.example/lti/launch",
    "https://tutor.example:444/lti/launch",
    "//evil.example/lti/launch",
    "javascript:alert(1)",
    "",
):
    case(TARGET, f"a login to `{target or '(nothing)'}`")(_login_to(target))
claim(
    TARGET,
    "a foreign target in the claims",
    lambda claims: claims.update({f"{CLAIM}target_link_uri": "https://evil.example/"}),
)
claim(TARGET, "no target in the claims", lambda claims: claims.pop(f"{CLAIM}target_link_uri"))


@case(TARGET, "a login begun under another host name of ours")
def _(world: World) -> Any:
    from starlette.testclient import TestClient

    other = TestClient(world.app, base_url="https://other.example", follow_redirects=False)
    given = {"iss": world.first.issuer, "login_hint": "h", "client_id": "one"}
    answer = other.get("/lti/login", params={**given, "target_link_uri": "https://other.example/lti/launch"})
    assert answer.status_code == 302
    state = re.search("state=([^&]+)", answer.headers["location"])
    nonce = re.search("nonce=([^&]+)", answer.headers["location"])
    assert state and nonce
    browser = world.browser()
    for cookie in other.cookies.jar:
        browser.cookies.set(cookie.name, str(cookie.value), domain="tutor.example", path="/lti")
    return world.post(browser, state[1], world.first.sign(world.first.claims("one", nonce[1], LAUNCH)))


# Message

MESSAGE = "Message"
claim(MESSAGE, "no user", lambda claims: claims.pop("sub"))
claim(MESSAGE, "a user of a thousand characters", lambda claims: claims.update(sub="x" * 1000))
claim(MESSAGE, "a user as a number", lambda claims: claims.update(sub=7))
claim(MESSAGE, "LTI version 1.1", lambda claims: claims.update({f"{CLAIM}version": "1.1"}))
claim(MESSAGE, "no message type", lambda claims: claims.pop(f"{CLAIM}message_type"))
claim(
    MESSAGE,
    "a message type of another service",
    lambda claims: claims.update({f"{CLAIM}message_type": "LtiStartProctoring"}),
)
claim(MESSAGE, "no resource link", lambda claims: claims.pop(f"{CLAIM}resource_link"))
claim(MESSAGE, "a resource link that is text", lambda claims: claims.update({f"{CLAIM}resource_link": "link-1"}))
claim(
    MESSAGE,
    "a link to a file outside the lessons",
    lambda claims: claims.update(custom(open="lesson", target="../../etc/passwd")),
)
claim(MESSAGE, "a link to another site", lambda claims: claims.update(custom(open="skill", target="//evil.example")))


@case(MESSAGE, "an error of the platform in place of a token")
def _(world: World) -> Any:
    browser = world.browser()
    begun = world.begin(browser)
    return world.post(
        browser, begun["state"], None, error="login_required", error_description="<script>alert(1)</script>"
    )


@case(MESSAGE, "a launch as GET")
def _(world: World) -> Any:
    return world.browser().get("/lti/launch", params={"state": "x", "id_token": "y"})


@case(MESSAGE, "a form of half a megabyte")
def _(world: World) -> Any:
    return world.post(world.browser(), "x" * 500_000, "y")


@case(MESSAGE, "a form with a thousand fields")
def _(world: World) -> Any:
    return world.browser().post("/lti/launch", content="&".join(f"a{n}=1" for n in range(1000)))


@case(MESSAGE, "a login with a thousand parameters")
def _(world: World) -> Any:
    return world.browser().get("/lti/login?" + "&".join(f"a{n}=1" for n in range(1000)))


# Roles

ROLES = "Roles and tenants"


@case(ROLES, "a learner who asks to choose links")
def _(world: World) -> Any:
    return world.choosing(world.browser(), role="Learner")


@case(ROLES, "an administrator of the institution, no instructor here, who asks to choose links")
def _(world: World) -> Any:
    staff = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
    return world.launch(**world.first.linking(), **{f"{CLAIM}roles": [staff]})


@case(ROLES, "a learner on the instructors' page, with a role in the form")
def _(world: World) -> Any:
    browser = world.browser()
    begun = world.begin(browser)
    token = world.first.sign(world.first.claims("one", begun["nonce"], LAUNCH))
    answer = world.post(browser, begun["state"], token, role="instructor", roles=f"{MEMBERSHIP}#Instructor")
    assert answer.status_code == 303
    return browser.get("/lti/course")


@case(ROLES, "a learner on the instructors' page, with a role as a custom parameter")
def _(world: World) -> Any:
    browser = world.browser()
    assert world.launch(browser, **custom(role="instructor")).status_code == 303
    return browser.get("/lti/course")


@case(ROLES, "the second platform's token for a login with the first")
def _(world: World) -> Any:
    browser = world.browser()
    begun = world.begin(browser)
    return world.post(browser, begun["state"], world.second.sign(world.second.claims("one", begun["nonce"], LAUNCH)))


@case(ROLES, "a session cookie with a changed token")
def _(world: World) -> Any:
    browser = world.browser()
    world.launch(browser, role="Instructor")
    value = browser.cookies["tutor_session"]
    browser.cookies.clear()
    browser.cookies.set("tutor_session", f"{'B' if value[0] == 'A' else 'A'}{value[1:]}")
    return browser.get("/lti/course")


# Deep linking

CHOOSING = "Deep linking"
for name, address in {
    "a return address that is a script": "javascript:alert(1)",
    "a return address with markup": 'https://lms.example/"><script>alert(1)</script>',
    "a return address without TLS": "http://lms.example/chosen",
    "a return address with a user name": "https://user@lms.example/chosen",
    "no return address": "",
}.items():
    case(CHOOSING, name)(lambda world, address=address: world.choosing(world.browser(), deep_link_return_url=address))
case(CHOOSING, "a platform that takes no resource links")(
    lambda world: world.choosing(world.browser(), accept_types=["html"])
)
claim(CHOOSING, "settings that are text", lambda claims: claims.update({f"{CLAIM}message_type": "LtiDeepLinkingRequest", LINKING: "x"}), role="Instructor")  # fmt: skip


def ticket_of(page: str) -> str:
    """The ticket in the form."""
    found = re.search('name="ticket" value="([^"]+)"', page)
    assert found, page
    return found[1]


@case(CHOOSING, "a choice without a launch")
def _(world: World) -> Any:
    return world.browser().post("/lti/links", data={"what": "tutor"})


@case(CHOOSING, "a choice with a made-up ticket")
def _(world: World) -> Any:
    return world.browser().post("/lti/links", data={"what": "tutor", "ticket": "x" * 43})


@case(CHOOSING, "a choice sent twice")
def _(world: World) -> Any:
    browser = world.browser()
    form = {"what": "tutor", "ticket": ticket_of(world.choosing(browser).text)}
    assert browser.post("/lti/links", data=form).status_code == 200
    return browser.post("/lti/links", data=form)


@case(CHOOSING, "a choice posted by another site (CSRF)")
def _(world: World) -> Any:
    browser = world.browser()
    form = {"what": "tutor", "ticket": ticket_of(world.choosing(browser).text)}
    return browser.post("/lti/links", data=form, headers={"sec-fetch-site": "cross-site"})


@case(CHOOSING, "a choice posted by another site, in a browser without Sec-Fetch headers")
def _(world: World) -> Any:
    browser = world.browser()
    form = {"what": "tutor", "ticket": ticket_of(world.choosing(browser).text)}
    return browser.post("/lti/links", data=form, headers={"origin": "https://evil.example"})


for what in ("skill:none", "lesson:nlp/none", "lesson:../../x", "quiz:<script>", "nonsense"):

    def _wrong(world: World, what: str = what) -> Any:
        browser = world.browser()
        return browser.post("/lti/links", data={"what": what, "ticket": ticket_of(world.choosing(browser).text)})

    case(CHOOSING, f"a choice of `{what}`")(_wrong)

# Registration

REGISTER = "Registration"


def _invited(**given: str) -> Callable[[World], Any]:
    def attempt(world: World) -> Any:
        invite = issue(world.store, "invite", {}, timedelta(hours=1), now=datetime.now(UTC))
        return world.browser().get("/lti/register", params={"invite": invite, **given})

    return attempt


@case(REGISTER, "no invitation")
def _(world: World) -> Any:
    return world.browser().get("/lti/register", params={"openid_configuration": f"{world.first.issuer}/openid"})


@case(REGISTER, "an invitation used twice")
def _(world: World) -> Any:
    invite = issue(world.store, "invite", {}, timedelta(hours=1), now=datetime.now(UTC))
    given = {"invite": invite, "openid_configuration": "https://127.0.0.1/openid"}
    world.browser().get("/lti/register", params=given)
    return world.browser().get("/lti/register", params=given)


@case(REGISTER, "an invitation that is too old")
def _(world: World) -> Any:
    early = datetime.now(UTC) - timedelta(hours=2)
    invite = issue(world.store, "invite", {}, timedelta(hours=1), now=early)
    return world.browser().get("/lti/register", params={"invite": invite})


for address in (
    "http://lms.example/openid",
    "file:///etc/passwd",
    "https://127.0.0.1/openid",
    "http://127.0.0.1/openid",
    "https://localhost/openid",
    "https://[::1]/openid",
    "https://[::ffff:127.0.0.1]/openid",
    "https://10.0.0.1/openid",
    "https://192.168.1.1/openid",
    "https://169.254.169.254/latest/meta-data",
    "https://2130706433/openid",
    "https://0.0.0.0/openid",
    "https://lms.example@127.0.0.1/openid",
    "",
):
    case(REGISTER, f"a configuration at `{address or '(nowhere)'}`")(_invited(openid_configuration=address))


def outcome(answer: Any) -> tuple[int, str]:
    """Status and sentence of an answer."""
    if "text/html" not in answer.headers.get("content-type", ""):
        return answer.status_code, answer.text.strip()
    found = re.search(r"</h1>\s*<p>(.*?)</p>", answer.text, re.DOTALL)
    return answer.status_code, html.unescape(found[1].strip()) if found else ""


def table() -> str:
    """Every case with its answer, as markdown."""
    with tempfile.TemporaryDirectory() as folder, a_world(Path(folder)) as world:
        lines = [
            "# What the LMS tool refuses",
            "",
            f"{len(CASES)} cases, each run against the whole application with a platform's real key; "
            "`python -m tests.lti_cases` writes this page, `tests/test_ui_lti_refusals.py` checks it.",
        ]
        group = ""
        for each in CASES:
            if each.group != group:
                group = each.group
                lines += ["", f"## {group}", "", "| tried | answer | sentence |", "|---|---|---|"]
            status, sentence = outcome(each.attempt(world))
            lines.append(f"| {cell(each.name)} | {status} | {cell(sentence)} |")
        return "\n".join(lines) + "\n"


def cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(table(), encoding="utf-8")
