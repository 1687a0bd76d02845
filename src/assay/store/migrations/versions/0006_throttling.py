"""The tables of what is counted to slow down guessing, and the form in which user names are confusable."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "guess_counters",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", COUNT, nullable=False),
        sa.Column("since", COUNT, nullable=False),
        sa.Column("blocked_until", COUNT, nullable=False),
        sa.Column("forget_at", COUNT, nullable=False),
        sa.Column("told_at", COUNT, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_guess_counters"),
        sqlite_strict=True,
    )
    op.create_index("ix_guess_counters_forget_at", "guess_counters", ["forget_at"])
    op.create_table(
        "known_devices",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("made_at", COUNT, nullable=False),
        sa.Column("expires_at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", "user_id", name="pk_known_devices"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_known_devices_user_id", ondelete="CASCADE"),
        sqlite_strict=True,
    )
    op.create_index("ix_known_devices_user_id", "known_devices", ["user_id"])
    op.create_index("ix_known_devices_expires_at", "known_devices", ["expires_at"])
    op.create_table(
        "repeated_events",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", COUNT, nullable=False),
        sa.Column("ends_at", COUNT, nullable=False),
        sa.Column("more", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_repeated_events"),
        sqlite_strict=True,
    )
    op.create_index("ix_repeated_events_ends_at", "repeated_events", ["ends_at"])
    # Filled by the service: what is confusable is a table of Unicode's, not of this file's.
    op.add_column("users", sa.Column("skeleton", sa.Text(), nullable=True))
    op.create_index("ix_users_skeleton", "users", ["skeleton"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_users_skeleton", "users")
    op.drop_column("users", "skeleton")
    for name in ("repeated_events", "known_devices", "guess_counters"):
        op.drop_table(name)
