"""Which releases may work on this database at the same time."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the table and the column; nodes of the release before do not say."""
    op.create_table(
        "schema_floor",
        sa.Column("oldest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name="pk_schema_floor"),
        sqlite_strict=True,
    )
    op.add_column("node", sa.Column("schema", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop both."""
    op.drop_column("node", "schema")
    op.drop_table("schema_floor")
