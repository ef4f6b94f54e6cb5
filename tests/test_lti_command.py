"""The command that connects platforms."""

import json
from pathlib import Path
from typing import Any

import pytest

from tutor.cli import main
from tutor.settings import Settings
from tutor.store import Store, open_store
from tutor.store.lti_keys import keys
from tutor.store.lti_platforms import find_platforms

ADD = [
    "--issuer", "https://lms.example", "--client-id", "abc", "--login-url", "https://sso.lms.example/auth",
    "--token-url", "https://lms.example/token", "--keys-url", "https://lms.example/keys",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUTOR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TUTOR_PUBLIC_URL", "https://tutor.example/t/")
    monkeypatch.delenv("TUTOR_DATABASE_URL", raising=False)


def opened(tmp_path: Path) -> Store:
    return open_store(Settings(data=tmp_path / "data").database)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["lti", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_platform_is_added_listed_and_removed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    added = run(
        capsys, "add", *ADD, "--deployment", "1", "--deployment", "2", "--origin", "https://School.lms.example/"
    )
    assert added["deployments"] == ["1", "2"]
    listed = run(capsys, "list")
    assert listed["addresses"] == {
        "login": "https://tutor.example/t/lti/login",
        "launch": "https://tutor.example/t/lti/launch",
        "keys": "https://tutor.example/t/lti/jwks",
    }
    (platform,) = listed["platforms"]
    assert platform["origins"] == ["https://school.lms.example", "https://lms.example", "https://sso.lms.example"]
    assert run(capsys, "remove", added["platform"]) == {"removed": added["platform"]}
    assert run(capsys, "list")["platforms"] == []
    assert main(["lti", "remove", added["platform"]]) == 2
    assert "There is no platform" in capsys.readouterr().err


def test_adding_again_changes_addresses_and_adds_deployments(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = run(capsys, "add", *ADD, "--deployment", "1")
    again = run(capsys, "add", *ADD[:-1], "https://lms.example/new-keys", "--deployment", "3")
    assert again == {"platform": first["platform"], "deployments": ["1", "3"]}
    (platform,) = find_platforms(opened(tmp_path), "https://lms.example")
    assert platform.keys_url == "https://lms.example/new-keys"


def test_for_people_the_list_says_what_to_enter(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lti", "add", *ADD]) == 0
    assert "none yet" in capsys.readouterr().out
    assert main(["lti", "list"]) == 0
    words = capsys.readouterr().out
    assert "https://tutor.example/t/lti/launch" in words and "client id abc" in words


@pytest.mark.parametrize(
    ("place", "value"),
    [(5, "http://lms.example/auth"), (7, "javascript:alert(1)"), (9, "https://u@lms.example/keys"), (9, "nothing")],
)
def test_an_address_that_is_not_safe_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, place: int, value: str
) -> None:
    arguments = [*ADD[:place], value, *ADD[place + 1 :]]
    assert main(["lti", "add", *arguments]) == 2
    assert f"{value} cannot be used" in capsys.readouterr().err
    assert find_platforms(opened(tmp_path), "https://lms.example") == []


@pytest.mark.parametrize(
    "origin", ["lms.example", "https://lms.example/path", "https://a b", "http://lms.example", "*"]
)
def test_an_origin_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], origin: str) -> None:
    assert main(["lti", "add", *ADD, "--origin", origin]) == 2
    assert "is no origin" in capsys.readouterr().err


def test_a_wildcard_origin_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "add", *ADD, "--origin", "https://*.lms.example:8443")
    assert "https://*.lms.example:8443" in run(capsys, "list")["platforms"][0]["origins"]


def test_keys_are_replaced_and_the_old_one_stays_published(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first, second = run(capsys, "rotate-keys")["kid"], run(capsys, "rotate-keys")["kid"]
    kept = {key.kid: key.retired for key in keys(opened(tmp_path))}
    assert first != second and kept[second] is None and kept[first] is not None


def test_private_keys_lie_encrypted_in_the_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run(capsys, "rotate-keys")
    (key,) = keys(opened(tmp_path))
    assert key.sealed.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    file = tmp_path / "data" / "tutor.sqlite3"
    assert file.stat().st_mode & 0o077 == 0


def test_an_invitation_names_the_tutors_address(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, "invite")["address"].startswith("https://tutor.example/t/lti/register?invite=")
    assert main(["lti", "invite", "--hours", "0"]) == 2
    monkeypatch.delenv("TUTOR_PUBLIC_URL")
    assert main(["lti", "invite"]) == 2
    assert "TUTOR_PUBLIC_URL" in capsys.readouterr().err
