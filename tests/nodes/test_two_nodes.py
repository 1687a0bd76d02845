"""Two nodes on one PostgreSQL are one Assay: whatever is true on one is true on the other."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from assay.access.cookies import APP_COOKIE
from assay.identities.guessing import GuessingLimits
from tests.end_to_end.person import NAVIGATION, Person
from tests.https_client import https_client, tls_context
from tests.nodes.house import PORT, House, Node

pytestmark = [pytest.mark.namespaces, pytest.mark.slow]

# More than any test uses: where fewer are left, the next that signs in makes new ones.
LEAST_CODES = 6


async def owner_of(two: House) -> Person:
    """The owner at a new browser, signed in on the first node; enrolled there, with both apps, where nobody was yet."""
    owner = Person(two.a, "owner")
    known = two.owner
    if known is None:
        await owner.enrol(two.a.owner_link())
        two.protect()
        await both_serve(two)
        two.owner = owner
        return owner
    owner.secret, owner.recovery_codes = known.secret, known.recovery_codes
    await sign_in_by_recovery_code(owner)
    if len(known.recovery_codes) < LEAST_CODES:
        await owner.new_recovery_codes()
    return owner


async def both_serve(two: House) -> None:
    """Return once both nodes have both apps: the second hears of them a moment later."""
    async with asyncio.timeout(60):
        for node in (two.a, two.b):
            async with https_client(node.address, node.authority) as client:
                for name in ("wiki", "chat"):
                    while (await client.get(node.app_origin(name))).status_code == 421:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)


async def sign_in_by_recovery_code(person: Person) -> None:
    """Once more, at once: the next code of an authenticator app begins half a minute later (RFC 6238).

    After an outage the first that a node writes may be refused: its connection was ended by the server meanwhile.
    """
    async with asyncio.timeout(60):
        while True:
            answer = await person.give_password()
            if answer.status_code != 503:
                answer = await person.give_recovery_code(person.recovery_codes.pop())
            if answer.status_code != 503:
                break
            await asyncio.sleep(int(answer.headers["retry-after"]))
    assert answer.status_code == 303


SCRIPT = {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"}


async def carried(client_a: httpx.AsyncClient, client_b: httpx.AsyncClient, url: str) -> httpx.Response:
    """Open an app through node A up to the ticket, and redeem that on node B; from the start where that is said."""

    async def opened() -> httpx.Response:
        answer = await client_a.get(url, headers=NAVIGATION)
        for _ in range(6):
            if not answer.is_redirect:
                break
            where = answer.headers["location"]
            answer = await (client_b if "/.assay/ticket" in where else client_a).get(where, headers=NAVIGATION)
        return answer

    return await in_the_end(opened)


async def in_the_end(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer to who tries again where that is said: another node had the lock of writers for too long."""
    async with asyncio.timeout(60):
        while (answer := await ask()).status_code == 503:  # noqa: ASYNC110 - what is waited for has no event here
            await asyncio.sleep(int(answer.headers["retry-after"]))
    return answer


async def test_a_session_made_on_one_node_is_good_on_the_other_and_ends_on_both(two: House) -> None:
    owner = await owner_of(two)
    other = two.client_of(owner, two.b)
    wiki = two.a.app_origin("wiki")
    assert (await carried(owner.client, other, f"{wiki}/here")).status_code == 200
    for client in (owner.client, other):
        answer = await client.get(f"{wiki}/again", headers=SCRIPT)
        assert answer.status_code == 200
        assert "/again" in answer.text
    assert two.a.authority.read_bytes() == two.b.authority.read_bytes(), "browsers trust one authority"

    await owner.sign_out()
    assert (await owner.client.get(f"{wiki}/gone", headers=SCRIPT)).status_code == 401
    # The other node hears of it a moment later.
    await comes_to(other, f"{wiki}/gone", 401)
    await owner.client.aclose()
    await other.aclose()


async def websocket(node: Node, cookie: str) -> ClientConnection:
    """A WebSocket to the app `chat` through this node, heard once."""
    client = await connect(
        f"wss://chat.assay.localhost:{PORT}/",
        host=node.place.address(node.name),
        ssl=tls_context(node.authority),
        server_hostname="chat.assay.localhost",
        origin=f"https://chat.assay.localhost:{PORT}",  # type: ignore[arg-type]  # a NewType of str
        additional_headers={"Cookie": f"{APP_COOKIE}={cookie}"},
        open_timeout=60,
        close_timeout=1,
    )
    await client.send("hello")
    assert await client.recv() == "hello"
    return client


