"""The map of connections: complete, bounded, and never mistaking a new connection for an old one."""

from hypothesis import given
from hypothesis import strategies as st

from assay.access.exchange import Connection, Grant
from assay.gateway.connections import GRANTS_LIMIT, ConnectionMap, OpenConnection, TcpSocket
from assay.policy import Limits
from assay.values import AppId, SessionId


def connection(port: int, number: int) -> OpenConnection:
    socket = TcpSocket(peer_ip="192.0.2.1", peer_port=port, local_ip="198.51.100.1", local_port=443)
    facts = Connection(peer_ip="192.0.2.1", peer_port=port, number=number, sni="wiki.example.com")
    return OpenConnection(socket=socket, facts=facts, protocol="HTTP/2")


def map_for(capacity: int) -> ConnectionMap:
    """One that cannot close anything, so that nothing but its bounds makes room."""
    return ConnectionMap(capacity=capacity, room_for_nobody=capacity, close=lambda _: False)


OPENING = SessionId("public/1")
ALICE, BOB, WIKI, FILES = SessionId("alice"), SessionId("bob"), AppId("wiki"), AppId("files")


def test_a_shared_connection_belongs_to_everyone_who_used_it() -> None:
    connections = map_for(10)
    shared = connection(1, 1)
    assert connections.register(shared, ALICE, WIKI)
    assert connections.register(shared, BOB, FILES)
    assert connections.of_session(ALICE) == connections.of_session(BOB) == (shared.socket,)
    assert connections.of_session(ALICE, FILES) == ()
    assert set(connections.sessions()) == {ALICE, BOB}


def test_another_number_is_another_connection() -> None:
    connections = map_for(10)
    connections.register(connection(1, 1), ALICE, WIKI)
    connections.register(connection(1, 2), BOB, WIKI)
    assert connections.of_session(ALICE) == ()
    assert len(connections.of_session(BOB)) == 1


def test_a_full_map_refuses_instead_of_forgetting() -> None:
    connections = map_for(2)
    assert connections.register(connection(1, 1), ALICE, WIKI)
    assert connections.register(connection(2, 2), ALICE, WIKI)
    assert not connections.register(connection(3, 3), ALICE, WIKI)
    assert connections.register(connection(1, 1), BOB, WIKI)
    assert connections.keep_only({connection(1, 1).socket}) == 1
    assert connections.register(connection(3, 3), ALICE, WIKI)
    assert len(connections) == 2


