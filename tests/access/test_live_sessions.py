"""The sessions in memory agree with a plain model: never alive after the end, nothing left over."""

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from assay.access.live_sessions import LiveAppSession, LiveSessions
from assay.clock import SystemClock
from assay.policy import Method, Proof
from assay.sessions.records import sessions as records
from assay.sessions.session import AppSession, EndReason, Session
from assay.store import Database, Store
from assay.values import AppId, SessionId, UserId
from tests.access.house import NOW

WIKI, FILES = AppId("wiki"), AppId("files")
HOUR = timedelta(hours=1)


async def begin(store: Store, name: str, *secrets: bytes, at: datetime = NOW, app: AppId = WIKI) -> SessionId:
    """A stored session with an app session for each of these secrets."""
    session_id = SessionId(name)
    session = Session(
        id=session_id,
        user_id=UserId("alice"),
        started_at=at,
        last_seen_at=at,
        ends_at=at + 12 * HOUR,
        idle=HOUR,
        proofs=(Proof(method=Method.PASSWORD, at=at),),
    )
    await store.write(lambda transaction: records.insert_session(transaction, session, name.encode()))
    for secret in secrets:
        await copy(store, session_id, secret, app)
    return session_id


async def copy(store: Store, session_id: SessionId, secret: bytes, app: AppId = WIKI) -> None:
    """One more app session, as a ticket makes it."""
    made = AppSession(session_id=session_id, app_id=app, started_at=NOW)
    await store.write(lambda transaction: records.insert_app_session(transaction, made, secret))


async def rise(store: Store, session_id: SessionId, at: datetime) -> None:
    """One more proof; the secret is none of this memory's business and stays."""
    proofs, secret = (Proof(method=Method.SOFTWARE_OATH, at=at),), session_id.encode()
    await store.write(
        lambda transaction: records.replace_proofs(
            transaction, session_id, proofs=proofs, held=secret, secret_hash=secret, at=at
        )
    )


async def end(store: Store, session_id: SessionId) -> None:
    await store.write(lambda transaction: records.end(transaction, session_id, reason=EndReason.REVOKED, at=NOW))


