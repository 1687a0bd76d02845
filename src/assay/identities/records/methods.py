"""Which methods a person has, in one query."""

from typing import Final

from sqlalchemy import BindParameter, bindparam, exists, func, select

from assay.identities.methods.summary import MethodSummary
from assay.identities.records.passkeys import passkeys
from assay.identities.records.passwords import passwords
from assay.identities.records.recovery_codes import recovery_codes
from assay.identities.records.totp import totps
from assay.store import Reader
from assay.values import UserId

_WANTED: Final[BindParameter[str]] = bindparam("wanted")
_COUNTS: Final = select(
    exists().where(passwords.c.user_id == _WANTED),
    exists().where(totps.c.user_id == _WANTED, totps.c.confirmed_at.is_not(None)),
    select(func.count()).where(passkeys.c.user_id == _WANTED).scalar_subquery(),
    select(func.count())
    .where(recovery_codes.c.user_id == _WANTED, recovery_codes.c.used_at.is_(None))
    .scalar_subquery(),
)


def summary(reader: Reader, user_id: UserId) -> MethodSummary:
    """What the person has registered; nothing at all for a person who does not exist."""
    row = reader.connection.execute(_COUNTS, {"wanted": user_id}).one()
    return MethodSummary(password=bool(row[0]), totp=bool(row[1]), passkeys=row[2], recovery_codes=row[3])
