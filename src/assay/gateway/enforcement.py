"""What is open is judged again whenever something changes or time runs out, and cut when it may not stay open."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import Final

from assay.access.check import Check
from assay.access.live_sessions import LiveSessions
from assay.access.signals import Signals
from assay.clock import Clock
from assay.gateway.connections import TcpSocket
from assay.gateway.cut import CutReport
from assay.gateway.gateway import Gateway
from assay.store import Change, Topic
from assay.values import AppId, SessionId, UserId

logger = logging.getLogger("assay.gateway.enforcement")
# Sign-in frequencies and session limits are minutes at least; a second late is what a person never sees.
EVERY_SECONDS: Final = 1.0
REPORTS_KEPT: Final = 1_000

Pair = tuple[TcpSocket, SessionId, AppId]


class Enforcement:
    """Follows the signals and the sessions; everything happens on the event loop, right after the commit."""

    def __init__(
        self, gateway: Gateway, *, check: Check, signals: Signals, sessions: LiveSessions, clock: Clock
    ) -> None:
        self._gateway = gateway
        self._check = check
        self._sessions = sessions
        self._clock = clock
        self._reports: OrderedDict[SessionId, CutReport] = OrderedDict()
        signals.on_change(self._signals_changed)
        sessions.on_change(self._sessions_changed)

    def take_report(self, session_id: SessionId) -> CutReport:
        """What was cut for this session since this was last asked; at most the last thousand sessions are kept."""
        return self._reports.pop(session_id, CutReport())

    async def run(self) -> None:
        """Judge what is open again as time passes, for ever."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                at = self._clock.now()
                for session_id in list(self._gateway.connections.sessions()):
                    self._sessions.seen(session_id, at)
                self._enforce(self._gateway.connections.pairs())
            except Exception:
                logger.exception("open connections could not be judged again")

    def _signals_changed(self, changes: tuple[Change, ...]) -> None:
        if all(change.topic is Topic.USER for change in changes):
            users = {UserId(change.key) for change in changes}
            self._sessions_changed(self._sessions.of_users(users))
        else:
            self._enforce(self._gateway.connections.pairs())

    def _sessions_changed(self, session_ids: Collection[SessionId]) -> None:
        connections = self._gateway.connections
        sockets = {socket for session_id in session_ids for socket in connections.of_session(session_id)}
        if sockets:
            self._enforce(connections.pairs_of(sockets))

    def _enforce(self, pairs: Iterable[Pair]) -> None:
        at = self._clock.now()
        refused = {
            socket: session_id
            for socket, session_id, app_id in pairs
            if not self._check.still_allowed(session_id, app_id, socket.peer_ip, at)
        }
        for session_id in set(refused.values()):
            report = self._gateway.cut(socket for socket, cut_for in refused.items() if cut_for == session_id)
            self._reports[session_id] = _together(self._reports.pop(session_id, CutReport()), report)
        while len(self._reports) > REPORTS_KEPT:
            self._reports.popitem(last=False)


def _together(before: CutReport, after: CutReport) -> CutReport:
    return CutReport(
        count=before.count + after.count,
        already_gone=before.already_gone + after.already_gone,
        failures=before.failures + after.failures,
        microseconds=before.microseconds + after.microseconds,
    )
