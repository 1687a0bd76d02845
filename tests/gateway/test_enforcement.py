"""What is open is judged by the real check: the right connections are cut, few are judged for it, and it is told.

The gateway beside it keeps the real map of connections and, instead of a kernel, a list of what it was told to cut.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from itertools import count

import msgspec
import pytest

from assay.access.exchange import Allow, Connection
from assay.apps import App
from assay.events import DecisionRecord, Envelope, EventQuery, search
from assay.events.records.decisions import DecisionQuery, search_decisions
from assay.events.records.search import content
from assay.gateway.connections import ConnectionMap, OpenConnection, TcpSocket
from assay.gateway.cut import CutFailure, CutReport
from assay.gateway.enforcement import AT_ONCE, Enforcement
from assay.network.records import locations
from assay.policy import NamedLocation
from assay.policy.condition_set import Locations
from assay.sessions.session import EndReason
from assay.store import Store
from assay.values import Reason
from tests.access.house import BY, NOW, HandClock, House, Person
from tests.access.test_check import policy, publish
from tests.gateway.rig import until


class Recorded:
    """A gateway that says what it cut; what is `stuck` it cannot cut."""

    def __init__(self) -> None:
        self.connections = ConnectionMap(
            capacity=10_000, room_for_nobody=10_000, close=lambda socket: not self.cut((socket,)).failures
        )
        self.cuts: list[TcpSocket] = []
        self.stuck: set[TcpSocket] = set()

    def cut(self, sockets: Iterable[TcpSocket]) -> CutReport:
        wanted = tuple(sockets)
        done = [socket for socket in wanted if socket not in self.stuck]
        for socket in done:
            self.connections.forget(socket)
        self.cuts += done
        failures = tuple(
            CutFailure(socket=socket, reason=Reason.of("cut_failed")) for socket in wanted if socket in self.stuck
        )
        return CutReport(count=len(done), failures=failures, microseconds=(1,) * len(done))


class Stage:
    """A house with enforcement, and people who keep connections open."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.gateway = Recorded()
        self.enforcement = Enforcement(
            self.gateway, check=house.check, signals=house.signals, sessions=house.sessions, clock=house.clock
        )
        self._numbers = count(1)

    async def open(self, person: Person, app: App, connections: int = 1) -> list[TcpSocket]:
        """Open the app, and keep these connections."""
        answer = await person.open(app)
        assert isinstance(answer, Allow)
        sockets = []
        for _ in range(connections):
            number = next(self._numbers)
            address = person.address_at_apps or person.address
            socket = TcpSocket(peer_ip=address, peer_port=number, local_ip="127.0.0.1", local_port=443)
            facts = Connection(peer_ip=address, peer_port=number, number=number)
            opened = OpenConnection(socket=socket, facts=facts, protocol="HTTP/2")
            assert self.gateway.connections.register(
                opened, answer.session_id, answer.app_id, answer.grant, nobodys=answer.nobodys
            )
            sockets.append(socket)
        return sockets

    async def traces(self, number: int) -> list[tuple[Envelope, Reason]]:
        """The events of cuts, oldest first, with their reasons; waits until there are so many."""
        found: list[Envelope | None] = []
        async with asyncio.timeout(60):
            while len(found) < number:
                await asyncio.sleep(0.005)
                page = await self.house.store.read(lambda reader: search(reader, EventQuery(code="connections.cut")))
                found = [content(leaf) for leaf in reversed(page.events)]
        return [(event, event.unmapped.reason) for event in found if event is not None and event.unmapped.reason]

    async def decisions(self, outcome: str) -> tuple[DecisionRecord, ...]:
        await self.house.log.flush()
        return await self.house.store.read(lambda reader: search_decisions(reader, DecisionQuery(outcome=outcome)))


@pytest.fixture
async def stage(sqlite_store: Store) -> AsyncIterator[Stage]:
    house = House(sqlite_store, HandClock(NOW))
    await house.start()
    yield Stage(house)
    house.hashing.close()


