"""All that an operator can set, one documented field each; runs with none of them set.

Knows nothing of what the values are used for.
"""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tutor.errors import SettingsError

_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def shipped_curricula() -> Path:
    """The folder of the lessons that come with the product, in a checkout and in an installed wheel alike."""
    return Path(__file__).resolve().parent.parent / "curricula"


def _data_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "genai-tutor"


class Settings(BaseSettings):
    """Settings of the tutor, from environment variables with the prefix TUTOR_ and from a file .env.

    Example:
        >>> Settings(port=8000).port
        8000
    """

    model_config = SettingsConfigDict(
        env_prefix="TUTOR_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    curricula: Annotated[tuple[Path, ...], NoDecode] = Field(default_factory=lambda: (shipped_curricula(),))
    """Folders with lessons, separated by ":" (";" on Windows). Default: the ten shipped skills."""

    data: Path = Field(default_factory=_data_home)
    """Folder for the database, the index and the signing key. Default: ~/.local/share/genai-tutor."""

    database_url: str = ""
    """SQLAlchemy address of the database. Default: a SQLite file in the data folder."""

    chroma_url: str = ""
    """Address of a Chroma server, such as http://127.0.0.1:8000. Default: embedded Chroma in the data folder."""

    host: str = "127.0.0.1"
    """Address the server listens on."""

    port: Annotated[int, Field(ge=0, le=65535)] = 7860
    """Port the server listens on; 0 takes a free one."""

    root_path: str = ""
    """Path prefix when a proxy serves the tutor under one, such as /tutor."""

    public_url: str = ""
    """Address under which people reach the tutor, such as https://tutor.example.edu/tutor. Default: as each request names it."""

    lti_private: bool = False
    """Lets LTI registration by invitation reach platforms on loopback and private addresses."""

    secret: SecretStr = SecretStr("")
    """Key that signs the session cookie; several, separated by blanks, are all accepted and the last one signs. Default: made once and kept in the data folder."""

    embed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Sites that may show the tutor in their pages, separated by commas, such as https://team.example. Default: none."""

    embed_secret: SecretStr = SecretStr("")
    """Key, at least 32 characters, with which those sites sign who their visitor is (docs/embed.md). Default: they cannot."""

    openai_api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("TUTOR_OPENAI_API_KEY", "OPENAI_API_KEY", "openai_api_key")
    )
    """Key of the OpenAI-compatible endpoint (also read from OPENAI_API_KEY). Local servers need none."""

    base_url: str = ""
    """Address of an OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1. Default: OpenAI's when a key is set."""

    model: str = ""
    """Name of the chat model. Default with a key: gpt-6-luna (OpenAI, November 2026). Without key and base_url: the built-in tutor."""

    api_version: str = ""
    """Azure OpenAI only: the api-version, such as 2024-10-21; base_url is then the resource's address."""

    model_timeout: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds to wait for the model's first token, and between two tokens, before the built-in tutor takes over."""

    model_retries: Annotated[int, Field(ge=0, le=5)] = 2
    """How often a failed request is tried again before the first token."""

    answer_tokens: Annotated[int, Field(ge=64, le=8192)] = 700
    """Most tokens a model may write in one answer."""

    prompt_tokens: Annotated[int, Field(ge=512, le=200_000)] = 3500
    """Most tokens of instructions, passages and history that are sent to a model."""

    passages: Annotated[int, Field(ge=1, le=12)] = 4
    """How many sections are given to the model."""

    question_characters: Annotated[int, Field(ge=100, le=100_000)] = 4000
    """Longest question that is answered; a longer one is refused with a sentence."""

    log_level: str = "WARNING"
    """DEBUG, INFO, WARNING or ERROR of the tutor's own log; libraries are never below WARNING. INFO shows each request."""

    log_format: Literal["text", "json"] = "text"
    """How log lines look: text, or json (one object a line). No line holds what learners write, or a token."""

    metrics: SecretStr = SecretStr("loopback")
    """Who may read /metrics: loopback (programs on this machine), off, or a secret of 16 characters or more that is sent as a bearer token."""

    trusted_proxies: str = "127.0.0.1,::1"
    """Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas; empty for none."""

    writes_per_minute: Annotated[int, Field(ge=0)] = 120
    """Most questions and other writes a minute by one learner; ten times as many from one address without a session. 0: no limit."""

    sessions_per_hour: Annotated[int, Field(ge=0)] = 1000
    """Most new anonymous learners an hour from one address (of IPv6: one /64 network). 0: no limit."""

    launches_per_minute: Annotated[int, Field(ge=0)] = 600
    """Most LTI logins, and as many launches, a minute from one address (of IPv6: one /64 network). 0: no limit."""

    shutdown_seconds: Annotated[float, Field(ge=0, le=600)] = 5.0
    """Seconds that answers being written may still take when the server is told to stop; then they are kept as far as they are."""

    retention_days: Annotated[int, Field(ge=0)] = 0
    """Days after which conversations, and all data of learners who were not here since, are deleted. 0: kept until somebody deletes them."""

    anonymous: bool = True
    """Whether the tutor can be used without signing in. With false only learners from an LMS or the sign-in below get in."""

    oidc_issuer: str = ""
    """Address of the OpenID Connect provider, such as https://login.example.org/realms/school. Default: no sign-in."""

    oidc_client_id: str = ""
    """The tutor's client id at the provider. Its redirect address there is the tutor's address followed by /callback."""

    oidc_client_secret: SecretStr = SecretStr("")
    """The client's secret; a public client needs none, because PKCE is always used."""

    oidc_scopes: str = "openid email"
    """What is asked of the provider, separated by spaces; add the scope that carries the groups claim if it has one."""

    oidc_instructors: str = ""
    """Who signs in as an instructor: verified mail addresses or subjects, separated by commas."""

    oidc_admins: str = ""
    """Who signs in as an admin: verified mail addresses or subjects, separated by commas."""

    oidc_groups_claim: str = "groups"
    """The claim of the ID token that lists a person's groups."""

    oidc_instructor_groups: str = ""
    """Groups whose members are instructors, separated by commas."""

    oidc_admin_groups: str = ""
    """Groups whose members are admins, separated by commas."""

    @field_validator("curricula", mode="before")
    @classmethod
    def _split_folders(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part.strip())
        return value

    @field_validator("embed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        listed = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else list(value)
        found = [origin.lower().rstrip("/") for origin in listed if origin]
        if wrong := [origin for origin in found if not _ORIGIN.fullmatch(origin)]:
            raise ValueError(f"{wrong[0]!r} is not an origin; write https://host or https://host:port, without a path")
        return tuple(found)

    @field_validator("embed_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value().encode()) < 32:
            raise ValueError("must have at least 32 characters; make one with: openssl rand -hex 32")
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("allowed are DEBUG, INFO, WARNING, ERROR")
        return value.upper()

    @field_validator("base_url", "chroma_url", "public_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("metrics")
    @classmethod
    def _who_measures(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() not in {"loopback", "off"} and len(value.get_secret_value()) < 16:
            raise ValueError("allowed are loopback, off, or a secret of 16 characters or more")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            try:
                ip_network(part)
            except ValueError as error:
                raise ValueError(
                    f"{part} is neither an address such as 10.0.0.2 nor a network such as 10.0.0.0/8"
                ) from error
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_encrypted(cls, value: str) -> str:
        if value and not re.match(r"https://.|http://(localhost|127\.0\.0\.1)(:\d+)?(/|$)", value):
            raise ValueError("must start with https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> Self:
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            raise ValueError("TUTOR_OIDC_ISSUER and TUTOR_OIDC_CLIENT_ID need each other: set both, or neither")
        return self

    @property
    def database(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.data / 'tutor.sqlite3'}"

    @property
    def index(self) -> Path:
        """Folder of the embedded index."""
        return self.data / "index"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment.

    Args:
        **overrides: Fields given on the command line; they win over the environment.

    Raises:
        SettingsError: A value is not allowed; the message names the variable, the value and what is allowed.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            if not fault["loc"]:  # about several settings together; the message names them
                faults.append(fault["msg"].removeprefix("Value error, "))
                continue
            name = "_".join(str(part) for part in fault["loc"])
            variable = name.upper() if name.upper().startswith(("TUTOR_", "OPENAI_")) else f"TUTOR_{name.upper()}"
            field = Settings.model_fields.get(name)
            shown = "(not shown)" if field and field.annotation is SecretStr else repr(fault["input"])
            faults.append(f"{variable}={shown}: {fault['msg'].removeprefix('Value error, ')}")
        raise SettingsError("A setting cannot be used: " + "; ".join(faults) + ".") from error
