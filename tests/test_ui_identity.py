"""The signed cookie, the signing key and the sessions behind them."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tutor.errors import SettingsError
from tutor.learner import Learner
from tutor.settings import Settings
from tutor.store import Store, delete_everything
from ui.identity import (
    FRAME_COOKIE,
    LIFETIME,
    PATH_LIFETIME,
    Sessions,
    cookie_of,
    set_cookie,
    set_frame_cookie,
    signing_key,
)


def test_a_cookie_leads_back_to_its_learner(store: Store) -> None:
    sessions = Sessions(store, b"key")
    learner, cookie = sessions.start()
    assert sessions.find(cookie) == learner
    assert Sessions(store, b"key").find(cookie) == learner


def test_learners_are_told_apart(store: Store) -> None:
    sessions = Sessions(store, b"key")
    assert sessions.start()[0] != sessions.start()[0]


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1], lambda c: f"x{c}", lambda c: "", lambda c: "a.b", lambda c: "é.ü"]
)
def test_a_changed_cookie_is_nobody(store: Store, change: object) -> None:
    sessions = Sessions(store, b"key")
    _, cookie = sessions.start()
    assert sessions.find(change(cookie)) is None  # type: ignore[operator]


def test_another_key_knows_nobody(store: Store) -> None:
    _, cookie = Sessions(store, b"key").start()
    assert Sessions(store, b"other").find(cookie) is None


def test_a_new_key_signs_and_the_old_one_is_still_accepted(store: Store) -> None:
    learner, old = Sessions(store, b"one").start()
    rotated = Sessions(store, b"one\ntwo")
    assert rotated.find(old) == learner
    fresh = rotated.renewed(old)
    assert fresh not in ("", old)
    assert rotated.renewed(fresh) == ""
    only_new = Sessions(store, b"two")
    assert only_new.find(fresh) == learner
    assert only_new.find(old) is None


def test_a_session_that_was_ended_is_nobody_at_once(store: Store) -> None:
    sessions = Sessions(store, b"key")
    learner, cookie = sessions.start()
    assert sessions.find(cookie) == learner
    sessions.end(cookie)
    assert sessions.find(cookie) is None
    sessions.end("forged")


def test_a_session_ends_with_its_time(store: Store) -> None:
    now = datetime.now(UTC)
    _, cookie = Sessions(store, b"key", lambda: now).start()
    later = now + LIFETIME + timedelta(seconds=1)
    assert Sessions(store, b"key", lambda: later).find(cookie) is None


def test_the_key_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new")
    key = signing_key(settings)
    assert len(key) == 64
    assert signing_key(settings) == key
    assert stat.S_IMODE((tmp_path / "new" / "signing-key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["signing-key"]


def test_a_configured_key_wins(tmp_path: Path) -> None:
    assert signing_key(Settings(data=tmp_path, secret="mine")) == b"mine"  # type: ignore[arg-type]
    assert not (tmp_path / "signing-key").exists()


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="TUTOR_DATA"):
        signing_key(Settings(data=tmp_path / "file"))


def test_the_cookie_is_closed_to_scripts_and_other_sites() -> None:
    plain = set_cookie("v", {"scheme": "http"})
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    assert "; Secure" in set_cookie("v", {"scheme": "https"})
    assert "Path=/tutor;" in set_cookie("v", {"scheme": "http", "root_path": "/tutor"})


def test_a_broken_cookie_header_is_no_cookie() -> None:
    assert cookie_of({"headers": [(b"cookie", b"\xff=;;; tutor_session")]}) == ""
    assert cookie_of({"headers": [(b"cookie", b"a=1; tutor_session=v")]}) == "v"
    assert cookie_of({"headers": []}) == ""


def test_a_session_that_is_forgotten_is_looked_up_again(store: Store) -> None:
    sessions = Sessions(store, b"key")
    (mine, cookie), (other, its) = sessions.start(), sessions.start()
    delete_everything(store, mine)
    assert sessions.find(cookie) == mine  # remembered
    sessions.forget(mine)
    assert sessions.find(cookie) is None
    assert sessions.find(its) == other


def test_the_cookie_that_ends_a_session_is_empty_and_over() -> None:
    ended = set_cookie("", {"root_path": "/tutor", "scheme": "https"})
    assert ended == "tutor_session=; Path=/tutor; Max-Age=0; HttpOnly; SameSite=Lax; Secure"


def test_a_verified_learner_gets_a_session_of_its_own_length(store: Store) -> None:
    now = datetime.now(UTC)
    ben = Learner("sub-1", "https://lms.example", "course-1", "instructor")
    found, value = Sessions(store, b"key", lambda: now).start(ben, "lti", PATH_LIFETIME)
    assert found == ben
    assert Sessions(store, b"key", lambda: now + PATH_LIFETIME - timedelta(seconds=1)).find(value) == ben
    assert Sessions(store, b"key", lambda: now + PATH_LIFETIME).find(value) is None
    assert Sessions(store, b"other").find(value) is None


def test_the_frames_cookie_is_kept_apart_for_each_site() -> None:
    cookie = set_frame_cookie("v", {"scheme": "http", "root_path": "/tutor"})
    assert cookie.startswith(f"{FRAME_COOKIE}=v; Path=/tutor; ")
    for word in ("HttpOnly", "Secure", "SameSite=None", "Partitioned"):
        assert f"; {word}" in cookie
