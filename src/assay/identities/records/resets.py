"""Records of method resets: at most one open per person, each step taken once."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Column, ColumnElement, ForeignKey, Row, select

from assay.identities.methods.reset import Approval, MethodReset, Party, ResetEnd, Strength
from assay.identities.methods.summary import MethodSummary
from assay.identities.records.passkeys import passkeys
from assay.identities.records.passwords import passwords
from assay.identities.records.recovery_codes import recovery_codes
from assay.identities.records.totp import totps
from assay.store import Id, Instant, Json, Reader, Text, Transaction, table
from assay.values import SessionId, UserId

PASSWORD, TOTP, PASSKEY, RECOVERY = "password", "totp", "passkey", "recovery"

resets = table(
    "method_resets",
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("required", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_by_name", Text, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("waits_until", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("pass_id", Id),
    Column("session_id", Id, index=True),
    Column("held_before", Json(tuple[str, ...]), nullable=False),
    Column("ended_at", Instant),
    Column("end_kind", Text),
    Column("ended_by", Text, nullable=False),
    Column("seen_at", Instant),
)

approvals = table(
    "method_reset_approvals",
    Column("reset_id", Id, ForeignKey("method_resets.id", ondelete="CASCADE"), primary_key=True),
    Column("party", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("override", Text, nullable=False),
)


def insert(transaction: Transaction, new: MethodReset) -> None:
    """Store a reset that was asked for."""
    transaction.connection.execute(
        resets.insert().values(
            id=new.id,
            user_id=new.user_id,
            reason=new.reason,
            required=new.required.value,
            requested_by=new.requested_by.id,
            requested_by_name=new.requested_by.name,
            requested_at=new.requested_at,
            waits_until=new.waits_until,
            expires_at=new.expires_at,
            held_before=(),
            ended_by="",
        )
    )


def approve(transaction: Transaction, reset_id: str, approval: Approval) -> None:
    """Store an approval; the database refuses a second one of the same party."""
    transaction.connection.execute(
        approvals.insert().values(
            reset_id=reset_id, party=approval.id, name=approval.name, at=approval.at, override=approval.override
        )
    )


def hand_out(transaction: Transaction, reset_id: str, pass_id: str) -> bool:
    """Note the pass that was made for it, in place of an earlier one; False when it has ended or was begun."""
    handed = (
        resets.update()
        .where(resets.c.id == reset_id, resets.c.end_kind.is_(None), resets.c.session_id.is_(None))
        .values(pass_id=pass_id)
    )
    return transaction.connection.execute(handed).rowcount == 1


def begin(
    transaction: Transaction, reset_id: str, session_id: SessionId, *, held: Iterable[str], until: datetime
) -> bool:
    """Note the session that the link began, when it ends, and what the person held; False when the reset has ended."""
    begun = (
        resets.update()
        .where(resets.c.id == reset_id, resets.c.end_kind.is_(None), resets.c.session_id.is_(None))
        .values(session_id=session_id, held_before=tuple(sorted(held)), expires_at=until)
    )
    return transaction.connection.execute(begun).rowcount == 1


def end(transaction: Transaction, reset_id: str, kind: ResetEnd, *, by: str, at: datetime) -> bool:
    """End it; False when it had ended: of two at once one ends it."""
    ended = (
        resets.update()
        .where(resets.c.id == reset_id, resets.c.end_kind.is_(None))
        .values(end_kind=kind.value, ended_by=by, ended_at=at)
    )
    return transaction.connection.execute(ended).rowcount == 1


def seen(transaction: Transaction, user_id: UserId, at: datetime) -> None:
    """The person has read how the last ones ended."""
    unseen = (resets.c.user_id == user_id, resets.c.end_kind.is_not(None), resets.c.seen_at.is_(None))
    transaction.connection.execute(resets.update().where(*unseen).values(seen_at=at))


def get(reader: Reader, reset_id: str) -> MethodReset | None:
    """The reset with this id."""
    return next(iter(_found(reader, resets.c.id == reset_id)), None)


def open_of(reader: Reader, user_id: UserId, at: datetime) -> MethodReset | None:
    """The reset of this person of which something can still come."""
    return next(iter(_found(reader, _open(at) & (resets.c.user_id == user_id))), None)


def every_open(reader: Reader, at: datetime) -> tuple[MethodReset, ...]:
    """All of which something can still come, oldest first."""
    return _found(reader, _open(at))


def of_pass(reader: Reader, pass_id: str) -> MethodReset | None:
    """The reset for which this pass was made, ended or not."""
    return next(iter(_found(reader, resets.c.pass_id == pass_id)), None)


def of_session(reader: Reader, session_id: SessionId) -> MethodReset | None:
    """The reset whose link began this session, ended or not: such a session registers methods and opens nothing."""
    return next(iter(_found(reader, resets.c.session_id == session_id)), None)


def unread_of(reader: Reader, user_id: UserId) -> MethodReset | None:
    """The last reset of this person that was completed and that the person has not said to know of."""
    unread = (
        (resets.c.user_id == user_id) & (resets.c.end_kind == ResetEnd.COMPLETED.value) & (resets.c.seen_at.is_(None))
    )
    return next(reversed(_found(reader, unread)), None)


def beside_password(held: Collection[str]) -> bool:
    """Whether more than a password is among these marks."""
    return any(mark.partition(":")[0] != PASSWORD for mark in held)


def marks(reader: Reader, user_id: UserId) -> frozenset[str]:
    """A mark for each method the person has now; a method that is registered anew gets another mark."""
    confirmed = (totps.c.user_id == user_id, totps.c.confirmed_at.is_not(None))
    queries = (
        (PASSWORD, select(passwords.c.changed_at).where(passwords.c.user_id == user_id)),
        (TOTP, select(totps.c.confirmed_at).where(*confirmed)),
        (PASSKEY, select(passkeys.c.id).where(passkeys.c.user_id == user_id)),
        (RECOVERY, select(recovery_codes.c.created_at).where(recovery_codes.c.user_id == user_id).distinct()),
    )
    return frozenset(
        f"{kind}:{found.isoformat() if isinstance(found, datetime) else found}"
        for kind, query in queries
        for found in reader.connection.execute(query).scalars()
    )


def summary_of(held: Iterable[str]) -> MethodSummary:
    """The methods that these marks stand for."""
    kinds = [mark.partition(":")[0] for mark in held]
    return MethodSummary(password=PASSWORD in kinds, totp=TOTP in kinds, passkeys=kinds.count(PASSKEY))


def _open(at: datetime) -> ColumnElement[bool]:
    return resets.c.end_kind.is_(None) & (resets.c.expires_at > at)


def _found(reader: Reader, which: ColumnElement[bool]) -> tuple[MethodReset, ...]:
    rows = reader.connection.execute(select(resets).where(which).order_by(resets.c.requested_at, resets.c.id)).all()
    return tuple(_reset(row, _approvals(reader, row.id)) for row in rows)


def _approvals(reader: Reader, reset_id: str) -> tuple[Approval, ...]:
    query = select(approvals).where(approvals.c.reset_id == reset_id).order_by(approvals.c.at, approvals.c.party)
    return tuple(
        Approval(id=row.party, name=row.name, at=row.at, override=row.override)
        for row in reader.connection.execute(query)
    )


def _reset(row: Row[tuple[object, ...]], given: tuple[Approval, ...]) -> MethodReset:
    return MethodReset(
        id=row.id,
        user_id=UserId(row.user_id),
        reason=row.reason,
        required=Strength(row.required),
        requested_by=Party(id=row.requested_by, name=row.requested_by_name),
        requested_at=row.requested_at,
        waits_until=row.waits_until,
        expires_at=row.expires_at,
        approvals=given,
        pass_id=row.pass_id,
        session_id=row.session_id,
        held_before=row.held_before,
        ended_at=row.ended_at,
        end=None if row.end_kind is None else ResetEnd(row.end_kind),
        ended_by=row.ended_by,
        seen_at=row.seen_at,
    )
