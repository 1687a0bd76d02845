"""The gateway is broken: the command line works, what broke it can be undone, and nothing is open meanwhile."""

import json
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from assay.cli.bench.processes import envoy_of
from assay.gateway.envoy_process import shipped_envoy
from tests.end_to_end.installation import Installation
from tests.outages.conftest import SignedIn
from tests.outages.waiting import until

pytestmark = [pytest.mark.interop, pytest.mark.slow]
NAME = "A mistake"


class WithEnvoy(Installation):
    """A service whose Envoy is a program of this test's: the real one, until it is broken."""

    def __init__(self, directory: Path, port: int) -> None:
        self.envoy = directory / "envoy"
        self.mend()
        configuration = directory / "assay.toml"
        configuration.write_text(
            f'[server]\nbase_domain = "assay.localhost"\nport = {port}\nlisten = ["127.0.0.1"]\n'
            f'envoy = "{self.envoy}"\n'
        )
        super().__init__(directory, port=port, options=("--config", str(configuration)))

    def mend(self) -> None:
        self.write(f'exec {shipped_envoy()} "$@"')

    def damage(self) -> None:
        self.write("echo 'critical|the configuration is broken' >&2; exit 1")

    def write(self, line: str) -> None:
        beside = self.envoy.with_name("envoy.new")
        beside.write_text(f"#!/bin/sh\n{line}\n")
        beside.chmod(0o755)
        beside.replace(self.envoy)


async def test_r27_an_envoy_that_dies_and_does_not_start_again_keeps_nobody_from_the_command_line(
    tmp_path: Path, port: int, signed_in: SignedIn
) -> None:
    installed = WithEnvoy(tmp_path, port)
    installed.start()
    try:
        async with signed_in(installed) as owner:
            publish(installed, tmp_path)
            assert (await owner.fetch("wiki")).status_code in (401, 403), "a policy that was a mistake"
            assert installed.process is not None
            installed.damage()
            os.kill(envoy_of(installed.process.pid), signal.SIGKILL)

            async def is_gone() -> bool:
                try:
                    await owner.fetch("wiki")
                except httpx.TransportError:
                    return True
                return False

            await until(is_gone)
            installed.run("policy", "off", NAME)

            async def is_said() -> bool:
                return "does not run: nobody reaches anything" in installed.run("doctor", code=1)

            await until(is_said)
            assert installed.run("events", "verify").startswith("good")
            installed.mend()

            async def is_back() -> bool:
                try:
                    return (await owner.fetch("wiki")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(is_back)
    finally:
        installed.stop()


def publish(installed: Installation, directory: Path) -> None:
    """A policy that shuts everybody out of the app."""
    found = installed.json("apps", "list")
    assert isinstance(found, dict)
    (app,) = found["value"]
    block = {
        "displayName": NAME,
        "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"]},
            "applications": {"includeApplications": [app["id"]]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }
    file = directory / "block.json"
    file.write_text(json.dumps(block))
    installed.run("policy", "import", str(file))


async def test_r27_a_gateway_that_cannot_start_is_left_out_to_mend_what_broke_it(
    tmp_path: Path, port: int, signed_in: SignedIn
) -> None:
    installed = WithEnvoy(tmp_path, port)
    installed.start()
    try:
        async with signed_in(installed) as owner:
            publish(installed, tmp_path)
            installed.stop()
            installed.damage()
            with pytest.raises(AssertionError, match="Envoy does not start"):
                installed.start()
            with socket.socket() as taken:
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                taken.bind(("127.0.0.1", port))
                taken.listen()
                with pytest.raises(AssertionError, match="cannot listen on 127"):
                    installed.start()
                installed.options += ("--no-gateway",)
                installed.start()
                assert "nobody reaches anything" in "".join(installed.printed)
                assert installed.process is not None
                with pytest.raises(LookupError):
                    envoy_of(installed.process.pid)
                installed.run("policy", "off", NAME)
                installed.run("apps", "protect", "http://127.0.0.1:9", "--name", "other")
                installed.stop()
            installed.mend()
            installed.options = installed.options[:-1]
            installed.start()
            assert (await owner.fetch("wiki")).status_code == 200, "and whoever was in is in"
    finally:
        installed.stop()
