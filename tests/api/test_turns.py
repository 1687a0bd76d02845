"""Turns: one caller has a few reads at once, waits for more, is refused at last, and holds up nobody else."""

import asyncio

from assay.api.turns import Turns


async def test_a_caller_has_some_at_once_waits_for_more_and_is_refused_at_last() -> None:
    turns, go_on, running = Turns(at_once=2, waiting=1), asyncio.Event(), asyncio.Queue[str]()

    async def ask(caller: str) -> bool:
        async with turns.taken(caller) as mine:
            if mine:
                await running.put(caller)
                await go_on.wait()
            return mine

    asked = [asyncio.create_task(ask("ada")) for _ in range(4)]
    (refused,), waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert (refused.result(), len(waiting), running.qsize()) == (False, 3, 2)
    other = asyncio.create_task(ask("bob"))
    assert [await running.get() for _ in range(3)] == ["ada", "ada", "bob"]
    go_on.set()
    assert await asyncio.gather(*waiting, other) == [True] * 4


async def test_who_leaves_while_waiting_takes_no_turn_with_them() -> None:
    turns = Turns(at_once=1, waiting=1)
    for _ in range(3):
        async with turns.taken("ada"):

            async def wait() -> None:
                async with turns.taken("ada"):
                    raise AssertionError("there is one at once")

            left = asyncio.create_task(wait())
            await asyncio.sleep(0)
            left.cancel()
            await asyncio.wait([left])
            assert left.cancelled()
    async with turns.taken("ada") as mine:
        assert mine
