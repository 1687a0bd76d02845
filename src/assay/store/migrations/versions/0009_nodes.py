"""The tables of what several nodes tell each other."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "change",
        sa.Column("sequence", COUNT, autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", COUNT, nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_change"),
        sqlite_strict=True,
    )
    op.create_table(
        "node",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", COUNT, nullable=False),
        sa.Column("beat_at", COUNT, nullable=False),
        sa.Column("sequence", COUNT, nullable=False),
        sa.Column("skew_milliseconds", COUNT, nullable=False),
        sa.Column("in_rotation", FLAG, nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_node"),
        sqlite_strict=True,
    )
    op.create_table(
        "shared_authority",
        sa.Column("base_domain", sa.Text(), nullable=False),
        sa.Column("version", COUNT, nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("base_domain", name="pk_shared_authority"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("shared_authority", "node", "change"):
        op.drop_table(name)
