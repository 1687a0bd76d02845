"""Five real proxies with their documented configurations, in front of one app, asking a real Assay."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.installation import ASSAY
from tests.protocols.forward_auth.attacks import GROUPS, Attack
from tests.protocols.forward_auth.judge import cell_of
from tests.protocols.forward_auth.matrix import documented
from tests.protocols.forward_auth.programs import PROGRAMS, version_of
from tests.protocols.forward_auth.snippets import PAGE
from tests.protocols.forward_auth.stage import Stage, staged
from tests.protocols.forward_auth.wire import ANSWER_SECONDS, Reply

# One stage for all of it, so one worker.
pytestmark = [pytest.mark.interop]
EVERY = pytest.mark.parametrize("program", PROGRAMS)
ATTACKS = [
    pytest.param(program, title, attack, id=f"{program}-{attack.name}")
    for title, attacks in GROUPS
    for attack in attacks
    for program in PROGRAMS
]
NAVIGATION = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html\r\n"
# Beyond the two seconds that the configurations wait for the check; Traefik waits for thirty, and we do not.
HUNG_SECONDS = 5.0


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("forward-auth")) as running:
        yield running


@pytest.fixture(scope="module")
def cells() -> dict[tuple[str, str, str], str]:
    return documented()


def ask(
    stage: Stage, program: str, path: str, headers: str = "", *, signed_in: bool = True, timeout: float = ANSWER_SECONDS
) -> Reply:
    """An honest request."""
    cookie = f"Cookie: {stage.cookies[program]}\r\n" if signed_in else ""
    head = f"GET {path} HTTP/1.1\r\nHost: {stage.wire.host(program)}:{stage.wire.port}\r\n{cookie}{headers}\r\n"
    return stage.wire.send(program, head.encode(), timeout=timeout)


@pytest.mark.parametrize(("program", "title", "attack"), ATTACKS)
def test_a_hostile_request_ends_as_its_cell_says(
    stage: Stage, cells: dict[tuple[str, str, str], str], program: str, title: str, attack: Attack
) -> None:
    assert cell_of(stage, program, attack) == cells[title, attack.name, program]


def test_the_table_holds_every_attack_and_the_versions_that_were_tried(
    cells: dict[tuple[str, str, str], str],
) -> None:
    assert set(cells) == {
        (title, each.name, program) for title, group in GROUPS for each in group for program in PROGRAMS
    }
    for program in PROGRAMS:
        assert f"{program} {version_of(program)} |" in PAGE.read_text()


@EVERY
def test_a_stranger_is_sent_to_sign_in_and_a_program_is_told(stage: Stage, program: str) -> None:
    person = ask(stage, program, "/deep?x=1", NAVIGATION, signed_in=False)
    assert person.status == 302, person
    assert f"\r\nlocation: {stage.installed.id_origin}/continue?app=" in person.head.replace("Location:", "location:")
    assert "path=%2Fdeep%3Fx%3D1" in person.head
    assert "__Host-assay-state=" in person.head
    told = ask(stage, program, "/deep", signed_in=False)
    assert told.status == 401
    assert b'"signInRequired"' in told.body


@EVERY
def test_the_app_learns_who_it_is_and_keeps_its_own_headers(stage: Stage, program: str) -> None:
    before = len(stage.app.seen)
    head = (
        f"POST /page HTTP/1.1\r\nHost: {stage.wire.host(program)}:{stage.wire.port}\r\nContent-Length: 5\r\n"
        f"Origin: https://{stage.wire.host(program)}:{stage.wire.port}\r\nAuthorization: Bearer theirs\r\n"
        f"Cookie: theme=dark; {stage.cookies[program]}; lang=en\r\n\r\nhello"
    )
    assert stage.wire.send(program, head.encode()).status == 200
    (seen,) = stage.app.seen[before:]
    assert seen.values("authorization") == ["Bearer theirs"]
    assert seen.values("cookie") == ["theme=dark; lang=en"]
    assert len(seen.values("assay-assertion")) == 1
    assert seen.values("content-length") == ["5"]


@EVERY
def test_keys_of_the_assertion_are_at_the_apps_own_host(stage: Stage, program: str) -> None:
    found = ask(stage, program, "/.assay/jwks.json", signed_in=False)
    assert (found.status, b'"keys"' in found.body) == (200, True)


@EVERY
def test_events_arrive_as_they_come(stage: Stage, program: str) -> None:
    stage.app.go_on.clear()
    with stage.wire.connect(program) as connection:
        head = f"GET /events HTTP/1.1\r\nHost: {stage.wire.host(program)}\r\nCookie: {stage.cookies[program]}\r\n\r\n"
        connection.sendall(head.encode())
        got = _until(connection, b"data: first")
        assert b"data: last" not in got
        stage.app.go_on.set()
        _until(connection, b"data: last")


@EVERY
def test_who_is_refused_learns_why_and_what_is_open_stays_open(stage: Stage, program: str) -> None:
    """The limit that docs/forward-auth.md states: we cannot cut what is open in another program."""
    with stage.wire.connect(program) as connection:
        host = f"{stage.wire.host(program)}:{stage.wire.port}"
        connection.sendall(
            f"GET /socket HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nCookie: {stage.cookies[program]}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        _until(connection, b"\r\n\r\n")
        with _admin(stage) as admin:
            admin.post(f"/apps/{program}/assignments/remove", json={"user": "owner"}).raise_for_status()
            refused = ask(stage, program, "/page")
            assert refused.status == 403, refused
            answer = httpx.Response(403, content=refused.body).json()
            explained = _explained(admin, answer["decision"])
            admin.post(f"/apps/{program}/assignments", json={"user": "owner"}).raise_for_status()
        assert answer["reasons"][0]["code"] == "notAssigned"
        assert "notAssigned" in str(explained), explained
        connection.sendall(b"still here")
        _until(connection, b"still here")
    assert ask(stage, program, "/page").status == 200


def test_the_command_line_names_proxies_their_apps_and_what_they_cannot(stage: Stage) -> None:
    listed = stage.installed.run("proxies", "list")
    assert all(program in listed for program in PROGRAMS)
    assert "proxy caddy (caddy)" in stage.installed.run("apps", "list")
    assert not any(secret in listed for secret in stage.secrets.values())
    added = stage.installed.run("proxies", "add", "edge", "--kind", "nginx")
    assert re.match(r"assay_[0-9a-f]{64}\n", added)
    findings = subprocess.run(
        [ASSAY, "doctor", "--json", "--data", str(stage.installed.data)],
        capture_output=True,
        check=False,
        env=stage.installed.environment,
    ).stdout
    assert b"behind caddy: what is open is not cut by us" in findings


@EVERY
def test_nobody_is_believed_without_the_secret_and_no_proxy_about_anothers_app(stage: Stage, program: str) -> None:
    """Asked at the listener itself, as a program on the same machine would."""
    url, headers = _question(stage, program)
    assert httpx.get(url, headers=headers, timeout=30).status_code == 200
    wrong = headers | {"assay-proxy": "assay_" + "0" * 64}
    none = {name: value for name, value in headers.items() if name != "assay-proxy"}
    answers = [httpx.get(url, headers=each, timeout=30) for each in (wrong, none)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    of_same_kind = {"traefik": "caddy", "caddy": "haproxy", "haproxy": "traefik"}.get(program, "traefik")
    other = httpx.get(url, headers=headers | {"assay-proxy": stage.secrets[of_same_kind]}, timeout=30)
    assert other.status_code == (
        421 if program in ("traefik", "caddy", "haproxy") else 404 if program == "envoy" else 400
    )
    page = f"http://{stage.asked}/.assay/jwks.json"
    assert httpx.get(page, headers={"host": stage.wire.host(program)}, timeout=30).status_code == 401


@EVERY
def test_a_secret_that_was_rotated_opens_nothing(stage: Stage, program: str) -> None:
    url, headers = _question(stage, program)
    assert httpx.get(url, headers=headers, timeout=30).status_code == 200
    with _admin(stage) as admin:
        admin.post(f"/proxies/{program}/rotate").raise_for_status()
    assert httpx.get(url, headers=headers, timeout=30).status_code == 401
    before = len(stage.app.seen)
    assert ask(stage, program, "/public/x", signed_in=False).status == 401
    assert len(stage.app.seen) == before


def test_a_check_that_hangs_babbles_or_is_gone_lets_nothing_through(stage: Stage) -> None:
    """The last test here: Assay does not come back."""
    process = stage.installed.process
    assert process is not None
    before = len(stage.app.seen)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        hung = asyncio.run(_ask_all(stage, traefik=HUNG_SECONDS))
    finally:
        os.kill(process.pid, signal.SIGCONT)
    stage.installed.stop()
    gone = asyncio.run(_ask_all(stage))
    babble = {}
    for words in (b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200", b"HTTP/1.1 999 So\r\n\r\n", b"\x00" * 64, b""):
        with _babbling(stage.asked, words):
            babble[words] = asyncio.run(_ask_all(stage))
    assert len(stage.app.seen) == before
    for replies in (hung, gone, *babble.values()):
        assert all(reply.status == 0 or reply.status >= 400 for reply in replies.values()), replies
    assert all(reply.status >= 400 for program, reply in hung.items() if program != "traefik"), hung
    assert all(reply.status >= 400 for reply in gone.values()), gone


def _explained(admin: httpx.Client, code: str) -> object:
    """The decision's record, which is written within a second."""
    deadline = time.monotonic() + 60
    while (answer := admin.get(f"/decisions/{code}")).status_code == 404 and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer.json()


