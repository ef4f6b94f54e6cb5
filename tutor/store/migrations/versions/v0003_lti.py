"""LTI: platforms, deployments, keys, tickets used once, links, visits, scores to send; a session's link.

Knows nothing of later revisions. Types are spelled out here, as in the first revision.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _moment(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def upgrade() -> None:
    """Make the LTI tables."""
    op.add_column("web_session", sa.Column("link", sa.Text(), nullable=True))
    _platforms()
    _links()


def _platforms() -> None:
    op.create_table(
        "lti_platform",
        *_text("id", "issuer", "client_id", "name", "login_url", "token_url", "keys_url", "audience"),
        _json("origins"),
        sa.Column("private", sa.Boolean(), nullable=False),
        _moment("created"),
        sa.PrimaryKeyConstraint("id", name="pk_lti_platform"),
        sa.UniqueConstraint("issuer", "client_id", name="uq_lti_platform_issuer"),
    )
    op.create_table(
        "lti_deployment",
        *_text("platform", "deployment", "tenant"),
        sa.PrimaryKeyConstraint("platform", "deployment", name="pk_lti_deployment"),
        sa.UniqueConstraint("tenant", name="uq_lti_deployment_tenant"),
        _belongs("lti_deployment", "platform", "lti_platform"),
    )
    op.create_table(
        "lti_key",
        *_text("kid", "sealed"),
        _json("public"),
        _moment("created"),
        _moment("retired", nullable=True),
        sa.PrimaryKeyConstraint("kid", name="pk_lti_key"),
    )
    op.create_table(
        "lti_ticket",
        *_text("token_hash", "kind"),
        _json("data"),
        _moment("created"),
        _moment("expires"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_lti_ticket"),
    )
    op.create_index("ix_lti_ticket_expires", "lti_ticket", ["expires"])


def _links() -> None:
    op.create_table(
        "lti_link",
        *_text("id", "platform", "tenant", "context", "resource", "title"),
        _json("settings"),
        *_text("line_item", "line_items"),
        _json("scopes"),
        *_text("roster_url"),
        _moment("updated"),
        sa.PrimaryKeyConstraint("id", name="pk_lti_link"),
        sa.UniqueConstraint("tenant", "context", "resource", name="uq_lti_link_tenant"),
        _belongs("lti_link", "platform", "lti_platform"),
    )
    op.create_table(
        "lti_visit",
        *_text("link", "principal", "subject", "role"),
        _moment("last"),
        sa.PrimaryKeyConstraint("link", "principal", name="pk_lti_visit"),
        _belongs("lti_visit", "link", "lti_link"),
    )
    op.create_table(
        "lti_score",
        *_text("link", "principal", "subject"),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("sent_score", sa.Float(), nullable=True),
        sa.Column("sent_completed", sa.Boolean(), nullable=True),
        _moment("stamp", nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("due", nullable=True),
        *_text("problem"),
        sa.PrimaryKeyConstraint("link", "principal", name="pk_lti_score"),
        _belongs("lti_score", "link", "lti_link"),
    )
    op.create_index("ix_lti_score_due", "lti_score", ["due"])


def downgrade() -> None:
    """Remove the LTI tables and all that is in them."""
    for table in ("lti_score", "lti_visit", "lti_link", "lti_ticket", "lti_key", "lti_deployment", "lti_platform"):
        op.drop_table(table)
    op.drop_column("web_session", "link")
