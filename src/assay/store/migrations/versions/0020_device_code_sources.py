"""An index for the codes of command lines that one source holds: they are counted for whoever asks."""

from alembic import op

revision = "0020"
down_revision = "0019"
works_from = "0019"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_device_code_source_expires_at", "device_code", ["source", "expires_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_device_code_source_expires_at", "device_code")
