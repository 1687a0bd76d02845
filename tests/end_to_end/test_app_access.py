"""Other origins, public paths and programs through the real gateway, as an owner sets them up at the command line."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import Person
from tests.end_to_end.recording_app import recording_app
from tests.end_to_end.upstream import echoing
from tests.https_client import https_client
from tests.ports import free_port

pytestmark = pytest.mark.slow

OTHER = "https://other.example"


class Wiki:
    """An app that echoes, its owner signed in, and a stranger without anything, over one version of HTTP."""

    def __init__(self, installed: Installation, owner: Person, stranger: httpx.AsyncClient) -> None:
        self.installed = installed
        self.owner = owner
        self.stranger = stranger
        self.url = installed.app_origin("wiki")

    async def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        """A request of a program that nobody knows."""
        sent = {"accept": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            return await self.stranger.request(method, f"{self.url}{path}", headers=sent)
        except httpx.TransportError:
            # Its connection was cut with what opened it; as every client, it makes another.
            return await self.stranger.request(method, f"{self.url}{path}", headers=sent)

    def credential(self, *options: str) -> str:
        made = self.installed.json("apps", "credentials", "add", "wiki", *options)
        assert isinstance(made, dict)
        return f"Bearer {made['secret']}"


@dataclass(frozen=True)
class Home:
    """One installation for all of this file: the owner's cookies at `id.`, and where the app listens."""

    installed: Installation
    cookies: httpx.Cookies
    listening: Path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    directory = tmp_path_factory.mktemp("home")
    with installation(directory, port=free_port()) as installed, echoing(directory / "app") as listening:
        yield Home(installed, asyncio.run(enrolled(installed)), listening)


async def enrolled(installed: Installation) -> httpx.Cookies:
    """The cookies of the owner, signed in."""
    owner = Person(installed, "owner")
    await owner.enrol(installed.owner_link())
    await owner.client.aclose()
    return owner.client.cookies


@pytest.fixture(params=[False, True], ids=["HTTP/1.1", "HTTP/2"])
async def wiki(request: pytest.FixtureRequest, home: Home) -> AsyncIterator[Wiki]:
    """An app that nobody has seen before, with its owner in it."""
    installed, owner = home.installed, Person(home.installed, "owner")
    owner.client.cookies = home.cookies
    installed.run("apps", "protect", f"unix://{home.listening}", "--name", "wiki", "--owner", "owner")
    assert (await owner.open("wiki")).status_code == 200
    async with https_client(installed.address, installed.authority, http2=request.param) as stranger:
        made = Wiki(installed, owner, stranger)
        assert (await made.ask("/")).http_version == request.node.callspec.id
        yield made
    await owner.client.aclose()
    installed.run("apps", "remove", "wiki")


def received(answer: httpx.Response) -> str:
    """What the app got, in lower case."""
    assert answer.status_code == 200, answer.text
    return answer.text.lower()


async def test_a_credential_opens_its_app_and_nothing_of_it_reaches_the_app(wiki: Wiki) -> None:
    secret = wiki.credential("--name", "ci")
    got = received(await wiki.ask("/build?x=1", "POST", authorization=secret, cookie="theme=dark"))
    assert got.startswith("post /build?x=1 ")
    assert "assay-assertion: " in got
    assert "cookie: theme=dark" in got
    assert "authorization" not in got
    assert "assay_" not in got
    listed = wiki.installed.json("apps", "credentials", "list", "wiki")
    assert "assay_" not in json.dumps(listed), "the secret is shown once"


