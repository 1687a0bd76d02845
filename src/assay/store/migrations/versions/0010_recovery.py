"""The tables of requests to reset somebody's methods."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

INSTANT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "method_resets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("required", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_by_name", sa.Text(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("waits_until", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("pass_id", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("held_before", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_kind", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_method_resets"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_method_resets_user_id_users", ondelete="CASCADE"),
        sqlite_strict=True,
    )
    op.create_index("ix_method_resets_user_id", "method_resets", ["user_id"])
    op.create_index("ix_method_resets_session_id", "method_resets", ["session_id"])
    op.create_table(
        "method_reset_approvals",
        sa.Column("reset_id", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("override", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reset_id", "party", name="pk_method_reset_approvals"),
        sa.ForeignKeyConstraint(
            ["reset_id"],
            ["method_resets.id"],
            name="fk_method_reset_approvals_reset_id_method_resets",
            ondelete="CASCADE",
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("method_reset_approvals", "method_resets"):
        op.drop_table(name)
