"""The one place where sessions, app sessions and tickets are granted: who is disabled, deleted or cut gets none.

Every check is made in the transaction that grants, on the rows as they are then.
"""

from datetime import datetime, timedelta
from typing import Final

from assay.access.break_glass_use import EMERGENCY_LIMITS, is_break_glass, note_use
from assay.access.premises import Premises
from assay.access.reset_session import by_link_alone, confined
from assay.access.visitor import Visitor
from assay.apps import App
from assay.apps.credentials import new_secret, secret_hash
from assay.events import About, Actor, Event, Source, occurrence
from assay.events.types import SESSION_ENDED, SESSION_STARTED
from assay.identities.records import users
from assay.identities.users import User
from assay.policy import Proof
from assay.policy.targets import API
from assay.sessions import issue
from assay.sessions.issued import Issued, Redeemed
from assay.sessions.records import sessions
from assay.sessions.session import EndReason, Session, SessionLimits
from assay.store import Reader, Transaction
from assay.values import Reason, SessionId, UserId, Value

# A working day; a command line has no idle time, because nobody sits at it.
COMMAND_LINE_LIMITS: Final = SessionLimits(absolute=timedelta(hours=12), idle=timedelta(hours=12))


def actor_of(user: User, session_id: SessionId | None = None) -> Actor:
    """A person as the actor of an event."""
    return Actor.person(user.id, user.user_name, session_id)


def source_of(visitor: Visitor) -> Source:
    """A visitor's connection as the source of an event."""
    return Source(ip=visitor.address, port=visitor.port, user_agent=visitor.user_agent)


class TokenSession(Value, frozen=True, kw_only=True):
    """A session of the command line, and the token that it is given once."""

    session: Session
    token: str


