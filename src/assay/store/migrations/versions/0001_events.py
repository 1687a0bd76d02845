"""The tables of events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and the one row of the empty tree."""
    op.create_table(
        "event",
        sa.Column("leaf_index", COUNT, nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", COUNT, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("type_uid", COUNT, nullable=False),
        sa.Column("severity_id", COUNT, nullable=False),
        sa.Column("status_id", COUNT, nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("app_id", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_event"),
        sa.UniqueConstraint("id", name="uq_event_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_event_at", "event", ["at"])
    for column in ("code", "actor_id", "user_id", "app_id"):
        op.create_index(f"ix_event_{column}_leaf_index", "event", [column, "leaf_index"])
    tree = op.create_table(
        "tree",
        sa.Column("id", COUNT, nullable=False, autoincrement=False),
        sa.Column("size", COUNT, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tree"),
        sqlite_strict=True,
    )
    op.bulk_insert(tree, [{"id": 1, "size": 0, "frontier": b""}])
    op.create_table(
        "checkpoint",
        sa.Column("size", COUNT, nullable=False, autoincrement=False),
        sa.Column("at", COUNT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
        sqlite_strict=True,
    )
    _decision_tables()


def _decision_tables() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("short_code", sa.Text(), nullable=False),
        sa.Column("batch", COUNT, nullable=False),
        sa.Column("position", COUNT, nullable=False),
        sa.Column("at", COUNT, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("app_id", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("snapshot_hash", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        sa.UniqueConstraint("batch", "position", name="uq_decision_batch_position"),
        sqlite_strict=True,
    )
    for columns in (["short_code"], ["at"], ["user_id", "at"], ["app_id", "at"], ["snapshot_hash"]):
        op.create_index(f"ix_decision_{'_'.join(columns)}", "decision", columns)
    for name in ("snapshot", "policy_set"):
        op.create_table(
            name,
            sa.Column("hash", sa.Text(), nullable=False),
            sa.Column("content", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("hash", name=f"pk_{name}"),
            sqlite_strict=True,
        )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("policy_set", "snapshot", "decision", "checkpoint", "tree", "event"):
        op.drop_table(name)
