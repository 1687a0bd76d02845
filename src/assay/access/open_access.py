"""What is open is judged as requests are: why it may not stay open, and what the log says once it is cut."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from assay.access.authorize import lost
from assay.access.decide import Judgement, entry_of, flows_of, judge, read_address
from assay.access.exchange import Grant
from assay.access.live_sessions import LiveSession, LiveSessions
from assay.access.premises import Premises
from assay.access.programs import Programs
from assay.access.signals import Signals
from assay.events import SALT_BYTES, About, Actor, DecisionLog, Entity, Event, occurrence, record_all
from assay.events.types import CONNECTIONS_CUT
from assay.policy import AppTarget, Decision, Limits, Outcome
from assay.sessions.session import EndReason
from assay.store import Transaction
from assay.values import AppId, CredentialId, Reason, SessionId, UserId, Value

logger = logging.getLogger("assay.access.open_access")
# Events that may wait for the database; what ended the access is in the log by itself.
WAITING_LIMIT: Final = 10_000
RETRY_SECONDS: Final = 1.0


class Withdrawal(Value, frozen=True, kw_only=True):
    """Why what a session has open on an app may not stay open; `judgement` where the engine was asked."""

    session_id: SessionId
    app_id: AppId
    reason: Reason
    user_id: UserId | None = None
    judgement: Judgement | None = None


class OpenAccess:
    """Judges what is open, and keeps a trace of every cut."""

    def __init__(
        self,
        premises: Premises,
        *,
        signals: Signals,
        sessions: LiveSessions,
        programs: Programs,
        log: DecisionLog,
    ) -> None:
        self._premises = premises
        self._programs = programs
        self._signals = signals
        self._sessions = sessions
        self._log = log
        self._events: list[Event] = []
        self._wake = asyncio.Event()

    def withdrawn(
        self, session_id: SessionId, app_id: AppId, address: str, grants: Sequence[Grant], at: datetime
    ) -> Withdrawal | None:
        """Why this may not stay open, decided anew on the signals of now; None when it may.

        `address`: the connection's peer. `grants`: as what its requests were let through; each must be granted again,
        and no less.
        """
        live = self._sessions.of(session_id)
        if live is None:
            return self._without_session(session_id, app_id, address, grants, at)
        if not live.alive(at):
            ended = live.session.end_reason or EndReason.EXPIRED
            return _withdrawal(live, app_id, Reason.of(ended.value))
        if app_id not in self._signals.apps:
            return _withdrawal(live, app_id, Reason.of("appRemoved"))
        for grant in grants:
            found = self._not_granted(live, app_id, address, grant, at)
            if found is not None:
                return found
        return None

    def _without_session(
        self, key: SessionId, app_id: AppId, address: str, grants: Sequence[Grant], at: datetime
    ) -> Withdrawal | None:
        """The same for what a public path or a credential opened, or a session that is no more."""
        app_access = self._signals.app_access
        opening, credential = app_access.openings.get(key), app_access.by_id.get(CredentialId(key))
        if app_id not in self._signals.apps:
            return Withdrawal(session_id=key, app_id=app_id, reason=Reason.of("appRemoved"))
        if opening is not None and opening.in_force(at):
            return None
        if credential is None:
            # Versions of a public path hold a slash, ids of sessions none.
            code = "publicPathClosed" if "/" in key else "sessionEnded"
            return Withdrawal(session_id=key, app_id=app_id, reason=Reason.of(code))
        for grant in grants:
            judgement = self._programs.judge_open(credential, app_id, address, grant, at)
            reason = _refusal(judgement.decision, grant)
            if reason is not None:
                return Withdrawal(session_id=key, app_id=app_id, reason=reason, judgement=judgement)
        return None

    def was_cut(
        self,
        withdrawals: Sequence[Withdrawal],
        *,
        count: int,
        still_open: int,
        at: datetime,
        microseconds: tuple[int, ...] = (),
    ) -> None:
        """Keep a trace of what was cut for one session: its decision and one event, written by `run`.

        `microseconds`: for each connection, from when its access was found withdrawn to its reset.
        """
        first = withdrawals[0]
        judgement = next((each.judgement for each in withdrawals if each.judgement is not None), None)
        if judgement is not None:
            self._log.add(entry_of(judgement, first.session_id), at)
        if len(self._events) >= WAITING_LIMIT:
            logger.error("a cut has no event, because too many wait for the database: session %s", first.session_id)
            return
        subject = None if first.user_id is None else self._signals.subject(first.user_id)
        app = self._signals.apps.get(first.app_id)
        one_app = all(each.app_id == first.app_id for each in withdrawals)
        counts = {"count": str(count)} | ({"stillOpen": str(still_open)} if still_open else {})
        event = occurrence(
            CONNECTIONS_CUT,
            at=at,
            actor=Actor.system(),
            about=About(
                user_id=first.user_id,
                user_name=subject.user.user_name if subject is not None else "",
                app_id=first.app_id if one_app else None,
                app_name=app.display_name if app is not None and one_app else "",
                session_id=first.session_id,
                entity=self._entity(first.session_id),
            ),
            reason=Reason.of(first.reason.code, **(dict(first.reason.parameters) | counts)),
        )
        self._events.append(msgspec.structs.replace(event, cut_microseconds=microseconds))
        self._wake.set()

    def _entity(self, key: SessionId) -> Entity | None:
        """What stood where a session would: the program's credential."""
        credential = self._signals.app_access.by_id.get(CredentialId(key))
        return None if credential is None else Entity(uid=credential.id, name=credential.name, type="credential")

    async def run(self) -> None:
        """Write the events of cuts, for ever; those that wait when it is cancelled are written before it ends."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if not await self._write():
                    self._wake.set()
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            await self._write()

    async def _write(self) -> bool:
        """Whether nothing waits any more."""
        events, self._events = self._events, []

        def keep(transaction: Transaction) -> None:
            record_all(transaction, [(event, self._premises.random(SALT_BYTES)) for event in events])

        try:
            if events:
                await self._premises.store.write(keep, urgent=True)
        except Exception:
            logger.exception("the events of %d cuts could not be written; they wait", len(events))
            self._events = events + self._events
            return False
        return True

    def _not_granted(
        self, live: LiveSession, app_id: AppId, address: str, grant: Grant, at: datetime
    ) -> Withdrawal | None:
        subject = self._signals.subject(live.session.user_id)
        if subject is None:
            return _withdrawal(live, app_id, Reason.of("userUnknown"))
        judgement = judge(
            self._signals,
            subject,
            AppTarget(app_id=app_id),
            proofs=live.session.proofs,
            address=read_address(grant.forwarded_for or address),
            user_agent=grant.user_agent,
            at=at,
            flows=flows_of(live.session.kind),
        )
        reason = _refusal(judgement.decision, grant)
        if reason is None and lost(grant.roles, subject.principal.roles):
            # Another role may still open the app; what this one let through, a stream or half a change, ends.
            reason = Reason.of("roleRemoved")
        return None if reason is None else _withdrawal(live, app_id, reason, judgement)


def _refusal(decision: Decision, grant: Grant) -> Reason | None:
    """Why what was let through like this would not be now."""
    if decision.outcome is not Outcome.ALLOW:
        return decision.reasons[0] if decision.reasons else Reason.of("accessDenied")
    # A connection may carry what a limit of now forbids; its client reconnects and is limited then.
    return None if _covers(decision.limits, grant.limits) else Reason.of("limitsNarrowed")


def _withdrawal(live: LiveSession, app_id: AppId, reason: Reason, judgement: Judgement | None = None) -> Withdrawal:
    session = live.session
    return Withdrawal(session_id=session.id, app_id=app_id, reason=reason, user_id=session.user_id, judgement=judgement)


def _covers(now: Limits, granted: Limits) -> bool:
    """Whether all that was permitted is permitted now."""
    if now is granted:
        return True
    if now.read_only and not granted.read_only:
        return False
    return now.methods is None or (granted.methods is not None and granted.methods <= now.methods)