async def test_every_bad_credential_has_the_same_answer(wiki: Wiki) -> None:
    wiki.installed.run("apps", "protect", "http://127.0.0.1:9", "--name", "other", "--owner", "owner")
    made = wiki.installed.json("apps", "credentials", "add", "other", "--name", "ci")
    assert isinstance(made, dict)
    revoked = wiki.credential("--name", "old")
    assert (await wiki.ask("/", authorization=revoked)).status_code == 200
    wiki.installed.run("apps", "credentials", "revoke", "wiki", "old")
    bad = [
        revoked,
        f"Bearer {made['secret']}",
        f"Bearer assay_{'0' * 64}",
        "Bearer assay_",
        f"Bearer assay_{'0' * 20_000}",
        f"bEaReR   {revoked[7:]}",
        f"{revoked}, Basic QTpC",
    ]
    answers = [await wiki.ask("/", authorization=each) for each in bad]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["error"] for answer in answers} == {"credentialInvalid"}
    assert len({answer.text for answer in answers}) == 1
    challenge = 'Bearer realm="wiki.assay.localhost", error="invalid_token"'
    assert {answer.headers["www-authenticate"] for answer in answers} == {challenge}
    with_session = await wiki.owner.client.get(f"{wiki.url}/", headers={"authorization": revoked})
    assert with_session.status_code == 401, "a session does not help a bad credential through"
    wiki.installed.run("apps", "remove", "other")


async def test_two_authorization_headers_do_not_carry_a_credential_to_the_app(wiki: Wiki) -> None:
    secret = wiki.credential("--name", "ci")
    for pair in ((secret, "Basic QTpC"), ("Basic QTpC", secret)):
        headers = [("authorization", each) for each in pair]
        for client in (wiki.stranger, wiki.owner.client):
            answer = await client.get(f"{wiki.url}/", headers=headers)
            assert "assay_" not in answer.text


async def test_the_apps_own_authorization_is_left_alone(wiki: Wiki) -> None:
    for header in ("Basic QTpC", "Bearer eyJhbGciOi.x.y", "Negotiate YII=", 'Digest username="a"', "assay_x"):
        answer = await wiki.owner.client.get(f"{wiki.url}/", headers={"authorization": header})
        assert f"authorization: {header}".lower() in received(answer)
        assert (await wiki.ask("/", authorization=header)).status_code == 401


async def test_a_public_path_reaches_the_app_as_nobody(wiki: Wiki) -> None:
    assert (await wiki.ask("/assets/logo.png")).status_code == 401
    wiki.installed.run("apps", "public-paths", "add", "wiki", "/assets/", "--name", "assets", "--reason", "a logo")
    forged = {"assay_assertion": "forged", "authorization": "Basic QTpC"}
    got = received(await wiki.ask("/assets/logo.png", cookie="theme=dark; __Host-assay-app=forged", **forged))
    assert "assay-assertion" not in got
    assert "forged" not in got
    assert "cookie: theme=dark" in got
    assert "authorization: basic qtpc" in got, "the app's own business"
    assert "assay-assertion: " in received(await wiki.owner.fetch("wiki", "/assets/logo.png")), "who is known is told"
    for path in (
        "/",
        "/assets",
        "/assetsx/logo.png",
        "/ASSETS/logo.png",
        "/assets/%2e%2e/secret",
        "/assets/..%2fsecret",
        "/assets/..;/secret",
        "/assets/../secret",
        "/assets/./../secret",
        "/assets//../../secret",
        "/assets/%252e%252e/secret",
        "/assets/x;y",
        "/assets/x.",
        "/x/../assetsx/",
    ):
        assert (await wiki.ask(path)).status_code in (400, 401), path
    assert (await wiki.ask("/assets/logo.png", "POST")).status_code == 401
    assert (await wiki.ask("/assets/logo.png", authorization=f"Bearer assay_{'0' * 64}")).status_code == 401
    wiki.installed.run("apps", "public-paths", "remove", "wiki", "assets")
    assert (await wiki.ask("/assets/logo.png")).status_code == 401