async def test_what_is_open_through_one_node_is_cut_by_the_other(two: House) -> None:
    owner = await owner_of(two)
    other = two.client_of(owner, two.b)
    chat, wiki = two.a.app_origin("chat"), two.a.app_origin("wiki")
    assert (await carried(owner.client, other, f"{wiki}/")).status_code == 200
    await carried(owner.client, other, f"{chat}/")
    cookie = next(c.value for c in other.cookies.jar if c.name == APP_COOKIE and "chat" in c.domain)
    assert cookie is not None
    socket = await websocket(two.b, cookie)

    async def heard() -> None:
        with pytest.raises(ConnectionClosed):
            await socket.recv()

    async with asyncio.timeout(90):
        async with other.stream("GET", f"{wiki}/stream") as download:
            received = download.aiter_raw()
            await anext(received)
            done = await asyncio.to_thread(two.a.run, "sessions", "revoke", "--all")
            assert "sessions ended: 1" in done
            with pytest.raises(httpx.TransportError):
                async for _ in received:
                    pass
        await heard()
    assert (await other.get(f"{wiki}/", headers=SCRIPT)).status_code == 401
    await owner.client.aclose()
    await other.aclose()


async def test_what_is_good_once_is_good_on_one_node(two: House) -> None:
    owner = await owner_of(two)
    other = two.client_of(owner, two.b)
    assert (await carried(owner.client, other, f"{two.a.app_origin('wiki')}/")).status_code == 200
    two.a.run("users", "add", "alice", "--display-name", "Alice")
    link = two.a.run("users", "enrol", "alice").split()
    url = next(word for word in link if word.startswith("https://"))
    first, second = Person(two.a, "alice"), Person(two.b, "alice")
    answers = await asyncio.gather(*(in_the_end(partial(person.use_link, url)) for person in (first, second)))
    assert sorted(answer.status_code for answer in answers) == [303, 404]
    # Codes of an authenticator app: at the same instant, on both.
    fresh = [Person(node, "owner") for node in (two.a, two.b)]
    for person in fresh:
        person.secret = owner.secret
        await person.give_password()
    code = await owner.code()
    used = await asyncio.gather(*(in_the_end(partial(person.give_code, code)) for person in fresh))
    assert sorted(answer.status_code for answer in used) == [200, 303], "one is in, one is asked for another code"
    for person in (first, second, *fresh):
        await person.client.aclose()
    await owner.client.aclose()
    await other.aclose()


def blocked(two: House, file: Path, *, name: str = "Closed") -> Path:
    """A policy, in this file, that lets nobody open the app `wiki`."""
    app = next(each for each in two.a.json("apps", "list")["value"] if each["name"] == "wiki")  # type: ignore[index]
    file.write_text(
        f'{{"displayName": "{name}", "state": "enabled", "conditions": {{"users": {{"includeUsers": ["All"]}},'
        f' "applications": {{"includeApplications": ["{app["id"]}"]}}, "clientAppTypes": ["all"]}},'
        ' "grantControls": {"operator": "OR", "builtInControls": ["block"]}}'
    )
    return file


async def test_a_recovery_code_is_good_once_on_one_node(two: House) -> None:
    owner = await owner_of(two)
    fresh = [Person(node, "owner") for node in (two.a, two.b)]
    for code in [owner.recovery_codes.pop() for _ in range(3)]:
        for person in fresh:
            await person.give_password()
        used = await asyncio.gather(*(in_the_end(partial(person.give_recovery_code, code)) for person in fresh))
        assert sorted(answer.status_code for answer in used) == [200, 303], "one is in, one is asked for another code"
        for person in fresh:
            await person.sign_out()
    for person in (owner, *fresh):
        await person.client.aclose()


async def test_what_is_guessed_on_two_nodes_at_once_is_counted_together(two: House) -> None:
    """Five wrong codes of strangers cost nothing, the sixth a minute: wherever each of them was tried."""
    await (await owner_of(two)).client.aclose()
    two.a.run("users", "add", "bob")
    link = two.a.run("users", "enrol", "bob").split()
    bob = Person(two.a, "bob")
    await bob.enrol(next(word for word in link if word.startswith("https://")))
    fresh = [Person(node, "bob") for node in (two.a, two.b)]
    for person in fresh:
        await person.give_password()
    guesses = await asyncio.gather(
        *(in_the_end(partial(person.give_code, f"{number:06}")) for number in range(12) for person in fresh)
    )
    codes = [answer.status_code for answer in guesses]
    free = GuessingLimits().stranger_code.free
    assert (codes.count(200), codes.count(429)) == (free + 1, len(codes) - free - 1)
    for person in fresh:
        refused = await person.give_code("000000")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
    for person in (bob, *fresh):
        await person.client.aclose()


async def comes_to(client: httpx.AsyncClient, url: str, code: int) -> None:
    """Ask until this is the answer; a connection that is cut meanwhile is made again."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(url, headers=SCRIPT)).status_code == code:
                    return
            await asyncio.sleep(0.02)


async def test_a_policy_published_on_one_node_is_decided_on_the_other(two: House, tmp_path: Path) -> None:
    owner = await owner_of(two)
    other = two.client_of(owner, two.b)
    wiki = two.a.app_origin("wiki")
    assert (await carried(owner.client, other, f"{wiki}/")).status_code == 200
    two.a.run("policy", "import", str(blocked(two, tmp_path / "block.json")), "--state", "on")
    await comes_to(other, f"{wiki}/", 403)
    two.a.run("policy", "off", "Closed")
    # Heard of on both, before somebody else begins.
    await comes_to(other, f"{wiki}/", 200)
    await owner.client.aclose()
    await other.aclose()