@pytest.fixture
async def running(stage: Stage) -> AsyncIterator[Stage]:
    """With its task."""
    task = asyncio.create_task(stage.enforcement.run())
    yield stage
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def people(stage: Stage, *names: str) -> list[Person]:
    found = [await stage.house.person(name) for name in names]
    for person in found:
        await person.password()
    return found


async def test_who_is_disabled_is_cut_and_nobody_else_is_even_judged(stage: Stage) -> None:
    alice, bob, carol = await people(stage, "alice", "bob", "carol")
    wiki = await stage.house.app("wiki", assigned=["alice", "bob", "carol"])
    hers = await stage.open(alice, wiki, 10)
    for other in (bob, carol):
        await stage.open(other, wiki, 10)
    judged = stage.enforcement.judged
    await stage.house.people.disable(BY, "alice")
    assert set(stage.gateway.cuts) == set(hers)
    assert stage.enforcement.judged - judged == 10


async def test_who_is_unassigned_is_cut_from_that_app_and_only_its_connections_are_judged(stage: Stage) -> None:
    alice, bob = await people(stage, "alice", "bob")
    wiki = await stage.house.app("wiki", assigned=["alice", "bob"])
    files = await stage.house.app("files", assigned=["alice", "bob"])
    hers = await stage.open(alice, wiki, 2)
    await stage.open(alice, files, 5)
    await stage.open(bob, wiki)
    judged = stage.enforcement.judged
    await stage.house.apps.unassign(BY, "wiki", user="alice")
    assert set(stage.gateway.cuts) == set(hers)
    assert stage.enforcement.judged - judged == 3, "what is open on the wiki"


async def test_a_policy_cuts_whom_it_blocks(stage: Stage) -> None:
    alice, bob = await people(stage, "alice", "bob")
    wiki = await stage.house.app("wiki", assigned=["alice", "bob"])
    hers = await stage.open(alice, wiki, 2)
    kept = await stage.open(bob, wiki)
    blocking = policy(block=True)
    users = msgspec.structs.replace(blocking.conditions.users, include_users=(await alice.user_id(),))
    conditions = msgspec.structs.replace(blocking.conditions, users=users)
    await publish(stage.house, msgspec.structs.replace(blocking, conditions=conditions))
    assert set(stage.gateway.cuts) == set(hers)
    assert stage.gateway.connections.sockets() == tuple(kept)


async def test_time_cuts_what_expired_before_it_counts_as_use(running: Stage) -> None:
    (alice,) = await people(running, "alice")
    wiki = await running.house.app("wiki", assigned=["alice"])
    hers = await running.open(alice, wiki)
    session = await alice.session_id()
    running.house.clock.advance(hours=8)
    await until(lambda: bool(running.gateway.cuts))
    assert running.gateway.cuts == hers
    assert not isinstance(await alice.ask(wiki), Allow), "a suspended machine revives nothing"
    live = running.house.sessions.of(session)
    assert live is None or live.last_seen == NOW


async def test_what_stays_open_is_use(running: Stage) -> None:
    (alice,) = await people(running, "alice")
    wiki = await running.house.app("wiki", assigned=["alice"])
    await running.open(alice, wiki)
    live = running.house.sessions.of(await alice.session_id())
    assert live is not None
    for _ in range(3):
        running.house.clock.advance(minutes=40)
        await until(lambda: live.last_seen == running.house.clock.now())
    assert running.gateway.cuts == []


async def test_everything_is_judged_in_batches(running: Stage) -> None:
    (alice,) = await people(running, "alice")
    wiki = await running.house.app("wiki", assigned=["alice"])
    await running.open(alice, wiki, 2 * AT_ONCE + 1)
    judged = running.enforcement.judged
    await until(lambda: running.enforcement.judged - judged >= 2 * AT_ONCE + 1)
    assert running.gateway.cuts == []