async def test_preflights_and_the_requests_after_them(wiki: Wiki) -> None:
    preflight = {"access_control_request_method": "PUT", "access_control_request_headers": "content-type, x-token"}
    refused = await wiki.ask("/api", "OPTIONS", origin=OTHER, **preflight)
    assert refused.status_code == 403
    wiki.installed.run("apps", "origins", "wiki", "--allow", OTHER)
    allowed = await wiki.ask("/api", "OPTIONS", origin=OTHER, **preflight)
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == OTHER
    assert allowed.headers["access-control-allow-credentials"] == "true"
    assert allowed.headers["access-control-allow-methods"] == "PUT"
    assert allowed.headers["access-control-allow-headers"] == "content-type, x-token"
    assert allowed.headers["access-control-max-age"] == "600"
    assert "Origin" in allowed.headers["vary"]
    for origin in ("null", "https://other.example.evil", f"{OTHER}:8443", wiki.installed.app_origin("sibling")):
        answer = await wiki.ask("/api", "OPTIONS", origin=origin, **preflight)
        assert answer.status_code == 403, origin
        assert not any(name.startswith("access-control-allow") for name in answer.headers)
    script = {"sec-fetch-mode": "cors", "sec-fetch-site": "cross-site", "sec-fetch-dest": "empty"}
    for method in ("GET", "PUT"):
        seen = await wiki.owner.client.request(method, f"{wiki.url}/api", headers={"origin": OTHER} | script)
        assert seen.status_code == 200
        assert seen.headers.get_list("access-control-allow-origin") == [OTHER]
        assert seen.headers.get_list("access-control-allow-credentials") == ["true"]
        assert "Origin" in seen.headers["vary"]
    unknown = await wiki.ask("/api", origin=OTHER)
    assert (unknown.status_code, unknown.headers["access-control-allow-origin"]) == (401, OTHER), "refused, readably"
    other = {"origin": "https://third.example"} | script
    assert (await wiki.owner.client.put(f"{wiki.url}/api", headers=other)).status_code == 403
    read = await wiki.owner.client.get(f"{wiki.url}/api", headers=other)
    assert "access-control-allow-origin" not in read.headers
    wiki.installed.run("apps", "origins", "wiki", "--remove", OTHER)
    assert (await wiki.ask("/api", "OPTIONS", origin=OTHER, **preflight)).status_code == 403


async def test_a_revoked_credential_is_cut_while_it_streams(wiki: Wiki) -> None:
    with recording_app() as app:
        wiki.installed.run("apps", "edit", "wiki", "--upstream", app.url)
        secret = wiki.credential("--name", "ci")
        async with wiki.stranger.stream("GET", f"{wiki.url}/stream", headers={"authorization": secret}) as answer:
            chunks = answer.aiter_raw()
            assert b"chunk" in await anext(chunks)
            gone = wiki.installed.json("apps", "credentials", "revoke", "wiki", "ci")
            assert isinstance(gone, dict)
            assert (gone["cut"], gone["stillOpen"]) == (1, 0)
            with pytest.raises(httpx.TransportError):
                async for _ in chunks:
                    pass
        assert (await wiki.ask("/", authorization=secret)).status_code == 401


async def test_a_public_path_that_is_closed_is_cut_while_it_streams(wiki: Wiki) -> None:
    with recording_app() as app:
        wiki.installed.run("apps", "edit", "wiki", "--upstream", app.url)
        wiki.installed.run("apps", "public-paths", "add", "wiki", "/stream", "--name", "radio", "--reason", "a test")
        async with wiki.stranger.stream("GET", f"{wiki.url}/stream") as answer:
            chunks = answer.aiter_raw()
            assert b"chunk" in await anext(chunks)
            gone = wiki.installed.json("apps", "public-paths", "remove", "wiki", "radio")
            assert isinstance(gone, dict)
            assert (gone["cut"], gone["stillOpen"]) == (1, 0)
            with pytest.raises(httpx.TransportError):
                async for _ in chunks:
                    pass
        assert (await wiki.ask("/stream")).status_code == 401
