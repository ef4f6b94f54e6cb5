"""Settings: none needed, wrong ones named."""

import os
from pathlib import Path

import pytest

from tutor.errors import SettingsError
from tutor.settings import Settings, load_settings, shipped_curricula


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the tutor's is set and no file .env is near."""
    for name in os.environ:
        if name.startswith("TUTOR_") or name in {"OPENAI_API_KEY", "XDG_DATA_HOME"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings()
    assert settings.curricula == (shipped_curricula(),)
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.data == tmp_path / ".local" / "share" / "genai-tutor"
    assert settings.index == settings.data / "index"
    assert settings.database == f"sqlite:///{settings.data / 'tutor.sqlite3'}"
    assert settings.model == "" and settings.openai_api_key.get_secret_value() == ""


def test_the_data_folder_follows_the_desktop_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert load_settings().data == Path("/somewhere/genai-tutor")


def test_several_curriculum_folders_are_separated_like_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_CURRICULA", os.pathsep.join(["/a", "", " ", "/b"]))
    assert load_settings().curricula == (Path("/a"), Path("/b"))


def test_a_file_of_settings_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TUTOR_PORT=8001\nTUTOR_HOST=0.0.0.0\nOTHER=1\n")
    monkeypatch.setenv("TUTOR_PORT", "8002")
    settings = load_settings()
    assert (settings.port, settings.host) == (8002, "0.0.0.0")
    assert load_settings(port=8003).port == 8003


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "TUTOR_OPENAI_API_KEY"])
def test_the_key_is_read_from_either_variable_and_never_shown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "sk-something")
    settings = load_settings()
    assert settings.openai_api_key.get_secret_value() == "sk-something"
    assert "sk-something" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("TUTOR_PORT", "70000", "65535"),
        ("TUTOR_PORT", "web", "integer"),
        ("TUTOR_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
        ("TUTOR_BASE_URL", "localhost:11434", "http://"),
        ("TUTOR_CHROMA_URL", "ftp://x", "http://"),
        ("TUTOR_PASSAGES", "0", "greater than or equal to 1"),
        ("TUTOR_MODEL_TIMEOUT", "0", "greater than 0"),
    ],
)
def test_a_wrong_value_names_the_variable_the_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f"{variable}={value!r}" in str(caught.value)
    assert allowed in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_PORT", "x")
    monkeypatch.setenv("TUTOR_PASSAGES", "99")
    with pytest.raises(SettingsError, match=r"TUTOR_PORT=.*TUTOR_PASSAGES="):
        load_settings()


def test_a_wrong_key_is_not_shown_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-something")
    with pytest.raises(SettingsError) as caught:
        load_settings(port=-1)
    assert "sk-something" not in str(caught.value)


def test_every_setting_is_documented() -> None:
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").strip()] == []


def test_sites_that_may_embed_are_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_EMBED_ORIGINS", " https://Team.example/, http://localhost:7870 https://[::1]:1 ")
    assert load_settings().embed_origins == ("https://team.example", "http://localhost:7870", "https://[::1]:1")
    monkeypatch.setenv("TUTOR_EMBED_ORIGINS", "")
    assert load_settings().embed_origins == ()


@pytest.mark.parametrize(
    "origins",
    [
        "*",
        "https://*.team.example",
        "team.example",
        "https://team.example/page",
        "https://a.example; script-src *",
        "null",
        "https://",
    ],
)
def test_what_is_no_origin_is_told(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    monkeypatch.setenv("TUTOR_EMBED_ORIGINS", origins)
    with pytest.raises(SettingsError, match=r"TUTOR_EMBED_ORIGINS.*is not an origin"):
        load_settings()


def test_a_short_secret_is_refused_and_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_EMBED_SECRET", "short-secret")
    with pytest.raises(SettingsError, match="at least 32 characters") as told:
        load_settings()
    assert "short-secret" not in str(told.value)
