"""The running service: every part made, started in the order in which it is needed, and stopped in reverse."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Collection, Coroutine
from functools import partial
from typing import Final

from assay.access.break_glass import BreakGlass, EmergencyAccess
from assay.access.end_command_lines import end_without_role
from assay.access.revoke_sessions import Cut
from assay.access.rollout_deadlines import SECONDS as DEADLINE_SECONDS
from assay.api.flows import Condition
from assay.events.types import SERVICE_STARTED
from assay.gateway.enforcement import Enforcement
from assay.gateway.gateway import Gateway
from assay.gateway.open_files import allow_many_files
from assay.gateway.settings import ProtectedApp
from assay.protocols.forward_auth import ForwardAuth
from assay.server.administration import LastCuts, admin_socket, compose_administration, installation_of
from assay.server.backup import Backups
from assay.server.certificate_source import certificates_of
from assay.server.console import console_socket, graph_flows
from assay.server.core import Core
from assay.server.entry import compose_pages
from assay.server.forward_auth import forward_auth_socket
from assay.server.gateway_settings import gateway_settings, protected_apps
from assay.server.housekeeping import SECONDS as HOUSEKEEPING_SECONDS
from assay.server.jobs import end, every
from assay.server.key_care import KeyCare
from assay.server.lost_history import LostHistory
from assay.server.membership import WATCH_SECONDS, Membership
from assay.server.missing_rows import MissingRows
from assay.server.served_apps import ServedApps
from assay.server.shared_authority import SECONDS as AUTHORITY_SECONDS
from assay.server.shared_authority import AuthorityFiles
from assay.server.tombstones import SECONDS as TOMBSTONE_SECONDS
from assay.server.tombstones import Tombstones
from assay.server.unix_socket import ServedSocket, UnixSocket
from assay.store import Dialect
from assay.values import SessionId

logger = logging.getLogger("assay.server")

CHECKPOINT_SECONDS: Final = 1.0
RESERVE_SECONDS: Final = 5.0


class Service(Core):
    """The running service: made by `start`, ended by `stop`."""

    async def _start(self) -> None:
        allow_many_files(os.getpid())
        await super()._start()
        self._compose_care()
        await self._start_gateway()
        await self._start_administration()
        await self._record(SERVICE_STARTED)
        self._said_started = True
        await self.membership.join()
        self._stack.push_async_callback(self.membership.leave)
        for job in self._jobs():
            self._stack.push_async_callback(end, asyncio.create_task(job))

    def _jobs(self) -> tuple[Coroutine[None, None, None], ...]:
        """What goes on beside answering, for as long as the service does."""
        tombstones = Tombstones(self.store, self.settings.places.tombstones)
        return (
            self.decision_log.run(),
            self.enforcement.run(),
            self.key_care.run(),
            self.delivery.run(),
            self.certificates.follow(),
            every(WATCH_SECONDS, self.membership.watch, failing="the database was not told that this node is there"),
            every(DEADLINE_SECONDS, self._keep_deadlines, failing="unconfirmed steps of rollouts could not go back"),
            every(HOUSEKEEPING_SECONDS, self.housekeeping.tick, failing="what is due now and then could not be done"),
            every(
                HOUSEKEEPING_SECONDS,
                MissingRows(self.store).tick,
                failing="rows of sign-ins of an earlier release could not be made",
            ),
            every(HOUSEKEEPING_SECONDS, self.entry.guessing.sweep, failing="what was counted could not be forgotten"),
            every(
                HOUSEKEEPING_SECONDS,
                partial(end_without_role, self.premises, self.signals),
                failing="command lines of people without a role could not be ended",
            ),
            every(AUTHORITY_SECONDS, self._share_authority, failing="the certificate authority was not shared"),
            every(CHECKPOINT_SECONDS, self.checkpointer.tick, failing="the log could not be signed"),
            every(RESERVE_SECONDS, self._keep_reserve, failing="nothing could be set aside for a full disk"),
            every(TOMBSTONE_SECONDS, tombstones.tick, failing="who was removed could not be kept outside the database"),
        )

    async def _keep_deadlines(self) -> None:
        # Out of rotation, the clock of this node may be what is wrong with it; without a database nothing can be done.
        if self.standing.refuses_new() is None:
            await self.deadlines.tick()

    async def reload(self) -> None:
        """Look at certificate and master key now; everything else that has changed needs a restart, and is said to."""
        self.key_care.soon()
        try:
            await self.certificates.look()
        except Exception:
            logger.exception("the certificate could not be read again")
        logger.warning("certificate and keys were looked at again; other changes of the configuration need a restart")

    def _compose_care(self) -> None:
        self.membership = Membership(
            self.store,
            self.clock,
            self.standing,
            name=self.settings.node or socket.gethostname(),
            random=secrets.token_bytes,
            seals_with=lambda: self.keys.keyring.newest.id,
        )
        self.lost_history = LostHistory(self.premises, self.standing)
        self.key_care = KeyCare(self.premises, self.keys, self.settings, origin=self._origin, node=self.membership.name)

    async def settled(self, ended: Collection[SessionId]) -> Cut:
        """What was cut for sessions that just ended; nobody ends one before there is a gateway."""
        return await LastCuts(self.enforcement).settled(ended)

    async def _start_gateway(self) -> None:
        settings, places = self.settings, self.settings.places
        self.certificates = certificates_of(settings, self.key_care.vault, self.clock)
        self.authority = AuthorityFiles(self.store, places.certificates, settings.base_domain)
        # Before, for the authority that another node has made; after, for the one that was made here.
        await self._share_authority()
        await self.certificates.start()
        await self._share_authority()
        pages = compose_pages(self.entry, settings, closed=self.standing.refuses_new)
        self.gateway = Gateway(gateway_settings(settings, certificate=self.certificates.file), self.check.decide)
        self.enforcement = Enforcement(
            self.gateway, check=self.check, signals=self.signals, sessions=self.sessions, clock=self.clock
        )
        await self._serve(UnixSocket(pages, places.pages_socket))
        if settings.forward_auth is not None:
            asked = ForwardAuth(self.check, signals=self.signals, addresses=self.addresses, pages=pages)
            await self._serve(forward_auth_socket(asked, settings.forward_auth))
        if settings.gateway:
            await self.gateway.start(self._apps())
            self._stack.push_async_callback(self.gateway.stop)
        self.served_apps = ServedApps(self._serve_apps)
        self.signals.on_change(self.served_apps.changed)

    async def _serve_apps(self) -> None:
        if self.settings.gateway:
            await self.gateway.apply(self._apps())

    async def _start_administration(self) -> None:
        settings, places = self.settings, self.settings.places
        flows = compose_administration(
            self.premises,
            signals=self.signals,
            node=self.membership.name,
            guessing=self.entry.guessing,
            resets=self.entry.resets,
            enforcement=self.enforcement,
            is_ours=self.is_ours,
            apps_served=self.served_apps.served,
            delivery=self.delivery,
            verifiers=self.keys.verifiers,
            keys=self.key_care.flow,
            keys_changed=self.key_care.soon,
            backup=Backups(self.premises, settings, self.key_care.flow).stream,
            installation=installation_of(
                settings,
                url=self.addresses.id_origin,
                certificate=self.certificates.file,
                checkpoint_key=lambda: str(self.keys.verifiers()[0]),
                started=self.clock.now(),
            ),
            condition=self._condition,
        )
        await self._serve(admin_socket(flows, places.admin_socket, never=lambda: self.gateway.envoy_pid))
        graph = graph_flows(
            self.premises,
            flows,
            signals=self.signals,
            sessions=self.sessions,
            assertion_keys=self.keys.jwks,
            connections=lambda session_id: len(self.gateway.connections.of_session(session_id)),
        )
        await self._serve(console_socket(graph, places.console_socket, envoy=lambda: self.gateway.envoy_pid))

    async def _serve(self, socket: ServedSocket) -> None:
        await socket.start()
        self._stack.push_async_callback(socket.stop)

    async def _condition(self) -> Condition:
        return Condition(
            # Without a gateway nothing is open that could not be cut.
            cut_method="socketReset" if self.gateway.cuts else "none",
            serving=await self.gateway.serves(),
            stale=str(self.signals.stale or ""),
            certificate_problem=self.certificates.problem(),
            known_at=self.standing.known_at,
            damaged=self.signals.damage,
        )

    def _apps(self) -> tuple[ProtectedApp, ...]:
        return protected_apps(self.signals.apps.values(), self.settings.base_domain)

    async def apps_served(self) -> None:
        """Return when the gateway serves exactly the apps that are stored."""
        await self.served_apps.served()

    async def emergency_access(self) -> EmergencyAccess:
        """The emergency access accounts, made where they are missing."""
        return await BreakGlass(self.premises).set_up()

    async def _share_authority(self) -> None:
        """Where there may be other nodes: whatever one of them did with the own authority, all have done."""
        alone = self.store.database.dialect is Dialect.SQLITE or self.settings.tls is not None
        if not alone and await self.authority.sync():
            await self.certificates.look()
