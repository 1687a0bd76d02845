"""`assay login`: a command line is let in by a code that a person confirms in a browser (RFC 8628).

The danger is a code that somebody else began (phishing): nothing leads to the page with a code filled in, the page says
who asks from where, and wants two factors of the last minutes and what policies ask of the API.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from assay.access.admission import COMMAND_LINE_LIMITS, Admission, TokenSession, actor_of, source_of
from assay.access.attempt import UndoneError, attempt
from assay.access.decide import judge
from assay.access.fresh_proof import fresh_step
from assay.access.guessing import Guessing
from assay.access.next_step import next_step
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.sign_in_log import SignInLog
from assay.access.signals import Signals, Subject
from assay.access.steps import AskDeviceCode, AskFirstFactor, ConfirmDevice, DeviceAnswered, Outcome
from assay.access.throttled import Throttled
from assay.access.visitor import Visitor
from assay.events import About, Entity, occurrence
from assay.events.decision import short_code
from assay.events.types import COMMAND_LINE_ALLOWED, COMMAND_LINE_DENIED, COMMAND_LINE_REFUSED
from assay.governance.roles import built_in_roles
from assay.identities.guessing import source_key
from assay.identities.records import methods
from assay.messages.notice import Notice
from assay.policy import AppTarget
from assay.policy import Outcome as Verdict
from assay.policy.targets import API
from assay.sessions.device_code import (
    INTERVAL,
    LIFETIME,
    OPEN_OF_ALL,
    OPEN_OF_SOURCE,
    USER_AGENT_LIMIT,
    Confirmation,
    DeviceCode,
    client_name,
    new_user_code,
    read_user_code,
    shown,
)
from assay.sessions.records import device_codes, sessions
from assay.sessions.secret import SECRET_BYTES, new_secret, secret_hash
from assay.sessions.session import EndReason, Session
from assay.store import Transaction
from assay.values import Reason, Value

FRESH_PROOF: Final = Reason.of("commandLineFreshProof")
UNKNOWN: Final = Reason.of("deviceCodeUnknown")
FindSession = Callable[[Visitor], Awaitable[Session | None]]


class Begun(Value, frozen=True, kw_only=True):
    """What a command line is told: the secret it keeps, the code it shows, for how long and how often to ask."""

    device_code: str
    user_code: str
    expires_in: timedelta = LIFETIME
    interval: timedelta = INTERVAL


class NotYet(Value, frozen=True, kw_only=True):
    """Nothing is given, in the words of RFC 8628 §3.5 and RFC 6749 §5.2."""

    error: str


Polled: TypeAlias = TokenSession | NotYet


class CommandLines:
    """The flow behind `/oauth2/…` and `/device` of `id.`."""

    def __init__(
        self,
        premises: Premises,
        *,
        signals: Signals,
        admission: Admission,
        guessing: Guessing,
        session: FindSession,
    ) -> None:
        self._premises = premises
        self._signals = signals
        self._admission = admission
        self._guessing = guessing
        self._session = session
        self._log = SignInLog(premises, signals)

    async def begin(self, visitor: Visitor, client: str) -> Begun | None:
        """A new code, for whoever asks; None where too many wait already. It opens nothing by itself."""
        at, random = self._premises.now(), self._premises.random
        code = DeviceCode(
            client=client_name(client),
            address=visitor.address,
            port=visitor.port,
            user_agent=visitor.user_agent[:USER_AGENT_LIMIT],
            created_at=at,
            expires_at=at + LIFETIME,
        )
        secret, user_code = new_secret(random(SECRET_BYTES)), new_user_code(random)
        source = source_key(visitor.address)

        def keep(transaction: Transaction) -> bool:
            of_source, of_all = device_codes.open_ones(transaction, source, at)
            if of_source >= OPEN_OF_SOURCE or of_all >= OPEN_OF_ALL:
                return False
            device_codes.insert_code(
                transaction,
                code,
                secret_hash=secret_hash(secret),
                user_code_hash=secret_hash(user_code),
                source=source,
            )
            return True

        kept = await self._premises.store.write(keep)
        return Begun(device_code=secret, user_code=shown(user_code)) if kept else None

    async def poll(self, visitor: Visitor, secret: str) -> Polled:
        """The token, once, when a person has allowed it. `visitor`: the command line, as it is now."""
        key = secret_hash(secret)
        return await self._premises.store.write(lambda transaction: self._poll(transaction, key, visitor))

    async def revoke(self, visitor: Visitor, token: str) -> None:
        """End the session that this token holds (RFC 7009); nothing is said of a token that there is not."""
        key, at = secret_hash(token), self._premises.now()

        def end(transaction: Transaction) -> None:
            found = sessions.app_session_by_secret(transaction, key)
            if found is not None and found[0].app_id == API:
                self._admission.end(transaction, found[1], EndReason.SIGNED_OUT, visitor, at=at)

        await self._premises.store.write(end, urgent=True)

    async def page(self, visitor: Visitor) -> Outcome:
        """Where a code is typed."""
        admitted = await self._admitted(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        return Outcome(step=AskDeviceCode(user_name=admitted.subject.user.user_name))

    async def look(self, visitor: Visitor, typed: str) -> Outcome:
        """Who asks with this code, for the person to answer."""
        admitted = await self._admitted(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        user, at, code = admitted.subject.user, self._premises.now(), read_user_code(typed)

        def look(transaction: Transaction) -> DeviceCode | Throttled | None:
            throttled = self._guessing.begin_device_code(transaction, user, visitor)
            if throttled is not None:
                return throttled
            found = None if code is None else device_codes.by_user_code(transaction, secret_hash(code))
            if found is None or not found.waits(at):
                # One that was used, is over, or never was: nobody learns which.
                self._guessing.repeated.occurred(transaction, COMMAND_LINE_REFUSED, visitor, UNKNOWN, user)
                return None
            self._guessing.knew_device_code(transaction, user)
            return found

        found = await self._premises.store.write(look)
        if isinstance(found, DeviceCode) and code is not None:
            return Outcome(step=self._confirm(admitted, visitor, code, found))
        again = AskDeviceCode(user_name=user.user_name, given=typed[:32], error=UNKNOWN)
        if isinstance(found, Throttled):
            asked = AskDeviceCode(user_name=user.user_name, given=typed[:32], error=found.reason)
            return Outcome(step=asked, retry_after=found.retry_after)
        return Outcome(step=again)

    async def answer(self, visitor: Visitor, typed: str, *, allow: bool) -> Outcome:
        """The person's answer; the command line gets its token when it asks next."""
        admitted = await self._admitted(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        user, session, code = admitted.subject.user, admitted.session, read_user_code(typed)
        given = Confirmation.ALLOWED if allow else Confirmation.DENIED

        def keep(transaction: Transaction) -> None:
            at = self._premises.now()
            key = secret_hash(code or "")
            found = None if code is None else device_codes.by_user_code(transaction, key)
            if found is None or not device_codes.answer(transaction, key, given, session.id, at):
                raise UndoneError(UNKNOWN)
            self._answered(transaction, admitted, visitor, found, given)

        done = await attempt(self._premises.store, keep)
        if done is not None:
            return Outcome(step=AskDeviceCode(user_name=user.user_name, error=UNKNOWN))
        return Outcome(step=DeviceAnswered(user_name=user.user_name, allowed=allow))

    def _poll(self, transaction: Transaction, key: bytes, visitor: Visitor) -> Polled:
        at = self._premises.now()
        found = device_codes.by_secret(transaction, key)
        if found is None:
            return NotYet(error="invalid_grant")
        if at >= found.expires_at:
            return NotYet(error="expired_token")
        if found.too_soon(at):
            device_codes.polled(transaction, key, at, found.interval + INTERVAL)
            return NotYet(error="slow_down")
        device_codes.polled(transaction, key, at, found.interval)
        if found.answer is None:
            return NotYet(error="authorization_pending")
        # Whatever the answer was, it is good once.
        device_codes.take(transaction, key)
        browser = None if found.session_id is None else sessions.get(transaction, found.session_id)
        if found.answer is Confirmation.DENIED or browser is None:
            return NotYet(error="access_denied")
        started = self._admission.start_command_line(transaction, browser, visitor, at=at)
        return NotYet(error="access_denied") if isinstance(started, Reason) else started

    def _answered(
        self,
        transaction: Transaction,
        admitted: "_Admitted",
        visitor: Visitor,
        code: DeviceCode,
        given: Confirmation,
    ) -> None:
        user, at = admitted.subject.user, self._premises.now()
        allowed = given is Confirmation.ALLOWED
        event = occurrence(
            COMMAND_LINE_ALLOWED if allowed else COMMAND_LINE_DENIED,
            at=at,
            actor=actor_of(user, admitted.session.id),
            about=About(
                user_id=user.id,
                user_name=user.user_name,
                session_id=admitted.session.id,
                entity=Entity(uid=code.address, name=code.client, type="commandLine"),
            ),
            source=source_of(visitor),
            reason=Reason.of("commandLine", client=code.client, address=code.address),
        )
        self._premises.record(transaction, event)
        if allowed:
            where = {"device": code.client, "address": code.address}
            tell(self._premises, transaction, user, Notice.COMMAND_LINE, at=at, **where)

    def _confirm(self, admitted: "_Admitted", visitor: Visitor, code: str, found: DeviceCode) -> ConfirmDevice:
        known = built_in_roles()
        return ConfirmDevice(
            user_name=admitted.subject.user.user_name,
            code=shown(code),
            client=found.client,
            user_agent=found.user_agent,
            address=found.address,
            own_address=visitor.address,
            asked_at=found.created_at,
            roles=tuple(
                sorted(known[role].display_name if role in known else role for role in admitted.subject.principal.roles)
            ),
            hours=COMMAND_LINE_LIMITS.absolute // timedelta(hours=1),
        )

    async def _admitted(self, visitor: Visitor) -> "_Admitted | Outcome":
        """Who may let a command line in: what policies ask of the API, and two factors just proved."""
        session = await self._session(visitor)
        subject = self._signals.subject(session.user_id) if session is not None else None
        if session is None or subject is None:
            return Outcome(step=AskFirstFactor())
        at = self._premises.now()
        unmet = await self._unmet(session, subject, visitor, at)
        return unmet or _Admitted(session=session, subject=subject)

    async def _unmet(self, session: Session, subject: Subject, visitor: Visitor, at: datetime) -> Outcome | None:
        held = await self._premises.store.read(lambda reader: methods.summary(reader, session.user_id))
        judgement = judge(
            self._signals,
            subject,
            AppTarget(app_id=API),
            proofs=session.proofs,
            address=visitor.ip,
            user_agent=visitor.user_agent,
            at=at,
        )
        if judgement.decision.outcome is Verdict.ALLOW:
            step = fresh_step(session.proofs, held, subject.user.user_name, at, why=FRESH_PROOF)
            return None if step is None else Outcome(step=step)
        decision = await self._premises.store.write(
            lambda transaction: self._log.decided(transaction, judgement, session, subject, visitor)
        )
        refused = next_step(
            judgement.decision,
            held=held.methods,
            user=subject.user,
            app_name="API",
            short_code=short_code(decision),
            at=at,
        )
        return Outcome(step=refused)


class _Admitted(Value, frozen=True, kw_only=True):
    """Somebody who may answer, in the session in which they do."""

    session: Session
    subject: Subject
