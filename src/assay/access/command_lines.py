"""`assay login`: a command line is let in by a code that a person confirms in a browser (RFC 8628).

The danger is a code that somebody else began (phishing): nothing leads to the page with a code filled in, the page says
who asks from where, and wants two factors of the last minutes and what policies ask of the API.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeAlias

from assay.access.admission import COMMAND_LINE_LIMITS, Admission, TokenSession, actor_of, source_of
from assay.access.decide import DEVICE_CODE_FLOWS
from assay.access.device_code_guesses import DeviceCodeGuesses
from assay.access.fresh_visit import FreshVisits
from assay.access.guessing import Guessing
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.signals import Signals, Subject
from assay.access.steps import AskDeviceCode, AskFirstFactor, ConfirmDevice, DeviceAnswered, Outcome
from assay.access.throttled import Throttled
from assay.access.visitor import Visitor
from assay.apps.credentials import SECRET
from assay.events import About, Entity, occurrence
from assay.events.types import COMMAND_LINE_ALLOWED, COMMAND_LINE_DENIED
from assay.governance.roles import role_name
from assay.identities.guessing import source_key
from assay.messages.notice import Notice
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
from assay.sessions.secret import SECRET_BYTES, SECRET_LENGTH, new_secret, secret_hash
from assay.sessions.session import EndReason, Session
from assay.store import Reader, Transaction
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
        self._guesses = DeviceCodeGuesses(premises, guessing)
        self._session = session
        # A policy on the device code flow refuses before the code is let in, and not only what it let in.
        self._visits = FreshVisits(
            premises, signals, app_id=API, app_name="API", why=FRESH_PROOF, flows=DEVICE_CODE_FLOWS
        )

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

        def full(reader: Reader) -> bool:
            of_source, of_all = device_codes.open_ones(reader, source, at)
            return of_source >= OPEN_OF_SOURCE or of_all >= OPEN_OF_ALL

        def keep(transaction: Transaction) -> bool:
            if full(transaction):
                return False
            device_codes.insert_code(
                transaction, code, secret_hash=secret_hash(secret), user_code_hash=secret_hash(user_code), source=source
            )
            return True

        # Whoever is refused never takes the writer's turn, on which everybody waits.
        kept = not await self._premises.store.read(full) and await self._premises.store.write(keep)
        return Begun(device_code=secret, user_code=shown(user_code)) if kept else None

    async def poll(self, visitor: Visitor, secret: str) -> Polled:
        """The token, once, when a person has allowed it. `visitor`: the command line, as it is now."""
        if len(secret) != SECRET_LENGTH:
            return _worth_nothing(None)
        key = secret_hash(secret)
        # Looked at before the writer's turn, on which everybody waits: garbage, what is over and who asks too often
        # never take it.
        found = await self._premises.store.read(lambda reader: self._asked_after(reader, key))
        if isinstance(found, NotYet):
            return found
        return await self._premises.store.write(lambda transaction: self._poll(transaction, key, visitor))

    async def revoke(self, visitor: Visitor, token: str) -> None:
        """End the session that this token holds (RFC 7009); nothing is said of a token that there is not."""
        if not SECRET.fullmatch(token):
            return
        key, at = secret_hash(token), self._premises.now()

        def held(reader: Reader) -> Session | None:
            found = sessions.app_session_by_secret(reader, key)
            return found[1] if found is not None and found[0].app_id == API and found[1].ended_at is None else None

        def end(transaction: Transaction) -> None:
            session = held(transaction)
            if session is not None:
                self._admission.end(transaction, session, EndReason.SIGNED_OUT, visitor, at=at)

        # What is no token never takes the writer's turn, on which everybody waits.
        if await self._premises.store.read(held) is not None:
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
        code = read_user_code(typed) or ""
        found = await self._premises.store.write(
            lambda transaction: self._waiting(transaction, admitted, visitor, code)
        )
        if not isinstance(found, DeviceCode):
            return _ask_again(admitted, typed, found)
        return Outcome(step=self._confirm(admitted, visitor, code, found))

    async def answer(self, visitor: Visitor, typed: str, *, allow: bool) -> Outcome:
        """The person's answer; the command line gets its token when it asks next."""
        admitted = await self._admitted(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        code = read_user_code(typed) or ""
        given = Confirmation.ALLOWED if allow else Confirmation.DENIED

        def keep(transaction: Transaction) -> DeviceCode | Throttled | None:
            # A guess here is worth what one is at `look`, and is counted with those.
            found = self._waiting(transaction, admitted, visitor, code)
            if not isinstance(found, DeviceCode):
                return found
            at = self._premises.now()
            if not device_codes.answer(transaction, secret_hash(code), given, admitted.session.id, at):
                return None
            self._answered(transaction, admitted, visitor, found, given)
            return found

        found = await self._premises.store.write(keep)
        if not isinstance(found, DeviceCode):
            return _ask_again(admitted, typed, found)
        return Outcome(step=DeviceAnswered(user_name=admitted.subject.user.user_name, allowed=allow))

    def _waiting(
        self, transaction: Transaction, admitted: "_Admitted", visitor: Visitor, code: str
    ) -> DeviceCode | Throttled | None:
        """Who waits with this code; whoever types one that nobody waits with has guessed, and that is counted."""
        user = admitted.subject.user
        throttled = self._guesses.refusal(transaction, user, visitor)
        if throttled is not None:
            return throttled
        found = device_codes.by_user_code(transaction, secret_hash(code))
        if found is None or not found.waits(self._premises.now()):
            # One that was used, is over, or never was: nobody learns which.
            self._guesses.wrong(transaction, user, visitor, UNKNOWN)
            return None
        return found

    def _asked_after(self, reader: Reader, key: bytes) -> DeviceCode | NotYet:
        """The code that may be asked after now.

        RFC 8628 §3.5: whoever asks too soon is to wait five seconds longer from then on. That is the client's part:
        remembered here it would be a change for every such request, and in the writer's turn.
        """
        at, found = self._premises.now(), device_codes.by_secret(reader, key)
        if found is None or found.over(at):
            return _worth_nothing(found)
        return NotYet(error="slow_down") if found.too_soon(at) else found

    def _poll(self, transaction: Transaction, key: bytes, visitor: Visitor) -> Polled:
        at = self._premises.now()
        found = self._asked_after(transaction, key)
        if isinstance(found, NotYet):
            return found
        if found.answer is None:
            device_codes.polled(transaction, key, at)
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
        return ConfirmDevice(
            user_name=admitted.subject.user.user_name,
            code=shown(code),
            client=found.client,
            user_agent=found.user_agent,
            address=found.address,
            own_address=visitor.address,
            asked_at=found.created_at,
            roles=tuple(sorted(map(role_name, admitted.subject.principal.roles))),
            hours=COMMAND_LINE_LIMITS.absolute // timedelta(hours=1),
        )

    async def _admitted(self, visitor: Visitor) -> "_Admitted | Outcome":
        """Who may let a command line in: what policies ask of the API, and two factors just proved."""
        session = await self._session(visitor)
        subject = self._signals.subject(session.user_id) if session is not None else None
        if session is None or subject is None:
            return Outcome(step=AskFirstFactor())
        unmet = await self._visits.unmet(session, subject, visitor)
        return unmet or _Admitted(session=session, subject=subject)


class _Admitted(Value, frozen=True, kw_only=True):
    """Somebody who may answer, in the session in which they do."""

    session: Session
    subject: Subject


def _worth_nothing(found: DeviceCode | None) -> NotYet:
    """What is said of a code that there is not, or not any more (RFC 8628 §3.5)."""
    return NotYet(error="invalid_grant" if found is None else "expired_token")


def _ask_again(admitted: _Admitted, typed: str, found: Throttled | None) -> Outcome:
    """The code once more: nobody waits with the one that was typed, or it was not looked at."""
    error = UNKNOWN if found is None else found.reason
    asked = AskDeviceCode(user_name=admitted.subject.user.user_name, given=typed[:32], error=error)
    return Outcome(step=asked, retry_after=None if found is None else found.retry_after)
