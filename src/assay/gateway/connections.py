"""Which sessions have used which open connection, so that the end of a session finds every one of them."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from assay.access.exchange import Connection, Grant
from assay.values import AppId, SessionId, Value

# Different grants of one session on one app over one connection: a browser has one, and two after a change of policy.
GRANTS_LIMIT: Final = 16
_ORDINARY: Final = Grant()


class TcpSocket(Value, frozen=True, kw_only=True):
    """The four-tuple of one downstream TCP connection; for one kernel it names one socket at a time."""

    peer_ip: str
    peer_port: int
    local_ip: str
    local_port: int


class OpenConnection(Value, frozen=True, kw_only=True):
    """A connection as Envoy announced it: the socket, and what the check tells `access` about it."""

    socket: TcpSocket
    facts: Connection
    protocol: str


class OpenUse(Value, frozen=True, kw_only=True):
    """One session's use of one open connection for one app, and as what its requests were let through."""

    socket: TcpSocket
    session_id: SessionId
    app_id: AppId
    grants: tuple[Grant, ...]


class _Users:
    """Who used one connection; another connection number means that the socket's address was used again."""

    __slots__ = ("grants", "nobodys", "number")

    def __init__(self, number: int, *, nobodys: bool) -> None:
        self.number = number
        # Only public paths were asked for on it; it is somebody's from the first session or credential on.
        self.nobodys = nobodys
        self.grants: dict[tuple[SessionId, AppId], tuple[Grant, ...]] = {}


class ConnectionMap:
    """Connection → sessions and apps; everything is synchronous, so a check registers before it answers.

    `capacity`: connections that carry a session or a credential. Those that carry nobody have room of their own,
    `room_for_nobody`: anybody can make as many of them as they like, so that they must not take anybody else's place.
    `close` resets the one that was idle longest to make room; whether it is closed.
    """

    def __init__(self, *, capacity: int, room_for_nobody: int, close: Callable[[TcpSocket], bool]) -> None:
        self._capacity = capacity
        self._room_for_nobody = room_for_nobody
        self._close = close
        self._users: dict[TcpSocket, _Users] = {}
        # Those that carry nobody, by their last request.
        self._nobodys: OrderedDict[TcpSocket, None] = OrderedDict()
        # How many connections were ever registered: a change says that there are new ones.
        self.registered = 0
        self._by_session: dict[SessionId, set[TcpSocket]] = {}

    def __len__(self) -> int:
        return len(self._users)

    def register(
        self,
        connection: OpenConnection,
        session: SessionId,
        app: AppId,
        grant: Grant = _ORDINARY,
        *,
        nobodys: bool = False,
    ) -> bool:
        """Remember that this session used this connection for this app; False when the map is full.

        False must refuse the request: a connection that is not in here cannot be cut. `nobodys`: what stands where
        the session would is the opening of a public path.
        """
        socket = connection.socket
        users = self._users.get(socket)
        if users is not None and users.number != connection.facts.number:
            self.forget(socket)
            users = None
        if users is None:
            if not self._has_room(nobodys=nobodys):
                return False
            users = self._users[socket] = _Users(connection.facts.number, nobodys=nobodys)
            self.registered += 1
            if nobodys:
                self._nobodys[socket] = None
        elif users.nobodys and not self._used_again(socket, users, nobodys=nobodys):
            return False
        pair = (session, app)
        grants = users.grants.get(pair)
        if grants is None:
            users.grants[pair] = (grant,)
            self._by_session.setdefault(session, set()).add(socket)
        elif grant not in grants:
            if len(grants) >= GRANTS_LIMIT:
                return False
            users.grants[pair] = (*grants, grant)
        return True

    def _has_room(self, *, nobodys: bool) -> bool:
        """Whether one more can be kept; one that carries nobody pushes out another that does."""
        if not nobodys:
            return len(self._users) - len(self._nobodys) < self._capacity
        if len(self._nobodys) < self._room_for_nobody:
            return True
        oldest = next(iter(self._nobodys), None)
        if oldest is None or not self._close(oldest):
            return False
        self.forget(oldest)
        return True

    def _used_again(self, socket: TcpSocket, users: _Users, *, nobodys: bool) -> bool:
        """One that carried nobody has another request, which may be somebody's."""
        if nobodys:
            self._nobodys.move_to_end(socket)
            return True
        if not self._has_room(nobodys=False):
            return False
        del self._nobodys[socket]
        users.nobodys = False
        return True

    def of_session(self, session: SessionId, app: AppId | None = None) -> tuple[TcpSocket, ...]:
        """The open connections this session used, for one app or any."""
        sockets = self._by_session.get(session, ())
        if app is None:
            return tuple(sockets)
        return tuple(socket for socket in sockets if (session, app) in self._users[socket].grants)

    def has(self, session: SessionId) -> bool:
        """Whether this session has an open connection."""
        return session in self._by_session

    def carries_session(self, socket: TcpSocket) -> bool:
        """Whether a session or a credential was let through on this connection."""
        users = self._users.get(socket)
        return users is not None and not users.nobodys

    def judged(self, socket: TcpSocket) -> bool:
        """Whether anything was let through on this connection."""
        return socket in self._users

    def sessions(self) -> Collection[SessionId]:
        """Sessions with at least one open connection."""
        return self._by_session.keys()

    def sockets(self) -> tuple[TcpSocket, ...]:
        """Every open connection."""
        return tuple(self._users)

    def uses(self, sockets: Iterable[TcpSocket] | None = None) -> Iterator[OpenUse]:
        """Who uses these connections (None: all of them) for what; one that is gone meanwhile is passed over."""
        for socket in self._users if sockets is None else sockets:
            users = self._users.get(socket)
            for (session, app), grants in users.grants.items() if users is not None else ():
                yield OpenUse(socket=socket, session_id=session, app_id=app, grants=grants)

    def forget(self, socket: TcpSocket) -> None:
        users = self._users.pop(socket, None)
        if users is None:
            return
        self._nobodys.pop(socket, None)
        for session in {session for session, _ in users.grants}:
            sockets = self._by_session[session]
            sockets.discard(socket)
            if not sockets:
                del self._by_session[session]

    def keep_only(self, alive: Collection[TcpSocket]) -> int:
        """Forget every connection the kernel no longer has; returns how many."""
        gone = [socket for socket in self._users if socket not in alive]
        for socket in gone:
            self.forget(socket)
        return len(gone)
