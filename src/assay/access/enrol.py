"""Enrolment: the one-time link, and the methods that a person registers on the own pages."""

from collections.abc import Awaitable, Callable
from typing import Final

from assay.access.admission import Admission, may_hold_session
from assay.access.attempt import NotDone, attempt
from assay.access.decide import Judgement, judge, refusal
from assay.access.guessing import Guessing
from assay.access.link_lookups import LinkLookups, TooManyLinks
from assay.access.methods import held_methods
from assay.access.next_step import next_step
from assay.access.own_resets import finish_reset
from assay.access.premises import Premises
from assay.access.register_method import MethodRegistrar, NewTotp
from assay.access.remove_own_method import remove_own_method
from assay.access.reset_session import began_by_link, confined
from assay.access.sign_in_log import SignInLog
from assay.access.signals import Signals, Subject
from assay.access.steps import (
    AskFirstFactor,
    AskSecondFactor,
    ChooseMethods,
    ConfirmEnrolment,
    ConfirmTotp,
    Enter,
    NotFound,
    Outcome,
    PasskeyChallenge,
    ShowRecoveryCodes,
)
from assay.access.use_link import LinkUse
from assay.access.visitor import Visitor
from assay.events.decision import short_code
from assay.governance.help_desk import is_help_desk
from assay.identities.methods.enrolment import EnrolmentPass, pass_refusal
from assay.identities.methods.summary import MethodSummary
from assay.identities.records import methods
from assay.identities.users import User
from assay.policy import Outcome as Verdict
from assay.policy import UserAction, UserActionTarget
from assay.sessions.assurance import AAL1, acr
from assay.sessions.session import Session
from assay.store import Reader
from assay.values import Reason

# A stranger is told the same of a link that is used, expired or never existed.
INVALID = NotFound(reason=Reason.of("passInvalid"))
# One in the safe, one elsewhere: a single key that fails is no emergency access.
EMERGENCY_KEYS: Final = 2
RENEWED = Outcome(step=Enter(location="/methods/renewed"), cookie="")

FindSession = Callable[[Visitor], Awaitable[Session | None]]


