"""Sign-in: one flow that asks the engine and makes each unmet control the next page."""

from msgspec.structs import replace

from assay.access.admission import Admission
from assay.access.decide import Judgement, judge
from assay.access.guessing import Attempt, Guessing, Throttled
from assay.access.next_step import next_step, refused
from assay.access.own_resets import own_reset
from assay.access.premises import Premises
from assay.access.reset_session import began_by_link, confined
from assay.access.seen_by_app import judge_as_seen_by_app
from assay.access.sign_in_log import SignInLog
from assay.access.signals import Signals, Subject
from assay.access.steps import AppTile, AskFirstFactor, Enter, Home, Outcome, PasskeyChallenge, Step
from assay.access.verify_method import FAILED, Checked, MethodVerifier
from assay.access.visitor import Destination, Visitor
from assay.apps import App
from assay.events.decision import short_code
from assay.governance.help_desk import is_help_desk
from assay.identities.methods.outcome import Proved, Refusal
from assay.identities.records import methods
from assay.identities.users import User
from assay.policy import AppTarget, Method, Proof
from assay.policy import Outcome as Verdict
from assay.policy.targets import OWN_PAGES
from assay.sessions.assurance import AAL1, acr
from assay.sessions.issued import Issued
from assay.sessions.records import sessions
from assay.sessions.secret import SECRET_LENGTH, secret_hash
from assay.sessions.session import EndReason, Session, with_proof
from assay.store import Transaction
from assay.values import AppId, Reason, UserId, Value


