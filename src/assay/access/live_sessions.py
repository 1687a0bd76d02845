"""The sessions in use, in memory: found by the secret in a cookie, and true because they follow the change feed."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from assay.access.assertion import Assertion
from assay.access.decide import KeptEntry, KeptJudgement
from assay.access.exchange import Grant
from assay.access.kept_allowance import KeptAllowance
from assay.access.signals import Subject
from assay.sessions.records import sessions as records
from assay.sessions.session import Session
from assay.store import Change, Reader, Store, Topic
from assay.values import AppId, SessionId, UserId, Value

CAPACITY: Final = 100_000  # app sessions; the least recently used one is read again when it comes back
# How many app sessions are looked at to make room, or to let go of what is over: the event loop waits meanwhile.
LOOKED_AT: Final = 1_000


class LiveSession:
    """A session that is in use: the stored one, and when it was last seen."""

    __slots__ = ("copies", "last_seen", "session", "stored_seen")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.last_seen = session.last_seen_at
        self.stored_seen = session.last_seen_at
        # By the hash of each secret: a browser may hold several of one app, from tabs that opened it at once.
        self.copies: dict[bytes, LiveAppSession] = {}

    def alive(self, at: datetime) -> bool:
        session = self.session
        return session.ended_at is None and at < session.ends_at and at - self.last_seen < session.idle

    def only_idle(self, at: datetime) -> bool:
        """Whether all that is wrong with it is that it was not used here: it may have been used on another node."""
        session = self.session
        return session.ended_at is None and at < session.ends_at and at - self.last_seen >= session.idle


class LiveAppSession:
    """A session on one app's host, with what was last made for it."""

    __slots__ = ("allowance", "app_id", "assertion", "assertion_of", "entry", "grant", "judged", "live", "secret_hash")

    def __init__(self, live: LiveSession, app_id: AppId, secret_hash: bytes) -> None:
        self.live = live
        self.app_id = app_id
        self.secret_hash = secret_hash
        self.judged: KeptJudgement | None = None
        self.entry: KeptEntry | None = None
        self.grant: Grant | None = None
        self.assertion: Assertion | None = None
        self.assertion_of: Subject | None = None
        self.allowance: KeptAllowance | None = None


class _Reading:
    """What happened while a session was being read; `void`: nobody knows what happened."""

    __slots__ = ("changed", "void")

    def __init__(self) -> None:
        self.changed: dict[SessionId, Session | None] = {}
        self.void = False


class Reread(Value, frozen=True, kw_only=True):
    """Sessions as they are stored, None for one that is not any more; `everything`: there are no others in memory."""

    sessions: Mapping[SessionId, Session | None]
    everything: bool = False


