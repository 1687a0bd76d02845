"""The tables of apps, network and governance."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "app",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("upstream", sa.Text(), nullable=False),
        sa.Column("created_at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_app"),
        sa.UniqueConstraint("name", name="uq_app_name"),
        sqlite_strict=True,
    )
    op.create_table(
        "named_location",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_named_location"),
        sqlite_strict=True,
    )
    for name, key in (("app_assignment", "app_id"), ("role_assignment", "role_id")):
        op.create_table(
            name,
            sa.Column(key, sa.Text(), nullable=False),
            sa.Column("holder_kind", sa.Text(), nullable=False),
            sa.Column("holder_id", sa.Text(), nullable=False),
            sa.Column("created_at", COUNT, nullable=False),
            sa.PrimaryKeyConstraint(key, "holder_kind", "holder_id", name=f"pk_{name}"),
            sqlite_strict=True,
        )
    op.create_table(
        "policy",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("version", COUNT, nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("modified_at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
        sqlite_strict=True,
    )
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", COUNT, nullable=False),
        sa.Column("definition", sa.Text(), nullable=True),
        sa.Column("at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_policy_version"),
        sqlite_strict=True,
    )
    op.create_table(
        "authentication_strength",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_authentication_strength"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "authentication_strength",
        "policy_version",
        "policy",
        "role_assignment",
        "app_assignment",
        "named_location",
        "app",
    ):
        op.drop_table(name)
