"""Failing closed, dying and coming back: the check, Envoy and ourselves, each killed."""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from assay.access.exchange import Allow, CheckAnswer, CheckRequest
from assay.gateway.envoy_process import PortBusyError
from assay.gateway.gateway import Gateway
from assay.values import AppId, AssayError, SessionId
from tests.gateway.rig import Rig, until

pytestmark = pytest.mark.interop
ALICE = SessionId("alice")


async def test_a_dead_check_refuses(rig: Rig) -> None:
    rig.settings.check_sockets[0].unlink()
    async with asyncio.timeout(rig.settings.check_timeout_ms / 1_500):
        assert (await rig.get("/")).status_code == 403
    assert (await rig.get("/", label="id", session=None)).status_code == 200


async def test_a_hung_check_refuses_in_time(tmp_path: Path) -> None:
    async def never() -> CheckAnswer:
        await asyncio.Event().wait()
        raise AssertionError

    hung = Rig(tmp_path, lambda _: never(), check_timeout_ms=500)
    await hung.start()
    async with asyncio.timeout(hung.settings.check_timeout_ms / 1000 + 30):
        assert (await hung.get("/")).status_code == 403
    await hung.stop()


async def test_a_check_that_raises_refuses(tmp_path: Path) -> None:
    def broken(request: CheckRequest) -> CheckAnswer:
        raise ZeroDivisionError(request.path)

    rig = Rig(tmp_path, broken)
    await rig.start()
    answer = await rig.get("/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "check_failed")
    await rig.stop()


async def test_a_value_that_breaks_out_of_its_line_refuses(tmp_path: Path) -> None:
    def injecting(request: CheckRequest) -> CheckAnswer:
        value = request.user_agent + "\r\nx-more: 1"
        return Allow(session_id=ALICE, app_id=AppId("a"), headers=(("Assay-Assertion", value),))

    rig = Rig(tmp_path, injecting)
    await rig.start()
    assert (await rig.get("/")).status_code == 403
    await rig.stop()


async def test_a_decision_that_takes_a_moment_is_waited_for(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def later() -> CheckAnswer:
        await gate.wait()
        return Allow(session_id=ALICE, app_id=AppId("a"))

    rig = Rig(tmp_path, lambda _: later())
    await rig.start()
    asking = asyncio.ensure_future(rig.get("/"))
    gate.set()
    assert (await asking).status_code == 200
    await rig.stop()


async def test_a_limit_by_method_is_enforced(tmp_path: Path) -> None:
    reading = frozenset({"GET", "HEAD"})
    rig = Rig(tmp_path, lambda _: Allow(session_id=ALICE, app_id=AppId("a"), methods=reading))
    await rig.start()
    assert (await rig.get("/")).status_code == 200
    answer = await rig.get("/", method="DELETE")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "method_limited")
    await rig.stop()


async def test_envoy_killed_comes_back_and_its_connections_can_be_cut(rig: Rig) -> None:
    assert (await rig.get("/")).status_code == 200
    for restart in (1, 2):
        first = rig.gateway.envoy_pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda first=first: rig.gateway.envoy_pid not in (None, first))
        answer = None
        async with asyncio.timeout(60):
            while answer is None:
                try:
                    answer = await rig.get("/")
                except (OSError, asyncio.IncompleteReadError):
                    await asyncio.sleep(0.005)
        assert answer.status_code == 200
        assert rig.gateway.envoy_restarts == restart
    connection = await rig.connect()
    await connection.send("GET", "/stream", session=ALICE)
    await connection.head()
    assert rig.cut_sessions([ALICE]).count == 1
    await connection.ended()


async def test_our_violent_death_takes_envoy_with_it(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.gateway.alone", "serve", str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    envoy = json.loads(await process.stdout.readline())["envoy"]
    assert _alive(envoy)
    process.kill()
    await process.wait()
    await until(lambda: not _alive(envoy))


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return "Name:\tenvoy" in status and "State:\tZ" not in status
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_busy_port_is_an_error_that_says_who_is_there(rig: Rig, tmp_path: Path) -> None:
    other = Rig(tmp_path / "other")
    taken = msgspec.structs.replace(other.settings, port=rig.settings.port)
    with pytest.raises(PortBusyError, match=rf"port {taken.port}: .* \(held by envoy, pid {rig.gateway.envoy_pid}\)"):
        await Gateway(taken, other.decide).start([])
    assert (await rig.get("/")).status_code == 200


async def test_a_certificate_that_cannot_be_used_is_an_error_at_once(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.settings.certificate.write_text("not a certificate")
    with pytest.raises(AssayError, match="cannot be used"):
        await rig.gateway.start([])
    assert rig.gateway.envoy_pid is None


async def test_an_envoy_that_does_not_start_is_an_error_in_its_own_words(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    broken = msgspec.structs.replace(rig.settings, addresses=("127.0.0.1", "192.0.2.1.5"))
    with pytest.raises(AssayError, match=r"192\.0\.2\.1\.5"):
        await Gateway(broken, rig.decide).start([])


async def test_two_gateways_do_not_disturb_each_other(rig: Rig, tmp_path: Path) -> None:
    other = Rig(tmp_path / "other")
    await other.start()
    await rig.get("/", session="alice")
    kept = await other.connect()
    await kept.send("GET", "/", session="alice")
    await kept.response()
    rig.cut_sessions([ALICE])
    await kept.send("GET", "/again", session="alice")
    assert (await kept.response()).status_code == 200
    assert len(other.requests) == 2
    kept.close()
    await other.stop()
    assert (await rig.get("/")).status_code == 200


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory of the ordinary user's own; pytest's are closed to others."""
    directory = Path(tempfile.mkdtemp())
    if os.getuid() == 0:
        shutil.chown(directory, 65534, 65534)
    yield directory
    shutil.rmtree(directory)


async def test_an_ordinary_user_can_cut_streams_of_every_kind(open_directory: Path) -> None:
    command = [sys.executable, "-B", "-m", "tests.gateway.alone", "cut", str(open_directory)]
    if os.getuid() == 0:
        # The one capability lets it read an interpreter installed below /root; it gives no right over processes.
        only = "-all,+dac_read_search"
        command = [
            *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set", only),
            *("--inh-caps", only, "--ambient-caps", only, *command),
        ]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    report = json.loads(output)
    assert report["uid"] != 0
    assert set(report["counts"].values()) == {1}
    assert len(report["counts"]) == 6


async def test_an_app_that_is_not_there_is_said_in_words(rig: Rig) -> None:
    await rig.app.stop()
    answer = await rig.get("/")
    assert answer.status_code == 503
    assert "The app does not answer" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_host_that_is_nobodys_is_said_in_words(rig: Rig) -> None:
    answer = await rig.get("/", label="nobody")
    assert answer.status_code == 421
    assert "No app is called that" in answer.text
