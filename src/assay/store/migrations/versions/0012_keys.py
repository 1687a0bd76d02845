"""When a signing key signs for the first time, and the secrets that keys are derived from."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, and the column: a key of an earlier release signs since it was made."""
    op.add_column("signing_key", sa.Column("signs_from", COUNT, nullable=True))
    op.execute("UPDATE signing_key SET signs_from = created_at")
    op.create_table(
        "derivation_root",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_derivation_root"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("derivation_root")
    op.drop_column("signing_key", "signs_from")
