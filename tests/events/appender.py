"""A program that appends to a log until it is killed, and prints the id of each event that was acknowledged."""

import asyncio
import os
import sys
from pathlib import Path

from assay.events import DecisionLog, record
from assay.store import Database, Store, Transaction
from assay.values import EventId
from tests.events.company import AT, TestClock, entry, failed_sign_in

WRITERS = 8


async def append_for_ever(store: Store) -> None:
    def act(transaction: Transaction) -> EventId:
        return record(transaction, failed_sign_in(), salt=os.urandom(32))

    while True:
        event_id = await store.write(act)
        # One write(2) a line, so that a kill leaves whole lines.
        os.write(sys.stdout.fileno(), f"{event_id}\n".encode())


async def decide_for_ever(store: Store) -> None:
    decisions = DecisionLog(store, clock=TestClock(), random=os.urandom)
    while True:
        for number in range(20):
            decisions.add(entry(session=f"s{number}"), AT)
        await decisions.flush()


async def main(path: Path) -> None:
    store = Store(Database.at(path))
    await asyncio.gather(*(append_for_ever(store) for _ in range(WRITERS)), decide_for_ever(store))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
