"""What kind of session one is, and the role of an API token."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("session", sa.Column("kind", sa.Text(), nullable=False, server_default="browser"))
    op.add_column("app_credential", sa.Column("role_id", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("app_credential", "role_id")
    op.drop_column("session", "kind")
