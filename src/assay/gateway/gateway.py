"""The gateway as one thing: Envoy, the check it asks, the connections it has, and the cut."""

import asyncio
import logging
import math
import time
from collections.abc import Collection, Iterable, Sequence
from ipaddress import ip_address, ip_network

from assay.access.request_rules import AppRules
from assay.gateway.certificates import refuse_unusable
from assay.gateway.check_server import Checker, CheckServer, Decide
from assay.gateway.connections import ConnectionMap, TcpSocket
from assay.gateway.cut import CutReport, Cutter
from assay.gateway.envoy_admin import AdminError
from assay.gateway.envoy_config import envoy_files, replace_file
from assay.gateway.envoy_listener import STAT_PREFIX
from assay.gateway.envoy_process import EnvoyProcess
from assay.gateway.envoy_routes import ROUTES
from assay.gateway.fair_shares import NEARLY_FULL, tcp_sockets_in_use, to_give_way
from assay.gateway.settings import GatewaySettings, ProtectedApp, check_settings
from assay.gateway.socket_table import SocketTable
from assay.values import AssayError

_LOG = logging.getLogger("assay.gateway")
_LEARN_SECONDS = 0.25
_SWEEP_SECONDS = 10.0
_APPLIED_WITHIN_SECONDS = 10.0
_POLL_SECONDS = 0.003
_ROOM_SECONDS = 0.5
# Requests wait while these are reset: some milliseconds.
_RESET_AT_ONCE = 50
_CUT_FAILURE_TOLD_SECONDS = 600.0
_CLUSTERS_STAT = "cluster_manager.cds.version_text"
_ROUTES_STAT = f"http.{STAT_PREFIX}.rds.{ROUTES}.version_text"


