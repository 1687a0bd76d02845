"""The only issuer of sessions, app sessions and tickets.

Whether somebody may have one is decided before, in `access/admission.py`; here it is made and kept.
"""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from assay.policy.request import Proof
from assay.sessions.issued import Issued, Redeemed
from assay.sessions.records import sessions, tickets
from assay.sessions.secret import SECRET_BYTES, new_secret, secret_hash
from assay.sessions.session import (
    TICKET_LIFETIME,
    AppSession,
    Session,
    SessionKind,
    SessionLimits,
    Ticket,
    with_proof,
)
from assay.store import Transaction
from assay.values import AppId, SessionId, UserId, new_id

Random = Callable[[int], bytes]

USER_AGENT_LIMIT: Final = 400


def start_session(
    transaction: Transaction,
    user_id: UserId,
    proofs: tuple[Proof, ...],
    *,
    limits: SessionLimits,
    at: datetime,
    random: Random,
    address: str,
    user_agent: str,
) -> Issued:
    """Start a session with what was proved just now."""
    session = Session(
        id=SessionId(new_id(random(16))),
        user_id=user_id,
        started_at=at,
        last_seen_at=at,
        ends_at=at + limits.absolute,
        idle=limits.idle,
        proofs=proofs,
        address=address,
        user_agent=user_agent[:USER_AGENT_LIMIT],
    )
    secret = new_secret(random(SECRET_BYTES))
    sessions.insert_session(transaction, session, secret_hash(secret))
    return Issued(session=session, secret=secret)


def raise_session(
    transaction: Transaction, session: Session, proof: Proof, *, held: str, at: datetime, random: Random
) -> Issued | None:
    """Add a proof and change the secret, so that a secret fixed or stolen before is worth nothing after.

    None when the session has ended meanwhile, or `held` is its secret no longer.
    """
    proofs = with_proof(session.proofs, proof)
    secret = new_secret(random(SECRET_BYTES))
    replaced = sessions.replace_proofs(
        transaction, session.id, proofs=proofs, held=secret_hash(held), secret_hash=secret_hash(secret), at=at
    )
    if not replaced:
        return None
    return Issued(session=replace(session, proofs=proofs, last_seen_at=at), secret=secret)


def issue_ticket(
    transaction: Transaction, session: Session, app_id: AppId, *, path: str, state: str, at: datetime, random: Random
) -> str:
    """A ticket's secret. `state` is what the app's host gave this browser: nobody else's browser can redeem it."""
    secret = new_secret(random(SECRET_BYTES))
    ticket = Ticket(
        session_id=session.id,
        app_id=app_id,
        path=path,
        state_hash=secret_hash(state),
        expires_at=at + TICKET_LIFETIME,
    )
    tickets.insert_ticket(transaction, ticket, secret_hash(secret))
    return secret


def redeem_ticket(
    transaction: Transaction, secret: str, *, app_id: AppId, state: str, at: datetime, random: Random
) -> Redeemed | None:
    """Use a ticket up on its app's host; None whatever is wrong with it, and a wrong state uses it up too."""
    ticket = tickets.use(transaction, secret_hash(secret), at)
    if ticket is None or ticket.app_id != app_id:
        return None
    if not hmac.compare_digest(ticket.state_hash, secret_hash(state)):
        return None
    session = sessions.get(transaction, ticket.session_id)
    if session is None or not session.alive(at):
        return None
    app_session = AppSession(session_id=session.id, app_id=app_id, started_at=at)
    app_secret = new_secret(random(SECRET_BYTES))
    sessions.insert_app_session(transaction, app_session, secret_hash(app_secret))
    return Redeemed(app_session=app_session, secret=app_secret, path=ticket.path)


def start_command_line(
    transaction: Transaction,
    user_id: UserId,
    proofs: tuple[Proof, ...],
    *,
    app_id: AppId,
    token_hash: bytes,
    limits: SessionLimits,
    at: datetime,
    random: Random,
    address: str,
    user_agent: str,
) -> Session:
    """A session that a token holds, at one app and nowhere else: the secret that opens `id.` is given to nobody."""
    session = Session(
        id=SessionId(new_id(random(16))),
        user_id=user_id,
        started_at=at,
        last_seen_at=at,
        ends_at=at + limits.absolute,
        idle=limits.idle,
        proofs=proofs,
        kind=SessionKind.COMMAND_LINE,
        address=address,
        user_agent=user_agent[:USER_AGENT_LIMIT],
    )
    sessions.insert_session(transaction, session, secret_hash(new_secret(random(SECRET_BYTES))))
    app_session = AppSession(session_id=session.id, app_id=app_id, started_at=at)
    sessions.insert_app_session(transaction, app_session, token_hash)
    return session
