"""Somebody guesses at a running installation, over HTTPS through the real gateway, as fast as it answers."""

import asyncio
import json
import re
import time
from math import log2
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import PASSWORD, Person
from tests.https_client import https_client
from tests.ports import free_port

pytestmark = pytest.mark.slow

AT_ONCE = 40


async def guesser(installed: Installation) -> httpx.AsyncClient:
    """A browser that nobody knows."""
    return https_client(installed.address, installed.authority)


async def post(client: httpx.AsyncClient, installed: Installation, where: str, **form: str) -> httpx.Response:
    headers = {"origin": installed.id_origin, "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}
    return await client.post(f"{installed.id_origin}{where}", data=form, headers=headers)


async def guess_until_told_to_wait(client: httpx.AsyncClient, installed: Installation, *, seconds: int) -> None:
    """Guess, and wait as long as is told, until that is long enough for what comes next."""
    while True:
        tried = await post(client, installed, "/sign-in/password", user_name="owner", password="wrong")
        told = int(tried.headers.get("retry-after", "0"))
        if told >= seconds:
            return
        await asyncio.sleep(told)


async def test_codes_and_passwords_are_not_guessed_as_fast_as_we_answer(tmp_path: Path) -> None:
    port = free_port()
    with installation(tmp_path, port=port) as installed:
        owner = Person(installed, "owner")
        await owner.enrol(installed.owner_link())
        assert "__Host-assay-device" not in owner.client.cookies, "a link makes no browser known"
        thief = await guesser(installed)
        entered = await post(thief, installed, "/sign-in/password", user_name="owner", password=PASSWORD)
        assert "__Host-assay-id" in thief.cookies, entered.text
        assert "__Host-assay-device" not in thief.cookies

        tried = await asyncio.gather(
            *(post(thief, installed, "/sign-in/totp", code=f"{number:06d}") for number in range(AT_ONCE))
        )
        refused = [answer for answer in tried if answer.status_code == 429]
        assert len(refused) >= AT_ONCE - 6
        assert all(0 < int(answer.headers["retry-after"]) <= 60 for answer in refused)
        assert "seconds" in refused[0].text, "in words for people"

        stranger = await guesser(installed)
        began = time.monotonic()
        tried = await asyncio.gather(
            *(
                post(stranger, installed, "/sign-in/password", user_name="owner", password=f"wrong {number}")
                for number in range(AT_ONCE)
            )
        )
        # Waits double from a second on: of so many seconds each doubling lets one more in.
        assert sum(answer.status_code != 429 for answer in tried) <= 7 + log2(1 + time.monotonic() - began)

        # Who proved both factors on a device goes on there, whatever strangers do.
        installed.run("users", "unlock", "owner")
        assert (await owner.sign_in()).status_code in (200, 303)
        known = owner.client.cookies["__Host-assay-device"]
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", known)
        await owner.sign_out()
        assert owner.client.cookies["__Host-assay-device"] == known
        installed.stop()
        installed.start()
        await guess_until_told_to_wait(stranger, installed, seconds=8)
        again = await post(stranger, installed, "/sign-in/password", user_name="owner", password=PASSWORD)
        assert again.status_code == 429
        program = await stranger.post(
            f"{installed.id_origin}/sign-in/password",
            data={"user_name": "owner", "password": PASSWORD},
            headers={"origin": installed.id_origin, "accept": "application/json"},
        )
        assert program.status_code == 429
        assert json.loads(program.text)["error"]["code"].startswith("wait")
        assert "__Host-assay-id" in (await owner.give_password()).headers.get("set-cookie", "")
        unlocked = json.loads(installed.run("users", "unlock", "owner", "--json"))
        assert unlocked["methods"] == ["password"]
        found = json.loads(installed.run("events", "search", "--json", "--code", "sign-in.throttled"))
        assert found
        for client in (thief, stranger, owner.client):
            await client.aclose()
