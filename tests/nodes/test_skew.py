"""R18: a node whose clock is not the others'. Five seconds are tolerated; a minute and ten minutes are not, in words.

The clock of one node's process is moved while it runs (libfaketime); its other clocks, which nobody can set, stay.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.person import NAVIGATION
from tests.nodes.house import House
from tests.nodes.test_outages import answers, ready, signed_in, status, until
from tests.nodes.test_two_nodes import SCRIPT

pytestmark = [pytest.mark.namespaces, pytest.mark.interop, pytest.mark.slow]

LIBRARIES = Path("/usr/lib")


class Clock:
    """The clock of one process, which is off by what is said here."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.off(0)
        library = next(LIBRARIES.glob("*/faketime/libfaketimeMT.so.1"))
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def off(self, seconds: int) -> None:
        draft = self.file.with_suffix(".draft")
        draft.write_text(f"{seconds:+d}s\n")
        draft.replace(self.file)


@pytest.fixture(scope="module", autouse=True)
def clock(built: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clock]:
    """That of node B, which starts anew with it."""
    made = Clock(tmp_path_factory.mktemp("clock") / "clock")
    built.b.stop()
    built.b.more_environment = made.environment
    built.b.start()
    yield made
    built.b.stop()
    built.b.more_environment = {}


def seen(two: House) -> tuple[str, str, float]:
    """Node B as node A lists it: its state, why, and how far its clock is off in seconds."""
    listed = two.a.json("nodes", "list")["value"]  # type: ignore[index]
    node = next(each for each in listed if each["name"] == "b")
    return node["state"], node["reason"], node["skewMilliseconds"] / 1_000


async def listed(two: House, off: int, state: str, reason: str) -> None:
    """Return once it has said that its clock is so far off, and that it stands like this."""

    async def said() -> bool:
        found = await asyncio.to_thread(seen, two)
        return found[:2] == (state, reason) and abs(found[2] - off) < 2

    await until(said)


async def test_r18_five_seconds_are_tolerated_a_minute_and_ten_are_not(two: House, clock: Clock) -> None:
    async with signed_in(two) as (_, client, other, wiki):
        b_ready = ready(two.b, other)
        for off in (5, -5):
            clock.off(off)
            await listed(two, off, "inRotation", "")
            assert await b_ready()
            assert await status(other, f"{wiki}/") == 200
            two.b.run("users", "add", f"at{abs(off)}{'later' if off > 0 else 'earlier'}")

        async def out() -> bool:
            return not await b_ready()

        # One way each: the rule looks at the distance alone.
        for off in (60, -600):
            clock.off(off)
            await until(out)
            await listed(two, off, "out", "nodeClock")
            answer = await other.get(f"{wiki}/", headers=SCRIPT)
            assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (503, "nodeClock")
            page = await other.get(f"{two.b.id_origin}/sign-in", headers=NAVIGATION)
            assert page.status_code == 503
            assert "clock of this server is wrong" in page.text
            assert "set its clock" in two.b.run("doctor", code=1)
            assert await status(client, f"{wiki}/") == 200, "the other node goes on"
            clock.off(0)
            await until(b_ready)
            assert await status(other, f"{wiki}/") == 200, "no restart"
        assert two.a.run("events", "verify").startswith("good")


async def test_r18_a_node_that_starts_with_a_wrong_clock_grants_nothing(two: House, clock: Clock) -> None:
    async with signed_in(two) as (_, _client, other, wiki):
        two.b.stop()
        clock.off(-600)
        two.b.start()
        await until(lambda: answers(other, f"{wiki}/", 503))
        # What it said when it joined, before it had looked at its clock, stands until it says more.
        await listed(two, -600, "out", "nodeClock")
