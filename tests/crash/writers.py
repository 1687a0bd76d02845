"""Clients with writes in flight: each notes what the service acknowledged, until the service is gone."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeAlias
from urllib.parse import urlencode

import httpx

from assay.cli.bench.person import FORM, NAVIGATE, Person
from assay.cli.bench.stage import APP, BASE_DOMAIN, Stage
from assay.cli.bench.wire import Wire
from assay.sessions.secret import secret_hash
from tests.crash.aftermath import Acknowledged

ID_HOST = f"id.{BASE_DOMAIN}"
APP_HOST = f"{APP}.{BASE_DOMAIN}"
ID_COOKIE = "__Host-assay-id"
APP_COOKIE = "__Host-assay-app"
# What a client sees of a service that was killed under its request.
GONE = (OSError, EOFError, httpx.TransportError)

Writer: TypeAlias = Callable[[], Awaitable[None]]


async def sign_in(stage: Stage, person: Person, acknowledged: Acknowledged) -> None:
    """Sign in by password again and again; a cookie that was set is a session that was promised."""
    wire = Wire(ID_HOST, stage.port, stage.tls)
    form = urlencode({"user_name": person.knows.user_name, "password": person.knows.password}).encode()
    try:
        while True:
            answer = await wire.request("POST", "/sign-in/password", (*NAVIGATE, FORM, ("origin", wire.origin)), form)
            name, _, rest = answer.header("set-cookie").partition("=")
            # An Envoy that has just died is answered for with 503 by nobody: the connection breaks, or this is ours.
            if answer.status == 200 and name == ID_COOKIE:
                acknowledged.sessions.add(secret_hash(rest.partition(";")[0]))
    finally:
        wire.close()


async def use_app(stage: Stage, person: Person, acknowledged: Acknowledged) -> None:
    """Requests to the app: decisions are judged and logged all the while."""
    wire = Wire(APP_HOST, stage.port, stage.tls)
    cookie = ("cookie", f"{APP_COOKIE}={person.cookie(APP_HOST, APP_COOKIE)}")
    try:
        while True:
            answer = await wire.request("GET", "/", (cookie,))
            acknowledged.answers += answer.status == 200
    finally:
        wire.close()


async def administer(stage: Stage, name: str, acknowledged: Acknowledged) -> None:
    """Make people, let them use the app, shut some out again."""
    for number in range(1_000_000):
        welcome = await stage.admin.add_user(f"{name}-{number}")
        acknowledged.users[welcome.user.id] = True
        await stage.admin.assign(APP, f"{name}-{number}")
        acknowledged.assigned.add(welcome.user.id)
        if number % 3 == 0:
            # Between the request and its answer it may be either.
            del acknowledged.users[welcome.user.id]
            await stage.admin.disable(f"{name}-{number}")
            acknowledged.users[welcome.user.id] = False


async def write_until(moment: Awaitable[None], writers: Sequence[Writer], chance: random.Random) -> None:
    """Run writers, each begun at a moment of its own, until `moment`; they end with the service at the latest."""

    async def write(act: Writer, after: float) -> None:
        await asyncio.sleep(after)
        with suppress(*GONE):
            await act()

    tasks = [asyncio.create_task(write(act, chance.uniform(0.0, 0.05))) for act in writers]
    try:
        await moment
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