@contextmanager
def held(store: Store) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Hold a reader's thread right after it has read an app session: (has read, may go on)."""
    has_read, may_go_on = threading.Event(), threading.Event()

    def hold(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "app_session" in statement and statement.startswith("SELECT"):
            has_read.set()
            assert may_go_on.wait(20)

    event.listen(store.database.reading, "after_cursor_execute", hold)
    try:
        yield has_read, may_go_on
    finally:
        may_go_on.set()


async def loaded_across(store: Store, live: LiveSessions, act: Callable[[], Awaitable[None]]) -> LiveAppSession | None:
    """Read `secret` before this change, and take it over after."""
    with held(store) as (has_read, may_go_on):
        loading = asyncio.ensure_future(live.load(b"secret"))
        assert await asyncio.to_thread(has_read.wait, 20)
        await act()
        assert not loading.done()
        may_go_on.set()
        return await loading


async def test_a_session_that_ended_while_it_was_read_is_not_alive(sqlite_store: Store) -> None:
    live = LiveSessions(sqlite_store)
    session = await begin(sqlite_store, "s", b"secret")
    assert await loaded_across(sqlite_store, live, lambda: end(sqlite_store, session)) is None
    assert live.find(b"secret") is None
    assert live.of(session) is None
    assert len(live) == 0


async def test_a_session_that_ended_unheard_while_it_was_read_is_not_alive(sqlite_store: Store, tmp_path: Path) -> None:
    """What was read before everything was read again may be older than what nobody heard of: it is read once more."""
    live = LiveSessions(sqlite_store)
    session = await begin(sqlite_store, "s", b"secret")

    async def miss() -> None:
        other, again = Store(Database.at(tmp_path / "assay.db")), asyncio.Event()
        await end(other, session)
        await other.close()
        sqlite_store.feed.on_found(again.set)
        await sqlite_store.listen(SystemClock())
        sqlite_store.following.lost()
        await asyncio.wait_for(again.wait(), 60)

    assert await loaded_across(sqlite_store, live, miss) is None
    assert live.of(session) is None


async def test_a_session_that_rose_while_it_was_read_has_its_new_proofs(sqlite_store: Store) -> None:
    live = LiveSessions(sqlite_store)
    session = await begin(sqlite_store, "s", b"secret")
    found = await loaded_across(sqlite_store, live, lambda: rise(sqlite_store, session, NOW + HOUR / 2))
    assert found is not None
    assert [proof.method for proof in found.live.session.proofs] == [Method.SOFTWARE_OATH]
    assert found.live.last_seen == NOW + HOUR / 2


async def test_what_changes_elsewhere_does_not_delay_a_read(sqlite_store: Store) -> None:
    live = LiveSessions(sqlite_store)
    await begin(sqlite_store, "s", b"secret")
    reads = 0

    def counted(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal reads
        reads += "app_session" in statement

    async def others() -> None:
        for number in range(3):
            await begin(sqlite_store, f"other {number}")

    event.listen(sqlite_store.database.reading, "after_cursor_execute", counted)
    assert await loaded_across(sqlite_store, live, others) is not None
    assert reads == 1


async def test_the_end_finds_every_copy_of_a_session(sqlite_store: Store) -> None:
    live = LiveSessions(sqlite_store)
    secrets = [bytes([number]) for number in range(20)]
    session = await begin(sqlite_store, "s", *secrets)
    found = [await live.load(secret) for secret in secrets]
    assert len(live) == len(secrets)
    await end(sqlite_store, session)
    assert len(live) == 0
    assert not any(each is not None and each.live.alive(NOW) for each in found)


async def test_a_listener_sees_why_a_session_ended(sqlite_store: Store) -> None:
    live, seen = LiveSessions(sqlite_store), []
    session = await begin(sqlite_store, "s", b"secret")
    await live.load(b"secret")

    def listen(changed: frozenset[SessionId]) -> None:
        for each in changed:
            known = live.of(each)
            seen.append(known.session.end_reason if known is not None else None)

    live.on_change(listen)
    await end(sqlite_store, session)
    assert seen == [EndReason.REVOKED]


async def test_the_least_recently_used_one_is_forgotten_and_what_is_open_is_kept(sqlite_store: Store) -> None:
    live = LiveSessions(sqlite_store, capacity=2)
    for name in "abcd":
        await begin(sqlite_store, name, name.encode())
    for name in "ab":
        await live.load(name.encode())
    assert live.find(b"a") is not None
    await live.load(b"c")
    assert live.find(b"b") is None, "used less recently than a"
    live.keep_while(lambda session_id: session_id == "a")
    await live.load(b"d")
    assert live.find(b"a") is not None, "it has something open"
    assert live.find(b"c") is None
    live.keep_while(lambda _: True)
    await live.load(b"c")
    assert all(live.find(secret) is not None for secret in (b"a", b"c", b"d")), "above capacity rather than unjudged"


async def test_a_use_is_stored_once_even_of_a_session_that_left_the_memory(sqlite_store: Store) -> None:
    live = LiveSessions(sqlite_store, capacity=1)
    session, later = await begin(sqlite_store, "s", b"s"), NOW + HOUR / 2
    assert live.take_seen() == {}
    await live.load(b"s")
    live.seen(session, later)
    assert live.take_seen() == {session: later}
    assert live.take_seen() == {}
    live.give_back_seen({session: later})
    assert live.take_seen() == {session: later}, "it could not be stored"
    live.seen(session, later + HOUR / 4)
    await begin(sqlite_store, "t", b"t")
    await live.load(b"t")
    assert live.of(session) is None
    taken = live.take_seen()
    assert taken == {session: later + HOUR / 4}
    live.give_back_seen(taken)
    again = await live.load(b"s")
    assert again is not None
    assert again.live.last_seen == later + HOUR / 4, "what is not stored yet is not forgotten"


async def test_sessions_whose_time_is_over_leave_the_memory(sqlite_store: Store) -> None:
    live = LiveSessions(sqlite_store)
    for name in "abc":
        await begin(sqlite_store, name, name.encode())
        await live.load(name.encode())
    live.seen(SessionId("b"), NOW + HOUR / 2)
    live.keep_while(lambda session_id: session_id == "b")
    live.drop_ended(NOW + HOUR / 2)
    assert len(live) == 3
    live.drop_ended(NOW + HOUR)
    assert [live.of(SessionId(name)) is not None for name in "abc"] == [False, True, False]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["load", "load_at_once", "copy", "rise", "end", "use", "sweep"]),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=25,
)


