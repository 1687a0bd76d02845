"""What Assay's gateway is compared with: the same Envoy and TLS, alone or with a check that always says yes."""

import asyncio
import sys
from pathlib import Path

import msgspec
import uvloop

from assay.access.exchange import CheckAnswer, CheckRequest
from assay.apps import Upstream
from assay.gateway.check_server import Checker, CheckServer
from assay.gateway.connections import ConnectionMap
from assay.gateway.envoy_config import BOOTSTRAP, ROUTES, envoy_files, replace_file
from assay.gateway.envoy_filters import EXT_AUTHZ
from assay.gateway.envoy_process import EnvoyProcess
from assay.gateway.json_text import Json
from assay.gateway.settings import GatewaySettings, ProtectedApp
from assay.values import AppId, Value

YES = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class BareSettings(Value, frozen=True, kw_only=True):
    """Where it listens and what stands behind it; `check` False: Envoy alone."""

    directory: str
    port: int
    base_domain: str
    certificate_and_key: str
    app_name: str
    app_socket: str
    check: bool


class Yes(Checker):
    """The server of our check, with nothing behind it."""

    def check(self, method: str, target: str, headers: dict[str, str]) -> bytes:
        del method, target, headers
        return YES


def without(value: Json, filter_name: str) -> Json:
    """A configuration without this HTTP filter and without what routes say to it."""
    if isinstance(value, list):
        kept = (item for item in value if not (isinstance(item, dict) and item.get("name") == filter_name))
        return [without(item, filter_name) for item in kept]
    if isinstance(value, dict):
        return {name: without(item, filter_name) for name, item in value.items() if name != filter_name}
    return value


def write_configuration(settings: BareSettings, gateway: GatewaySettings) -> None:
    """The files of the product's own gateway, less the check where it is to be without."""
    app = ProtectedApp(
        app_id=AppId("bench"),
        name=settings.app_name,
        host=f"{settings.app_name}.{settings.base_domain}",
        upstream=Upstream(path=settings.app_socket),
    )
    for directory in (gateway.directory, gateway.run_directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in envoy_files(gateway, [app]).contents:
        if not settings.check and name in (BOOTSTRAP, ROUTES):
            content = msgspec.json.encode(without(msgspec.json.decode(content), EXT_AUTHZ))  # noqa: PLW2901 - the same file, less
        replace_file(gateway.directory / name, content)


async def serve(settings: BareSettings) -> None:
    """Serve until killed; says Envoy's pid when it serves."""
    directory = Path(settings.directory)
    gateway = GatewaySettings(
        base_domain=settings.base_domain,
        port=settings.port,
        certificate=Path(settings.certificate_and_key),
        private_key=Path(settings.certificate_and_key),
        directory=directory / "envoy",
        run_directory=directory / "run",
        check_sockets=(directory / "run" / "check.sock",),
        pages_socket=directory / "run" / "pages.sock",
    )
    write_configuration(settings, gateway)
    check = CheckServer(
        Yes(_never, ConnectionMap(capacity=1, room_for_nobody=0, close=lambda _: False)), gateway.check_sockets[0]
    )
    await check.start()
    envoy = EnvoyProcess(gateway, on_start=lambda pid: None, on_exit=lambda: None)
    await envoy.start()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def _never(request: CheckRequest) -> CheckAnswer:
    raise AssertionError("a check that always says yes asks nobody")


if __name__ == "__main__":
    uvloop.run(serve(msgspec.json.decode(sys.argv[1], type=BareSettings)))
