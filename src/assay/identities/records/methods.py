"""Which methods a person has, in one query."""

from sqlalchemy import Select, exists, func, select

from assay.identities.methods.summary import MethodSummary
from assay.identities.records.passkeys import passkeys
from assay.identities.records.passwords import passwords
from assay.identities.records.recovery_codes import recovery_codes
from assay.identities.records.totp import totps
from assay.store import Reader
from assay.values import UserId


def summary(reader: Reader, user_id: UserId) -> MethodSummary:
    """What the person has registered; nothing at all for a person who does not exist."""
    row = reader.connection.execute(_counts(user_id)).one()
    return MethodSummary(password=bool(row[0]), totp=bool(row[1]), passkeys=row[2], recovery_codes=row[3])


def _counts(user_id: UserId) -> Select[bool, bool, int, int]:
    unused = (recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None))
    return select(
        exists().where(passwords.c.user_id == user_id),
        exists().where(totps.c.user_id == user_id, totps.c.confirmed_at.is_not(None)),
        select(func.count()).where(passkeys.c.user_id == user_id).scalar_subquery(),
        select(func.count()).where(*unused).scalar_subquery(),
    )
