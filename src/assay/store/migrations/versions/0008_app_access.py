"""The tables of public paths, cross-origin rules and credentials of apps."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Give every app its list of allowed origins."""
    op.add_column("app", sa.Column("allowed_origins", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take the lists away."""
    op.drop_column("app", "allowed_origins")
