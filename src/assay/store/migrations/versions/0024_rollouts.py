"""Policies that are rolled out in stages."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
works_from = "0023"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "policy_rollout",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("step", COUNT, nullable=False),
        sa.Column("confirm_by", COUNT, nullable=True),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_rollout"),
        sa.UniqueConstraint("policy_id", name="uq_policy_rollout_policy_id"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("policy_rollout")
