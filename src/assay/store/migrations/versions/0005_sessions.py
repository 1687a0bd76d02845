"""The tables of sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", COUNT, nullable=False),
        sa.Column("last_seen_at", COUNT, nullable=False),
        sa.Column("ends_at", COUNT, nullable=False),
        sa.Column("idle_seconds", COUNT, nullable=False),
        sa.Column("proofs", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("ended_at", COUNT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("secret_hash", name="uq_session_secret_hash"),
        sqlite_strict=True,
    )
    op.create_index("ix_session_user_id", "session", ["user_id"])
    op.create_index("ix_session_ends_at", "session", ["ends_at"])
    op.create_table(
        "app_session",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("started_at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_app_session"),
        sqlite_strict=True,
    )
    op.create_index("ix_app_session_session_id", "app_session", ["session_id"])
    op.create_table(
        "ticket",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", COUNT, nullable=False),
        sa.Column("used_at", COUNT, nullable=True),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_ticket"),
        sqlite_strict=True,
    )
    op.create_index("ix_ticket_expires_at", "ticket", ["expires_at"])


def downgrade() -> None:
    """Drop the tables."""
    for name in ("ticket", "app_session", "session"):
        op.drop_table(name)