class Enrol:
    """The flow behind the enrolment link and the page of sign-in methods."""

    def __init__(
        self,
        premises: Premises,
        *,
        signals: Signals,
        admission: Admission,
        registrar: MethodRegistrar,
        guessing: Guessing,
        session: FindSession,
    ) -> None:
        self._premises = premises
        self._signals = signals
        self._links = LinkUse(premises, admission, guessing)
        self._registrar = registrar
        self._lookups = LinkLookups(premises, guessing.limits)
        self._session = session
        self._log = SignInLog(premises, signals)

    async def look(self, visitor: Visitor, code: str) -> Outcome:
        """What the link is for; looking uses nothing up, for links get previewed."""
        at = self._premises.now()

        def judged(reader: Reader, found: EnrolmentPass) -> Outcome:
            if pass_refusal(found, at) is not None:
                return Outcome(step=INVALID)
            user = may_hold_session(reader, found.user_id)
            if isinstance(user, Reason):
                return Outcome(step=INVALID)
            return Outcome(
                step=ConfirmEnrolment(
                    user_name=user.user_name, display_name=user.display_name, expires_at=found.expires_at
                )
            )

        looked = await self._lookups.find(visitor, code, judged)
        return _too_many(looked) if isinstance(looked, TooManyLinks) else looked or Outcome(step=INVALID)

    async def use(self, visitor: Visitor, code: str) -> Outcome:
        """Use the link up: a session in which methods can be registered."""
        # Garbage never takes the writer's turn, on which everybody waits.
        digest = await self._lookups.find(visitor, code, lambda _, found: found.digest)
        if digest is None:
            return Outcome(step=INVALID)
        if isinstance(digest, TooManyLinks):
            return _too_many(digest)
        former = await self._session(visitor)
        issued = await attempt(
            self._premises.store, lambda transaction: self._links.use(transaction, digest, visitor, former)
        )
        if isinstance(issued, Reason | NotDone):
            await self._premises.store.write(lambda transaction: self._links.refused(transaction, digest, visitor))
            return Outcome(step=INVALID)
        user = self._signals.subject(issued.session.user_id)
        step = await self._choose(user.user, issued.session) if user is not None else INVALID
        return Outcome(step=step, cookie=issued.secret)

    async def methods(self, visitor: Visitor) -> Outcome:
        """The person's methods, if they may register more now."""
        admitted = await self._admitted(visitor)
        return admitted if isinstance(admitted, Outcome) else await self._registered(*admitted, None)

    async def passkey_options(self, visitor: Visitor) -> PasskeyChallenge | Outcome:
        """A ceremony that makes a passkey."""
        admitted = await self._admitted(visitor)
        return admitted if isinstance(admitted, Outcome) else await self._registrar.passkey_options(admitted[0])

    async def add_passkey(self, visitor: Visitor, handle: str, credential_json: bytes, name: str) -> Outcome:
        """Keep the passkey that the browser made."""
        admitted = await self._admitted(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        user, session = admitted
        error = await self._registrar.passkey(user, session, visitor, handle, credential_json, name)
        return await self._registered(user, session, error)

    async def set_password(self, visitor: Visitor, password: str) -> Outcome:
        """Set or change the password."""
        admitted = await self._admitted_beside_keys(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        user, session = admitted
        error = await self._registrar.password(user, session, visitor, password)
        return await self._registered(user, session, error)

    async def begin_totp(self, visitor: Visitor) -> Outcome:
        """Show a new authenticator app's key."""
        admitted = await self._admitted_beside_keys(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        begun = await self._registrar.begin_totp(*admitted)
        if isinstance(begun, Reason):
            return Outcome(step=await self._choose(*admitted, begun))
        return Outcome(step=_confirm(begun, None))

    async def confirm_totp(self, visitor: Visitor, code: str) -> Outcome:
        """Prove the key by a code."""
        admitted = await self._admitted_beside_keys(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        user, session = admitted
        shown, error = await self._registrar.confirm_totp(user, session, visitor, code)
        if shown is not None:
            return Outcome(step=_confirm(shown, error))
        return await self._registered(user, session, error)

    async def recovery_codes(self, visitor: Visitor) -> Outcome:
        """Make new recovery codes and show them this once."""
        admitted = await self._admitted_beside_keys(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        user, session = admitted
        codes = await self._registrar.recovery_codes(user, session, visitor)
        if isinstance(codes, Reason):
            return Outcome(step=await self._choose(user, session, codes))
        return Outcome(step=ShowRecoveryCodes(codes=codes))

    async def remove(self, visitor: Visitor, method: str) -> Outcome:
        """Take a method away; `method` is the id of one that the person has."""
        admitted = await self._admitted(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        user, session = admitted
        subject = self._signals.subject(user.id)
        keys_needed = EMERGENCY_KEYS if subject is None or subject.principal.break_glass else 0
        error = await self._premises.store.write(
            lambda transaction: remove_own_method(
                self._premises, transaction, user, session, visitor, method, keys_needed=keys_needed
            ),
            urgent=True,
        )
        return Outcome(step=await self._choose(user, session, error))

    async def _registered(self, user: User, session: Session, error: Reason | None) -> Outcome:
        """The methods there are now; or the end of a reset, where the new ones are strong enough."""
        if error is None and await finish_reset(self._premises, session):
            return RENEWED
        return Outcome(step=await self._choose(user, session, error))

    async def _admitted(self, visitor: Visitor) -> tuple[User, Session] | Outcome:
        """Who may register methods now: the engine allows it, and the session shows more than a password.

        Otherwise whoever found out a password could add a second factor of their own.
        """
        session = await self._session(visitor)
        subject = self._signals.subject(session.user_id) if session is not None else None
        if session is None or subject is None:
            return Outcome(step=AskFirstFactor())
        judgement = judge(
            self._signals,
            subject,
            UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO),
            proofs=session.proofs,
            address=visitor.ip,
            user_agent=visitor.user_agent,
            at=self._premises.now(),
        )
        if judgement.decision.outcome is not Verdict.ALLOW:
            return await self._not_admitted(judgement, session, subject, visitor)
        if acr(session.proofs, self._premises.now()) == AAL1 and not began_by_link(session.proofs):
            return await self._too_weak(judgement, session, subject, visitor)
        return subject.user, session

    async def _admitted_beside_keys(self, visitor: Visitor) -> tuple[User, Session] | Outcome:
        """The same for methods that are no passkeys: an emergency access account has none that can be guessed."""
        admitted = await self._admitted(visitor)
        if isinstance(admitted, Outcome):
            return admitted
        subject = self._signals.subject(admitted[0].id)
        if subject is not None and not subject.principal.break_glass:
            return admitted
        return Outcome(step=await self._choose(*admitted, Reason.of("breakGlassPasskeyOnly")))

    async def _too_weak(self, judgement: Judgement, session: Session, subject: Subject, visitor: Visitor) -> Outcome:
        """A password alone: one more factor, or a refusal for somebody who has none."""
        reason = Reason.of("methodsNeedStrongSignIn")
        held = await self._held(subject.user)
        if held.totp or held.passkeys or held.recovery_codes:
            step = AskSecondFactor(
                app_name="",
                totp=held.totp,
                passkey=held.passkeys > 0,
                recovery_code=held.recovery_codes > 0,
                reasons=(reason,),
            )
            return Outcome(step=step)
        refused = Judgement(request=judgement.request, decision=refusal(self._signals, reason))
        return await self._not_admitted(refused, session, subject, visitor)

    async def _not_admitted(
        self, judgement: Judgement, session: Session, subject: Subject, visitor: Visitor
    ) -> Outcome:
        code = short_code(
            await self._premises.store.write(
                lambda transaction: self._log.decided(transaction, judgement, session, subject, visitor)
            )
        )
        held = await self._held(subject.user)
        step = next_step(
            judgement.decision,
            held=held.methods,
            user=subject.user,
            app_name="",
            short_code=code,
            at=judgement.request.at,
        )
        return Outcome(step=step)

    async def _held(self, user: User) -> MethodSummary:
        return await self._premises.store.read(lambda reader: methods.summary(reader, user.id))

    async def _choose(self, user: User, session: Session, error: Reason | None = None) -> ChooseMethods:
        summary, held, is_confined = await self._premises.store.read(
            lambda reader: (
                methods.summary(reader, user.id),
                held_methods(reader, user.id),
                confined(reader, session),
            )
        )
        subject = self._signals.subject(user.id)
        passkey_only = subject is not None and subject.principal.break_glass
        return ChooseMethods(
            user_name=user.user_name,
            held=held,
            passkey_only=passkey_only,
            complete=summary.passkeys >= EMERGENCY_KEYS if passkey_only else summary.complete,
            navigation=not is_confined,
            help_desk=subject is not None and is_help_desk(subject.principal.roles),
            password_minimum=self._registrar.rules.minimum,
            error=error,
        )


def _too_many(found: TooManyLinks) -> Outcome:
    step = NotFound(reason=Reason.of("linksTooMany", seconds=str(found.retry_after)))
    return Outcome(step=step, retry_after=found.retry_after)


def _confirm(shown: NewTotp, error: Reason | None) -> ConfirmTotp:
    return ConfirmTotp(secret=shown.secret, uri=shown.uri, error=error)
