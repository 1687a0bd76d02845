"""Which master key a node seals with: none is retired while one still does."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the column; nodes of the release before do not say."""
    op.add_column("node", sa.Column("seals_with", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("node", "seals_with")