def _question(stage: Stage, program: str) -> tuple[str, dict[str, str]]:
    """What this proxy asks about `/public/x`, without the proxy."""
    host = stage.wire.host(program)
    headers = {"assay-proxy": stage.secrets[program], "assay-upgrade": "none"}
    if program == "nginx":
        headers |= {"x-original-method": "GET", "x-original-url": f"https://{host}/public/x", "x-real-ip": "192.0.2.7"}
        return f"http://{stage.asked}/check", headers
    headers |= {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}
    if program == "envoy":
        return f"http://{stage.asked}/envoy/public/x", headers | {"host": f"{host}:{stage.wire.port}"}
    headers |= {"x-forwarded-method": "GET", "x-forwarded-host": host, "x-forwarded-uri": "/public/x"}
    return f"http://{stage.asked}/check", headers


async def _ask_all(stage: Stage, *, traefik: float = ANSWER_SECONDS) -> dict[str, Reply]:
    """What each says, which may take so many seconds of Traefik's."""
    waits = dict.fromkeys(PROGRAMS, ANSWER_SECONDS) | {"traefik": traefik}
    replies = await asyncio.gather(
        *(
            asyncio.to_thread(ask, stage, program, "/public/x", signed_in=False, timeout=timeout)
            for program, timeout in waits.items()
        )
    )
    return dict(zip(PROGRAMS, replies, strict=True))


@contextmanager
def _babbling(address: str, words: bytes) -> Iterator[None]:
    """Something else at the address of the check, which says this to everybody."""
    host, _, port = address.rpartition(":")
    listener = socket.create_server((host, int(port)))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with suppress(OSError), connection:
                    connection.recv(65_536)
                    connection.sendall(words)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(30)


@contextmanager
def _admin(stage: Stage) -> Iterator[httpx.Client]:
    transport = httpx.HTTPTransport(uds=str(Path(stage.installed.data) / "run" / "admin.sock"), verify=False)
    with httpx.Client(transport=transport, base_url="http://assay/v1", timeout=30) as client:
        yield client


def _until(connection: socket.socket, wanted: bytes) -> bytes:
    got = b""
    while wanted not in got:
        read = connection.recv(65_536)
        assert read, got
        got += read
    return got