async def test_a_cut_leaves_one_decision_and_one_event_for_its_session(running: Stage) -> None:
    (alice,) = await people(running, "alice")
    wiki = await running.house.app("wiki", assigned=["alice"])
    await running.open(alice, wiki, 3)
    session = await alice.session_id()
    await publish(running.house, policy(block=True))
    assert running.enforcement.take_report(session).count == 3
    ((event, reason),) = await running.traces(1)
    assert (reason.code, dict(reason.parameters)["count"]) == ("blockedByPolicy", "3")
    assert event.session is not None
    assert event.session.uid == session
    assert event.user is not None
    assert event.user.name == "alice"
    (decision,) = await running.decisions("block")
    assert (decision.session_id, decision.app_id, decision.count) == (session, wiki.id, 1)


async def test_the_event_of_a_cut_says_why_the_session_ended(stage: Stage) -> None:
    (alice,) = await people(stage, "alice")
    await stage.open(alice, await stage.house.app("wiki", assigned=["alice"]))
    task = asyncio.create_task(stage.enforcement.run())
    await asyncio.sleep(0)
    await stage.house.sign_in.sign_out(alice.visitor)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    ((_, reason),) = await stage.traces(1)
    assert reason.code == EndReason.SIGNED_OUT.value, "and what waits is written before the end"


async def test_what_cannot_be_judged_is_cut_and_spares_nobody_else(stage: Stage) -> None:
    alice, bob = await people(stage, "alice", "bob")
    wiki = await stage.house.app("wiki", assigned=["alice", "bob"])
    odd = TcpSocket(peer_ip="no address", peer_port=1, local_ip="127.0.0.1", local_port=443)
    answer = await alice.open(wiki)
    assert isinstance(answer, Allow)
    facts = Connection(peer_ip=odd.peer_ip, peer_port=1, number=999)
    opened = OpenConnection(socket=odd, facts=facts, protocol="HTTP/2")
    assert stage.gateway.connections.register(opened, answer.session_id, answer.app_id, answer.grant)
    his = await stage.open(bob, wiki)
    await publish(stage.house, policy(block=True))
    assert set(stage.gateway.cuts) == {odd, *his}
    assert stage.house.signals.stale is None, "and decisions go on"


async def test_what_cannot_be_cut_is_tried_again_and_told_once(running: Stage) -> None:
    (alice,) = await people(running, "alice")
    wiki = await running.house.app("wiki", assigned=["alice"])
    (stuck,) = await running.open(alice, wiki)
    session = await alice.session_id()
    running.gateway.stuck.add(stuck)
    await publish(running.house, policy(block=True))
    judged = running.enforcement.judged
    await until(lambda: running.enforcement.judged - judged >= 2)
    report = running.enforcement.take_report(session)
    assert [failure.socket for failure in report.failures] == [stuck], "one connection, however often it was tried"
    running.gateway.stuck.clear()
    await until(lambda: bool(running.gateway.cuts))
    traces = await running.traces(2)
    assert [
        (dict(reason.parameters).get("count"), dict(reason.parameters).get("stillOpen")) for _, reason in traces
    ] == [
        ("0", "1"),
        ("1", None),
    ]


async def test_a_connection_is_held_to_its_own_grant_and_not_to_the_last_requests(stage: Stage) -> None:
    (alice,) = await people(stage, "alice")
    wiki = await stage.house.app("wiki", assigned=["alice"])
    office = NamedLocation(id="a55a0000-0000-4000-8000-0000000000bb", display_name="Office", ranges=("192.0.2.0/24",))
    await stage.house.store.write(lambda transaction: locations.put(transaction, office))
    reading = policy(read_only=True)
    outside = Locations(include_locations=("All",), exclude_locations=(office.id,))
    conditions = msgspec.structs.replace(reading.conditions, locations=outside)
    await publish(stage.house, msgspec.structs.replace(reading, conditions=conditions))
    in_full = await stage.open(alice, wiki)
    alice.address_at_apps = "2001:db8::7"
    limited = await stage.open(alice, wiki)
    await stage.house.people.add(BY, user_name="bob")
    await publish(stage.house, msgspec.structs.replace(reading, conditions=conditions, display_name="Another name"))
    assert stage.gateway.cuts == [], "each is as it was granted"
    await publish(stage.house, reading)
    assert stage.gateway.cuts == in_full
    assert stage.gateway.connections.sockets() == tuple(limited)
