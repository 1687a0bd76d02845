"""What lists are read from: sign-ins as rows, decisions by reason, and counts of decisions and of cuts by time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = (
    "outcome",
    "conditional_access",
    "requirement",
    "strength",
    "client_app",
    "system",
    "browser",
    "address",
    "user_key",
    "app_key",
    "reason",
    "user_id",
    "app_id",
    "session_id",
    "decision_id",
    "id",
    "methods",
)
INDEXED = (
    "error_code",
    "outcome",
    "strength",
    "address",
    "user_key",
    "app_key",
    "reason",
    "user_id",
    "app_id",
    "session_id",
)
# Of a user, a role or an assignment, a group, or another thing that is managed (OCSF classes).
CHANGES = "type_uid BETWEEN 300100 AND 300199 OR type_uid BETWEEN 300400 AND 300699"


def upgrade() -> None:
    """Make the tables, columns and indexes; decisions are counted here, sign-ins by the first start."""
    op.create_table(
        "sign_in",
        sa.Column("at", COUNT, nullable=False),
        sa.Column("leaf_index", COUNT, nullable=False),
        sa.Column("error_code", COUNT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.PrimaryKeyConstraint("at", "leaf_index", name="pk_sign_in"),
        sa.UniqueConstraint("leaf_index", name="uq_sign_in_leaf_index"),
        sa.UniqueConstraint("id", name="uq_sign_in_id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for name in INDEXED:
        op.create_index(f"ix_sign_in_{name}", "sign_in", [name, "at", "leaf_index"])
    op.create_index(
        "ix_event_changes",
        "event",
        ["at", "leaf_index"],
        sqlite_where=sa.text(CHANGES),
        postgresql_where=sa.text(CHANGES),
    )
    op.add_column("decision", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("decision", sa.Column("times", COUNT, nullable=False, server_default="1"))
    if op.get_bind().dialect.name == "sqlite":
        reason, times = "json_extract(record, '$.reasons[0].code')", "json_extract(record, '$.count')"
    else:
        reason, times = "record::jsonb #>> '{reasons,0,code}'", "(record::jsonb ->> 'count')::bigint"
    op.execute(f"UPDATE decision SET reason = coalesce({reason}, ''), times = coalesce({times}, 1)")  # noqa: S608  our own words
    for name in ("outcome", "reason", "session_id"):
        op.create_index(f"ix_decision_{name}_at", "decision", [name, "at"])
    op.create_table(
        "decision_count",
        sa.Column("at", COUNT, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("at", "outcome", "reason", name="pk_decision_count"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO decision_count (at, outcome, reason, count) "
        "SELECT at / 300000000 * 300000000, outcome, reason, sum(times) FROM decision GROUP BY 1, 2, 3"
    )
    op.create_table(
        "cut_time",
        sa.Column("at", COUNT, nullable=False),
        sa.Column("microseconds", COUNT, nullable=False),
        sa.Column("count", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("at", "microseconds", name="pk_cut_time"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them; each event and each decision says again what stood there."""
    for name in ("cut_time", "decision_count"):
        op.drop_table(name)
    for name in ("outcome", "reason", "session_id"):
        op.drop_index(f"ix_decision_{name}_at", "decision")
    for name in ("times", "reason"):
        op.drop_column("decision", name)
    op.drop_index("ix_event_changes", "event")
    op.drop_table("sign_in")
