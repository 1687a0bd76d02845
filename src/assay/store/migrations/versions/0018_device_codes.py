"""The codes by which a command line is let in."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

INSTANT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "device_code",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("port", INSTANT, nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("polled_at", INSTANT, nullable=True),
        sa.Column("interval_seconds", INSTANT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_device_code"),
        sa.UniqueConstraint("user_code_hash", name="uq_device_code_user_code_hash"),
        sqlite_strict=True,
    )
    op.create_index("ix_device_code_expires_at", "device_code", ["expires_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("device_code")
