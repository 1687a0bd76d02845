"""The tables of events."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Drop the tables."""
