"""A method reset: who lost their sign-in methods gets new ones because two other people say so (ADR 0010)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from assay.identities.methods.summary import MethodSummary
from assay.values import Reason, SessionId, UserId, Value

MAX_REASON: Final = 500  # characters
HOST: Final = "host:"
ROOT: Final = "host:0"
# So many who approve make waiting unnecessary: with the one who asked, three people stand for it.
APPROVALS_ON_THE_SPOT: Final = 2


class Strength(StrEnum):
    """How strongly a person could sign in; the new methods must reach the same."""

    MULTI_FACTOR = "multiFactor"
    PHISHING_RESISTANT = "phishingResistant"


class ResetEnd(StrEnum):
    """How a reset ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ResetSettings(Value, frozen=True, kw_only=True):
    """How long a reset waits for the person to object, how long it stays open, and how long its link works."""

    waiting: timedelta = timedelta(hours=4)
    lifetime: timedelta = timedelta(hours=72)
    link: timedelta = timedelta(hours=1)


class Party(Value, frozen=True, kw_only=True):
    """Somebody who acts on a reset: a person's id, or `host:<uid>` for a user of the host."""

    id: str
    name: str

    @property
    def is_host(self) -> bool:
        return self.id.startswith(HOST)

    @property
    def is_root(self) -> bool:
        return self.id == ROOT


class Approval(Party, frozen=True, kw_only=True):
    """One party's yes; `override` is what root said where root had asked for it as well."""

    at: datetime
    override: str = ""


class MethodReset(Value, frozen=True, kw_only=True):
    """One reset. `held_before`: marks of the methods there were when its link was used."""

    id: str
    user_id: UserId
    reason: str
    required: Strength
    requested_by: Party
    requested_at: datetime
    waits_until: datetime
    expires_at: datetime
    approvals: tuple[Approval, ...] = ()
    pass_id: str | None = None
    session_id: SessionId | None = None
    held_before: tuple[str, ...] = ()
    ended_at: datetime | None = None
    end: ResetEnd | None = None
    ended_by: str = ""
    seen_at: datetime | None = None

    def open(self, at: datetime) -> bool:
        """Whether anything can still come of it; once its link was used it stays open as long as that session."""
        return self.end is None and at < self.expires_at

    @property
    def parties(self) -> tuple[Party, ...]:
        """Who stands for it: the one who asked first."""
        return (self.requested_by, *self.approvals)


def required_strength(held: MethodSummary) -> Strength:
    """What new methods must reach, for somebody with these; never less than two factors."""
    return Strength.PHISHING_RESISTANT if held.passkeys else Strength.MULTI_FACTOR


def reaches(new: MethodSummary, required: Strength) -> bool:
    """Whether these new methods are as strong as what was lost; recovery codes are no way to sign in."""
    if required is Strength.PHISHING_RESISTANT:
        return new.passkeys > 0
    return new.passkeys > 0 or (new.password and new.totp)


def request_refusal(by: Party, user_id: UserId, reason: str) -> Reason | None:
    """Why this party cannot ask for this person's reset, or None."""
    if by.id == user_id:
        return Reason.of("resetOwn")
    if not reason.strip() or len(reason) > MAX_REASON or not reason.isprintable():
        return Reason.of("resetReason", maximum=str(MAX_REASON))
    return None


def approval_refusal(reset: MethodReset, by: Party, override: str, at: datetime) -> Reason | None:
    """Why this party cannot approve, or None: nobody approves alone what they asked for, and nobody their own.

    Root of the host could read and write the database: it may stand for both, if it says why, and the log says so.
    """
    if not reset.open(at) or reset.pass_id is not None:
        return Reason.of("resetOver")
    if by.id == reset.user_id:
        return Reason.of("resetOwn")
    if any(given.id == by.id for given in reset.approvals):
        return Reason.of("resetApprovedAlready")
    if by.id == reset.requested_by.id and not (by.is_root and override.strip()):
        return Reason.of("resetSecondPerson")
    return None


def link_refusal(reset: MethodReset, standing: Collection[Party], by: Party, at: datetime) -> Reason | None:
    """Why the link cannot be handed out now, or None; `standing` are the parties who could still ask and approve."""
    if not reset.open(at) or reset.session_id is not None:
        return Reason.of("resetOver")
    if by.id not in {party.id for party in reset.parties}:
        return Reason.of("resetNotYours")
    entitled = {party.id for party in standing}
    if reset.requested_by.id not in entitled or by.id not in entitled:
        return Reason.of("resetRoleLost")
    approvals = [given for given in reset.approvals if given.id in entitled]
    if not approvals:
        return Reason.of("resetNotApproved")
    others = {given.id for given in approvals} - {reset.requested_by.id}
    if at < reset.waits_until and len(others) < APPROVALS_ON_THE_SPOT:
        return Reason.of("resetWaits", until=reset.waits_until.strftime("%Y-%m-%d %H:%M UTC"))
    return None
