"""The sessions in use, in memory: found by the secret in a cookie, and true because they follow the change feed."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from assay.access.assertion import Assertion
from assay.access.decide import KeptEntry
from assay.policy import Decision
from assay.sessions.records import sessions as records
from assay.sessions.session import Session
from assay.store import Change, Reader, Store, Topic
from assay.values import AppId, SessionId, UserId

CAPACITY: Final = 100_000  # app sessions; the least recently used one is read again when it comes back


class LiveSession:
    """A session that is in use: the stored one, and when it was last seen."""

    __slots__ = ("last_seen", "session")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.last_seen = session.last_seen_at

    def alive(self, at: datetime) -> bool:
        session = self.session
        return session.ended_at is None and at < session.ends_at and at - self.last_seen < session.idle


class LiveAppSession:
    """A session on one app's host, with what was last decided for it."""

    __slots__ = ("app_id", "assertion", "assertion_epoch", "decision", "entry", "live", "secret_hash", "user_agent")

    def __init__(self, live: LiveSession, app_id: AppId, secret_hash: bytes) -> None:
        self.live = live
        self.app_id = app_id
        self.secret_hash = secret_hash
        self.user_agent = ""
        self.decision: Decision | None = None
        self.entry: KeptEntry | None = None
        self.assertion: Assertion | None = None
        self.assertion_epoch = -1


class LiveSessions:
    """Every app session used since the start, up to a capacity."""

    def __init__(self, store: Store, *, capacity: int = CAPACITY) -> None:
        self._store = store
        self._capacity = capacity
        self._live: dict[SessionId, LiveSession] = {}
        self._by_secret: OrderedDict[bytes, LiveAppSession] = OrderedDict()
        self._by_session: dict[SessionId, dict[AppId, LiveAppSession]] = {}
        self._listeners: list[Callable[[frozenset[SessionId]], None]] = []
        self._applied = 0
        store.feed.follow(read_sessions, self._apply)

    def on_change(self, listen: Callable[[frozenset[SessionId]], None]) -> None:
        """Call `listen` with the ids of sessions that were raised or ended, after they were taken over here."""
        self._listeners.append(listen)

    def find(self, secret_hash: bytes) -> LiveAppSession | None:
        """The app session, if it is in memory."""
        return self._by_secret.get(secret_hash)

    async def load(self, secret_hash: bytes) -> LiveAppSession | None:
        """The app session as stored; None when there is none or it has ended."""
        while True:
            before = self._applied
            found = await self._store.read(lambda reader: records.app_session_by_secret(reader, secret_hash))
            # What was read is older than a change applied meanwhile; one applied from now on finds the session here.
            if self._applied == before:
                break
        if found is None or found[1].ended_at is not None:
            return None
        app_session, session = found
        live = self._live.setdefault(session.id, LiveSession(session))
        return self._keep(LiveAppSession(live, app_session.app_id, secret_hash))

    def of(self, session_id: SessionId, app_id: AppId) -> LiveAppSession | None:
        """This session on this app's host, if it is in memory."""
        return self._by_session.get(session_id, {}).get(app_id)

    def of_users(self, user_ids: Collection[UserId]) -> tuple[SessionId, ...]:
        """The sessions in use of these people."""
        return tuple(session_id for session_id, live in self._live.items() if live.session.user_id in user_ids)

    def seen(self, session_id: SessionId, at: datetime) -> None:
        """An open connection of this session is use of it."""
        live = self._live.get(session_id)
        if live is not None:
            live.last_seen = max(live.last_seen, at)

    def take_seen(self) -> dict[SessionId, datetime]:
        """Which sessions were used later than the store knows."""
        return {
            session_id: live.last_seen
            for session_id, live in self._live.items()
            if live.last_seen > live.session.last_seen_at
        }

    def _keep(self, app_session: LiveAppSession) -> LiveAppSession:
        found = self._by_secret.setdefault(app_session.secret_hash, app_session)
        self._by_session.setdefault(found.live.session.id, {})[found.app_id] = found
        while len(self._by_secret) > self._capacity:
            _, oldest = self._by_secret.popitem(last=False)
            self._forget_copy(oldest)
        return found

    def _forget_copy(self, app_session: LiveAppSession) -> None:
        session_id = app_session.live.session.id
        copies = self._by_session.get(session_id, {})
        if copies.get(app_session.app_id) is app_session:
            del copies[app_session.app_id]
        if not copies:
            self._by_session.pop(session_id, None)
            self._live.pop(session_id, None)

    def _apply(self, sessions: tuple[Session, ...]) -> None:
        self._applied += 1
        changed: set[SessionId] = set()
        for session in sessions:
            live = self._live.get(session.id)
            if live is None:
                continue
            live.session = session
            changed.add(session.id)
            copies = list(self._by_session.get(session.id, {}).values())
            for app_session in copies:
                app_session.decision = app_session.assertion = None
            if session.ended_at is not None:
                for app_session in copies:
                    self._by_secret.pop(app_session.secret_hash, None)
                    self._forget_copy(app_session)
        if changed:
            for listen in self._listeners:
                listen(frozenset(changed))


def read_sessions(reader: Reader, changes: Sequence[Change]) -> tuple[Session, ...]:
    """The sessions that these changes are about."""
    wanted = {SessionId(change.key) for change in changes if change.topic is Topic.SESSION}
    found = (records.get(reader, session_id) for session_id in wanted)
    return tuple(session for session in found if session is not None)
