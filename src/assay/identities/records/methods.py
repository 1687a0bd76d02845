"""Which methods people have, in few queries."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, exists, func, select

from assay.identities.methods.summary import MethodSummary, Strengths
from assay.identities.records.passkeys import passkeys
from assay.identities.records.passwords import passwords
from assay.identities.records.recovery_codes import recovery_codes
from assay.identities.records.totp import totps
from assay.identities.records.users import users
from assay.store import Prepared, Reader
from assay.values import UserId

_WANTED: Final[BindParameter[str]] = bindparam("wanted")
_COUNTS: Final = Prepared(
    select(
        exists().where(passwords.c.user_id == _WANTED).label("password"),
        exists().where(totps.c.user_id == _WANTED, totps.c.confirmed_at.is_not(None)).label("totp"),
        select(func.count()).where(passkeys.c.user_id == _WANTED).scalar_subquery().label("passkeys"),
        select(func.count())
        .where(recovery_codes.c.user_id == _WANTED, recovery_codes.c.used_at.is_(None))
        .scalar_subquery()
        .label("recovery_codes"),
    )
)


def summary(reader: Reader, user_id: UserId) -> MethodSummary:
    """What the person has registered; nothing at all for a person who does not exist."""
    row = _COUNTS.one(reader, {"wanted": user_id})
    assert row is not None
    return MethodSummary(password=row.password, totp=row.totp, passkeys=row.passkeys, recovery_codes=row.recovery_codes)


def summaries(reader: Reader, user_ids: Collection[UserId]) -> dict[UserId, MethodSummary]:
    """The same for a page of people, in four queries; at most 1,000."""

    def counted(column: ColumnElement[str], *conditions: ColumnElement[bool]) -> dict[str, int]:
        query = select(column, func.count()).where(column.in_(user_ids), *conditions).group_by(column)
        return {row[0]: row[1] for row in reader.connection.execute(query)}

    with_password, with_totp = counted(passwords.c.user_id), counted(totps.c.user_id, totps.c.confirmed_at.is_not(None))
    keys, codes = counted(passkeys.c.user_id), counted(recovery_codes.c.user_id, recovery_codes.c.used_at.is_(None))
    return {
        user_id: MethodSummary(
            password=user_id in with_password,
            totp=user_id in with_totp,
            passkeys=keys.get(user_id, 0),
            recovery_codes=codes.get(user_id, 0),
        )
        for user_id in user_ids
    }


def strengths(reader: Reader) -> Strengths:
    """How many enabled people can prove how much, whatever else they have registered."""
    phishing_resistant = exists().where(passkeys.c.user_id == users.c.id)
    password = exists().where(passwords.c.user_id == users.c.id)
    totp = exists().where(totps.c.user_id == users.c.id, totps.c.confirmed_at.is_not(None))
    best = case((phishing_resistant, 3), (and_(password, totp), 2), (password, 1), else_=0)
    query = select(best, func.count()).select_from(users).where(users.c.enabled).group_by(best)
    found = {row[0]: row[1] for row in reader.connection.execute(query)}
    return Strengths(
        phishing_resistant=found.get(3, 0), mfa=found.get(2, 0), password_only=found.get(1, 0), none=found.get(0, 0)
    )
