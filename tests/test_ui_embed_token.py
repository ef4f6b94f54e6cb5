"""Signed tokens of other sites: what is taken, and a printed table of everything that is not."""

import json
import re
import shutil
import subprocess
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.demo import mint
from tutor.learner import Learner
from ui.embed_token import MOST_CHARACTERS, TokenRefused, verify

SECRET = "a secret of at least thirty-two characters"
SITE = "https://team.example"
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
GUIDE = (Path(__file__).parent.parent / "docs" / "embed.md").read_text(encoding="utf-8")


def claims(**changes: Any) -> dict[str, Any]:
    made = {
        "iss": SITE,
        "sub": "anna",
        "aud": "genai-tutor",
        "iat": SECONDS,
        "exp": SECONDS + 300,
        "jti": "one",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not ...}


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), secret, algorithm=algorithm)


def part(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_names_a_learner_of_the_site() -> None:
    told = verify(signed(context="course-7", role="admin", name="Anna"), SECRET, [SITE], NOW)
    assert told.learner == Learner("embed:anna", SITE, "course-7", "learner")
    assert told.until > NOW + timedelta(minutes=5)
    assert verify(signed(), SECRET, [SITE], NOW).learner.context == "local"


def test_ids_are_apart_by_site() -> None:
    other = "https://other.example"
    one, two = (verify(signed(iss=site), SECRET, [SITE, other], NOW) for site in (SITE, other))
    assert one.once != two.once
    assert one.learner != two.learner


HALF = signed().rsplit(".", 1)[0]
REFUSED: dict[str, tuple[str, str]] = {
    "alg none, no signature": (f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}.", "algorithm"),
    "alg None in capitals": (f"{part({'alg': 'NONE'})}.{part(claims())}.", "algorithm"),
    "another algorithm": (signed(SECRET * 2, algorithm="HS384"), "algorithm"),
    "no algorithm": (f"{part({'typ': 'JWT'})}.{part(claims())}.eA", "algorithm"),
    "signature cut off": (f"{HALF}.", "signature"),
    "another secret": (signed(secret="x" * 40), "signature"),
    "changed after signing": (
        f"{part({'alg': 'HS256'})}.{part(claims(sub='boss'))}.{signed().rsplit('.', 1)[1]}",
        "signature",
    ),
    "expired": (signed(iat=SECONDS - 600, exp=SECONDS - 31), "expired"),
    "good for 11 minutes": (signed(exp=SECONDS + 660), "too_long"),
    "expires before it begins": (signed(iat=SECONDS + 20, exp=SECONDS + 10), "too_long"),
    "issued in the future": (signed(iat=SECONDS + 60), "early"),
    "not before later": (signed(nbf=SECONDS + 60), "early"),
    "another audience": (signed(aud="shop"), "audience"),
    "several audiences": (signed(aud=["genai-tutor", "shop"]), "audience"),
    "no audience": (signed(aud=...), "audience"),
    "another issuer": (signed(iss="https://evil.example"), "issuer"),
    "no issuer": (signed(iss=...), "claims"),
    "no subject": (signed(sub=...), "claims"),
    "empty subject": (signed(sub=""), "claims"),
    "long subject": (signed(sub="x" * 201), "claims"),
    "subject with a line break": (signed(sub="a\nb"), "claims"),
    "no expiry": (signed(exp=...), "claims"),
    "no moment of issue": (signed(iat=...), "claims"),
    "no id": (signed(jti=...), "claims"),
    "expiry is no number": (signed(exp=str(SECONDS + 300)), "claims"),
    "expiry is true": (signed(exp=True), "claims"),
    "expiry is infinite": (signed(exp=float("inf")), "claims"),
    "expiry is huge": (signed(exp=10**400), "claims"),
    "expiry is no moment": (signed(exp=10**18), "claims"),
    "context is a list": (signed(context=["a"]), "claims"),
    "oversized": (signed(name="x" * MOST_CHARACTERS), "oversized"),
    "no token": ("hello", "malformed"),
    "claims that are a list": (jwt.api_jws.encode(b"[1]", SECRET, "HS256"), "malformed"),
    "not base64": ("a.b.c", "malformed"),
    "deeply nested": (
        f"{urlsafe_b64encode(b'[' * 2000).rstrip(b'=').decode()}.{part(claims())}.x",
        "malformed",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_right_is_refused(case: str) -> None:
    token, reason = REFUSED[case]
    with pytest.raises(TokenRefused) as refused:
        verify(token, SECRET, [SITE], NOW)
    assert refused.value.reason == reason


def test_without_a_secret_nothing_is_taken() -> None:
    with pytest.raises(TokenRefused) as refused:
        verify(signed(secret="0" * 32), "", [SITE], NOW)
    assert refused.value.reason == "off"


def test_the_table_of_refusals_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    taken = []
    with capsys.disabled():
        print()
        for case, (token, _) in REFUSED.items():
            try:
                verify(token, SECRET, [SITE], NOW)
                taken.append(case)
            except TokenRefused as refused:
                print(f"  {case:28} {refused}")
        print(f"  {len(REFUSED)} cases, {len(taken)} wrongly taken")
    assert taken == []


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_nonsense_is_refused_and_never_a_fault(token: str) -> None:
    with pytest.raises(TokenRefused):
        verify(token, SECRET, [SITE], NOW)


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_guides_python_makes_good_tokens() -> None:
    made: dict[str, Callable[..., str]] = {}
    exec(code("python"), made)
    told = verify(made["tutor_token"](SECRET, SITE, "anna"), SECRET, [SITE], datetime.now(UTC))
    assert told.learner == Learner("embed:anna", SITE)


def test_the_guides_javascript_makes_good_tokens() -> None:
    source = code("javascript")
    node = shutil.which("node")
    if node:
        run = f"{source}\nprocess.stdout.write(tutorToken({json.dumps(SECRET)}, {json.dumps(SITE)}, 'anna'));"
        token = subprocess.run([node, "-e", run], capture_output=True, text=True, check=True, timeout=60).stdout
    else:
        # Without Node.js only the algorithm is checked: the same steps, by Python's own library.
        assert 'createHmac("sha256", secret).update(body).digest("base64url")' in source
        token = mint(SECRET, SITE, "anna")
    assert verify(token, SECRET, [SITE], datetime.now(UTC)).learner == Learner("embed:anna", SITE)


def test_the_demos_site_makes_good_tokens() -> None:
    assert verify(mint(SECRET, SITE, "v"), SECRET, [SITE], datetime.now(UTC)).learner.principal == "embed:v"
    assert time.time() < verify(mint(SECRET, SITE, "v"), SECRET, [SITE], datetime.now(UTC)).until.timestamp()