class Admission:
    """Grants, or says why not."""

    def __init__(self, premises: Premises, limits: SessionLimits) -> None:
        self._premises = premises
        self._limits = limits

    def start(
        self,
        transaction: Transaction,
        user_id: UserId,
        proof: Proof,
        visitor: Visitor,
        *,
        replaced: Session | None,
        at: datetime,
        noted: list[Event] | None = None,
    ) -> Issued | Reason:
        """A new session for what was proved just now; the browser's former session ends.

        `noted`: where the event of it is put, for the caller to record with its own; None records it here.
        """
        user = may_hold_session(transaction, user_id)
        if isinstance(user, Reason):
            return user
        if replaced is not None:
            self.end(transaction, replaced, EndReason.REPLACED, visitor, at=at)
        emergency = is_break_glass(transaction, user)
        issued = issue.start_session(
            transaction,
            user_id,
            (proof,),
            limits=EMERGENCY_LIMITS if emergency else self._limits,
            at=at,
            random=self._premises.random,
            address=visitor.address,
            user_agent=visitor.user_agent,
        )
        event = occurrence(
            SESSION_STARTED,
            at=at,
            actor=actor_of(user, issued.session.id),
            about=About(user_id=user.id, user_name=user.user_name, session_id=issued.session.id),
            source=source_of(visitor),
        )
        if noted is not None and not emergency:
            noted.append(event)
            return issued
        self._premises.record(transaction, event)
        if emergency:
            note_use(self._premises, transaction, user, issued.session, proof, source=source_of(visitor), at=at)
        return issued

    def start_command_line(
        self, transaction: Transaction, confirmed_in: Session, visitor: Visitor, *, at: datetime
    ) -> TokenSession | Reason:
        """A session of its own for the command line that this browser's session let in, with what is proved there.

        It ends by itself; that the browser signs out later does not end it. `visitor` is the command line.
        """
        user = may_hold_session(transaction, confirmed_in.user_id)
        if isinstance(user, Reason):
            return user
        if not confirmed_in.alive(at) or confined(transaction, confirmed_in):
            return Reason.of("sessionEnded")
        emergency = is_break_glass(transaction, user)
        token = new_secret(self._premises.random)
        session = issue.start_command_line(
            transaction,
            user.id,
            confirmed_in.proofs,
            app_id=API,
            token_hash=secret_hash(token),
            limits=EMERGENCY_LIMITS if emergency else COMMAND_LINE_LIMITS,
            at=at,
            random=self._premises.random,
            address=visitor.address,
            user_agent=visitor.user_agent,
        )
        self._premises.record(
            transaction,
            occurrence(
                SESSION_STARTED,
                at=at,
                actor=actor_of(user, session.id),
                about=About(user_id=user.id, user_name=user.user_name, session_id=session.id),
                source=source_of(visitor),
                reason=Reason.of("commandLine"),
            ),
        )
        if emergency:
            newest = max(session.proofs, key=lambda proof: proof.at)
            note_use(self._premises, transaction, user, session, newest, source=source_of(visitor), at=at)
        return TokenSession(session=session, token=token)

    def rise(
        self, transaction: Transaction, session: Session, proof: Proof, visitor: Visitor, *, at: datetime
    ) -> Issued | Reason:
        """One more proof for a session, under a new secret in the place of the one that the visitor has now.

        Of two steps at once from one browser one rises: the other's answer would leave it with a dead secret.
        """
        user = may_hold_session(transaction, session.user_id)
        if isinstance(user, Reason):
            return user
        current = sessions.get(transaction, session.id)
        if current is None or not current.alive(at) or confined(transaction, current):
            return Reason.of("sessionEnded")
        issued = issue.raise_session(
            transaction, current, proof, held=visitor.cookie, at=at, random=self._premises.random
        )
        if issued is None:
            return Reason.of("sessionEnded")
        if by_link_alone(current.proofs) and is_break_glass(transaction, user):
            # What was noted is an enrolment. From here on the same session opens what an emergency opens.
            note_use(self._premises, transaction, user, issued.session, proof, source=source_of(visitor), at=at)
        return issued

    def ticket(self, transaction: Transaction, session: Session, app: App, *, path: str, state: str) -> str | Reason:
        """A ticket that carries this session to an app's host."""
        refused = self._refused(transaction, session)
        if refused is None and confined(transaction, session):
            refused = Reason.of("resetUnfinished")
        if refused is not None:
            return refused
        return issue.issue_ticket(
            transaction,
            session,
            app.id,
            path=path,
            state=state,
            at=self._premises.now(),
            random=self._premises.random,
        )

    def redeem(self, transaction: Transaction, ticket: str, app: App, *, state: str) -> Redeemed | Reason:
        """An app session for a ticket; one reason whatever is wrong, so that a thief learns nothing."""
        redeemed = issue.redeem_ticket(
            transaction, ticket, app_id=app.id, state=state, at=self._premises.now(), random=self._premises.random
        )
        if redeemed is None:
            return Reason.of("ticketInvalid")
        session = sessions.get(transaction, redeemed.app_session.session_id)
        if session is None or self._refused(transaction, session) is not None:
            # Undoing the app session too: the writer rolls back what raises, so nothing stays behind.
            raise TicketRefusedError
        return redeemed

    def end(
        self, transaction: Transaction, session: Session, reason: EndReason, visitor: Visitor, *, at: datetime
    ) -> None:
        """End a session because its own person, or browser, is done with it."""
        if not sessions.end(transaction, session.id, reason=reason, at=at):
            return
        user = users.get(transaction, session.user_id)
        name = user.user_name if user is not None else ""
        self._premises.record(
            transaction,
            occurrence(
                SESSION_ENDED,
                at=at,
                actor=Actor.person(session.user_id, name, session.id),
                about=About(user_id=session.user_id, user_name=name, session_id=session.id),
                source=source_of(visitor),
                reason=Reason.of(reason.value),
            ),
        )

    def _refused(self, transaction: Transaction, session: Session) -> Reason | None:
        user = may_hold_session(transaction, session.user_id)
        if isinstance(user, Reason):
            return user
        current = sessions.get(transaction, session.id)
        alive = current is not None and current.alive(self._premises.now())
        return None if alive else Reason.of("sessionEnded")


class TicketRefusedError(Exception):
    """A ticket was good and its session no longer is; raised so that the transaction undoes the redemption."""


def may_hold_session(reader: Reader, user_id: UserId) -> User | Reason:
    """The person, if they may hold a session now; deleted people are gone for good, whoever has their name now."""
    user = users.get(reader, user_id)
    if user is None:
        return Reason.of("userUnknown")
    return user if user.enabled else Reason.of("userDisabled")
