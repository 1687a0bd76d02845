"""A session and the rules of its life."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from assay.policy.request import Proof
from assay.values import AppId, SessionId, UserId, Value

TICKET_LIFETIME: Final = timedelta(seconds=30)
# That a session was used is stored as often, at the gateway as on the own pages.
SEEN_EVERY: Final = timedelta(seconds=15)


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signedOut"
    REVOKED = "revoked"
    USER_DISABLED = "userDisabled"
    USER_DELETED = "userDeleted"
    EXPIRED = "expired"
    METHODS_RESET = "methodsReset"
    REPLACED = "replaced"  # the same browser signed in as somebody else
    ROLE_TAKEN = "roleTaken"  # a command line's person has nothing to do at the API any more


class SessionKind(StrEnum):
    """What holds a session: a browser with cookies, or the command line with a token (`assay login`)."""

    BROWSER = "browser"
    COMMAND_LINE = "commandLine"


class SessionLimits(Value, frozen=True, kw_only=True):
    """How long a session lasts: in all, and without a request (SP 800-63B-4 §2.2.3, AAL2)."""

    absolute: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(hours=1)


class Session(Value, frozen=True, kw_only=True):
    """One person in one browser, or at one command line.

    `proofs` is kept as one object: the policy engine remembers its answer for it.
    """

    id: SessionId
    user_id: UserId
    started_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    idle: timedelta
    proofs: tuple[Proof, ...]
    kind: SessionKind = SessionKind.BROWSER
    address: str = ""
    user_agent: str = ""
    ended_at: datetime | None = None
    end_reason: EndReason | None = None

    def alive(self, at: datetime) -> bool:
        """Whether it grants anything at this instant; a clock that stepped back before its start ends nothing."""
        return self.ended_at is None and at < self.ends_at and at - self.last_seen_at < self.idle

    def expires_at(self) -> datetime:
        """When it ends unless it is used again."""
        return min(self.ends_at, self.last_seen_at + self.idle)


class AppSession(Value, frozen=True, kw_only=True):
    """A session's copy on one app's host; it lives exactly as long as its session and opens nothing else."""

    session_id: SessionId
    app_id: AppId
    started_at: datetime


class Ticket(Value, frozen=True, kw_only=True):
    """A session on its way to an app's host; used once, within 30 s, by the browser that holds the state cookie."""

    session_id: SessionId
    app_id: AppId
    path: str
    state_hash: bytes
    expires_at: datetime


def with_proof(proofs: tuple[Proof, ...], proof: Proof) -> tuple[Proof, ...]:
    """What is proved once `proof` is added: of each method the newest use counts."""
    return (*(kept for kept in proofs if kept.method != proof.method), proof)
