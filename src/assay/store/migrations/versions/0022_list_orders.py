"""Indexes for what lists of people and of sessions are ordered and filtered by: no page of them sorts everybody."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
works_from = "0021"

USERS = ("display_name", "created_at", "email", "enabled", "kind")
SESSIONS = ("started_at", "last_seen_at")
# A session ends at the end of its time, or when it was not used for long enough.
IDLE = "last_seen_at + idle_seconds * 1000000"
EXPIRES = f"(CASE WHEN (ends_at < {IDLE}) THEN ends_at ELSE {IDLE} END)"
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Make the indexes."""
    for name in USERS:
        op.create_index(f"ix_users_{name}_user_key", "users", [name, "user_key"])
    for name, first in (*((name, sa.text(name)) for name in SESSIONS), ("expires_at", sa.text(EXPIRES))):
        op.create_index(f"ix_session_open_{name}", "session", [first, "id"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    """Drop them."""
    for name in (*SESSIONS, "expires_at"):
        op.drop_index(f"ix_session_open_{name}", "session")
    for name in USERS:
        op.drop_index(f"ix_users_{name}_user_key", "users")