class Closing:
    """A map with room for two connections with a session and two without, and what it closed to make room."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.closed: list[int] = []
        self._stuck = stuck
        self.map = ConnectionMap(capacity=2, room_for_nobody=2, close=self._close)

    def _close(self, socket: TcpSocket) -> bool:
        self.closed += [] if self._stuck else [socket.peer_port]
        return not self._stuck

    def anonymous(self, port: int) -> bool:
        return self.map.register(connection(port, port), OPENING, WIKI, nobodys=True)

    def of(self, port: int, session: SessionId) -> bool:
        return self.map.register(connection(port, port), session, WIKI)


def test_who_carries_nobody_takes_no_room_from_who_has_a_session() -> None:
    flooded = Closing()
    assert all(flooded.anonymous(port) for port in range(1_000))
    assert flooded.closed == list(range(998))
    assert flooded.of(1_001, ALICE)
    assert flooded.of(1_002, ALICE)
    assert not flooded.of(1_003, ALICE)
    assert all(flooded.anonymous(port) for port in range(2_000, 3_000))
    assert {socket.peer_port for socket in flooded.map.of_session(ALICE)} == {1_001, 1_002}
    assert len(flooded.map) == 4
    assert not {1_001, 1_002} & set(flooded.closed)


def test_of_those_that_carry_nobody_the_one_with_the_oldest_last_request_goes() -> None:
    flooded = Closing()
    assert flooded.anonymous(1)
    assert flooded.anonymous(2)
    assert flooded.anonymous(1)
    assert flooded.anonymous(3)
    assert flooded.closed == [2]
    # What is open and public is in the map still, so that closing its path finds it.
    assert {socket.peer_port for socket in flooded.map.of_session(OPENING)} == {1, 3}


def test_a_connection_that_carried_nobody_is_somebodys_from_the_first_session_on() -> None:
    flooded = Closing()
    assert flooded.anonymous(1)
    assert flooded.of(1, ALICE)
    assert flooded.anonymous(1)
    assert all(flooded.anonymous(port) for port in range(10, 20))
    assert [socket.peer_port for socket in flooded.map.of_session(ALICE)] == [1]
    assert flooded.of(2, ALICE)
    # No room for a third one with a session, whatever it carried before.
    assert not flooded.of(19, BOB)
    flooded.map.forget(connection(1, 1).socket)
    assert flooded.of(19, BOB)
    assert flooded.map.keep_only(()) == 3
    assert len(flooded.map) == 0


def test_what_cannot_be_closed_is_not_forgotten() -> None:
    stuck = Closing(stuck=True)
    assert [stuck.anonymous(port) for port in range(4)] == [True, True, False, False]
    assert {socket.peer_port for socket in stuck.map.of_session(OPENING)} == {0, 1}
    assert stuck.of(5, ALICE)


def test_every_grant_on_a_connection_is_kept_and_their_number_is_limited() -> None:
    connections = map_for(10)
    one, full, reading = connection(1, 1), Grant(user_agent="a"), Grant(user_agent="a", limits=Limits(read_only=True))
    for grant in (full, reading, full):
        assert connections.register(one, ALICE, WIKI, grant)
    (use,) = connections.uses()
    assert use.grants == (full, reading)
    registered = [connections.register(one, ALICE, WIKI, Grant(user_agent=str(n))) for n in range(GRANTS_LIMIT)]
    assert registered == [True] * (GRANTS_LIMIT - 2) + [False, False]
    assert connections.register(one, ALICE, WIKI, reading)


def test_a_connection_that_is_gone_is_passed_over() -> None:
    connections = map_for(10)
    connections.register(connection(1, 1), ALICE, WIKI)
    sockets = connections.sockets()
    connections.forget(connection(1, 1).socket)
    assert list(connections.uses(sockets)) == []
    assert not connections.has(ALICE)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["use", "forget"]),
        st.integers(1, 4),
        st.integers(1, 3),
        st.sampled_from([ALICE, BOB]),
        st.sampled_from([WIKI, FILES]),
        st.booleans(),
    ),
    max_size=40,
)


@given(_STEPS)
def test_both_directions_agree_with_a_plain_model(steps: list[tuple[str, int, int, SessionId, AppId, bool]]) -> None:
    connections = map_for(100)
    model: dict[TcpSocket, tuple[int, set[tuple[SessionId, AppId]]]] = {}
    for step, port, number, session, app, nobodys in steps:
        one = connection(port, number)
        if step == "forget":
            connections.forget(one.socket)
            model.pop(one.socket, None)
            continue
        connections.register(one, session, app, nobodys=nobodys)
        if model.get(one.socket, (0, set()))[0] != number:
            model[one.socket] = (number, set())
        model[one.socket][1].add((session, app))
    for session in (ALICE, BOB):
        for app in (WIKI, FILES):
            wanted = {socket for socket, (_, pairs) in model.items() if (session, app) in pairs}
            assert set(connections.of_session(session, app)) == wanted
    assert set(connections.sessions()) == {s for _, pairs in model.values() for s, _ in pairs}
    uses = {(use.socket, use.session_id, use.app_id) for use in connections.uses()}
    assert uses == {(k, s, a) for k, (_, pairs) in model.items() for s, a in pairs}
    assert set(connections.sockets()) == {use[0] for use in uses} == set(model)
    assert all(connections.has(session) for session in connections.sessions())
