"""What is open is judged again whenever something changes or time runs out, and cut when it may not stay open."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
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
        self._reports: list[Callable[[CutReport], None]] = []
        signals.on_change(self._signals_changed)
        sessions.on_change(self._sessions_changed)

    def on_cut(self, report: Callable[[CutReport], None]) -> None:
        """Call `report` after every cut, with how many connections and how long each took."""
        self._reports.append(report)

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
        wanted = set(session_ids)
        sockets = {socket for session_id in wanted for socket in self._gateway.connections.of_session(session_id)}
        if sockets:
            self._enforce(pair for pair in self._gateway.connections.pairs() if pair[0] in sockets)

    def _enforce(self, pairs: Iterable[Pair]) -> None:
        at = self._clock.now()
        refused = {
            socket
            for socket, session_id, app_id in pairs
            if not self._check.still_allowed(session_id, app_id, socket.peer_ip, at)
        }
        if refused:
            report = self._gateway.cut(refused)
            for tell in self._reports:
                tell(report)
