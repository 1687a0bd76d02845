"""The life of demos: two at once, one twice, kept, interrupted and killed."""

import asyncio
import json
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.simulator.demo_info import read_demo_info
from assay.simulator.departments import DEPARTMENTS
from tests.ports import free_port
from tests.simulator.browser import Browser
from tests.simulator.running_demo import READY_SECONDS, SMALL, STOP_SECONDS, RunningDemo, run, running_demo, spawn
from tests.simulator.test_child_app import ended

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory with a short name, for sockets' paths have a limit."""
    made = Path(tempfile.mkdtemp(prefix="assay-demo-"))
    yield made
    shutil.rmtree(made)


def children(pid: int) -> list[int]:
    """The processes that a process started: Envoy and the apps."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def gone(pids: list[int]) -> None:
    """Return once none of them is there: whoever ended after its parent waits to be taken by the machine's first."""
    async with asyncio.timeout(STOP_SECONDS):
        while any(Path(f"/proc/{pid}").exists() for pid in pids):  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.02)


def owner_of(demo: RunningDemo) -> str:
    return next(person.user for person in demo.info.people if "Global Administrator" in person.roles)


async def do_not_disturb_each_other(demo: RunningDemo, other: RunningDemo) -> None:
    """Two demos that run at once, each of which lived a past of its own."""
    assert other.port != demo.port
    for each in (demo, other):
        person = each.info.person("svc-reports")
        async with Browser(each.info) as browser:
            assert (await browser.sign_in(person, "verify")).url == browser.url("verify")
    # A secret of the one opens nothing at the other.
    async with Browser(demo.info) as browser:
        page = await browser.sign_in(other.info.person(owner_of(other)), "verify")
        assert "/sign-in/password" in page.url.path


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


async def test_it_can_be_kept_or_begun_afresh_and_leaves_nothing_running(demo: RunningDemo, directory: Path) -> None:
    port = free_port()
    async with running_demo(directory, port=port, cache=demo.cache) as first:
        started = children(first.process.pid)
        status, output = await run(first.home, "groups", "add", "Newcomers", "--data", str(first.data))
        assert status == 0, output
    # Its past had been lived already: it was taken, and gone on with.
    assert "begin" not in first.output
    assert {person.password for person in first.info.people} == {person.password for person in demo.info.people}
    assert len(started) == 6
    await gone(started)
    async with running_demo(directory, "--keep", port=port, cache=demo.cache) as kept:
        assert kept.info == first.info
        assert "as imported: " in kept.output
        assert "as imported: " not in first.output
        assert "Newcomers" in (await run(kept.home, "groups", "list", "--data", str(kept.data)))[1]
        async with Browser(kept.info) as browser:
            page = await browser.sign_in(kept.info.person(owner_of(kept)), "verify")
            assert page.url == browser.url("verify")
    async with running_demo(directory, port=port, cache=demo.cache) as afresh:
        assert [person.user for person in afresh.info.people] == [person.user for person in first.info.people]
        assert "Newcomers" not in (await run(afresh.home, "groups", "list", "--data", str(afresh.data)))[1]
        # The authority stays, so that a browser that trusts it goes on trusting it.
        async with Browser(first.info) as browser:
            assert (await browser.get(afresh.info.url)).status_code == 200
        status, output = await run(afresh.home, "events", "verify", "--data", str(afresh.data))
        assert status == 0, output
        await leaves_nothing_running_when_it_is_killed(afresh)


async def leaves_nothing_running_when_it_is_killed(demo: RunningDemo) -> None:
    started = children(demo.process.pid)
    assert len(started) == 6
    waiting = [asyncio.create_task(ended(pid)) for pid in started]
    await asyncio.sleep(0)
    demo.process.kill()
    await asyncio.gather(*waiting)


async def test_interrupted_while_it_starts_it_ends_and_can_start_again_beside_another(
    demo: RunningDemo, directory: Path
) -> None:
    home = directory / "home"
    home.mkdir()
    where = ("--data", str(directory / "data"), "--port", str(free_port()))
    process = await spawn(home, "up", "--demo", *where, *SMALL)
    assert process.stdout is not None
    async for line in process.stdout:
        if b"  0 %" in line:
            break
    process.send_signal(signal.SIGINT)
    output, _ = await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    assert process.returncode == 0, output
    assert b"stopping" in output
    assert not (directory / "data" / "demo.json").exists()
    # What was half made is not kept, even where that was asked for; what is prepared is there at once.
    status, printed = await run(home, "demo", "prepare", "--json", *SMALL)
    assert status == 0, printed
    assert json.loads(printed.splitlines()[-1])["people"] == 8
    async with running_demo(directory, "--keep") as prepared:
        assert len(read_demo_info(prepared.data / "demo.json").people) == 12
        assert "begin" not in prepared.output
        await do_not_disturb_each_other(demo, prepared)
    async with Browser(demo.info) as browser:
        assert (await browser.get(demo.info.url)).status_code == 200


async def test_who_comes_first_sees_a_company_at_once_while_the_whole_one_is_lived(directory: Path) -> None:
    async with running_demo(directory, size=()) as first:
        departments = {group for person in first.info.people for group in person.groups}
        assert {each.name for each in DEPARTMENTS} <= departments
        assert len(first.info.apps) == 14
        assert len(first.info.attacks) == 3
        # Lived by a process of its own, which says how far it is, and which ends with the demo.
        assert first.process.stdout is not None
        begins = "meanwhile:   0 %"
        async with asyncio.timeout(READY_SECONDS):
            # Said before it was ready, or after.
            while begins not in first.output and begins not in (line := await first.process.stdout.readline()).decode():
                assert line
        started = children(first.process.pid)
        # Ctrl-C says what is lost by it.
        first.process.send_signal(signal.SIGINT)
        rest = (await asyncio.wait_for(first.process.stdout.read(), STOP_SECONDS)).decode()
        assert "% lived, and begins anew" in rest
        assert "assay demo prepare" in rest
    assert len(started) == 7
    await gone(started)


async def test_what_was_not_prepared_is_said(directory: Path) -> None:
    in_the_way = directory / "cache"
    in_the_way.write_text("no directory")
    process = await spawn(directory, "demo", "prepare", *SMALL, cache=in_the_way)
    output, _ = await asyncio.wait_for(process.communicate(), READY_SECONDS)
    assert process.returncode == 1
    assert b"XDG_CACHE_HOME" in output


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
    await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    status, output = await run(home, "up", "--demo", *where)
    assert status == 1
    assert "no demo's" in output
    assert (data / "assay.db").exists()
