"""The tables, and the three types through which every text, moment and JSON value passes.

Knows nothing of engines, queries or of what the values mean.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

SCHEMA = "0003"
"""The newest Alembic revision; a database that holds it opens without importing Alembic."""

# PostgreSQL refuses NUL in text and JSON, UTF-8 has no lone surrogates; neither means anything to a reader.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """Replace each NUL and lone surrogate in a text, or in all texts of a JSON value, by U+FFFD.

    Everything that is stored passes through here, so that SQLite and PostgreSQL hold and return the same.

    Example:
        >>> storable({"a": ["x" + chr(0)]}) == {"a": ["x" + chr(0xFFFD)]}
        True
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


def to_json(value: Any) -> str:
    """Write a JSON value as both databases accept it.

    Raises:
        ValueError: The value holds NaN or an infinity, which JSON does not have.
    """
    return json.dumps(storable(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class PlainText(TypeDecorator[str]):
    """Text without NUL and lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean the text on its way in."""
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """A moment: stored in UTC, returned aware in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC on the way in."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone, for example datetime.now(UTC)")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say UTC on the way out: SQLite returns naive moments, PostgreSQL those of its session's zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _sequence() -> Column[int]:
    # The order of arrival, which breaks ties of equal moments; SQLite numbers rows by itself only in an INTEGER.
    return Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

event = Table(
    "event",
    metadata,
    _sequence(),
    Column("id", PlainText, nullable=False, unique=True),
    Column("tenant", PlainText, nullable=False),
    Column("principal", PlainText, nullable=False),
    Column("context", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("at", Moment, nullable=False),
    Column("idempotency_key", PlainText, nullable=False, unique=True),
    Column("schema_version", Integer, nullable=False),
    Column("payload", JSON, nullable=False),
    Index(None, "principal", "at"),
)

conversation = Table(
    "conversation",
    metadata,
    _sequence(),
    Column("id", PlainText, nullable=False, unique=True),
    Column("principal", PlainText, nullable=False),
    Column("tenant", PlainText, nullable=False),
    Column("context", PlainText, nullable=False),
    Column("title", PlainText, nullable=False),
    Column("skill", PlainText, nullable=False),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Index(None, "principal", "tenant", "updated"),
)

message = Table(
    "message",
    metadata,
    _sequence(),
    Column("id", PlainText, nullable=False, unique=True),
    Column("conversation", PlainText, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", PlainText, nullable=False),
    Column("text", PlainText, nullable=False),
    Column("at", Moment, nullable=False),
    Column("data", JSON, nullable=False),
)

progress = Table(
    "progress",
    metadata,
    Column("tenant", PlainText, primary_key=True),
    Column("principal", PlainText, primary_key=True),
    Column("updated", Moment, nullable=False),
    Column("state", JSON, nullable=False),
)

web_session = Table(
    "web_session",
    metadata,
    Column("token_hash", PlainText, primary_key=True),
    Column("principal", PlainText, nullable=False),
    Column("tenant", PlainText, nullable=False),
    Column("context", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("source", PlainText, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False, index=True),
    Column("link", PlainText),
)

lti_platform = Table(
    "lti_platform",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("issuer", PlainText, nullable=False),
    Column("client_id", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("login_url", PlainText, nullable=False),
    Column("token_url", PlainText, nullable=False),
    Column("keys_url", PlainText, nullable=False),
    Column("audience", PlainText, nullable=False),
    Column("origins", JSON, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    UniqueConstraint("issuer", "client_id"),
)

lti_deployment = Table(
    "lti_deployment",
    metadata,
    Column("platform", PlainText, ForeignKey("lti_platform.id", ondelete="CASCADE"), primary_key=True),
    Column("deployment", PlainText, primary_key=True),
    Column("tenant", PlainText, nullable=False, unique=True),
)

lti_key = Table(
    "lti_key",
    metadata,
    Column("kid", PlainText, primary_key=True),
    Column("sealed", PlainText, nullable=False),
    Column("public", JSON, nullable=False),
    Column("created", Moment, nullable=False),
    Column("retired", Moment),
)

lti_ticket = Table(
    "lti_ticket",
    metadata,
    Column("token_hash", PlainText, primary_key=True),
    Column("kind", PlainText, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False, index=True),
)

lti_link = Table(
    "lti_link",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("platform", PlainText, ForeignKey("lti_platform.id", ondelete="CASCADE"), nullable=False),
    Column("tenant", PlainText, nullable=False),
    Column("context", PlainText, nullable=False),
    Column("resource", PlainText, nullable=False),
    Column("title", PlainText, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("line_item", PlainText, nullable=False),
    Column("line_items", PlainText, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("roster_url", PlainText, nullable=False),
    Column("updated", Moment, nullable=False),
    UniqueConstraint("tenant", "context", "resource"),
)

lti_visit = Table(
    "lti_visit",
    metadata,
    Column("link", PlainText, ForeignKey("lti_link.id", ondelete="CASCADE"), primary_key=True),
    Column("principal", PlainText, primary_key=True),
    Column("subject", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("last", Moment, nullable=False),
)

lti_score = Table(
    "lti_score",
    metadata,
    Column("link", PlainText, ForeignKey("lti_link.id", ondelete="CASCADE"), primary_key=True),
    Column("principal", PlainText, primary_key=True),
    Column("subject", PlainText, nullable=False),
    Column("score", Float, nullable=False),
    Column("completed", Boolean, nullable=False),
    Column("sent_score", Float),
    Column("sent_completed", Boolean),
    Column("stamp", Moment),
    Column("attempts", Integer, nullable=False),
    Column("due", Moment, index=True),
    Column("problem", PlainText, nullable=False),
)
