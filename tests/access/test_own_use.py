"""Looking at one's own pages is use of the session: it does not end for idleness meanwhile, and does once that ends."""

from datetime import datetime

from assay.access.exchange import Allow
from assay.access.own_steps import Home
from assay.access.steps import AskFirstFactor, Outcome
from assay.sessions.records import sessions
from assay.sessions.session import SEEN_EVERY, SessionLimits
from tests.access.house import House

IDLE = SessionLimits().idle.total_seconds()


async def test_who_looks_at_the_own_pages_is_not_idle(house: House) -> None:
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)
    for _ in range(3):
        house.clock.advance(seconds=IDLE * 0.7)
        assert isinstance(await house.own_home.home(alice.visitor), Home)
    assert isinstance(await alice.ask(wiki), Allow), "and the app that was left open meanwhile goes on"
    house.clock.advance(seconds=IDLE)
    ended = await house.own_home.home(alice.visitor)
    assert isinstance(ended, Outcome)
    assert isinstance(ended.step, AskFirstFactor)


async def test_several_clicks_are_stored_once(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    session_id, every = await alice.session_id(), SEEN_EVERY.total_seconds()

    async def stored_after(seconds: float) -> datetime | None:
        house.clock.advance(seconds=seconds)
        assert isinstance(await house.own_home.home(alice.visitor), Home)
        found = await house.store.read(lambda reader: sessions.get(reader, session_id))
        return None if found is None else found.last_seen_at

    began = await stored_after(0)
    assert await stored_after(every - 1) == began
    assert await stored_after(1) == house.clock.now()
