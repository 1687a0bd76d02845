"""The tables of the outbox of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", COUNT, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("created_at", COUNT, nullable=False),
        sa.Column("due_at", COUNT, nullable=False),
        sa.Column("attempts", COUNT, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("given_up_at", COUNT, nullable=True),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("leased_until", COUNT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("number", name="uq_message_number"),
        sqlite_strict=True,
    )
    op.create_index("ix_message_recipient_number", "message", ["recipient", "number"])
    op.create_index("ix_message_due_at", "message", ["due_at"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("message")
