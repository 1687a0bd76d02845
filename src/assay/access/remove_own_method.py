"""A person takes a sign-in method away from themselves: one that they lost, or do not know."""

from assay.access.admission import actor_of, source_of
from assay.access.methods import PASSKEY, RECOVERY_CODES, REMOVERS, HeldMethod, held_methods
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.reset_session import confined, registration_refusal
from assay.access.visitor import Visitor
from assay.events import About, change
from assay.events.types import METHOD_REMOVED
from assay.identities.methods.summary import MethodSummary
from assay.identities.records import methods, passkeys
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.sessions.session import Session
from assay.store import Transaction
from assay.values import Reason


def remove_own_method(
    premises: Premises,
    transaction: Transaction,
    user: User,
    session: Session,
    visitor: Visitor,
    method: str,
    *,
    keys_needed: int,
) -> Reason | None:
    """Take it; the reason where it must stay. `keys_needed`: so many passkeys have to be left, 0 for most people."""
    at = premises.now()
    taken = next((held for held in held_methods(transaction, user.id) if held.id == method), None)
    refused = registration_refusal(transaction, session, at)
    if refused is None and confined(transaction, session):
        refused = Reason.of("resetUnfinished")
    if refused is None:
        refused = _stays(taken, methods.summary(transaction, user.id), keys_needed)
    if refused is not None or taken is None:
        return refused
    if method in REMOVERS:
        REMOVERS[method](transaction, user.id)
    else:
        passkeys.remove(transaction, user.id, method)
    premises.record(
        transaction,
        change(
            METHOD_REMOVED,
            at=at,
            actor=actor_of(user, session.id),
            about=About(user_id=user.id, user_name=user.user_name, session_id=session.id),
            before=taken,
            after=None,
            reason=Reason.of("removedByPerson"),
            source=source_of(visitor),
        ),
    )
    tell(premises, transaction, user, Notice.METHOD_REMOVED, at=at, method=taken.kind, name=taken.name)
    return None


def _stays(taken: HeldMethod | None, held: MethodSummary, keys_needed: int) -> Reason | None:
    if taken is None:
        return Reason.of("methodGone")
    keys = held.passkeys - (taken.kind == PASSKEY)
    if taken.kind == PASSKEY and keys < keys_needed:
        return Reason.of("methodKeysNeeded", count=str(keys_needed))
    # Whoever takes the last strong way away from themselves needs the help-desk to come back.
    strong = keys > 0 or (held.password and held.totp and taken.kind in (PASSKEY, RECOVERY_CODES))
    return None if strong else Reason.of("methodLast")