class Gateway:
    """Start it on the service's event loop; every method belongs to that loop."""

    def __init__(self, settings: GatewaySettings, decide: Decide) -> None:
        check_settings(settings)
        self._settings = settings
        # Room for twice what Envoy may have open: closed connections stay until the next sweep. Those that carry
        # nobody have room for as many as can be open; then the one with the oldest last request goes, and is reset.
        self.connections = ConnectionMap(
            capacity=2 * settings.max_connections, room_for_nobody=settings.max_connections, close=self._close_one
        )
        self._checker = Checker(decide, self.connections)
        self._check_server = CheckServer(self._checker, settings.check_sockets[0])
        self._table: SocketTable | None = None
        self._cutter: Cutter | None = None
        self._envoy = EnvoyProcess(settings, on_start=self._envoy_started, on_exit=self._envoy_ended)
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._proxies = tuple(ip_network(text) for text in settings.trusted_proxies)
        self._applying = asyncio.Lock()
        self._cut_refused = ""
        self._cut_failed_at = -math.inf

    @property
    def envoy_pid(self) -> int | None:
        return self._envoy.pid

    @property
    def envoy_restarts(self) -> int:
        return self._envoy.restarts

    @property
    def cuts(self) -> bool:
        """Whether this host lets connections be cut: it was tried on Envoy, and no cut failed in the last minutes."""
        return not self._cut_refused and time.monotonic() - self._cut_failed_at > _CUT_FAILURE_TOLD_SECONDS

    async def serves(self) -> bool:
        """Whether Envoy says that it serves; while one that died is started again and again, it does not."""
        return await self._envoy.serves()

    async def start(self, apps: Sequence[ProtectedApp]) -> None:
        """Return when Envoy serves these apps; raises PortBusyError or AssayError."""
        refuse_unusable(self._settings.certificate, self._settings.private_key)
        for directory in (self._settings.directory, self._settings.run_directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
        self._table = SocketTable()
        try:
            await self._check_server.start()
            self._write(apps)
            await self._envoy.start()
        except BaseException:
            await self._close()
            raise
        self._tasks = (
            asyncio.create_task(self._keep_tables(), name="gateway tables"),
            asyncio.create_task(self._keep_room(), name="gateway room"),
        )

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._envoy.stop()
        await self._close()

    async def _close(self) -> None:
        await self._check_server.stop()
        if self._table is not None:
            self._table.close()
            self._table = None

    async def apply(self, apps: Sequence[ProtectedApp]) -> None:
        """Serve exactly these apps; returns when Envoy does, and no connection is dropped for it.

        Connections to an app that was taken away stay open until they are cut. Raises AssayError.
        """
        async with self._applying:
            version = self._write(apps)
            deadline = time.monotonic() + _APPLIED_WITHIN_SECONDS
            while time.monotonic() < deadline:
                if await self._serves(version):
                    return
                await asyncio.sleep(_POLL_SECONDS)
        raise AssayError("Envoy did not take the new configuration", remedy="look for assay.gateway.envoy in the log")

    def cut(self, sockets: Iterable[TcpSocket]) -> CutReport:
        """Reset these connections now; what stays open is reported and logged, never passed over."""
        wanted = tuple(sockets)
        if self._cutter is None:
            # Without an Envoy nothing of it is open; the kernel closed it all when it died.
            return CutReport(already_gone=len(wanted))
        report = self._cutter.cut(wanted)
        failed = {failure.socket for failure in report.failures}
        for socket in wanted:
            if socket not in failed:
                self.connections.forget(socket)
        if report.failures:
            self._cut_failed_at = time.monotonic()
        for failure in report.failures:
            _LOG.error("a connection stays open: %s %s", failure.socket, failure.reason)
        return report

    def _close_one(self, socket: TcpSocket) -> bool:
        return not self.cut((socket,)).failures

    def sweep(self) -> int:
        """Forget connections the kernel no longer has; returns how many. Raises OSError."""
        if self._table is None:
            return 0
        return self.connections.keep_only(self._table.carrying(self._settings.port))

    def _write(self, apps: Sequence[ProtectedApp]) -> str:
        files = envoy_files(self._settings, apps)
        self._checker.rules = {
            app.host: AppRules(any_path=app.any_path, allowed_origins=app.allowed_origins) for app in apps
        }
        for name, content in files.contents:
            replace_file(self._settings.directory / name, content)
        return files.version

    async def _serves(self, version: str) -> bool:
        """Whether Envoy reports this version for clusters and routes; False while it is being started again."""
        try:
            stats = await self._envoy.admin("/stats?filter=version_text&type=TextReadouts")
        except AdminError:
            return False
        lines = stats.splitlines()
        return all(f'{stat}: "{version}"' in lines for stat in (_CLUSTERS_STAT, _ROUTES_STAT))

    def _envoy_started(self, pid: int) -> None:
        if self._table is not None:
            self._cutter = Cutter(pid, self._table)
            self._cut_refused = self._cutter.refused()
            if self._cut_refused:
                _LOG.error("this host does not let open connections be cut: %s", self._cut_refused)

    def _envoy_ended(self) -> None:
        if self._cutter is not None:
            self._cutter.close()
            self._cutter = None

    async def _keep_tables(self) -> None:
        """Know the descriptors of new connections before they have to be cut, and forget what is closed."""
        seen, rest, swept = 0, _LEARN_SECONDS, time.monotonic()
        while True:
            await asyncio.sleep(rest)
            start = time.monotonic()
            try:
                if self._cutter is not None and seen != self.connections.registered:
                    seen = self.connections.registered
                    await asyncio.to_thread(self._cutter.learn_descriptors)
                if start - swept > _SWEEP_SECONDS:
                    swept = start
                    self.sweep()
            except FileNotFoundError:
                continue  # Envoy died meanwhile; the next one is looked at in the next round
            except OSError:
                _LOG.exception("the kernel's tables cannot be read; cuts are slower and the map may fill up")
            # With very many connections a look takes long: never more than a twentieth of the time.
            rest = max(_LEARN_SECONDS, 20 * (time.monotonic() - start))

    async def _keep_room(self) -> None:
        """Keep room for people where somebody opens connections and says nothing on them."""
        while True:
            await asyncio.sleep(_ROOM_SECONDS)
            try:
                # Cheap, and never less than what we have: the sockets themselves are looked at only when it is needed.
                if tcp_sockets_in_use() >= NEARLY_FULL * self._settings.max_connections:
                    await self._make_room()
            except OSError:
                _LOG.exception("the kernel's tables cannot be read; nobody's connections give way to others'")

    async def _make_room(self) -> None:
        cutter = self._cutter
        giving = to_give_way(
            await asyncio.to_thread(_carrying, self._settings.port),
            most=self._settings.max_connections,
            carries_session=self.connections.carries_session,
            unjudged_first=lambda socket: not self.connections.judged(socket),
            spared=lambda peer: any(ip_address(peer) in network for network in self._proxies),
        )
        if cutter is None or not giving:
            return
        await asyncio.to_thread(cutter.learn_descriptors)
        count = 0
        for start in range(0, len(giving), _RESET_AT_ONCE):
            # A session may have come meanwhile.
            batch = giving[start : start + _RESET_AT_ONCE]
            count += self.cut(one for one in batch if not self.connections.carries_session(one)).count
            await asyncio.sleep(0)
        sources = len({one.peer_ip for one in giving})
        _LOG.warning("nearly full: %d connections without a session, of %d addresses, were reset", count, sources)


def _carrying(port: int) -> Collection[TcpSocket]:
    """On another thread, so with a netlink socket of its own. Raises OSError."""
    with SocketTable() as table:
        return table.carrying(port)
