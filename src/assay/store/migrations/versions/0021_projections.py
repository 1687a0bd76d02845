"""Up to which event the rows of lists were made for what earlier releases wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
works_from = "0020"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "projection",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("leaf_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_projection"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("projection")
