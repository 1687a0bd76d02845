"""A PostgreSQL that lost acknowledged commits: what was revoked among them does not come back."""

import asyncio

from sqlalchemy import text

from assay.access.exchange import Allow
from assay.clock import SystemClock
from assay.server.lost_history import LostHistory
from assay.store import Database, Store, Transaction
from assay.store.migrate import upgrade
from tests.access.house import NOW, HandClock, House
from tests.postgres import Cluster


async def test_r09_a_lost_commit_ends_every_session(postgres_cluster: Cluster) -> None:
    url = postgres_cluster.new_database()
    empty = Database(url)
    upgrade(empty)
    empty.close()
    store, other = Store(Database(url)), Store(Database(url))
    await store.listen(SystemClock())
    house = House(store, HandClock(NOW))
    await house.start()
    standing = house.signals.standing
    LostHistory(house.premises, standing)
    left: list[bool] = []
    store.feed.on_rewritten(lambda: left.append(standing.has("historyLost")))
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)

    def lose(transaction: Transaction) -> None:
        # As a standby has it that never got the last commit of its primary.
        last = "(SELECT max(sequence) FROM change)"
        transaction.connection.execute(text(f"DELETE FROM change WHERE sequence = {last}"))

    await other.write(lose)
    async with asyncio.timeout(60):
        while not left:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        while standing.has("historyLost"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert left == [True], "nothing was granted meanwhile"
    assert not isinstance(await alice.open(wiki), Allow)
    for each in (store, other):
        await each.close()
    house.hashing.close()
