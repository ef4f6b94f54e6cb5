"""Where each learner stands, kept beside the events from which it can be rebuilt.

Knows nothing of later revisions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table, and find a learner's events in the order of their arrival."""
    op.create_table(
        "progress",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "principal", name="pk_progress"),
    )


def downgrade() -> None:
    """Remove the table; the events stay."""
    op.drop_table("progress")
