"""The table of proxies that ask before each request, and which of them an app stands behind."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; every app there is stands behind our own gateway."""
    op.create_table(
        "proxy",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", COUNT, nullable=False),
        sa.Column("rotated_at", COUNT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_proxy"),
        sa.UniqueConstraint("name", name="uq_proxy_name"),
        sa.UniqueConstraint("secret_hash", name="uq_proxy_secret_hash"),
        sqlite_strict=True,
    )
    op.add_column("app", sa.Column("proxy_id", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the table and the column; apps behind such a proxy are behind nothing then, and answer nobody."""
    op.drop_column("app", "proxy_id")
    op.drop_table("proxy")
