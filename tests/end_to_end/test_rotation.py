"""Every key rotates, twice, while people sign in and apps check what they are told; nobody notices."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from assay_verify.keys import AGAIN_SECONDS  # type: ignore[import-untyped]  # an app, not a library

from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import Person
from tests.https_client import https_client
from tests.ports import free_port

PEOPLE = 8
# With recovery codes: the next code of an authenticator app begins half a minute later (RFC 6238).
PAUSE_SECONDS = 6.0
CODE_SECONDS = 31.0
ONCE = ("assertion", "checkpoint", "derived", "certificate", "master")


class Load:
    """Honest people; every answer that is not the one they came for is kept."""

    def __init__(self, installed: Installation, people: list[Person]) -> None:
        self.installed = installed
        self.people = people
        self.failed: list[str] = []
        self.requests = 0
        self.sign_ins = 0
        self.key_ids: set[str] = set()
        self.over = asyncio.Event()

    async def browse(self, person: Person) -> None:
        while not self.over.is_set():
            self.requests += 1
            self.judge("request", await person.fetch("verify", "/json"))
            await asyncio.sleep(0.1)

    async def sign_in_again(self, person: Person) -> None:
        while not self.over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), PAUSE_SECONDS if person.recovery_codes else CODE_SECONDS)
                return
            await person.sign_out()
            self.sign_ins += 1
            if person.recovery_codes:
                await person.give_password()
                said = (await person.give_recovery_code(person.recovery_codes.pop())).text
            else:
                said = (await person.sign_in()).text
            self.judge("sign-in", await person.open("verify", "/json"), said)

    def judge(self, what: str, answer: httpx.Response, said: str = "") -> None:
        if answer.status_code != 200 or not answer.headers["content-type"].startswith("application/json"):
            words = " ".join(re.sub(r"<[^>]*>", " ", said or answer.text).split())
            self.failed.append(f"{what}: {answer.status_code} {answer.url.path} {words}")
        elif not answer.json()["assertion"]["valid"]:
            self.failed.append(f"{what}: {answer.text[:500]}")
        else:
            self.key_ids.add(answer.json()["assertion"]["key_id"])


@asynccontextmanager
async def checking_app(installed: Installation, directory: Path) -> AsyncIterator[Path]:
    """`examples/verify`, which believes nothing that it has not checked."""
    await asyncio.to_thread(directory.mkdir, mode=0o700)
    path = directory / "verify.sock"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assay_verify", "--listen", f"unix:{path}"),
        *("--audience", installed.app_origin("verify"), "--connect-to", installed.address),
        *("--ca", str(installed.authority)),
    )
    try:
        await until(lambda: asyncio.to_thread(path.exists))
        yield path
    finally:
        process.terminate()
        await process.wait()


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Return once it holds; fails after so long."""
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline, "it does not come to hold"
        await asyncio.sleep(0.1)


def states(installed: Installation, kind: str) -> list[tuple[str, str, int | None]]:
    found = installed.json("keys", "list")
    assert isinstance(found, dict)
    return [(key["state"], key["id"], key.get("seals")) for key in found["value"] if key["kind"] == kind]


async def nothing_sealed_by_older_keys(installed: Installation) -> bool:
    found = await asyncio.to_thread(states, installed, "master")
    return all(not seals for state, _, seals in found if state == "replaced")


