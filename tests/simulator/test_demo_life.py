"""The life of demos: two at once, one twice, kept, interrupted and killed."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.simulator.demo_info import read_demo_info
from tests.ports import free_port
from tests.simulator.browser import Browser
from tests.simulator.running_demo import RunningDemo, run, running_demo, spawn
from tests.simulator.test_child_app import ended

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("demo"), pytest.mark.slow]


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory with a short name, for sockets' paths have a limit."""
    made = Path(tempfile.mkdtemp(prefix="assay-demo-"))
    yield made
    shutil.rmtree(made)


def children(pid: int) -> list[int]:
    """The processes that a process started: Envoy and the apps."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def owner_of(demo: RunningDemo) -> str:
    return next(person.user for person in demo.info.people if "Global Administrator" in person.roles)


async def test_two_at_once_do_not_disturb_each_other(demo: RunningDemo, directory: Path) -> None:
    async with running_demo(directory) as other:
        assert other.port != demo.port
        for each in (demo, other):
            person = each.info.person("svc-reports")
            async with Browser(each.info) as browser:
                assert (await browser.sign_in(person, "verify")).url == browser.url("verify")
        # A secret of the one opens nothing at the other.
        async with Browser(demo.info) as browser:
            page = await browser.sign_in(other.info.person(owner_of(other)), "verify")
            assert "/sign-in/password" in page.url.path
    async with Browser(demo.info) as browser:
        assert (await browser.get(demo.info.url)).status_code == 200


async def test_a_busy_port_is_named_with_who_holds_it(demo: RunningDemo, directory: Path) -> None:
    status, output = await run(directory, "up", "--demo", "--data", str(directory / "data"), "--port", str(demo.port))
    assert status == 1
    assert f"port {demo.port}" in output
    assert "held by envoy" in output
    assert "--port" in output


async def test_a_directory_has_one_demo(demo: RunningDemo) -> None:
    where = ("--data", str(demo.data), "--port", str(free_port()))
    status, output = await run(demo.home, "up", "--demo", *where)
    assert status == 1
    assert "runs already" in output
    async with Browser(demo.info) as browser:
        assert (await browser.get(demo.info.url)).status_code == 200


async def test_it_can_be_kept_or_begun_afresh_and_leaves_nothing_running(directory: Path) -> None:
    port = free_port()
    async with running_demo(directory, port=port) as first:
        started = children(first.process.pid)
    assert len(started) == 5
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    async with running_demo(directory, "--keep", port=port) as kept:
        assert kept.info == first.info
        async with Browser(kept.info) as browser:
            page = await browser.sign_in(kept.info.person(owner_of(kept)), "verify")
            assert page.url == browser.url("verify")
    async with running_demo(directory, port=port) as afresh:
        assert [person.user for person in afresh.info.people] == [person.user for person in first.info.people]
        assert {person.password for person in afresh.info.people}.isdisjoint(
            person.password for person in first.info.people
        )
        # The authority stays, so that a browser that trusts it goes on trusting it.
        async with Browser(first.info) as browser:
            assert (await browser.get(afresh.info.url)).status_code == 200
        status, output = await run(afresh.home, "events", "verify", "--data", str(afresh.data))
        assert status == 0, output


async def test_killed_it_leaves_nothing_running(directory: Path) -> None:
    async with running_demo(directory) as demo:
        started = children(demo.process.pid)
        waiting = [asyncio.create_task(ended(pid)) for pid in started]
        await asyncio.sleep(0)
        demo.process.kill()
        await asyncio.gather(*waiting)
    assert len(started) == 5


async def test_interrupted_while_it_starts_it_ends_and_can_start_again(directory: Path) -> None:
    home = directory / "home"
    home.mkdir()
    where = ("--data", str(directory / "data"), "--port", str(free_port()))
    process = await spawn(home, "up", "--demo", *where)
    assert process.stdout is not None
    async for line in process.stdout:
        if b"days of work" in line:
            break
    process.send_signal(signal.SIGINT)
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, output
    assert b"stopping" in output
    assert not (directory / "data" / "demo.json").exists()
    # What was half made is not kept, even where that was asked for.
    async with running_demo(directory, "--keep") as demo:
        assert len(read_demo_info(demo.data / "demo.json").people) == 12


async def test_data_that_is_no_demos_is_left_alone(directory: Path) -> None:
    home, data = directory / "home", directory / "data"
    home.mkdir()
    where = ("--data", str(data), "--port", str(free_port()))
    process = await spawn(home, "up", *where)
    assert process.stdout is not None
    async for line in process.stdout:
        if b"Ctrl-C" in line:
            break
    process.send_signal(signal.SIGINT)
    await asyncio.wait_for(process.communicate(), 30)
    status, output = await run(home, "up", "--demo", *where)
    assert status == 1
    assert "no demo's" in output
    assert (data / "assay.db").exists()
