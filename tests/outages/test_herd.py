"""Thousands of sessions that end at one moment: who is in goes on, who asks is answered, nothing breaks."""

import asyncio
import time

import pytest
from sqlalchemy import func, select

from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Redirect
from assay.access.visitor import Visitor
from assay.apps import App
from assay.events.records.log import event_table
from assay.identities.hashing import PasswordHashing
from assay.policy import Method, Proof
from assay.server.housekeeping import Housekeeping
from assay.sessions.issued import Issued, Redeemed
from assay.sessions.records.unended import unended
from assay.store import Store, Transaction
from assay.store.following import FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS, retry_pause
from assay.values import UserId
from tests.access.house import CHROME, NOW, HandClock, House

# Each takes its own two events (3 ms); what ten thousand would show beside these is five times as long.
SESSIONS = 2_000
ASKING = 1_000
AT_ONCE = 100
VISITOR = Visitor(cookie="", address="192.0.2.77", port=50_000, user_agent=CHROME, device="")


def admitted(house: House, user_id: UserId, app: App, count: int, transaction: Transaction) -> list[str]:
    """Cookies of the app, each of a session of its own, granted by the flow's own admission."""
    at, cookies = house.clock.now(), []
    for _ in range(count):
        issued = house.admission.start(
            transaction, user_id, Proof(method=Method.PASSWORD, at=at), VISITOR, replaced=None, at=at
        )
        assert isinstance(issued, Issued)
        ticket = house.admission.ticket(transaction, issued.session, app, path="/", state="state")
        redeemed = house.admission.redeem(transaction, str(ticket), app, state="state")
        assert isinstance(redeemed, Redeemed)
        cookies.append(redeemed.secret)
    return cookies


def started(house: House, user_id: UserId, count: int, transaction: Transaction) -> None:
    """So many sessions that never open the app."""
    at = house.clock.now()
    for _ in range(count):
        proof = Proof(method=Method.PASSWORD, at=at)
        assert isinstance(house.admission.start(transaction, user_id, proof, VISITOR, replaced=None, at=at), Issued)


def request(house: House, app: App, cookie: str) -> CheckRequest:
    return CheckRequest(
        connection=Connection(peer_ip=VISITOR.address, peer_port=50_000, number=1),
        method="GET",
        host=house.host(app),
        path="/",
        cookie=f"__Host-assay-app={cookie}",
        accept="text/html",
        fetch_mode="navigate",
        fetch_dest="document",
        user_agent=CHROME,
    )


@pytest.mark.slow
async def test_r16_thousands_of_sessions_that_end_at_once_keep_nobody_waiting(sqlite_store: Store) -> None:
    house = House(sqlite_store, HandClock(NOW), hashing=PasswordHashing(2))
    await house.start()
    herd, honest = await house.person("herd"), await house.person("honest")
    app = await house.app("wiki", assigned=["herd", "honest"])
    await herd.sign_in()
    user_id = await herd.user_id()
    cookies: list[str] = []
    for _ in range((SESSIONS - ASKING) // AT_ONCE):
        await house.store.write(lambda t: started(house, user_id, AT_ONCE, t))
    for _ in range(ASKING // AT_ONCE):
        cookies += await house.store.write(lambda t: admitted(house, user_id, app, AT_ONCE, t))
    for cookie in cookies:
        assert isinstance(await house.ask(request(house, app, cookie)), Allow)
    house.clock.advance(minutes=59)
    await honest.sign_in()
    assert isinstance(await honest.open(app), Allow)
    house.clock.advance(minutes=2)

    housekeeping = Housekeeping(house.premises, house.sessions, house.check.programs)
    ending = asyncio.ensure_future(housekeeping.tick())
    waited: list[float] = []
    stop = asyncio.Event()

    async def work() -> None:
        while not stop.is_set():
            # What others do on this machine meanwhile is not what is looked at.
            began = time.process_time()
            assert isinstance(await honest.ask(app), Allow)
            waited.append(time.process_time() - began)
            await asyncio.sleep(0.005)

    working = asyncio.ensure_future(work())
    answers: list[CheckAnswer] = []
    took: list[float] = []
    for start in range(0, ASKING, 500):
        some = cookies[start : start + 500]
        began = time.process_time()
        answers += await asyncio.gather(*(house.ask(request(house, app, cookie)) for cookie in some))
        took.append(time.process_time() - began)
    await ending
    stop.set()
    await working
    assert {type(answer) for answer in answers} == {Redirect}, "to their sign-in, and nobody is told of an error"
    assert all("/continue?" in answer.location for answer in answers if isinstance(answer, Redirect))
    print(f"honest: longest {1_000 * max(waited):.1f} ms of {len(waited)}; 500 at once: {max(took):.2f} s")  # noqa: T201
    assert max(waited) < 1.0, "seconds of this process"
    left = await house.store.read(lambda reader: tuple(unended(reader, house.clock.now(), user_id=user_id)))
    assert left == (), "all of them are over"
    told = select(func.count()).select_from(event_table).where(event_table.c.code == "session.ended")
    ended = await house.store.read(lambda reader: reader.connection.execute(told).scalar_one())
    assert ended >= SESSIONS, "each with its event"
    house.hashing.close()


def test_r16_nodes_do_not_come_back_at_one_moment() -> None:
    """Each waits longer after each failure, at random, and none longer than two seconds."""
    pauses = [[retry_pause(failures) for failures in range(1, 12)] for _ in range(200)]
    for failures, same in enumerate(zip(*pauses, strict=True), start=1):
        most = min(LAST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2**failures)
        assert all(most / 2 <= pause <= most for pause in same)
        assert len(set(same)) > 50, "no two of many nodes agree"
        assert max(same) - min(same) > most / 3
