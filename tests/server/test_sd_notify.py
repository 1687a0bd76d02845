"""What systemd is told: on a real datagram socket, by path and by abstract name, and by nobody when nobody asked."""

import asyncio
import os
from pathlib import Path

import pytest

from assay.server.sd_notify import Supervisor
from tests.packaging.notified import Notified


@pytest.mark.parametrize("abstract", [False, True])
def test_a_life_is_told_in_order(abstract: bool, tmp_path: Path) -> None:
    name = f"assay-test-{os.getpid()}"
    address = f"@{name}" if abstract else str(tmp_path / "notify")
    with Notified(f"\0{name}" if abstract else address) as told:
        supervisor = Supervisor({"NOTIFY_SOCKET": address})
        supervisor.ready("Serving https://id.company.example")
        supervisor.reloading()
        supervisor.ready("again")
        supervisor.stopping()
        assert told.wait_for("READY=1") == "READY=1\nSTATUS=Serving https://id.company.example"
        assert "MONOTONIC_USEC=" in told.wait_for("RELOADING=1")
        assert "STATUS=again" in told.wait_for("READY=1")
        assert told.wait_for("STOPPING=1") == "STOPPING=1"


async def test_the_watchdog_is_fed_by_the_event_loop(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with Notified(address) as told:
        pulse = asyncio.create_task(
            Supervisor({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": str(os.getpid())}).pulse()
        )
        for _ in range(3):
            await asyncio.to_thread(told.wait_for, "WATCHDOG=1")
        pulse.cancel()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WATCHDOG_USEC": "nonsense"},
        {"NOTIFY_SOCKET": "/nowhere/at/all"},
        {"NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"},
    ],
)
async def test_without_somebody_who_listens_nothing_happens(environment: dict[str, str]) -> None:
    supervisor = Supervisor(environment)
    supervisor.ready("up")
    supervisor.stopping()
    async with asyncio.timeout(60):
        await supervisor.pulse()
