"""A method reset ends: new methods take the place of the old ones, or what came by it goes again."""

from collections.abc import Iterable

from assay.access.attempt import By, UndoneError
from assay.access.end_sessions import end_sessions, end_sessions_of
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.reset_log import ResetLog
from assay.events import About, change
from assay.events.types import METHOD_REMOVED, METHOD_RESET_CANCELLED, METHOD_RESET_COMPLETED
from assay.identities.methods.reset import MethodReset, ResetEnd, reaches
from assay.identities.records import enrolments, passkeys, passwords, recovery_codes, resets, totp
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.sessions.session import EndReason
from assay.store import Transaction
from assay.values import Reason, Value


class RemovedMethod(Value, frozen=True, kw_only=True):
    """What the log says of a method that a reset took away."""

    kind: str
    reset: str


def call_off(premises: Premises, transaction: Transaction, reset: MethodReset, user: User, by: By) -> MethodReset:
    """End a reset without new methods; its link is void, its session ends, and what was registered in it goes.

    Raises UndoneError where it has ended. A password or authenticator app that was replaced meanwhile is gone for good.
    """
    at = premises.now()
    if not reset.open(at) or not resets.end(
        transaction, reset.id, ResetEnd.CANCELLED, by=by.actor.user.name or "", at=at
    ):
        raise UndoneError(Reason.of("resetOver"))
    waiting = enrolments.open_pass(transaction, user.id, at)
    if waiting is not None and waiting.id == reset.pass_id:
        enrolments.revoke(transaction, user.id)
    if reset.session_id is not None:
        came = resets.marks(transaction, user.id) - set(reset.held_before)
        _remove(premises, transaction, reset, user, by, came)
        end_sessions(premises, transaction, ((reset.session_id, user.id),), EndReason.METHODS_RESET, by)
    after = resets.get(transaction, reset.id)
    assert after is not None
    ResetLog(premises).changed(transaction, METHOD_RESET_CANCELLED, by.actor, user, reset, after)
    return after


def complete(premises: Premises, transaction: Transaction, reset: MethodReset, user: User, by: By) -> bool:
    """Put the new methods in the place of the old ones, if they are strong enough; every session ends.

    The session of the reset ends too: what was registered proves itself at the next sign-in.
    """
    at = premises.now()
    now = resets.marks(transaction, user.id)
    before = set(reset.held_before)
    if not reaches(resets.summary_of(now - before), reset.required):
        return False
    if not reset.open(at) or not resets.end(transaction, reset.id, ResetEnd.COMPLETED, by=user.user_name, at=at):
        return False
    _remove(premises, transaction, reset, user, by, now & before)
    end_sessions_of(premises, transaction, user.id, EndReason.METHODS_RESET, by)
    after = resets.get(transaction, reset.id)
    assert after is not None
    ResetLog(premises).changed(transaction, METHOD_RESET_COMPLETED, by.actor, user, reset, after)
    tell(premises, transaction, user, Notice.RECOVERY_COMPLETED, at=at, by=reset.requested_by.name)
    return True


def _remove(
    premises: Premises, transaction: Transaction, reset: MethodReset, user: User, by: By, marks: Iterable[str]
) -> None:
    removers = {
        resets.PASSWORD: passwords.remove,
        resets.TOTP: totp.remove,
        resets.RECOVERY: recovery_codes.remove,
    }
    for mark in sorted(marks):
        kind, _, which = mark.partition(":")
        if kind in removers:
            removers[kind](transaction, user.id)
        else:
            passkeys.remove(transaction, user.id, which)
        premises.record(
            transaction,
            change(
                METHOD_REMOVED,
                at=premises.now(),
                actor=by.actor,
                about=About(user_id=user.id, user_name=user.user_name),
                before=RemovedMethod(kind=kind, reset=reset.id),
                after=None,
                reason=Reason.of("methodReset", reset=reset.id),
            ),
        )
