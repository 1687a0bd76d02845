"""Whoever changed an app waits until the gateway serves it."""

import asyncio
import logging

import pytest

from assay.server.served_apps import ServedApps
from assay.store import Change, Topic
from assay.values import AssayError

APP = (Change(topic=Topic.APP, key="wiki"),)


class Slow:
    """A gateway that takes changes when the test lets it."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[None]] = []

    async def apply(self) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self.asked.append(waiting)
        await waiting


async def test_who_gives_up_waiting_stops_nothing_for_others() -> None:
    gateway = Slow()
    apps = ServedApps(gateway.apply)
    apps.changed(APP)
    impatient, patient = asyncio.create_task(apps.served()), asyncio.create_task(apps.served())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.wait((impatient,))
    gateway.asked[0].set_result(None)
    async with asyncio.timeout(60):
        await patient


async def test_a_failure_is_raised_to_who_waits_and_logged_for_who_does_not(caplog: pytest.LogCaptureFixture) -> None:
    gateway = Slow()
    apps = ServedApps(gateway.apply)
    apps.changed(APP)
    apps.changed(APP)
    await asyncio.sleep(0)
    gateway.asked[0].set_exception(AssayError("replaced and failed"))
    gateway.asked[1].set_exception(AssayError("newest and failed"))
    with pytest.raises(AssayError, match="newest"):
        await apps.served()
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "replaced and failed" in caplog.text


async def test_other_changes_are_none_of_its_business() -> None:
    gateway = Slow()
    apps = ServedApps(gateway.apply)
    apps.changed((Change(topic=Topic.SESSION, key="s"),))
    await apps.served()
    assert gateway.asked == []
