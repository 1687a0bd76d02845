"""Who waits for argon2: known devices first, strangers in turn by their source."""

import asyncio
import os

import pytest

from assay.identities.hashing import HashingBusyError, PasswordHashing
from assay.identities.methods.password import hash_password

GOOD = "correct horse battery staple"


async def test_known_devices_go_first_and_sources_take_turns() -> None:
    hashing = PasswordHashing(threads=1, waiting=100)
    stored = hash_password(GOOD, os.urandom(16))
    done: list[str] = []

    async def check(lane: str) -> None:
        assert (await hashing.check(stored, GOOD, lane=lane)).matches
        done.append(lane)

    running = [asyncio.create_task(check(lane)) for lane in ("first", *["flood"] * 5, "honest", "", "")]
    await asyncio.gather(*running)
    assert done == ["first", "", "", "flood", "honest", "flood", "flood", "flood", "flood"]
    hashing.close()


async def test_a_flood_from_one_source_makes_that_source_wait() -> None:
    hashing = PasswordHashing(threads=1, waiting=20)
    stored = hash_password(GOOD, os.urandom(16))
    flood = [asyncio.create_task(hashing.check(stored, "wrong", lane="flood")) for _ in range(50)]
    await asyncio.sleep(0)
    honest = asyncio.create_task(hashing.check(stored, GOOD, lane="honest"))
    known = asyncio.create_task(hashing.check(stored, GOOD))
    assert (await honest).matches
    assert (await known).matches
    answers = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(answer, HashingBusyError) for answer in answers) == 47, "one runs, two wait"
    hashing.close()


async def test_who_gives_up_while_waiting_leaves_the_place_to_others() -> None:
    hashing = PasswordHashing(threads=1, waiting=10)
    stored = hash_password(GOOD, os.urandom(16))
    running = asyncio.create_task(hashing.check(stored, GOOD, lane="a"))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(hashing.check(stored, GOOD, lane=lane)) for lane in ("b", "c", "")]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[2].cancel()
    assert (await running).matches
    assert (await waiting[1]).matches
    for given_up in (waiting[0], waiting[2]):
        with pytest.raises(asyncio.CancelledError):
            await given_up
    assert (await asyncio.wait_for(hashing.check(stored, GOOD, lane="d"), 60)).matches
    hashing.close()
