"""Method resets by two people: asked for, approved, handed out as a link, or called off (ADR 0010)."""

from collections.abc import Callable
from typing import Final, TypeVar

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.end_reset import call_off
from assay.access.enrolment_links import EnrolmentLink, issue_link
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.reset_log import ResetLog
from assay.access.reset_scope import entitled, party_of
from assay.events.types import METHOD_RESET_APPROVED, METHOD_RESET_REQUESTED
from assay.identities.methods.enrolment import EnrolmentPurpose
from assay.identities.methods.reset import (
    Approval,
    MethodReset,
    Party,
    ResetSettings,
    approval_refusal,
    link_refusal,
    request_refusal,
    required_strength,
)
from assay.identities.records import methods, resets, users
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.store import Reader, Transaction
from assay.values import Reason, Value

_T = TypeVar("_T")

# One answer for who does not exist, who is out of reach and who may not be seen: a help-desk lists nobody.
NOBODY: Final = Reason.of("resetNobody")


class ResetView(Value, frozen=True, kw_only=True):
    """A reset as one party sees it; a reason None: the party may do this now."""

    reset: MethodReset
    user: User
    approve: Reason | None
    link: Reason | None


class ResetLink(Value, frozen=True, kw_only=True):
    """The link of a reset, shown once to the one who hands it over."""

    user: User
    link: EnrolmentLink


class Resets:
    """The flow behind the help-desk's page and `assay users reset`."""

    def __init__(self, premises: Premises, settings: ResetSettings) -> None:
        self._premises = premises
        self._settings = settings
        self._log = ResetLog(premises)

    async def open(self, by: By) -> tuple[ResetView, ...]:
        """The open resets of people whom this party may reset, oldest first."""

        def look(reader: Reader) -> tuple[ResetView, ...]:
            party = party_of(by.actor)
            found = (self._view(reader, each, party) for each in resets.every_open(reader, self._premises.now()))
            return tuple(view for view in found if view is not None)

        return await self._premises.store.read(look)

    async def request(self, by: By, user_name: str, why: str) -> ResetView | NotDone:
        """Ask for the reset of the person with exactly this user name."""

        def ask(transaction: Transaction) -> ResetView:
            party, at = party_of(by.actor), self._premises.now()
            user = users.by_name(transaction, user_name)
            if user is None or not entitled(transaction, party, user):
                raise UndoneError(NOBODY)
            refusal = request_refusal(party, user.id, why)
            if refusal is None and not user.enabled:
                refusal = Reason.of("userDisabled")
            if refusal is None and resets.open_of(transaction, user.id, at) is not None:
                refusal = Reason.of("resetOpen")
            if refusal is not None:
                raise UndoneError(refusal)
            new = MethodReset(
                id=self._premises.new_id(),
                user_id=user.id,
                reason=why.strip(),
                required=required_strength(methods.summary(transaction, user.id)),
                requested_by=party,
                requested_at=at,
                waits_until=at + self._settings.waiting,
                expires_at=at + self._settings.lifetime,
            )
            resets.insert(transaction, new)
            self._log.changed(transaction, METHOD_RESET_REQUESTED, by.actor, user, None, new)
            tell(self._premises, transaction, user, Notice.RECOVERY_REQUESTED, at=at, by=party.name)
            return self._seen(transaction, new, user, party)

        return await self._attempt(by, user_name, ask)

    async def approve(self, by: By, reset_id: str, *, override: str = "") -> ResetView | NotDone:
        """Say yes to what somebody else asked for; `override` is root's reason to do so alone."""

        def agree(transaction: Transaction) -> ResetView:
            party, at = party_of(by.actor), self._premises.now()
            reset, user = self._in_reach(transaction, party, reset_id)
            refusal = approval_refusal(reset, party, override, at)
            if refusal is None and not entitled(transaction, reset.requested_by, user):
                refusal = Reason.of("resetRoleLost")
            if refusal is not None:
                raise UndoneError(refusal)
            resets.approve(
                transaction, reset_id, Approval(id=party.id, name=party.name, at=at, override=override.strip())
            )
            after, _ = self._in_reach(transaction, party, reset_id)
            self._log.changed(transaction, METHOD_RESET_APPROVED, by.actor, user, reset, after)
            tell(self._premises, transaction, user, Notice.RECOVERY_APPROVED, at=at, by=party.name)
            return self._seen(transaction, after, user, party)

        return await self._attempt(by, reset_id, agree)

    async def hand_out(self, by: By, reset_id: str) -> ResetLink | NotDone:
        """The one-time link, for the one who asked or approved; a link made before and not used is void."""

        def make(transaction: Transaction) -> ResetLink:
            party, at = party_of(by.actor), self._premises.now()
            reset, user = self._in_reach(transaction, party, reset_id)
            standing = [each for each in reset.parties if entitled(transaction, each, user)]
            refusal = link_refusal(reset, standing, party, at)
            if refusal is not None:
                raise UndoneError(refusal)
            reason = Reason.of("methodReset", reset=reset.id)
            link = issue_link(
                self._premises,
                transaction,
                user,
                By(actor=by.actor, reason=reason),
                self._settings.link,
                purpose=EnrolmentPurpose.RESET,
            )
            if not resets.hand_out(transaction, reset_id, link.id):
                raise UndoneError(Reason.of("resetOver"))
            return ResetLink(user=user, link=link)

        return await self._attempt(by, reset_id, make)

    async def cancel(self, by: By, reset_id: str) -> ResetView | NotDone:
        """Call a reset off, as somebody who could approve it; what came by it goes."""

        def stop(transaction: Transaction) -> ResetView:
            party = party_of(by.actor)
            reset, user = self._in_reach(transaction, party, reset_id)
            return self._seen(transaction, call_off(self._premises, transaction, reset, user, by), user, party)

        return await self._attempt(by, reset_id, stop, urgent=True)

    def _in_reach(self, transaction: Transaction, party: Party, reset_id: str) -> tuple[MethodReset, User]:
        reset = resets.get(transaction, reset_id)
        user = users.get(transaction, reset.user_id) if reset is not None else None
        if reset is None or user is None or not entitled(transaction, party, user):
            raise UndoneError(NOBODY)
        return reset, user

    def _view(self, reader: Reader, reset: MethodReset, party: Party) -> ResetView | None:
        user = users.get(reader, reset.user_id)
        return None if user is None or not entitled(reader, party, user) else self._seen(reader, reset, user, party)

    def _seen(self, reader: Reader, reset: MethodReset, user: User, party: Party) -> ResetView:
        at = self._premises.now()
        standing = [each for each in reset.parties if entitled(reader, each, user)]
        return ResetView(
            reset=reset,
            user=user,
            approve=approval_refusal(reset, party, "", at),
            link=link_refusal(reset, standing, party, at),
        )

    async def _attempt(
        self, by: By, what: str, act: Callable[[Transaction], _T], *, urgent: bool = False
    ) -> _T | NotDone:
        """Run a step; a refusal leaves its event too, because trying is what an insider does first."""
        done = await attempt(self._premises.store, act, urgent=urgent)
        if isinstance(done, NotDone):
            await self._premises.store.write(
                lambda transaction: self._log.refused(transaction, by.actor, what, done.reason)
            )
        return done