class Run:
    """The memory beside what must be true of it, in the plainest words."""

    def __init__(self, store: Store, capacity: int) -> None:
        self.store = store
        self.live = LiveSessions(store, capacity=capacity)
        self.capacity = capacity
        self.at = NOW
        self.ids: list[SessionId] = []
        self.ended: set[int] = set()
        self.risen = [NOW, NOW, NOW]
        self.secrets: list[list[bytes]] = [[], [], []]
        self.in_hand: list[tuple[int, LiveAppSession]] = []

    async def load(self, who: int, which: int) -> None:
        secret = self.secrets[who][which % len(self.secrets[who])]
        found = self.live.find(secret) or await self.live.load(secret)
        assert (found is None) == (who in self.ended)
        if found is not None:
            self.in_hand.append((who, found))

    async def load_at_once(self, who: int, which: int) -> None:
        await asyncio.gather(*(self.load(who, which + more) for more in (0, 0, 1)))

    async def copy(self, who: int, which: int) -> None:
        secret = f"{who} {len(self.secrets[who])}".encode()
        await copy(self.store, self.ids[who], secret, (WIKI, FILES)[which % 2])
        self.secrets[who].append(secret)

    async def rise(self, who: int, _: int) -> None:
        self.at += timedelta(minutes=1)
        await rise(self.store, self.ids[who], self.at)
        if who not in self.ended:
            self.risen[who] = self.at

    async def end(self, who: int, _: int) -> None:
        await end(self.store, self.ids[who])
        self.ended.add(who)

    async def use(self, who: int, _: int) -> None:
        self.live.seen(self.ids[who], self.at)

    async def sweep(self, _who: int, _: int) -> None:
        self.live.drop_ended(self.at)
        self.live.give_back_seen(self.live.take_seen())

    def compare(self) -> None:
        for owner, found in self.in_hand:
            assert not (owner in self.ended and found.live.alive(self.at)), "alive after the end"
            now = self.live.find(found.secret_hash)
            if now is not None:
                assert now.live is self.live.of(self.ids[owner]), "two pictures of one session"
                assert now.live.last_seen >= self.risen[owner]
                assert now.live.session.proofs[-1].at == self.risen[owner]
        for owner in self.ended:
            assert self.live.of(self.ids[owner]) is None, "left over"
            assert not any(self.live.find(secret) for secret in self.secrets[owner])
        # Who is asked for again is found again: nobody holds on to what left the memory.
        self.in_hand = [(owner, found) for owner, found in self.in_hand if self.live.find(found.secret_hash) is found]
        assert len(self.live) <= self.capacity


async def agree(store: Store, steps: list[tuple[str, int, int]], capacity: int) -> None:
    """Do these steps to the memory and the model, and compare after each."""
    run = Run(store, capacity)
    for who in range(3):
        run.ids.append(await begin(store, f"session {who}"))
        await run.copy(who, 0)
    for step, who, which in steps:
        await getattr(run, step)(who, which)
        run.compare()
    for who in range(3):
        await run.end(who, 0)
    run.compare()
    assert len(run.live) == 0


@given(steps=STEPS, capacity=st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_the_memory_agrees_with_a_plain_model(
    sqlite_schema: Path, steps: list[tuple[str, int, int]], capacity: int
) -> None:
    async def run(directory: str) -> None:
        store = Store(Database.at(Path(shutil.copy(sqlite_schema, directory))))
        try:
            await agree(store, steps, capacity)
        finally:
            await store.close()

    with TemporaryDirectory() as directory:
        asyncio.run(run(directory))
