"""The apps of the demo: four that others wrote and know nothing of Assay, and ten small ones in one process."""

import asyncio
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from assay.access.premises import Addresses
from assay.simulator.app_data import write_database, write_files, write_notebook
from assay.simulator.child_app import AppProgram, ChildApp
from assay.simulator.intranet import SMALL_APPS
from assay.values import AssayError

INTRANET: Final = "intranet"
NEEDED: Final = ("assay_verify", "datasette", "marimo")


class DemoApps:
    """All apps of one demo, in a directory that only its owner enters."""

    def __init__(self, directory: Path, addresses: Addresses, *, seed: int, address: str, ca_file: Path) -> None:
        self._directory = directory
        self._seed = seed
        self._programs = programs(directory, addresses, address=address, ca_file=ca_file)
        self._running: list[ChildApp] = []

    async def start(self) -> None:
        """Return when all of them answer; raises AssayError."""
        check_installed()
        await asyncio.to_thread(self._prepare)
        self._running = [ChildApp(program, self._directory) for program in self._programs]
        started = await asyncio.gather(*(app.start() for app in self._running), return_exceptions=True)
        failed = [result for result in started if isinstance(result, BaseException)]
        if failed:
            await self.stop()
            raise failed[0]

    async def stop(self) -> None:
        """End all of them."""
        await asyncio.gather(*(app.stop() for app in self._running))

    def _prepare(self) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        write_database(self._directory / "company.db", self._seed)
        write_notebook(self._directory / "notebook.py")
        write_files(self._directory / "files")


def check_installed() -> None:
    """Raises AssayError where the programs of the apps are missing."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise AssayError(
            f"the demo's apps are not installed: {', '.join(missing)}",
            remedy="install assay with its extra: assay[demo]",
        )


def upstreams(directory: Path) -> Mapping[str, str]:
    """Where each app listens, as `assay apps protect` takes it."""
    own = {name: f"unix://{directory / f'{name}.sock'}" for name in ("verify", "datasette", "marimo", "files")}
    return own | {app.name: f"unix://{directory / f'{INTRANET}.sock'}" for app in SMALL_APPS}


def programs(directory: Path, addresses: Addresses, *, address: str, ca_file: Path) -> tuple[AppProgram, ...]:
    """How each app is started; `address` is where the gateway listens, for the app that fetches its keys there."""

    def socket(name: str) -> Path:
        return directory / f"{name}.sock"

    verify = (
        *("-m", "assay_verify", "--listen", f"unix:{socket('verify')}"),
        *("--audience", addresses.origin(addresses.app_host("verify")), "--issuer", addresses.id_origin),
        *("--ca", str(ca_file), "--connect-to", address),
    )
    datasette = (
        *("-m", "datasette", "serve", "-i", str(directory / "company.db"), "--uds", str(socket("datasette"))),
        *("--setting", "force_https_urls", "1", "--setting", "default_page_size", "50"),
    )
    marimo = ("-m", "assay.simulator.serve_marimo", str(directory / "notebook.py"), str(socket("marimo")))
    intranet = ("-m", "assay.simulator.serve_intranet", str(socket(INTRANET)))
    files = ("-m", "assay_verify.files", str(directory / "files"), str(socket("files")))
    return (
        AppProgram(name="verify", arguments=verify, socket=socket("verify"), megabytes=256),
        AppProgram(name="datasette", arguments=datasette, socket=socket("datasette"), megabytes=512),
        AppProgram(name="marimo", arguments=marimo, socket=socket("marimo"), megabytes=1024),
        AppProgram(name="files", arguments=files, socket=socket("files"), megabytes=256),
        AppProgram(name=INTRANET, arguments=intranet, socket=socket(INTRANET), megabytes=128),
    )
