"""Who is judged behind a proxy: whom a trusted one names, and nobody else's word counts. A real proxy in front."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from assay.gateway.settings import check_settings
from assay.values import InvalidInputError, SessionId
from tests.gateway.frames import Frames
from tests.gateway.proxy_in_front import ProxyInFront
from tests.gateway.rig import Rig

pytestmark = [pytest.mark.interop]
TRUSTED, OTHER, CLIENT = "127.0.0.2", "127.0.0.3", "127.0.0.9"
FORGED = "198.51.100.7"
KINDS = ("http/1.1", "h2", "v1", "v2")
# One request from CLIENT to this port, with these headers: the body the app answered with.
Ask = Callable[[Rig, int, Sequence[tuple[str, str]]], Awaitable[bytes]]


async def http1(rig: Rig, port: int, headers: Sequence[tuple[str, str]]) -> bytes:
    connection = await rig.connect(alpn="http/1.1", port=port, source=CLIENT)
    await connection.send("GET", "/", headers=headers)
    answer = await connection.response()
    connection.close()
    return answer.content


async def http2(rig: Rig, port: int, headers: Sequence[tuple[str, str]]) -> bytes:
    client = await Frames.connect(rig, port=port, source=CLIENT)
    cookie = ("cookie", "__Host-assay-session=s1")
    answer = await client.request([*client.pseudo(), cookie, *((name.lower(), value) for name, value in headers)])
    client.close()
    return answer.body


both = pytest.mark.parametrize("ask", [http1, http2], ids=["HTTP/1.1", "HTTP/2"])


@asynccontextmanager
async def behind(
    directory: Path, kind: str, *, address: str, proxies: Sequence[str] = (TRUSTED,)
) -> AsyncIterator[tuple[Rig, ProxyInFront]]:
    rig = Rig(directory, proxies=proxies, proxy_protocol=kind in ("v1", "v2"))
    await rig.start()
    front = ProxyInFront(rig, directory, kind, address=address)
    # Also after a test that fails: what is left running holds its port for all that come after.
    try:
        await front.start()
        yield rig, front
    finally:
        await front.stop()
        await rig.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig_that_trusts(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Callable[[Sequence[str]], Awaitable[Rig]]]:
    """A gateway that trusts these proxies, one for all who ask for the same: a request leaves nothing behind."""
    running: dict[tuple[str, ...], Rig] = {}

    async def trusting(proxies: Sequence[str]) -> Rig:
        if tuple(proxies) not in running:
            rig = Rig(tmp_path_factory.mktemp("gateway"), proxies=proxies)
            await rig.start()
            running[tuple(proxies)] = rig
        return running[tuple(proxies)]

    yield trusting
    for rig in running.values():
        await rig.stop()


shared = pytest.mark.asyncio(loop_scope="module")


def received(body: bytes) -> dict[str, str]:
    return {name.lower(): value for name, value in json.loads(body)["headers"]}


@both
@pytest.mark.parametrize("kind", KINDS)
async def test_a_trusted_proxy_says_for_whom_it_asks(tmp_path: Path, kind: str, ask: Ask) -> None:
    async with behind(tmp_path, kind, address=TRUSTED) as (rig, front):
        seen = received(await ask(rig, front.port, []))
        facts = rig.requests[-1].connection
        assert (facts.client_ip, facts.peer_ip) == (CLIENT, TRUSTED)
        assert seen["x-forwarded-for"] == CLIENT


@both
@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_behind_a_trusted_proxy_cannot_choose_its_address(tmp_path: Path, kind: str, ask: Ask) -> None:
    async with behind(tmp_path, kind, address=TRUSTED) as (rig, front):
        seen = received(
            await ask(rig, front.port, [("X-Forwarded-For", f"{FORGED}, {TRUSTED}"), ("Forwarded", FORGED)])
        )
        # A TCP proxy hands the header on as the client's own: then it is the client's word, and the client's address
        # is none of a proxy's, so nobody asks for it.
        assert rig.requests[-1].connection.client_ip == CLIENT
        assert seen["x-forwarded-for"] == CLIENT


@both
@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_is_not_trusted_is_the_client(tmp_path: Path, kind: str, ask: Ask) -> None:
    async with behind(tmp_path, kind, address=OTHER) as (rig, front):
        seen = received(await ask(rig, front.port, [("X-Forwarded-For", FORGED)]))
        facts = rig.requests[-1].connection
        assert (facts.client_ip, facts.peer_ip) == (OTHER, OTHER)
        assert seen["x-forwarded-for"] == OTHER


@shared
@both
@pytest.mark.parametrize("proxies", [(), (TRUSTED,)], ids=["no proxies", "another is trusted"])
@pytest.mark.parametrize(
    "headers",
    [
        [("X-Forwarded-For", FORGED)],
        [("X-Forwarded-For", FORGED), ("X-Forwarded-For", TRUSTED)],
        [("x.forwarded.for", FORGED)],
        [("x-forwarded.for", FORGED)],
        [("x~forwarded-for", FORGED)],
        [("Forwarded", f"for={FORGED}")],
        [("X-Real-Ip", FORGED)],
        [("X-Envoy-External-Address", FORGED)],
        [("Assay-Connection", f"[{FORGED}]:1|{FORGED}:1|127.0.0.1:1|1|HTTP/2|wiki.assay.localhost")],
    ],
    ids=lambda headers: "+".join(name for name, _ in headers),
)
async def test_a_client_of_its_own_is_judged_by_its_socket(
    rig_that_trusts: Callable[[Sequence[str]], Awaitable[Rig]],
    proxies: Sequence[str],
    headers: list[tuple[str, str]],
    ask: Ask,
) -> None:
    rig = await rig_that_trusts(proxies)
    rig.requests.clear()
    body = await ask(rig, 0, headers)
    assert FORGED not in body.decode()
    facts = rig.requests[-1].connection
    assert (facts.client_ip, facts.peer_ip, facts.forwarded_for) == (CLIENT, CLIENT, "")


@pytest.mark.parametrize(
    "preamble",
    [
        f"PROXY TCP4 {FORGED} 127.0.0.1 1 2\r\n".encode(),
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + bytes([198, 51, 100, 7, 127, 0, 0, 1, 0, 1, 0, 2]),
    ],
    ids=["version 1", "version 2"],
)
async def test_the_proxy_protocol_of_a_stranger_changes_nothing(tmp_path: Path, preamble: bytes) -> None:
    rig = Rig(tmp_path, proxies=(TRUSTED,), proxy_protocol=True)
    await rig.start()
    for source, judged in ((CLIENT, CLIENT), (TRUSTED, FORGED)):
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.settings.port, local_addr=(source, 0))
        writer.write(preamble)
        await writer.drain()
        await writer.start_tls(rig.tls, server_hostname=rig.host("wiki"))
        writer.write(f"GET / HTTP/1.1\r\nHost: {rig.authority()}\r\nCookie: __Host-assay-session=a\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        assert (rig.requests[-1].connection.client_ip, rig.requests[-1].connection.peer_ip) == (judged, source)
        writer.transport.abort()
    await rig.stop()


@shared
@both
@pytest.mark.parametrize(
    ("sent", "judged"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (f"{FORGED}, 203.0.113.9", "203.0.113.9"),
        (f"{FORGED}, 203.0.113.9, {TRUSTED}", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        (f"203.0.113.9, {TRUSTED}, {TRUSTED}", "203.0.113.9"),
        ("nonsense", TRUSTED),
        ("203.0.113.9, nonsense", TRUSTED),
        ("203.0.113.9:1234", TRUSTED),
        ("", TRUSTED),
        ("-", TRUSTED),
    ],
)
async def test_the_chain_is_read_from_the_right(
    rig_that_trusts: Callable[[Sequence[str]], Awaitable[Rig]], sent: str, judged: str, ask: Ask
) -> None:
    """What the trusted proxy itself sends; what cannot be read leaves the proxy's own address."""
    rig = await rig_that_trusts((f"{CLIENT}/32", f"{TRUSTED}/32"))
    rig.requests.clear()
    await ask(rig, 0, [("X-Forwarded-For", sent)])
    assert rig.requests[-1].connection.client_ip == (CLIENT if judged == TRUSTED else judged)


