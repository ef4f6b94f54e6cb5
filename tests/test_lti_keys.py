"""The tutor's own keys."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from tutor.errors import TutorError
from tutor.lti_keys import PUBLISHED, published, rotate, signer
from tutor.store import Store

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_the_first_use_makes_a_key_that_platforms_can_verify_with(store: Store) -> None:
    key = signer(store, b"secret", NOW)
    assert signer(store, b"secret", NOW) == key
    (jwk,) = published(store, NOW)["keys"]
    token = jwt.encode({"a": 1}, key.private_pem, algorithm="RS256", headers={"kid": key.kid})
    assert jwt.decode(token, jwt.PyJWK(jwk), algorithms=["RS256"]) == {"a": 1}
    assert jwk["kid"] == key.kid


def test_a_replaced_key_stays_published_for_a_week(store: Store) -> None:
    first = signer(store, b"secret", NOW).kid
    second = rotate(store, b"secret", NOW)
    assert signer(store, b"secret", NOW).kid == second
    assert {key["kid"] for key in published(store, NOW + PUBLISHED - timedelta(hours=1))["keys"]} == {first, second}
    assert [key["kid"] for key in published(store, NOW + PUBLISHED)["keys"]] == [second]


def test_a_key_sealed_with_another_secret_is_said_plainly(store: Store) -> None:
    signer(store, b"secret", NOW)
    with pytest.raises(TutorError, match="rotate-keys"):
        signer(store, b"another", NOW)
    rotate(store, b"another", NOW)
    assert signer(store, b"another", NOW).private_pem.startswith("-----BEGIN PRIVATE KEY-----")
