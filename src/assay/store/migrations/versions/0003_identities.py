"""The tables of identities."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Canonical names sort by code point on both databases, so that paging means the same.
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _people()
    _groups()
    _secrets()
    _passkeys()
    _passes()


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "enrolment_passes",
        "passkey_challenges",
        "passkeys",
        "recovery_codes",
        "totps",
        "passwords",
        "group_nestings",
        "group_members",
        "user_groups",
        "deleted_users",
        "users",
    ):
        op.drop_table(name)


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", KEY, nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("enabled", FLAG, nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("user_key", name="uq_users_user_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "deleted_users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("deleted_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deleted_users"),
        sqlite_strict=True,
    )


def _groups() -> None:
    op.create_table(
        "user_groups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_groups"),
        sa.UniqueConstraint("name_key", name="uq_user_groups_name_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "user_id", name="pk_group_members"),
        _belongs("group_members", "group_id", "user_groups"),
        _belongs("group_members", "user_id", "users"),
        sqlite_strict=True,
    )
    op.create_index("ix_group_members_user_id", "group_members", ["user_id"])
    op.create_table(
        "group_nestings",
        sa.Column("parent_id", sa.Text(), nullable=False),
        sa.Column("child_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name="pk_group_nestings"),
        _belongs("group_nestings", "parent_id", "user_groups"),
        _belongs("group_nestings", "child_id", "user_groups"),
        sqlite_strict=True,
    )
    op.create_index("ix_group_nestings_child_id", "group_nestings", ["child_id"])


def _secrets() -> None:
    op.create_table(
        "passwords",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_passwords"),
        _belongs("passwords", "user_id", "users"),
        sqlite_strict=True,
    )
    op.create_table(
        "totps",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("confirmed", FLAG, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_counter", NUMBER, nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("confirmed_at", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("user_id", "confirmed", name="pk_totps"),
        _belongs("totps", "user_id", "users"),
        sqlite_strict=True,
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("used_at", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_recovery_codes"),
        _belongs("recovery_codes", "user_id", "users"),
        sqlite_strict=True,
    )


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aaguid", sa.Text(), nullable=False),
        sa.Column("backup_eligible", FLAG, nullable=False),
        sa.Column("backed_up", FLAG, nullable=False),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("last_used_at", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        _belongs("passkeys", "user_id", "users"),
        sqlite_strict=True,
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "passkey_challenges",
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("expires_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("value", name="pk_passkey_challenges"),
        _belongs("passkey_challenges", "user_id", "users"),
        sqlite_strict=True,
    )
    op.create_index("ix_passkey_challenges_user_id", "passkey_challenges", ["user_id"])
    op.create_index("ix_passkey_challenges_expires_at", "passkey_challenges", ["expires_at"])


def _passes() -> None:
    op.create_table(
        "enrolment_passes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("expires_at", NUMBER, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("used_at", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment_passes"),
        sa.UniqueConstraint("digest", name="uq_enrolment_passes_digest"),
        _belongs("enrolment_passes", "user_id", "users"),
        sqlite_strict=True,
    )
    op.create_index("ix_enrolment_passes_user_id", "enrolment_passes", ["user_id"])


def _belongs(table: str, column: str, owner: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{owner}.id"], name=f"fk_{table}_{column}_{owner}", ondelete="CASCADE")