@pytest.mark.parametrize("kind", KINDS)
async def test_our_pages_learn_the_same(tmp_path: Path, kind: str) -> None:
    async with behind(tmp_path, kind, address=TRUSTED) as (rig, front):
        label = "wiki" if kind in ("http/1.1", "h2") else "id"
        connection = await rig.connect(label, port=front.port, source=CLIENT)
        await connection.send("GET", "/.assay/x" if label == "wiki" else "/", headers=[("X-Forwarded-For", FORGED)])
        seen = received((await connection.response()).content)
        assert seen["assay-connection"].partition("]:")[0] == f"[{CLIENT}"
        assert FORGED not in str(seen)
        connection.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_open_through_a_proxy_is_cut(tmp_path: Path, kind: str) -> None:
    async with behind(tmp_path, kind, address=TRUSTED) as (rig, front):
        connection = await rig.connect(port=front.port, source=CLIENT)
        await connection.send("GET", "/stream", session="s1")
        await connection.head()
        assert rig.cut_sessions([SessionId("s1")]).count == 1
        async with asyncio.timeout(60):
            with suppress(ConnectionError):
                await connection.ended()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trusted_proxies": ("10.0.0.1/8",)}, "10.0.0.1/8"),
        ({"trusted_proxies": ("proxy.example.com",)}, "no network"),
        ({"trusted_proxies": ("0.0.0.0/0",)}, "everybody"),
        ({"trusted_proxies": ("::/0",)}, "everybody"),
        ({"proxy_protocol": True}, "nobody is trusted"),
    ],
)
def test_settings_that_trust_nobody_or_everybody_are_refused(
    tmp_path: Path, change: dict[str, tuple[str, ...] | bool], words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words):
        check_settings(msgspec.structs.replace(Rig(tmp_path).settings, **change))
