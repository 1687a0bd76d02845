"""Names of authentication contexts."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
works_from = "0022"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "authentication_context",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_authentication_context"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("authentication_context")
