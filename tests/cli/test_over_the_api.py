"""Commands over the API, against an API that refuses or fails where ours seldom does."""

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from assay.cli.client import REFUSED
from assay.gateway.certificates import ensure_certificates
from tests.cli.conftest import Ran, run

TOKEN = f"assay_{'0' * 64}"
CODE = {"device_code": "x", "user_code": "BCDF-GHJK", "verification_uri": "https://id", "expires_in": 60, "interval": 0}


class Api:
    """What is answered below `id.` and `api.`, by path, and what was sent there."""

    def __init__(self, port: int, authority: Path, home: Path) -> None:
        self.answers: dict[str, tuple[int, dict[str, object]]] = {}
        self.given_back: list[str] = []
        self.url = f"https://id.far.localhost:{port}"
        self.api = f"https://api.far.localhost:{port}"
        self.authority = authority
        self.home = home

    async def run(self, *arguments: str, **environment: str) -> Ran:
        home = {"HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home)}
        return await run(*arguments, **home, **environment)


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Api]:
    """Another machine's installation, as far as a command can tell."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            if self.path == "/oauth2/revoke":
                api.given_back += parse_qs(body)["token"]
            self._answer()

        def _answer(self) -> None:
            status, told = api.answers.get(self.path, (404, {}))
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing: what a command says is what is looked at."""

    files = ensure_certificates(
        tmp_path / "certificates", "far.localhost", seal=bytes, open_sealed=bytes, now=datetime.now(UTC)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.private_key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        api = Api(server.server_address[1], files.authority, tmp_path)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield api
        server.shutdown()
        serving.join()


async def test_a_token_that_opens_nothing_is_given_back(far: Api) -> None:
    far.answers = {
        "/oauth2/device_authorization": (200, CODE),
        "/oauth2/token": (200, {"access_token": TOKEN, "expires_in": 43_200}),
        "/v1.0/assay/me": (403, {"error": {"code": "Authorization_RequestDenied", "message": "a policy blocks"}}),
        "/oauth2/revoke": (200, {}),
    }
    refused = await far.run("login", far.url, "--ca", str(far.authority))
    assert refused.code == REFUSED
    assert "a policy blocks" in refused.err
    assert far.given_back == [TOKEN]
    assert not list(far.home.rglob("login.json"))

    far.answers["/oauth2/revoke"] = (503, {})
    refused = await far.run("login", far.url, "--ca", str(far.authority))
    assert refused.code == REFUSED
    assert "it works until" in refused.err


async def test_what_could_not_be_cut_is_said_and_refused_as_on_the_machine(far: Api) -> None:
    kept = {"base": "far.localhost", "port": int(far.url.rpartition(":")[2]), "token": TOKEN}
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    (far.home / "assay").mkdir()
    login = far.home / "assay" / "login.json"
    login.write_text(json.dumps(kept | {"expires_at": until, "authority": far.authority.read_text()}))
    done = {"sessions": 1, "connectionsCut": 3, "connectionsOpen": 2, "milliseconds": 1.5}
    far.answers = {"/v1.0/assay/sessions/s1/revoke": (200, done)}
    ran = await far.run("sessions", "revoke", "s1")
    assert (ran.code, ran.out) == (REFUSED, "sessions ended: 1; connections cut: 3 in 1.5 ms\n")
    assert "could not be cut: 2" in ran.err
    far.answers["/v1.0/users/mia/revokeSignInSessions"] = (200, {"value": True, "assay": done | {"connectionsOpen": 0}})
    assert (await far.run("sessions", "revoke", "--user", "mia")).code == 0