@pytest.mark.slow
async def test_every_key_rotates_twice_and_no_request_fails(installed: Installation, tmp_path: Path) -> None:
    owner = Person(installed, "owner")
    await owner.enrol(installed.owner_link())
    people = [owner]
    pinned = tmp_path / "pinned.key"
    pinned.write_text(installed.checkpoint_key() + "\n")
    async with checking_app(installed, tmp_path / "app") as listening:
        installed.run("apps", "protect", f"unix://{listening}", "--name", "verify")
        for number in range(PEOPLE - 1):
            made = installed.json("users", "add", f"person{number}")
            assert isinstance(made, dict)
            person = Person(installed, f"person{number}")
            await person.enrol(made["enrolmentUrl"])
            installed.run("apps", "assign", "verify", "--user", person.user_name)
            people.append(person)
        for person in people:
            assert (await person.open("verify", "/json")).status_code == 200

        load = Load(installed, people)
        tasks = [asyncio.create_task(load.browse(person)) for person in people[:2]]
        tasks += [asyncio.create_task(load.sign_in_again(person)) for person in people[2:]]
        for _ in range(2):
            # An app asks for a key that it does not know so often and no more; two thefts are not nearer than that.
            await asyncio.sleep(AGAIN_SECONDS + 0.5)
            await asyncio.to_thread(rotate_all, installed)
            signing = next(key for state, key, _ in states(installed, "assertion") if state == "inUse")
            await until(lambda: nothing_sealed_by_older_keys(installed))
            assert "retired master key" in await asyncio.to_thread(installed.run, "keys", "retire", "master")
            assert len(states(installed, "master")) == 1
            await until(lambda wanted=signing: seen(load, wanted), 2 * CODE_SECONDS)
        load.over.set()
        await asyncio.gather(*tasks)
        said = (
            f"{load.requests} requests, {load.sign_ins} sign-ins, {len(load.failed)} failed, {len(load.key_ids)} keys"
        )
        sys.stdout.write("\n".join((said, *load.failed, "")))
        assert load.failed == []
        assert load.sign_ins >= PEOPLE
        assert len(load.key_ids) == 3

        # The key that was pinned before the first rotation still proves the log, by way of two hand-overs.
        verdict = installed.json("events", "verify", "--key", str(pinned))
        assert isinstance(verdict, dict)
        assert verdict["ok"]
        assert verdict["anchored"] > 0
        for person in people:
            await person.client.aclose()


async def seen(load: Load, key_id: str) -> bool:
    return key_id in load.key_ids


def rotate_all(installed: Installation) -> None:
    for kind in ONCE:
        now = ("--now",) if kind == "assertion" else ()
        assert f"new {kind} key" in installed.run("keys", "rotate", kind, *now)


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for those that follow: whose authority is replaced, and which is then killed."""
    with installation(tmp_path_factory.mktemp("rotated"), port=free_port()) as running:
        yield running


@pytest.mark.slow
async def test_the_next_authority_signs_once_it_is_trusted(rotated: Installation, tmp_path: Path) -> None:
    installed = rotated
    old = installed.authority.read_bytes()
    for _ in range(2):
        installed.run("keys", "rotate", "ca")
        fresh = installed.authority.with_name("next-authority.pem").read_bytes()
        assert fresh != old
        both = tmp_path / "trusted.pem"
        both.write_bytes(old + fresh)
        async with https_client(installed.address, both) as trusting_both:
            assert (await trusting_both.get(f"{installed.id_origin}/sign-in")).status_code == 200
            installed.run("keys", "rotate", "ca", "--use")
            only_new = tmp_path / "new.pem"
            only_new.write_bytes(fresh)

            async def new_leaf_served(trusted: Path = only_new) -> bool:
                async with https_client(installed.address, trusted) as client:
                    try:
                        return (await client.get(f"{installed.id_origin}/sign-in")).status_code == 200
                    except httpx.ConnectError as error:
                        # Only for as long as Envoy has not read the new file.
                        return "CERTIFICATE_VERIFY_FAILED" not in str(error)

            await until(new_leaf_served)
            assert (await trusting_both.get(f"{installed.id_origin}/sign-in")).status_code == 200
        installed.run("keys", "retire", "ca")
        old = fresh


@pytest.mark.slow
async def test_a_rotation_that_was_killed_goes_on_after_the_restart(rotated: Installation) -> None:
    installed = rotated
    owner = Person(installed, "owner")
    await owner.enrol(installed.owner_link())
    installed.run("keys", "rotate", "master")
    assert installed.process is not None
    os.kill(installed.process.pid, signal.SIGKILL)
    installed.process.wait(60)
    installed.start()
    await until(lambda: nothing_sealed_by_older_keys(installed))
    installed.run("keys", "retire", "master")
    await owner.sign_out()
    assert (await owner.sign_in()).status_code in (200, 303)
    await owner.client.aclose()
