"""The verify app alone: it accepts what its gateway signed for it, and nothing else."""

import asyncio
import hmac
import json
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

AUDIENCE, ISSUER = "https://verify.example.com:8443", "https://id.example.com:8443"
HEADER = "assay-assertion"
SECONDS = 30
Claims = dict[str, Any]


class KeysServer:
    """A gateway as far as its keys go."""

    def __init__(self) -> None:
        self.key = self.new_key()
        self.published = [self.key]
        self.asked = 0

    @staticmethod
    def new_key() -> ECKey:
        key = ECKey.generate_key("P-256", private=True)
        return ECKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The app may be ended in the middle of its question.
        with closing(writer), suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            body = json.dumps(KeySet(self.published).as_dict(private=False)).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            writer.write(head.encode() + body)

    def token(self, *, key: ECKey | None = None, header: Claims | None = None, **changed: Any) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "1", "name": "<b>Ada</b>", "iat": now, "exp": now + 300}
        kept = {name: value for name, value in (claims | changed).items() if value is not None}
        head = {"alg": "ES256", "kid": self.key.kid} | (header or {})
        return jwt.encode(head, kept, key or self.key, algorithms=[head["alg"]])


class App:
    """The app as it runs, and the gateway whose keys it knows."""

    def __init__(self, keys: KeysServer, client: httpx.AsyncClient) -> None:
        self.keys = keys
        self.client = client

    async def get(self, *tokens: str, path: str = "/json", accept: str = "application/json") -> httpx.Response:
        headers = [("accept", accept), *((HEADER, token) for token in tokens)]
        return await self.client.get(f"http://verify{path}", headers=headers)


@asynccontextmanager
async def running(directory: Path, *, published: bool = True) -> AsyncIterator[App]:
    keys, socket = KeysServer(), directory / "verify.sock"
    server = await asyncio.start_server(keys.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if not published:
        server.close()
    options = ("--listen", f"unix:{socket}", "--audience", AUDIENCE, "--keys", f"http://127.0.0.1:{port}/keys")
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "assay_verify", *options)
    try:
        async with httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket), verify=False), timeout=SECONDS
        ) as client:
            await answers(client)
            yield App(keys, client)
    finally:
        process.terminate()
        await process.wait()
        server.close()


async def answers(client: httpx.AsyncClient) -> None:
    """Return when the app does."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                await client.get("http://verify/")
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return


async def test_a_good_assertion_is_shown(tmp_path: Path) -> None:
    async with running(tmp_path) as app:
        answer = await app.get(app.keys.token(groups=["IT"]))
        assert answer.status_code == 200
        shown = answer.json()["assertion"]
        assert (shown["valid"], shown["claims"]["groups"], shown["key_id"]) == (True, ["IT"], app.keys.key.kid)
        page = await app.get(app.keys.token(), path="/", accept="text/html")
        assert page.status_code == 200
        assert "Hello, &lt;b&gt;Ada&lt;/b&gt;" in page.text


def with_claims_of(token: str, other: str) -> str:
    """The first one's header and signature around the other's claims."""
    header, _, signature = token.split(".")
    return ".".join((header, other.split(".")[1], signature))


def signed_with_public_key(keys: KeysServer) -> str:
    """The old confusion: HMAC, with the published key as its secret."""
    header = urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": keys.key.kid}).encode()).rstrip(b"=")
    signed = header + b"." + keys.token().split(".")[1].encode()
    mac = hmac.digest(keys.key.as_pem(private=False), signed, "sha256")
    return (signed + b"." + urlsafe_b64encode(mac).rstrip(b"=")).decode()


Forge = Callable[[KeysServer], tuple[str, ...]]
FORGERIES: dict[str, Forge] = {
    "none at all": lambda keys: (),
    "an empty one": lambda keys: ("",),
    "two of them": lambda keys: (keys.token(), keys.token()),
    "no token": lambda keys: ("gibberish",),
    "too long": lambda keys: ("a" * 20_000,),
    "another key": lambda keys: (keys.token(key=KeysServer.new_key()),),
    "an unknown key id": lambda keys: (keys.token(header={"kid": "mine"}),),
    "no key id": lambda keys: (keys.token(header={"kid": ""}),),
    "no signature": lambda keys: (keys.token().rpartition(".")[0] + ".",),
    "a changed claim": lambda keys: (with_claims_of(keys.token(), keys.token(sub="2")),),
    "another app's": lambda keys: (keys.token(aud="https://wiki.example.com:8443"),),
    "another issuer's": lambda keys: (keys.token(iss="https://id.example.net:8443"),),
    "expired": lambda keys: (keys.token(exp=int(time.time()) - 120),),
    "without an end": lambda keys: (keys.token(exp=None),),
    "nobody's": lambda keys: (keys.token(sub=None),),
    "the public key as a secret": lambda keys: (signed_with_public_key(keys),),
}


async def test_everything_else_is_refused_everywhere(tmp_path: Path) -> None:
    async with running(tmp_path) as app:
        for name, forge in FORGERIES.items():
            answer = await app.get(*forge(app.keys))
            assert (answer.status_code, answer.json()["error"]) == (403, "noValidAssertion"), name
        for path in ("/", "/events", "/download", "/slow", "/nowhere"):
            assert (await app.get(path=path)).status_code == 403
        page = await app.get(path="/", accept="text/html")
        assert page.status_code == 403
        assert "no valid assertion" in page.text


async def test_without_keys_nobody_is_let_in(tmp_path: Path) -> None:
    async with running(tmp_path, published=False) as app:
        answer = await app.get(app.keys.token())
        assert answer.status_code == 403
        assert "cannot be fetched" in answer.json()["detail"]


async def test_keys_are_fetched_once_and_a_stranger_cannot_make_it_more(tmp_path: Path) -> None:
    async with running(tmp_path) as app:
        for _ in range(5):
            assert (await app.get(app.keys.token())).status_code == 200
        for number in range(5):
            assert (await app.get(app.keys.token(header={"kid": f"unknown-{number}"}))).status_code == 403
        assert app.keys.asked == 1


async def test_downloads_have_the_size_asked_for(tmp_path: Path) -> None:
    async with running(tmp_path) as app:
        for query, status in (("bytes=10", 200), ("bytes=-1", 400), ("bytes=x", 400)):
            answer = await app.get(app.keys.token(), path=f"/download?{query}")
            assert answer.status_code == status, query
            assert status != 200 or len(answer.content) == 10