class LiveSessions:
    """Every app session used since the start, up to a capacity."""

    def __init__(self, store: Store, *, capacity: int = CAPACITY) -> None:
        self._store = store
        self._capacity = capacity
        self._live: dict[SessionId, LiveSession] = {}
        self._by_secret: OrderedDict[bytes, LiveAppSession] = OrderedDict()
        # When sessions that left the memory were last seen, until that is stored.
        self._left: dict[SessionId, datetime] = {}
        # What was changed while a session is being read, one for each read that is under way.
        self._reading: list[_Reading] = []
        self._in_use: Callable[[SessionId], bool] = lambda _: False
        self._listeners: list[Callable[[frozenset[SessionId]], None]] = []
        store.feed.follow(read_sessions, self._apply, again=self._read_again)

    def __len__(self) -> int:
        return len(self._by_secret)

    def on_change(self, listen: Callable[[frozenset[SessionId]], None]) -> None:
        """Call `listen` with the ids of sessions that were raised or ended, after they were taken over here."""
        self._listeners.append(listen)

    def keep_while(self, in_use: Callable[[SessionId], bool]) -> None:
        """Never let go of a living session for which `in_use` holds: what it has open could not be judged."""
        self._in_use = in_use

    def find(self, secret_hash: bytes) -> LiveAppSession | None:
        """The app session, if it is in memory."""
        found = self._by_secret.get(secret_hash)
        if found is not None:
            self._by_secret.move_to_end(secret_hash)
        return found

    async def load(self, secret_hash: bytes) -> LiveAppSession | None:
        """The app session as stored; None when there is none or it has ended."""
        while True:
            reading = _Reading()
            self._reading.append(reading)
            try:
                found = await self._store.read(lambda reader: records.app_session_by_secret(reader, secret_hash))
            finally:
                self._reading.remove(reading)
            if not reading.void:
                break
        if found is None:
            return None
        app_session, session = found
        # What was read may be older than a change applied meanwhile; one applied from now on finds the session here.
        newer = reading.changed.get(session.id, session)
        if session.ended_at is not None or newer is None or newer.ended_at is not None:
            return None
        return self._keep(newer, app_session.app_id, secret_hash)

    async def refresh(self, live: LiveSession) -> None:
        """Take over when the session was last used on other nodes, as far as they have stored it."""
        session_id = live.session.id
        stored = await self._store.read(lambda reader: records.get(reader, session_id))
        if stored is not None:
            live.last_seen = max(live.last_seen, stored.last_seen_at)
            live.stored_seen = max(live.stored_seen, stored.last_seen_at)

    def of(self, session_id: SessionId) -> LiveSession | None:
        """This session, if it is in memory."""
        return self._live.get(session_id)

    def of_users(self, user_ids: Collection[UserId]) -> tuple[SessionId, ...]:
        """The sessions in use of these people."""
        return tuple(session_id for session_id, live in self._live.items() if live.session.user_id in user_ids)

    def seen(self, session_id: SessionId, at: datetime) -> None:
        """An open connection of this session is use of it."""
        live = self._live.get(session_id)
        if live is not None:
            live.last_seen = max(live.last_seen, at)

    def take_seen(self) -> dict[SessionId, datetime]:
        """Which sessions were used since this was last asked; what cannot be stored is to be given back."""
        taken, self._left = self._left, {}
        for session_id, live in self._live.items():
            if live.last_seen > live.stored_seen:
                taken[session_id] = live.stored_seen = live.last_seen
        return taken

    def give_back_seen(self, taken: Mapping[SessionId, datetime]) -> None:
        """These could not be stored: they are taken again next time."""
        for session_id, at in taken.items():
            live = self._live.get(session_id)
            if live is None:
                self._left[session_id] = at
            else:
                live.stored_seen = live.session.last_seen_at

    def drop_ended(self, at: datetime) -> None:
        """Let go of sessions whose time is over, looking at the least recently used ones; to be called now and then."""
        for _ in range(min(LOOKED_AT, len(self._by_secret))):
            key, oldest = next(iter(self._by_secret.items()))
            if self._in_use(oldest.live.session.id):
                # Once its time is over, what it has open is cut within a second, and says why.
                self._by_secret.move_to_end(key)
            elif not oldest.live.alive(at):
                self._forget(oldest)
            else:
                break

    def _keep(self, session: Session, app_id: AppId, secret_hash: bytes) -> LiveAppSession:
        found = self._by_secret.get(secret_hash)
        if found is not None:
            return found
        live = self._live.get(session.id)
        if live is None:
            live = self._live[session.id] = LiveSession(session)
            live.last_seen = max(live.last_seen, self._left.pop(session.id, live.last_seen))
        found = self._by_secret[secret_hash] = live.copies[secret_hash] = LiveAppSession(live, app_id, secret_hash)
        if len(self._by_secret) > self._capacity:
            self._make_room(found)
        return found

    def _make_room(self, kept: LiveAppSession) -> None:
        """Forget the least recently used one that nothing is open for; with none among many, stay above capacity."""
        for _ in range(min(LOOKED_AT, len(self._by_secret))):
            key, oldest = next(iter(self._by_secret.items()))
            if oldest is not kept and not self._in_use(oldest.live.session.id):
                self._forget(oldest)
                return
            self._by_secret.move_to_end(key)

    def _forget(self, app_session: LiveAppSession) -> None:
        live = app_session.live
        del self._by_secret[app_session.secret_hash]
        del live.copies[app_session.secret_hash]
        if live.copies:
            return
        del self._live[live.session.id]
        if live.last_seen > live.stored_seen:
            self._left[live.session.id] = live.last_seen

    def _apply(self, found: Reread) -> None:
        sessions = dict(found.sessions)
        for reading in self._reading:
            reading.changed.update(sessions)
            reading.void = reading.void or found.everything
        if found.everything:
            # One that came in meanwhile was read before what was missed; who uses it reads it again.
            sessions |= {session_id: None for session_id in self._live if session_id not in sessions}
        changed = frozenset(session_id for session_id in sessions if session_id in self._live)
        for session_id in changed:
            self._replace(self._live[session_id], sessions[session_id])
        try:
            # Before those that ended are forgotten, so that a listener can say why they did.
            for listen in self._listeners if changed else ():
                listen(changed)
        finally:
            for session_id, session in sessions.items():
                if session is None or session.ended_at is not None:
                    self._forget_all(session_id)

    def _read_again(self, reader: Reader) -> Reread:
        """Every session in memory, as it is stored now; in the thread that reads."""
        return Reread(sessions=records.several(reader, tuple(self._live)), everything=True)

    def _replace(self, live: LiveSession, session: Session | None) -> None:
        for app_session in live.copies.values():
            app_session.assertion = app_session.allowance = None
        if session is None:
            # Its row is gone: it is over at any instant.
            live.session = msgspec.structs.replace(live.session, ends_at=live.session.started_at)
            return
        live.session = session
        # A step-up on the own pages is use too; here may be what was seen since it was last stored.
        live.last_seen = max(live.last_seen, session.last_seen_at)
        live.stored_seen = max(live.stored_seen, session.last_seen_at)

    def _forget_all(self, session_id: SessionId) -> None:
        live = self._live.get(session_id)
        for app_session in tuple(live.copies.values()) if live is not None else ():
            self._forget(app_session)
        self._left.pop(session_id, None)


def read_sessions(reader: Reader, changes: Sequence[Change]) -> Reread:
    """The sessions that these changes are about; None for one that is not stored any more."""
    wanted = {SessionId(change.key) for change in changes if change.topic is Topic.SESSION}
    return Reread(sessions={session_id: records.get(reader, session_id) for session_id in wanted})
