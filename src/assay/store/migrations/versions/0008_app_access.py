"""The tables of public paths, cross-origin rules and credentials of apps."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and give every app its list of allowed origins."""
    op.add_column("app", sa.Column("allowed_origins", sa.Text(), nullable=False, server_default="[]"))
    op.create_table(
        "public_path",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", COUNT, nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_public_path"),
        sa.UniqueConstraint("app_id", "name", name="uq_public_path_app_id_name"),
        sqlite_strict=True,
    )
    op.create_table(
        "public_path_version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", COUNT, nullable=False),
        sa.Column("definition", sa.Text(), nullable=True),
        sa.Column("at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_public_path_version"),
        sqlite_strict=True,
    )
    op.create_table(
        "app_credential",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("restrictions", sa.Text(), nullable=False),
        sa.Column("created_at", COUNT, nullable=False),
        sa.Column("expires_at", COUNT, nullable=False),
        sa.Column("last_used_at", COUNT, nullable=True),
        sa.Column("revoked_at", COUNT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_app_credential"),
        sa.UniqueConstraint("secret_hash", name="uq_app_credential_secret_hash"),
        sqlite_strict=True,
    )
    op.create_index("ix_app_credential_app_id", "app_credential", ["app_id"])


def downgrade() -> None:
    """Drop the tables, and the apps' lists of allowed origins."""
    for name in ("app_credential", "public_path_version", "public_path"):
        op.drop_table(name)
    op.drop_column("app", "allowed_origins")
