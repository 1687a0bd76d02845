"""Turns: one caller has a few reads at once, waits for more, is refused at last, and holds up nobody else."""

import asyncio

from assay.api.turns import Turn, Turns


async def test_a_caller_has_some_at_once_waits_for_more_and_is_refused_at_last() -> None:
    turns, go_on, running = Turns(at_once=2, waiting=1), asyncio.Event(), asyncio.Queue[str]()

    async def ask(caller: str) -> bool:
        async with turns.taken(caller) as mine:
            if mine is not None:
                await running.put(caller)
                await go_on.wait()
            return mine is not None

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
        assert mine is not None


class Office:
    """Callers who hold what they get until they are told to go on."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.served: list[str] = []
        self.holding: list[Turn] = []

    def ask(self, caller: str, times: int) -> list["asyncio.Task[bool]"]:
        return [asyncio.create_task(self._ask(caller)) for _ in range(times)]

    async def _ask(self, caller: str) -> bool:
        async with self._turns.taken(caller) as turn:
            if turn is None:
                return False
            self.served.append(caller)
            self.holding.append(turn)
            await asyncio.Event().wait()
        return True

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


async def test_all_callers_together_have_some_at_once_and_are_served_in_turn() -> None:
    office = Office(Turns(at_once=2, waiting=9, together=3))
    tasks = office.ask("ada", 6)
    await office.settle()
    tasks += office.ask("bob", 2) + office.ask("eve", 2)
    await office.settle()
    assert office.served == ["ada", "ada", "bob"], "three at once, of one caller two"
    for _ in range(5):
        office.holding.pop(0).end()
        await office.settle()
    assert office.served[3:] == ["eve", "ada", "bob", "eve", "ada"], "who asked for six goes behind the others"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_where_all_wait_too_much_whoever_has_most_waiting_is_refused() -> None:
    office = Office(Turns(at_once=1, waiting=9, together=1, waiting_together=4))
    ada = office.ask("ada", 5)
    await office.settle()
    assert not any(each.done() for each in ada), "one is answered, four wait"
    bob = office.ask("bob", 3)
    await office.settle()
    assert [each.done() and not each.result() for each in ada] == [False, False, False, True, True]
    assert [each.done() for each in bob] == [False, False, True], "as many as ada, and not one more"
    for task in (*ada, *bob):
        task.cancel()
    await asyncio.gather(*ada, *bob, return_exceptions=True)


async def test_a_turn_is_not_given_to_who_has_just_left() -> None:
    turns = Turns(at_once=1, waiting=9, together=1)
    office = Office(turns)
    first, gone, left = office.ask("ada", 1)[0], office.ask("bob", 1)[0], office.ask("eve", 1)[0]
    await office.settle()
    gone.cancel()
    office.holding[0].end()
    await office.settle()
    assert office.served == ["ada", "eve"]
    for task in (first, left):
        task.cancel()
    await asyncio.gather(first, gone, left, return_exceptions=True)
    async with asyncio.timeout(30), turns.taken("dan") as turn:
        assert turn is not None, "nothing is left of them"
