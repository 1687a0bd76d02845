"""Long questions: one at a time, and of one caller's only the newest of those that wait."""

import asyncio

from assay.access.only_newest import OnlyNewest


async def test_who_asks_again_while_they_wait_is_answered_once() -> None:
    turns, told, begun, go_on = OnlyNewest(), [], asyncio.Event(), asyncio.Event()

    async def ask(caller: str, question: str) -> None:
        async with turns.turn(caller) as newest:
            told.append((question, newest))
            begun.set()
            await go_on.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(ask("ada", "first"))
        await begun.wait()
        for caller, question in (("ada", "second"), ("bob", "his"), ("ada", "third")):
            group.create_task(ask(caller, question))
        await asyncio.sleep(0)
        go_on.set()
    # What was begun is brought to its end.
    assert told == [("first", True), ("second", False), ("his", True), ("third", True)]
    async with turns.turn("ada") as newest:
        assert newest
