"""What the log says when a method of somebody is locked against guessing, and when it is open again."""

from assay.access.admission import source_of
from assay.access.premises import Premises
from assay.access.visitor import Visitor
from assay.events import About, Actor, ChangeType, change
from assay.events.types import METHOD_LOCKED, METHOD_UNLOCKED
from assay.identities.users import User
from assay.policy import Method
from assay.store import Transaction
from assay.values import Reason, Value


class LockedMethod(Value, frozen=True, kw_only=True):
    """What the log says of a lock; `devices`: `unknown`, or the one known device that is a stranger's from then on."""

    method: Method
    devices: str
    failures: int


class MethodLocks:
    """Records locks and their ends, in the transaction that makes them true."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def locked(
        self,
        transaction: Transaction,
        method: Method,
        user: User,
        visitor: Visitor,
        *,
        failures: int,
        known_device: bool,
    ) -> None:
        """Nothing more is accepted: of strangers, or of this one known device."""
        after = LockedMethod(method=method, devices="thisKnownDevice" if known_device else "unknown", failures=failures)
        self._change(
            transaction, METHOD_LOCKED, user, Actor.system(), Reason.of("tooManyAttempts"), visitor, after=after
        )

    def unlocked(
        self,
        transaction: Transaction,
        method: Method,
        user: User,
        actor: Actor,
        reason: Reason,
        visitor: Visitor | None,
    ) -> None:
        """Strangers may try again."""
        after = LockedMethod(method=method, devices="unknown", failures=0)
        self._change(transaction, METHOD_UNLOCKED, user, actor, reason, visitor, after=after)

    def _change(
        self,
        transaction: Transaction,
        kind: ChangeType,
        user: User,
        actor: Actor,
        reason: Reason,
        visitor: Visitor | None,
        *,
        after: LockedMethod,
    ) -> None:
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=actor,
                about=About(user_id=user.id, user_name=user.user_name),
                before=None,
                after=after,
                reason=reason,
                source=source_of(visitor) if visitor is not None else None,
            ),
        )
