"""Long questions: one at a time, and of one caller's only the newest of those that wait."""

import asyncio

from assay.access.only_newest import OnlyNewest


async def test_who_asks_again_while_they_wait_is_told_at_once_and_answered_once() -> None:
    turns, told, begun, go_on = OnlyNewest(), [], asyncio.Event(), asyncio.Event()

    async def ask(caller: str, question: str) -> None:
        async with turns.turn(caller) as newest:
            told.append((question, newest))
            if newest:
                begun.set()
                await go_on.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(ask("ada", "first"))
        await begun.wait()
        second = group.create_task(ask("ada", "second"))
        for caller, question in (("bob", "his"), ("ada", "third")):
            group.create_task(ask(caller, question))
        # While the first goes on: what nobody wants to know any more takes no memory until its turn would come.
        async with asyncio.timeout(10):
            await second
        assert told == [("first", True), ("second", False)]
        go_on.set()
    # What was begun is brought to its end; who asked anew kept their place.
    assert told[2:] == [("third", True), ("his", True)]


async def test_who_leaves_takes_no_turn_with_them() -> None:
    turns = OnlyNewest()

    async def ask(caller: str) -> None:
        async with turns.turn(caller):
            raise AssertionError("it left before its turn")

    async with turns.turn("ada"):
        waiting = [asyncio.create_task(ask(caller)) for caller in ("bob", "eve")]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.wait(waiting[:1])
    # Given to Eve in this moment, who goes away in the same.
    waiting[1].cancel()
    await asyncio.wait(waiting)
    assert all(each.cancelled() for each in waiting)
    async with asyncio.timeout(10), turns.turn("ada") as newest:
        assert newest
