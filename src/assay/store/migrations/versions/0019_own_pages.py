"""What the person's own pages tell: which browser a known device is, and which offer was put off until when."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
# Of devices that code of the schema before keeps the columns stay empty, which is read as that.
works_from = "0018"

INSTANT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the columns, empty for devices that are known already, and the table."""
    for name in ("id", "user_agent"):
        op.add_column("known_devices", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("first_used_at", "last_used_at"):
        op.add_column("known_devices", sa.Column(name, INSTANT, nullable=True))
    op.create_table(
        "own_offer",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=True),
        sa.Column("quiet_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("user_id", "offer", name="pk_own_offer"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_own_offer_user_id_users", ondelete="CASCADE"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("own_offer")
    for name in ("id", "user_agent", "first_used_at", "last_used_at"):
        op.drop_column("known_devices", name)
