"""Which sessions have used which open connection, so that the end of a session finds every one of them."""

from collections.abc import Collection, Iterator

from assay.access.exchange import Connection
from assay.values import AppId, SessionId, Value


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


class _Users:
    """Who used one connection; another connection number means that the socket's address was used again."""

    __slots__ = ("number", "pairs")

    def __init__(self, number: int) -> None:
        self.number = number
        self.pairs: set[tuple[SessionId, AppId]] = set()


class ConnectionMap:
    """Connection → sessions and apps; everything is synchronous, so a check registers before it answers."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._users: dict[TcpSocket, _Users] = {}
        # How many connections were ever registered: a change says that there are new ones.
        self.registered = 0
        self._by_session: dict[SessionId, set[TcpSocket]] = {}

    def __len__(self) -> int:
        return len(self._users)

    def register(self, connection: OpenConnection, session: SessionId, app: AppId) -> bool:
        """Remember that this session used this connection for this app; False when the map is full.

        False must refuse the request: a connection that is not in here cannot be cut.
        """
        socket = connection.socket
        users = self._users.get(socket)
        if users is None or users.number != connection.facts.number:
            if users is not None:
                self.forget(socket)
            elif len(self._users) >= self._capacity:
                return False
            users = self._users[socket] = _Users(connection.facts.number)
            self.registered += 1
        pair = (session, app)
        if pair not in users.pairs:
            users.pairs.add(pair)
            self._by_session.setdefault(session, set()).add(socket)
        return True

    def of_session(self, session: SessionId, app: AppId | None = None) -> tuple[TcpSocket, ...]:
        """The open connections this session used, for one app or any."""
        sockets = self._by_session.get(session, ())
        if app is None:
            return tuple(sockets)
        return tuple(socket for socket in sockets if (session, app) in self._users[socket].pairs)

    def of_app(self, app: AppId) -> tuple[TcpSocket, ...]:
        return tuple(socket for socket, users in self._users.items() if any(used == app for _, used in users.pairs))

    def sessions(self) -> Collection[SessionId]:
        """Sessions with at least one open connection: whom a change of policy has to be decided for anew."""
        return self._by_session.keys()

    def pairs(self) -> Iterator[tuple[TcpSocket, SessionId, AppId]]:
        for socket, users in self._users.items():
            for session, app in users.pairs:
                yield socket, session, app

    def pairs_of(self, sockets: Collection[TcpSocket]) -> Iterator[tuple[TcpSocket, SessionId, AppId]]:
        """The same for these connections alone."""
        for socket in sockets:
            for session, app in self._users[socket].pairs:
                yield socket, session, app

    def forget(self, socket: TcpSocket) -> None:
        users = self._users.pop(socket, None)
        if users is None:
            return
        for session in {session for session, _ in users.pairs}:
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
