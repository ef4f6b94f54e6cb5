"""Events, conversations, messages, web sessions.

Knows nothing of later revisions. The types are spelled out here, not taken from ``tables``: a migration must go on
making what it made when it was written.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _sequence() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("sequence", number, autoincrement=True, nullable=False)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "event",
        _sequence(),
        *_text("id", "tenant", "principal", "context", "kind"),
        _moment("at"),
        *_text("idempotency_key"),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_event"),
        sa.UniqueConstraint("id", name="uq_event_id"),
        sa.UniqueConstraint("idempotency_key", name="uq_event_idempotency_key"),
    )
    op.create_index("ix_event_principal_at", "event", ["principal", "at"])
    op.create_table(
        "conversation",
        _sequence(),
        *_text("id", "principal", "tenant", "context", "title", "skill"),
        _moment("created"),
        _moment("updated"),
        sa.PrimaryKeyConstraint("sequence", name="pk_conversation"),
        sa.UniqueConstraint("id", name="uq_conversation_id"),
    )
    op.create_index("ix_conversation_principal_tenant_updated", "conversation", ["principal", "tenant", "updated"])
    op.create_table(
        "message",
        _sequence(),
        *_text("id", "conversation", "role", "text"),
        _moment("at"),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_message"),
        sa.UniqueConstraint("id", name="uq_message_id"),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversation.id"], name="fk_message_conversation", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_message_conversation", "message", ["conversation"])
    op.create_table(
        "web_session",
        *_text("token_hash", "principal", "tenant", "context", "role", "source"),
        _moment("created"),
        _moment("expires"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_web_session"),
    )
    op.create_index("ix_web_session_expires", "web_session", ["expires"])


def downgrade() -> None:
    """Remove the first tables and all that is in them."""
    for table in ("web_session", "message", "conversation", "event"):
        op.drop_table(table)
