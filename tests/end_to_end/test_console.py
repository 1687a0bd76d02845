"""The console and the API through the real gateway: who gets in, what changes take, and a role that is taken."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import Person
from tests.https_client import https_client
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
ME = "/v1.0/assay/me"
PROGRAM = {"accept": "application/json"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all of them."""
    with installation(tmp_path_factory.mktemp("console"), port=free_port()) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(installed: Installation) -> AsyncIterator[Person]:
    person = Person(installed, "owner")
    await person.enrol(installed.owner_link())
    yield person
    await person.client.aclose()


async def test_an_owner_opens_the_console_and_asks_the_api_with_the_session(
    installed: Installation, owner: Person
) -> None:
    page = await owner.open("console", "/people")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    found = await owner.fetch("console", ME)
    assert found.status_code == 200, found.text
    assert found.json()["user"]["userPrincipalName"] == "owner"
    assert found.headers["cache-control"] == "no-store"
    listed = installed.json("sessions", "list")
    assert isinstance(listed, dict)
    assert {each["kind"] for each in listed["value"]} == {"browser"}


async def test_strangers_and_people_without_a_role_get_no_further(installed: Installation, owner: Person) -> None:
    async with https_client(installed.address, installed.authority) as stranger:
        for host in ("console", "api"):
            answer = await stranger.get(f"{installed.app_origin(host)}{ME}", headers=PROGRAM)
            assert answer.status_code == 401
            assert answer.json()["error"]["code"] == "Authentication_Required"
        for forged in ("assay-assertion", "Assay_Assertion", "x-assay-assertion"):
            answer = await stranger.get(f"{installed.app_origin('console')}{ME}", headers=PROGRAM | {forged: "x.y.z"})
            assert answer.status_code in (400, 401)
    made = installed.json("users", "add", "nina")
    assert isinstance(made, dict)
    nina = Person(installed, "nina")
    await nina.enrol(made["enrolmentUrl"])
    assert (await nina.open("console")).status_code == 403
    assert (await nina.fetch("console", ME)).status_code == 401
    await nina.client.aclose()
    del owner


async def test_a_sibling_apps_page_changes_nothing_at_the_console(installed: Installation, owner: Person) -> None:
    await owner.open("console")
    url = f"{installed.app_origin('console')}{ME}"
    for headers in (
        {"origin": installed.app_origin("wiki"), "sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
        {"origin": "null", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {},
    ):
        assert (await owner.client.post(url, headers=headers, json={})).status_code == 403, headers
    own = {"origin": installed.app_origin("console"), "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
    assert (await owner.client.post(url, headers=own, json={})).status_code == 405, "let in; there is no such method"


async def test_a_link_to_our_socket_tells_a_neighbour_nothing(
    installed: Installation, owner: Person, tmp_path: Path
) -> None:
    """Where an app's own socket was there is a link to the console's: Envoy follows it, and we answer nothing."""
    ours, own = installed.data / "run" / "console.sock", tmp_path / "own.sock"
    installed.run("apps", "protect", f"unix://{own}", "--name", "wiki")
    own.symlink_to(ours)
    answer = await owner.open("wiki", ME)
    assert answer.status_code == 404
    assert "userPrincipalName" not in answer.text
    installed.run("apps", "protect", f"unix://{own}", "--name", "other", code=2)


async def test_a_role_that_is_taken_is_gone_at_the_next_request(installed: Installation, owner: Person) -> None:
    made = installed.json("users", "add", "mia")
    assert isinstance(made, dict)
    mia = Person(installed, "mia")
    await mia.enrol(made["enrolmentUrl"])
    installed.run("users", "roles", "assign", "Reports Reader", "--user", "mia")
    assert (await mia.open("console")).status_code == 200
    assert (await mia.fetch("console", ME)).status_code == 200
    installed.run("users", "roles", "remove", "Reports Reader", "--user", "mia")
    try:
        answer = await mia.fetch("console", ME)
    except httpx.TransportError:
        # Its connection was cut with the role; as every client, it makes another.
        answer = await mia.fetch("console", ME)
    assert answer.status_code == 403, answer.text
    await what_one_of_two_roles_opened_ends_with_it(installed, mia)
    await mia.client.aclose()
    del owner


async def what_one_of_two_roles_opened_ends_with_it(installed: Installation, mia: Person) -> None:
    """A stream, and a change of which half was sent; the other role opens the console still."""
    installed.json("users", "add", "olga")
    for role in ("Directory Readers", "Security Administrator", "User Administrator"):
        installed.run("users", "roles", "assign", role, "--user", "mia")
    assert (await mia.open("console")).status_code == 200
    origin = installed.app_origin("console")
    own = {"origin": origin, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}

    async with mia.client.stream("GET", f"{origin}/v1.0/assay/live", headers=own) as opened:
        assert opened.status_code == 200
        await asyncio.to_thread(installed.run, "users", "roles", "remove", "Security Administrator", "--user", "mia")
        with pytest.raises(httpx.TransportError):
            await asyncio.wait_for(opened.aread(), 30)

    async def half() -> AsyncIterator[bytes]:
        yield b'{"displayName":'
        await asyncio.to_thread(installed.run, "users", "roles", "remove", "User Administrator", "--user", "mia")
        yield b' "Somebody else"}'

    json = own | {"content-type": "application/json"}
    with contextlib.suppress(httpx.TransportError):
        answer = await mia.client.patch(f"{origin}/v1.0/users/olga", headers=json, content=half())
        assert answer.status_code == 403, answer.text
    read = await mia.client.get(f"{origin}/v1.0/users/olga", headers=own)
    assert read.json()["displayName"] == "olga", read.text
