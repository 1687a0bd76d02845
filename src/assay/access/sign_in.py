"""Sign-in: one flow that asks the engine and makes each unmet control the next page."""

from msgspec.structs import replace

from assay.access.admission import Admission
from assay.access.engine_answers import EngineAnswers, Judged, Kept
from assay.access.guessing import Attempt, Guessing
from assay.access.own_pages import OwnVisit, used
from assay.access.own_steps import OfferPasskey
from assay.access.passkey_offer import due_on_the_way, made
from assay.access.premises import Premises
from assay.access.reset_session import began_by_link, confined
from assay.access.signals import Signals
from assay.access.steps import AskFirstFactor, Enter, Outcome, PasskeyChallenge, Step
from assay.access.throttled import Throttled
from assay.access.verify_method import FAILED, Checked, MethodVerifier
from assay.access.visitor import Destination, Visitor
from assay.events import Event
from assay.identities.methods.outcome import Proved, Refusal
from assay.identities.records import methods
from assay.identities.users import User
from assay.policy import Method
from assay.sessions.assurance import AAL1, acr
from assay.sessions.issued import Issued
from assay.sessions.records import sessions
from assay.sessions.secret import SECRET_LENGTH, secret_hash
from assay.sessions.session import EndReason, Session, with_proof
from assay.store import Transaction
from assay.values import AppId, Reason


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
        self._answers = EngineAnswers(premises, signals=signals, admission=admission)

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
                lambda transaction: self._admission.end(transaction, session, EndReason.SIGNED_OUT, visitor, at=at),
                urgent=True,
            )
        return Outcome(step=AskFirstFactor(), cookie="")

    async def own_page(self, visitor: Visitor, path: str) -> OwnVisit | Outcome:
        """A visit of the own page at this path, if the engine lets the person see it."""
        session = await self.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        step = await self._proceed(session, visitor, Destination(path=path))
        subject = self._signals.subject(session.user_id)
        if step != Enter(location=path) or subject is None:
            return Outcome(step=step)
        return OwnVisit(session=await used(self._premises, session), subject=subject)

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
        judged = await self._answers.judge(proved.user_id, proofs, rising, visitor, destination)

        if judged is None:
            await self._failed(visitor, Reason.of("userUnknown"), None)
            return await self._again(visitor, destination, FAILED)

        at = judged.judgement.request.at
        offer = await self._offer(proved, judged)

        def admit(transaction: Transaction) -> tuple[Issued, Kept] | Reason:
            noted: list[Event] = []
            if rising is not None:
                issued = self._admission.rise(transaction, rising, proved.proof, visitor, at=at)
            else:
                issued = self._admission.start(
                    transaction, proved.user_id, proved.proof, visitor, replaced=former, at=at, noted=noted
                )
            if isinstance(issued, Reason):
                return issued
            if attempt is not None:
                self._guessing.succeeded(transaction, attempt, judged.subject.user, visitor)
            if offer is not None:
                made(transaction, proved.user_id, at)
            kept = self._answers.keep(transaction, judged, issued.session, visitor, destination.safe, noted=noted)
            if attempt is not None and attempt.fresh:
                return issued, kept
            return issued, self._remember(transaction, kept, judged, issued.session, visitor)

        admitted = await self._premises.store.write(admit)
        if isinstance(admitted, Reason):
            await self._failed(visitor, admitted, judged.subject.user)
            return await self._again(visitor, destination, FAILED)
        issued, kept = admitted
        step = await self._answers.step(judged, kept)
        if offer is not None and isinstance(step, Enter):
            step = offer
        return Outcome(step=step, cookie=issued.secret, device=kept.device)

    async def _offer(self, proved: Proved, judged: Judged) -> OfferPasskey | None:
        """What to say before the app is opened, to somebody who comes with a code once more."""
        if judged.app is None or not judged.allowed or proved.proof.method is Method.FIDO2:
            return None
        user_id, at = proved.user_id, judged.judgement.request.at
        if judged.subject.principal.break_glass or not await self._premises.store.read(
            lambda reader: due_on_the_way(reader, user_id, at)
        ):
            return None
        return OfferPasskey(app_name=judged.app.display_name)

    def _remember(
        self, transaction: Transaction, kept: Kept, judged: Judged, session: Session, visitor: Visitor
    ) -> Kept:
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
        judged = await self._answers.judge(session.user_id, session.proofs, session, visitor, destination)
        if judged is None:
            return self._first_factor(destination)
        if await self._confined(session):
            return Enter(location="/methods")
        if judged.app is None and judged.allowed:
            # Looking at the own pages again is no sign-in, and not kept as one.
            return Enter(location=judged.own_path)
        kept = await self._premises.store.write(
            lambda transaction: self._answers.keep(transaction, judged, session, visitor, destination.safe)
        )
        return await self._answers.step(judged, kept)

    def _first_factor(
        self, destination: Destination, *, user_name: str = "", error: Reason | None = None
    ) -> AskFirstFactor:
        app = self._signals.apps.get(AppId(destination.safe.app))
        return AskFirstFactor(app_name=app.display_name if app else "", user_name=user_name, error=error)
