"""The tables of emergency access."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "break_glass_account",
        sa.Column("number", COUNT, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_break_glass_account"),
        sa.UniqueConstraint("user_id", name="uq_break_glass_account_user_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "break_glass_use",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", COUNT, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reviewed_at", COUNT, nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_break_glass_use"),
        sqlite_strict=True,
    )
    op.create_index("ix_break_glass_use_at", "break_glass_use", ["at"])
    op.create_table(
        "break_glass_drill",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("started_at", COUNT, nullable=False),
        sa.Column("ends_at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_break_glass_drill"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("break_glass_drill", "break_glass_use", "break_glass_account"):
        op.drop_table(name)
