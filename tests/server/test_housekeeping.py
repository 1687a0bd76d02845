"""Sessions whose time is over end with their event, and nothing that nobody can use stays for ever."""

import asyncio
import threading
from datetime import timedelta

from sqlalchemy import func, select

from assay.access.exchange import Allow, Redirect
from assay.events import EventQuery, search
from assay.events.records.search import content
from assay.server.housekeeping import KEEP_ENDED, Housekeeping
from assay.sessions.records import sessions
from assay.sessions.session import EndReason
from assay.store import Reader
from tests.access.house import BY, House


def rows(reader: Reader) -> tuple[int, int]:
    """How many sessions and how many copies of them are kept."""
    connection = reader.connection
    return (
        connection.execute(select(func.count()).select_from(sessions.session_table)).scalar_one(),
        connection.execute(select(func.count()).select_from(sessions.app_session_table)).scalar_one(),
    )


async def test_an_idle_session_ends_with_an_event_and_its_copies_are_forgotten(house: House) -> None:
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)
    session_id = await alice.session_id()
    housekeeping = Housekeeping(house.premises, house.sessions, house.check.programs)
    await housekeeping.tick()
    assert (await house.store.read(rows))[1] == 1

    house.clock.advance(hours=1, seconds=31)
    await housekeeping.tick()
    session = await house.store.read(lambda reader: sessions.get(reader, session_id))
    assert session is not None
    assert session.end_reason is EndReason.EXPIRED
    assert session.ended_at == house.clock.now()
    page = await house.store.read(lambda reader: search(reader, EventQuery(code="session.ended")))
    said = [content(event) for event in page.events if event.session_id == session_id]
    assert len(said) == 1
    assert said[0] is not None
    assert said[0].user is not None
    assert said[0].user.name == "alice"
    assert (await house.store.read(rows))[1] == 0
    assert isinstance(await alice.ask(wiki), Redirect)

    house.clock.advance(seconds=(KEEP_ENDED + timedelta(hours=12)).total_seconds())
    await housekeeping.tick()
    assert await house.store.read(rows) == (0, 0)


async def test_a_session_in_use_lives_on(house: House) -> None:
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)
    housekeeping = Housekeeping(house.premises, house.sessions, house.check.programs)
    for _ in range(4):
        house.clock.advance(minutes=40)
        assert isinstance(await alice.ask(wiki), Allow)
        await housekeeping.tick()
    assert isinstance(await alice.ask(wiki), Allow)
    assert (await house.store.read(rows))[1] == 1


async def test_last_uses_are_kept_while_somebody_reads_for_long(house: House) -> None:
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)
    house.clock.advance(minutes=40)
    assert isinstance(await alice.ask(wiki), Allow)
    session_id, done = await alice.session_id(), threading.Event()
    reading = asyncio.create_task(house.store.read_long(lambda _: done.wait()))
    try:
        async with asyncio.timeout(30):
            await Housekeeping(house.premises, house.sessions, house.check.programs).tick()
    finally:
        done.set()
        await reading
    session = await house.store.read(lambda reader: sessions.get(reader, session_id))
    assert session is not None
    assert session.last_seen_at == house.clock.now()


async def test_a_follower_that_fails_stops_every_decision(house: House) -> None:
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)

    def fails(_seen: object) -> None:
        raise LookupError("half applied")

    house.store.feed.follow(lambda _reader, changes: changes, fails)
    await house.people.add(BY, user_name="bob")
    assert not isinstance(await alice.ask(wiki), Allow)
