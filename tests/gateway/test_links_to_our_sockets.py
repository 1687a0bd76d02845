"""An app's owner puts a link to a socket of ours where their own was: connect(2) follows it, we answer nothing."""

import json
import os
from pathlib import Path

import pytest

from assay.api.peer import PeerGate, PeerProtocol
from assay.server.unix_socket import UnixSocket
from tests.gateway.rig import Rig

pytestmark = pytest.mark.interop


async def linked(rig: Rig, directory: Path, to: Path) -> None:
    """The app stood on a socket of its own when it was protected; now there is a link."""
    own = directory / "own.sock"
    own.symlink_to(to)
    await rig.gateway.apply([rig.protected("wiki", url=f"unix://{own}")])


@pytest.mark.parametrize("path", ["/quitquitquit", "/config_dump", "/certs", "/logging?level=trace", "/stats", "/"])
async def test_envoys_own_interface_does_nothing_for_an_app(rig: Rig, tmp_path: Path, path: str) -> None:
    await linked(rig, tmp_path, rig.settings.admin_socket)
    pid = rig.gateway.envoy_pid
    for method in ("GET", "POST"):
        assert (await rig.get(path, method=method, headers=[("Content-Length", "0")])).status_code == 403
    assert (rig.gateway.envoy_pid, rig.gateway.envoy_restarts) == (pid, 0)


async def test_the_check_answers_no_app(rig: Rig, tmp_path: Path) -> None:
    await linked(rig, tmp_path, rig.settings.check_sockets[0])
    answer = await rig.get("/")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "check_failed"


async def test_the_pages_learn_of_no_connection_through_an_app(rig: Rig, tmp_path: Path) -> None:
    """Without it they answer nobody (tests/pages/test_admission.py)."""
    await linked(rig, tmp_path, rig.settings.pages_socket)
    seen = json.loads((await rig.get("/sign-out")).content)
    assert "assay-connection" not in {name.lower() for name, _ in seen["headers"]}


async def test_the_admin_socket_does_not_know_the_gateways_process(rig: Rig, tmp_path: Path) -> None:
    asked: list[str] = []

    async def admin(scope: object, _receive: object, _send: object) -> None:
        asked.append(str(scope))

    gate = PeerGate(admin, uids=frozenset({0, os.getuid()}), never=lambda: rig.gateway.envoy_pid)
    socket = UnixSocket(gate, tmp_path / "admin.sock", http=PeerProtocol)
    await socket.start()
    await linked(rig, tmp_path, tmp_path / "admin.sock")
    answer = await rig.get("/v1/users")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "wrongHostUser"
    assert asked == []
    await socket.stop()
