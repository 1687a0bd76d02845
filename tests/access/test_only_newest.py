"""Long questions: one at a time, and of one caller's only the newest, which ends what they asked before."""

import asyncio

from assay.access.only_newest import OnlyNewest, Unanswered


class Asker:
    """Questions that go on until they are told to, and what became of them."""

    def __init__(self, turns: OnlyNewest) -> None:
        self._turns = turns
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.go_on = asyncio.Event()
        self._changed = asyncio.Event()

    def ask(self, caller: str, question: str) -> "asyncio.Task[str | Unanswered]":
        async def answer() -> str:
            self.begun.append(question)
            self._changed.set()
            try:
                await self.go_on.wait()
            except asyncio.CancelledError:
                self.ended.append(question)
                raise
            return f"answer to {question}"

        return asyncio.create_task(self._turns.answer(caller, answer))

    async def until_begun(self, question: str) -> None:
        async with asyncio.timeout(60):
            while question not in self.begun:
                self._changed.clear()
                await self._changed.wait()


async def test_who_asks_again_ends_what_they_asked_and_is_answered_once() -> None:
    asker = Asker(OnlyNewest())
    first = asker.ask("ada", "first")
    await asker.until_begun("first")
    his = asker.ask("bob", "his")
    second, third = asker.ask("ada", "second"), asker.ask("ada", "third")
    async with asyncio.timeout(60):
        # What nobody wants to know any more takes neither a core nor memory.
        assert await first is await second is Unanswered.SUPERSEDED
    assert asker.ended == ["first"]
    asker.go_on.set()
    assert await asyncio.gather(his, third) == ["answer to his", "answer to third"]
    assert "second" not in asker.begun


async def test_who_leaves_ends_what_they_asked_and_takes_no_turn_with_them() -> None:
    asker = Asker(OnlyNewest())
    running = asker.ask("ada", "running")
    await asker.until_begun("running")
    waiting = [asker.ask(caller, caller) for caller in ("bob", "eve")]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    # Given to Eve as Ada leaves, and Eve goes away in the same moment.
    running.cancel()
    await asyncio.wait([running])
    waiting[1].cancel()
    await asyncio.wait(waiting)
    assert all(each.cancelled() for each in (running, *waiting))
    assert asker.ended[0] == "running"
    asker.go_on.set()
    async with asyncio.timeout(60):
        assert await asker.ask("ada", "again") == "answer to again"


async def test_a_question_that_fails_keeps_nobody_waiting() -> None:
    turns = OnlyNewest()

    async def fail() -> str:
        raise ValueError("the draft cannot be read")

    for _ in range(2):
        (failed,) = await asyncio.gather(turns.answer("ada", fail), return_exceptions=True)
        assert isinstance(failed, ValueError)


async def test_more_callers_than_may_wait_are_told_so() -> None:
    asker = Asker(OnlyNewest(waiting=1))
    running = asker.ask("ada", "hers")
    await asker.until_begun("hers")
    waits = asker.ask("bob", "his")
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        assert await asker.ask("eve", "too much") is Unanswered.TOO_MANY
    # Who waits already may ask anew.
    anew = asker.ask("bob", "his newer")
    assert await waits is Unanswered.SUPERSEDED
    asker.go_on.set()
    assert await asyncio.gather(running, anew) == ["answer to hers", "answer to his newer"]
