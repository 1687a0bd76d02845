"""What is open is judged again whenever something changes or time runs out, and cut when it may not stay open."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Final, Protocol

from assay.access.check import Check
from assay.access.live_sessions import LiveSessions
from assay.access.open_access import Withdrawal
from assay.access.signals import UNDECIDED_TOPICS, Signals
from assay.clock import Clock
from assay.gateway.connections import ConnectionMap, OpenUse, TcpSocket
from assay.gateway.cut import CutReport
from assay.store import Change, Topic
from assay.values import AppId, Reason, SessionId, UserId

logger = logging.getLogger("assay.gateway.enforcement")
# Sign-in frequencies and session limits are minutes at least; a second late is what a person never sees.
EVERY_SECONDS: Final = 1.0
# Requests wait while these are judged: a millisecond or two.
AT_ONCE: Final = 200
REPORTS_KEPT: Final = 1_000
TIMES_KEPT: Final = 1_000


class Cuts(Protocol):
    """What enforcement needs of a gateway."""

    connections: ConnectionMap

    def cut(self, sockets: Iterable[TcpSocket]) -> CutReport: ...


class Enforcement:
    """Follows the signals and the sessions; everything happens on the event loop, right after the commit."""

    def __init__(self, gateway: Cuts, *, check: Check, signals: Signals, sessions: LiveSessions, clock: Clock) -> None:
        self._gateway = gateway
        self._open_access = check.open_access
        self._sessions = sessions
        self._clock = clock
        # How many uses of open connections were ever judged again.
        self.judged = 0
        self._reports: OrderedDict[SessionId, CutReport] = OrderedDict()
        self._known_stuck: set[TcpSocket] = set()
        sessions.keep_while(gateway.connections.has)
        signals.on_change(self._signals_changed)
        sessions.on_change(self._sessions_changed)

    def take_report(self, session_id: SessionId) -> CutReport:
        """What was cut for this session since this was last asked; at most the last thousand sessions are kept."""
        return self._reports.pop(session_id, CutReport())

    async def run(self) -> None:
        """Judge what is open again as time passes and write down what was cut, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._open_access.run())
            group.create_task(self._watch_the_time())

    async def _watch_the_time(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self._judge_everything()
            except Exception:
                logger.exception("open connections could not be judged again")

    async def _judge_everything(self) -> None:
        """Judge all that is open, then count what stayed as use of its session.

        In that order: after the host was suspended, a session whose time ran out must not be revived by what it still
        has open. That an open connection is use keeps downloads and WebSockets alive; one without any request is
        closed by Envoy after ten minutes, so no session outlives its idle time by more than that.
        """
        connections = self._gateway.connections
        every = connections.sockets()
        for start in range(0, len(every), AT_ONCE):
            # Looked up anew for each batch: in between, an address may have become another connection.
            at = self._clock.now()
            for session_id in self._enforce(connections.uses(every[start : start + AT_ONCE])):
                self._sessions.seen(session_id, at)
            await asyncio.sleep(0)
        self._known_stuck.intersection_update(connections.sockets())

    def _signals_changed(self, changes: tuple[Change, ...]) -> None:
        """Judge what these changes can touch; those of sessions come by themselves."""
        decided = [change for change in changes if change.topic not in UNDECIDED_TOPICS]
        if not all(change.topic in _TOUCHED_BY for change in decided):
            self._enforce(self._gateway.connections.uses())
            return
        users = {UserId(change.key) for change in decided if change.topic is Topic.USER}
        if users:
            self._sessions_changed(self._sessions.of_users(users))
        apps = {AppId(change.key) for change in decided if change.topic in _OF_APPS}
        if apps:
            self._enforce(use for use in self._gateway.connections.uses() if use.app_id in apps)

    def _sessions_changed(self, session_ids: Collection[SessionId]) -> None:
        connections = self._gateway.connections
        sockets = {socket for session_id in session_ids for socket in connections.of_session(session_id)}
        if sockets:
            self._enforce(use for use in connections.uses(sockets) if use.session_id in session_ids)

    def _enforce(self, uses: Iterable[OpenUse]) -> Collection[SessionId]:
        """Cut what may not stay open; the sessions of what may."""
        at, began = self._clock.now(), time.perf_counter_ns()
        withdrawn: dict[SessionId, dict[TcpSocket, Withdrawal]] = {}
        allowed: set[SessionId] = set()
        for use in uses:
            self.judged += 1
            found = self._withdrawn(use, at)
            if found is None:
                allowed.add(use.session_id)
            else:
                withdrawn.setdefault(use.session_id, {})[use.socket] = found
        # All are cut before the first is written down.
        reports: dict[SessionId, tuple[CutReport, int]] = {}
        for session_id, sockets in withdrawn.items():
            report = self._gateway.cut(sockets)
            reports[session_id] = (report, (time.perf_counter_ns() - began) // 1000)
        for session_id, (report, ended) in reports.items():
            self._keep(session_id, withdrawn[session_id], report, ended)
        return allowed

    def _withdrawn(self, use: OpenUse, at: datetime) -> Withdrawal | None:
        """Why this may not stay open; what cannot be judged may not, and keeps nothing else from being judged."""
        try:
            return self._open_access.withdrawn(use.session_id, use.app_id, use.socket.peer_ip, use.grants, at)
        except Exception:
            logger.exception("what is open could not be judged, and is cut: session %s", use.session_id)
            return Withdrawal(session_id=use.session_id, app_id=use.app_id, reason=Reason.of("check_failed"))

    def _keep(
        self, session_id: SessionId, withdrawn: Mapping[TcpSocket, Withdrawal], report: CutReport, ended: int
    ) -> None:
        """`ended`: microseconds from when these were judged until the last of them was cut."""
        before = self._reports.pop(session_id, CutReport())
        self._reports[session_id] = _together(before, report, withdrawn)
        while len(self._reports) > REPORTS_KEPT:
            self._reports.popitem(last=False)
        stuck = {failure.socket for failure in report.failures}
        # What cannot be cut is tried again every second, and told once.
        if report.count or not stuck <= self._known_stuck:
            self._known_stuck |= stuck
            self._open_access.was_cut(
                tuple(withdrawn.values()),
                count=report.count,
                still_open=len(stuck),
                microseconds=_since_judged(report, ended),
                at=self._clock.now(),
            )


def _since_judged(report: CutReport, ended: int) -> tuple[int, ...]:
    """For each connection that was reset, the time since its access was found withdrawn; they go one by one."""
    waited = ended - sum(report.microseconds)
    return tuple(accumulate(report.microseconds, initial=waited))[1:][-TIMES_KEPT:]


def _together(before: CutReport, after: CutReport, tried: Collection[TcpSocket]) -> CutReport:
    """Both; of a connection that could not be cut, what was last said of it."""
    still_open = tuple(failure for failure in before.failures if failure.socket not in tried)
    return CutReport(
        count=before.count + after.count,
        already_gone=before.already_gone + after.already_gone,
        failures=still_open + after.failures,
        microseconds=(before.microseconds + after.microseconds)[-TIMES_KEPT:],
    )


# Changes that touch only the person or the app that their key names.
_OF_APPS: Final = frozenset({Topic.APP, Topic.ASSIGNMENT, Topic.APP_ACCESS})
_TOUCHED_BY: Final = _OF_APPS | {Topic.USER}