class SignIn:
    """The flow behind the pages of `id.`; every method answers with what the person meets next."""

    def __init__(
        self,
        premises: Premises,
        *,
        signals: Signals,
        admission: Admission,
        verifier: MethodVerifier,
        guessing: Guessing,
    ) -> None:
        self._premises = premises
        self._signals = signals
        self._admission = admission
        self._verifier = verifier
        self._guessing = guessing
        self._log = SignInLog(premises, signals)

    async def start(self, visitor: Visitor, destination: Destination) -> Outcome:
        """Where this visitor stands on the way to the destination."""
        session = await self.session(visitor)
        if session is None:
            return Outcome(step=self._first_factor(destination))
        return Outcome(step=await self._proceed(session, visitor, destination))

    async def with_password(self, visitor: Visitor, destination: Destination, user_name: str, password: str) -> Outcome:
        """User name and password, for a first sign-in or once more."""
        checked = await self._verifier.password(visitor, user_name, password)
        proved, user = checked.outcome, checked.user
        if isinstance(proved, Throttled):
            return await self._throttled(visitor, destination, proved, user_name=user_name)
        if isinstance(proved, Proved) and user is not None and user.enabled:
            return await self._proved(proved, visitor, destination, attempt=checked.attempt)
        reason = proved.reason if isinstance(proved, Refusal) else Reason.of("userDisabled")
        await self._failed(visitor, reason, user, checked.attempt)
        # A disabled person is told what a stranger is told: the password was right, and that is nobody's business.
        return await self._again(visitor, destination, FAILED, user_name=user_name)

    async def with_totp(self, visitor: Visitor, destination: Destination, code: str) -> Outcome:
        """A code of the authenticator app, on top of a session."""
        session = await self.session(visitor)
        if session is None:
            return Outcome(step=self._first_factor(destination))
        user = self._person(session)
        if user is None:
            return await self._again(visitor, destination, FAILED)
        checked = await self._verifier.totp(visitor, user, code)
        return await self._coded(checked, session, visitor, destination)

    async def with_recovery_code(self, visitor: Visitor, destination: Destination, code: str) -> Outcome:
        """A recovery code, on top of a session."""
        session = await self.session(visitor)
        if session is None:
            return Outcome(step=self._first_factor(destination))
        user = self._person(session)
        if user is None:
            return await self._again(visitor, destination, FAILED)
        checked = await self._verifier.recovery_code(visitor, user, code)
        return await self._coded(checked, session, visitor, destination)

    async def passkey_options(self, visitor: Visitor) -> PasskeyChallenge | Outcome:
        """A passkey ceremony: to sign in, or for the person of the session."""
        options = await self._verifier.passkey_options(visitor, await self.session(visitor))
        if isinstance(options, Throttled):
            return await self._throttled(visitor, Destination(), options)
        return options

    async def with_passkey(
        self, visitor: Visitor, destination: Destination, handle: str, credential_json: bytes
    ) -> Outcome:
        """A passkey's answer, to sign in or on top of a session."""
        session = await self.session(visitor)
        proved = await self._verifier.passkey(visitor, session, handle, credential_json)
        if isinstance(proved, Throttled):
            return await self._throttled(visitor, destination, proved)
        if session is not None:
            return await self._second(session, proved, visitor, destination)
        if isinstance(proved, Proved):
            return await self._proved(proved, visitor, destination)
        await self._failed(visitor, proved.reason, None)
        return await self._again(visitor, destination, proved.reason)

    async def sign_out(self, visitor: Visitor) -> Outcome:
        """End the session; every app's copy of it ends with it."""
        session = await self.session(visitor)
        if session is not None:
            at = self._premises.now()
            await self._premises.store.write(
                lambda transaction: self._admission.end(transaction, session, EndReason.SIGNED_OUT, visitor, at=at)
            )
        return Outcome(step=AskFirstFactor(), cookie="")

    async def home(self, visitor: Visitor) -> Home | Outcome:
        """The person's own page, if the engine lets them see it."""
        session = await self.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        step = await self._proceed(session, visitor, Destination())
        subject = self._signals.subject(session.user_id)
        if step != Enter(location="/") or subject is None:
            return Outcome(step=step)
        at = self._premises.now()
        held, reset = await self._premises.store.read(
            lambda reader: (methods.summary(reader, session.user_id), own_reset(reader, session.user_id, at))
        )
        return Home(
            user_name=subject.user.user_name,
            display_name=subject.user.display_name,
            apps=self._tiles(subject),
            passkeys=held.passkeys,
            has_password=held.password,
            has_totp=held.totp,
            recovery_codes=held.recovery_codes,
            help_desk=is_help_desk(subject.principal.roles),
            reset=reset,
        )

    async def session(self, visitor: Visitor) -> Session | None:
        """The visitor's session, if it is alive."""
        if len(visitor.cookie) != SECRET_LENGTH:
            return None
        key = secret_hash(visitor.cookie)
        session = await self._premises.store.read(lambda reader: sessions.by_secret(reader, key))
        return session if session is not None and session.alive(self._premises.now()) else None

    def _person(self, session: Session) -> User | None:
        subject = self._signals.subject(session.user_id)
        return subject.user if subject is not None else None

    async def _coded(self, checked: Checked, session: Session, visitor: Visitor, destination: Destination) -> Outcome:
        """A code was looked at, or not; a failure is in the log already."""
        if isinstance(checked.outcome, Throttled):
            return await self._throttled(visitor, destination, checked.outcome)
        if isinstance(checked.outcome, Proved):
            return await self._second(session, checked.outcome, visitor, destination)
        return await self._again(visitor, destination, checked.outcome.reason)

    async def _failed(
        self, visitor: Visitor, reason: Reason, user: User | None, attempt: Attempt | None = None
    ) -> None:
        await self._premises.store.write(
            lambda transaction: self._guessing.failed(transaction, attempt, visitor, reason, user)
        )

    async def _throttled(
        self, visitor: Visitor, destination: Destination, throttled: Throttled, *, user_name: str = ""
    ) -> Outcome:
        """The same page, and when to come back; nothing was looked at."""
        again = await self._again(visitor, destination, throttled.reason, user_name=user_name)
        return replace(again, retry_after=throttled.retry_after)

    async def _confined(self, session: Session) -> bool:
        return began_by_link(session.proofs) and await self._premises.store.read(lambda r: confined(r, session))

    async def _second(
        self, session: Session, proved: Proved | Refusal, visitor: Visitor, destination: Destination
    ) -> Outcome:
        if isinstance(proved, Proved) and proved.user_id == session.user_id:
            return await self._proved(proved, visitor, destination, proved_on=session)
        reason = proved.reason if isinstance(proved, Refusal) else Reason.of("passkeyWrongOwner")
        await self._failed(visitor, reason, self._person(session))
        return await self._again(visitor, destination, reason)

    async def _proved(
        self,
        proved: Proved,
        visitor: Visitor,
        destination: Destination,
        *,
        proved_on: Session | None = None,
        attempt: Attempt | None = None,
    ) -> Outcome:
        """A new session, or the old one raised, under a new secret; with the engine's answer, in one commit.

        `proved_on` is the session on top of which it was proved: if it rose or ended meanwhile, nothing begins, because
        a second factor alone is no sign-in.
        """
        former = proved_on or await self.session(visitor)
        # What is proved in the session of a reset's link begins another session: that one only registers methods.
        same = former is not None and former.user_id == proved.user_id and not await self._confined(former)
        rising = former if same else None
        proofs = with_proof(rising.proofs if rising is not None else (), proved.proof)
        judged = await self._judge(proved.user_id, proofs, rising, visitor, destination)

        if judged is None:
            await self._failed(visitor, Reason.of("userUnknown"), None)
            return await self._again(visitor, destination, FAILED)

        at = judged.judgement.request.at

        def admit(transaction: Transaction) -> tuple[Issued, _Kept] | Reason:
            if rising is not None:
                issued = self._admission.rise(transaction, rising, proved.proof, held=visitor.cookie, at=at)
            else:
                issued = self._admission.start(
                    transaction, proved.user_id, proved.proof, visitor, replaced=former, at=at
                )
            if isinstance(issued, Reason):
                return issued
            if attempt is not None:
                self._guessing.succeeded(transaction, attempt, judged.subject.user, visitor)
            kept = self._keep(transaction, judged, issued.session, visitor, destination.safe)
            return issued, self._remember(transaction, kept, judged, issued.session, visitor)

        admitted = await self._premises.store.write(admit)
        if isinstance(admitted, Reason):
            await self._failed(visitor, admitted, judged.subject.user)
            return await self._again(visitor, destination, FAILED)
        issued, kept = admitted
        return Outcome(step=self._step(judged, kept), cookie=issued.secret, device=kept.device)

    def _remember(
        self, transaction: Transaction, kept: "_Kept", judged: "_Judged", session: Session, visitor: Visitor
    ) -> "_Kept":
        """Know the device from now on, once nothing is left to guess there: else who found out a password would be."""
        proved = acr(session.proofs) != AAL1
        if not proved and (not judged.allowed or methods.summary(transaction, session.user_id).totp):
            return kept
        device = self._guessing.remember_device(transaction, judged.subject.user, visitor)
        return replace(kept, device=device)

    async def _again(
        self, visitor: Visitor, destination: Destination, error: Reason, *, user_name: str = ""
    ) -> Outcome:
        """The step at which something went wrong, once more, with what went wrong."""
        session = await self.session(visitor)
        if session is None:
            step: Step = self._first_factor(destination, user_name=user_name, error=error)
        else:
            step = await self._proceed(session, visitor, destination)
        if "error" in step.__struct_fields__:
            step = replace(step, error=error)
        return Outcome(step=step)

    async def _proceed(self, session: Session, visitor: Visitor, destination: Destination) -> Step:
        """Ask the engine about the destination, keep its answer, and turn it into the next step."""
        judged = await self._judge(session.user_id, session.proofs, session, visitor, destination)
        if judged is None:
            return self._first_factor(destination)
        if await self._confined(session):
            return Enter(location="/methods")
        if judged.app is None and judged.allowed:
            # Looking at the own pages again is no sign-in, and not kept as one.
            return Enter(location=judged.own_path)
        kept = await self._premises.store.write(
            lambda transaction: self._keep(transaction, judged, session, visitor, destination.safe)
        )
        return self._step(judged, kept)

    async def _judge(
        self,
        user_id: UserId,
        proofs: tuple[Proof, ...],
        session: Session | None,
        visitor: Visitor,
        destination: Destination,
    ) -> "_Judged | None":
        """The engine's answer about the destination, for what is proved; None where there is no such person."""
        app = self._signals.apps.get(AppId(destination.safe.app))
        subject = self._signals.subject(user_id)
        if subject is None:
            return None
        judgement = judge(
            self._signals,
            subject,
            AppTarget(app_id=app.id if app is not None else OWN_PAGES),
            proofs=proofs,
            address=visitor.ip,
            user_agent=visitor.user_agent,
            at=self._premises.now(),
        )
        elsewhere: tuple[Reason, ...] = ()
        allowed = judgement.decision.outcome is Verdict.ALLOW
        if allowed and session is not None and destination.safe.refused:
            judgement = await judge_as_seen_by_app(
                self._premises, self._signals, subject, session, judgement, destination.refused
            )
            elsewhere = _elsewhere(judgement, visitor)
        own_path = "/" if destination.safe.app else destination.safe.path
        return _Judged(subject=subject, app=app, judgement=judgement, elsewhere=elsewhere, own_path=own_path)

    def _keep(
        self, transaction: Transaction, judged: "_Judged", session: Session, visitor: Visitor, destination: Destination
    ) -> "_Kept":
        """Keep the engine's answer, and issue the ticket that it allows."""
        decision = self._log.decided(transaction, judged.judgement, session, judged.subject, visitor)
        if not judged.allowed:
            held = methods.summary(transaction, session.user_id).methods
            return _Kept(code=short_code(decision), held=held)
        if judged.app is None:
            return _Kept(code=short_code(decision))
        ticket = self._admission.ticket(
            transaction, session, judged.app, path=destination.path, state=destination.state
        )
        return _Kept(code=short_code(decision), ticket=ticket)

    def _step(self, judged: "_Judged", kept: "_Kept") -> Step:
        """What the person meets next."""
        user, app, at = judged.subject.user, judged.app, judged.judgement.request.at
        if isinstance(kept.ticket, Reason):
            return refused((kept.ticket,), user=user, app_name="", short_code=kept.code, at=at)
        if judged.allowed and app is not None:
            origin = self._premises.addresses.origin(app.host(self._premises.addresses.base))
            return Enter(location=f"{origin}/.assay/ticket?ticket={kept.ticket}")
        if judged.allowed:
            return Enter(location=judged.own_path)
        return next_step(
            judged.judgement.decision,
            elsewhere=judged.elsewhere,
            held=kept.held,
            user=user,
            app_name=app.display_name if app is not None else "",
            short_code=kept.code,
            at=at,
        )

    def _first_factor(
        self, destination: Destination, *, user_name: str = "", error: Reason | None = None
    ) -> AskFirstFactor:
        app = self._signals.apps.get(AppId(destination.safe.app))
        return AskFirstFactor(app_name=app.display_name if app else "", user_name=user_name, error=error)

    def _tiles(self, subject: Subject) -> tuple[AppTile, ...]:
        addresses = self._premises.addresses
        mine = sorted(
            (self._signals.apps[app_id] for app_id in subject.apps if app_id in self._signals.apps),
            key=lambda app: app.display_name.casefold(),
        )
        return tuple(
            AppTile(name=app.display_name, url=f"{addresses.origin(app.host(addresses.base))}/") for app in mine
        )


class _Judged(Value, frozen=True, kw_only=True):
    """The engine's answer about a destination; `app` None is the own pages, and of these `own_path`."""

    subject: Subject
    app: App | None
    judgement: Judgement
    elsewhere: tuple[Reason, ...] = ()
    own_path: str = "/"

    @property
    def allowed(self) -> bool:
        return self.judgement.decision.outcome is Verdict.ALLOW


class _Kept(Value, frozen=True, kw_only=True):
    """What the transaction left: the decision's short code, and the ticket or why there is none.

    `held`: the methods of somebody who is not in yet, for the next page. `device`: its new secret, None to leave it.
    """

    code: str
    ticket: str | Reason = ""
    device: str | None = None
    held: frozenset[Method] = frozenset()


def _elsewhere(judgement: Judgement, visitor: Visitor) -> tuple[Reason, ...]:
    """That the app sees another address than this page: else nobody understands why it says something else."""
    address = judgement.request.address
    return () if address is None or address == visitor.ip else (Reason.of("otherAddress", address=str(address)),)
