"""The running service: every part made, started in the order in which it is needed, and stopped in reverse."""

import asyncio
import contextlib
import logging
import os
import secrets
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from assay.access.admission import Admission
from assay.access.check import Check
from assay.access.enrol import Enrol
from assay.access.first_owner import FirstOwner
from assay.access.live_sessions import LiveSessions
from assay.access.policy_sets import keep_policy_set_in_force
from assay.access.premises import Addresses, Premises
from assay.access.register_method import MethodRegistrar
from assay.access.sign_in import SignIn
from assay.access.signals import Signals
from assay.access.tickets import Tickets
from assay.access.verify_method import MethodVerifier
from assay.api.admin_api import create_admin_api
from assay.api.flows import Condition, Installation
from assay.api.server import AdminServer
from assay.clock import Clock, SystemClock
from assay.events import About, Actor, DecisionLog, EventType, occurrence
from assay.events.checkpoint import Checkpointer
from assay.events.note import Verifier
from assay.events.types import SERVICE_STARTED, SERVICE_STOPPED
from assay.gateway.asgi_socket import AsgiSocket
from assay.gateway.certificates import CertificateFiles, ensure_certificates
from assay.gateway.enforcement import Enforcement
from assay.gateway.gateway import Gateway
from assay.gateway.settings import GatewaySettings, ProtectedApp, loopback_addresses
from assay.identities.hashing import PasswordHashing
from assay.identities.records import challenges
from assay.pages import PagesSettings, create_pages
from assay.sealing import KeyPurpose, Keyring, SigningKey, SigningKeys
from assay.sealing.records.keys import load_signing_keys, master_keys_in_use, rotate_signing_key
from assay.server.administration import compose_administration
from assay.server.data_directory import lock, open_master_key
from assay.server.settings import ServiceSettings
from assay.sessions.records import sessions, tickets
from assay.store import Change, Database, Store, Topic, Transaction
from assay.store.migrate import upgrade
from assay.values import SessionId

logger = logging.getLogger("assay.server")
SEEN_SECONDS: Final = 15.0
CERTIFICATE_SECONDS: Final = 3_600.0


class Service:
    """The running service: made by `start`, ended by `stop`."""

    def __init__(self, settings: ServiceSettings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.addresses = Addresses(base=settings.base_domain, port=settings.port)
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = contextlib.AsyncExitStack()
        self._applied: asyncio.Task[None] | None = None
        self._origin = f"assay/{self.addresses.id_host}"

    async def start(self) -> None:
        """Bring everything up, in the order in which it is needed; what was started stops again if a part fails."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def _start(self) -> None:
        self._stack.callback(lock(self.settings.places))
        await self._open_store()
        keyring = await self._open_keys()
        # A decision names its policy set by hash; without the set itself it could not be explained.
        await self.store.write(keep_policy_set_in_force)
        self.signals = Signals()
        await self.signals.start(self.store)
        self._compose_access(keyring)
        await self._start_gateway(keyring)
        await self._start_administration()
        self._stack.push_async_callback(self._say_stopped)
        await self._record(SERVICE_STARTED)
        for job in (
            self.decision_log.run(),
            self.enforcement.run(),
            self._keep_seen(),
            self._sign_checkpoints(),
            self._renew_certificates(keyring),
        ):
            self._spawn(job)

    async def stop(self) -> None:
        """Stop in reverse order; nothing that was acknowledged is lost."""
        await self._stack.aclose()

    async def _open_store(self) -> None:
        database = Database(self.settings.database or f"sqlite:///{self.settings.places.database}")
        await asyncio.to_thread(upgrade, database)
        self.store = Store(database)
        self._stack.push_async_callback(self.store.close)

    async def _open_keys(self) -> Keyring:
        """The master key, and the signing keys that it opens."""
        settings = self.settings
        in_use = await self.store.read(master_keys_in_use)
        keyring = open_master_key(settings.places, holds_data=bool(in_use), demo=settings.demo, at=self.clock.now())
        self.premises = Premises(
            store=self.store,
            clock=self.clock,
            random=secrets.token_bytes,
            addresses=self.addresses,
            keyring=keyring,
        )
        self._signing_keys = await self.store.write(lambda transaction: _signing_keys(transaction, keyring, self.clock))
        self.store.feed.follow(
            lambda reader, changes: load_signing_keys(reader, keyring) if _touches_keys(changes) else None,
            self._keys_changed,
        )
        return keyring

    def _compose_access(self, keyring: Keyring) -> None:
        premises, signals = self.premises, self.signals
        self.sessions = LiveSessions(self.store)
        self.decision_log = DecisionLog(self.store, clock=self.clock, random=premises.random)
        self._stack.push_async_callback(self.decision_log.flush)
        self.admission = Admission(premises, self.settings.session_limits)
        self.hashing = PasswordHashing(os.cpu_count() or 1)
        self._stack.callback(self.hashing.close)
        self.verifier = MethodVerifier(premises, self.hashing)
        self.sign_in = SignIn(premises, signals=signals, admission=self.admission, verifier=self.verifier)
        self.enrol = Enrol(
            premises,
            signals=signals,
            admission=self.admission,
            registrar=MethodRegistrar(premises, self.verifier.relying_party, self.hashing),
            session=self.sign_in.session,
        )
        self.tickets = Tickets(premises, signals=signals, admission=self.admission, jwks=self._jwks)
        self.check = Check(
            premises,
            signals=signals,
            sessions=self.sessions,
            assertion_key=self._assertion_key,
            log=self.decision_log,
        )
        self.checkpointer = Checkpointer(
            self.store,
            origin=self._origin,
            key=lambda: self._signing_keys.newest(KeyPurpose.CHECKPOINT).ed25519(),
            clock=self.clock,
            outside=self.settings.places.checkpoints,
        )

    async def _start_gateway(self, keyring: Keyring) -> None:
        settings, places = self.settings, self.settings.places
        self.certificates = await asyncio.to_thread(self._ensure_certificates, keyring)
        pages = create_pages(
            sign_in=self.sign_in,
            enrol=self.enrol,
            tickets=self.tickets,
            settings=PagesSettings(base_domain=settings.base_domain, port=settings.port),
        )
        self.gateway = Gateway(
            GatewaySettings(
                base_domain=settings.base_domain,
                port=settings.port,
                addresses=loopback_addresses(),
                certificate=self.certificates.certificate,
                private_key=self.certificates.private_key,
                directory=places.envoy,
                run_directory=places.run,
                check_sockets=(places.check_socket,),
                pages_socket=places.pages_socket,
            ),
            self.check.decide,
        )
        self.enforcement = Enforcement(
            self.gateway, check=self.check, signals=self.signals, sessions=self.sessions, clock=self.clock
        )
        served = AsgiSocket(pages, places.pages_socket)
        await served.start()
        self._stack.push_async_callback(served.stop)
        await self.gateway.start(self._protected_apps())
        self._stack.push_async_callback(self.gateway.stop)
        self.signals.on_change(self._apps_changed)

    async def _start_administration(self) -> None:
        settings, places = self.settings, self.settings.places
        flows = compose_administration(
            self.premises,
            enforcement=self.enforcement,
            apps_served=self.apps_served,
            verifiers=self._verifiers,
            installation=Installation(
                url=self.addresses.id_origin,
                port=settings.port,
                data=places.data,
                database=settings.database or str(places.database),
                master_key=places.master_key,
                certificate=self.certificates.certificate,
                checkpoints=places.checkpoints,
                checkpoint_key=str(self._verifiers()[0]),
                started=self.clock.now(),
                demo=settings.demo,
            ),
            condition=self._condition,
        )
        admin = AdminServer(create_admin_api(flows), places.run)
        await admin.start()
        self._stack.push_async_callback(admin.stop)

    def _verifiers(self) -> tuple[Verifier, ...]:
        keys = self._signing_keys.of(KeyPurpose.CHECKPOINT)
        return tuple(Verifier(name=self._origin, public=key.ed25519().public_key()) for key in keys)

    def _condition(self) -> Condition:
        return Condition(cut_method="socketReset", stale=str(self.signals.stale or ""))

    def _ensure_certificates(self, keyring: Keyring) -> CertificateFiles:
        context = "certificate authority"
        return ensure_certificates(
            self.settings.places.certificates,
            self.settings.base_domain,
            seal=lambda plaintext: keyring.seal(plaintext, context=context),
            open_sealed=lambda sealed: keyring.open(sealed, context=context),
            now=self.clock.now(),
        )

    def _protected_apps(self) -> tuple[ProtectedApp, ...]:
        return tuple(
            ProtectedApp(
                app_id=app.id,
                name=app.name,
                host=app.host(self.settings.base_domain),
                upstream=app.upstream,
            )
            for app in self.signals.apps.values()
        )

    async def apps_served(self) -> None:
        """Return when the gateway serves exactly the apps that are stored."""
        if self._applied is not None:
            await self._applied

    def _apps_changed(self, changes: tuple[Change, ...]) -> None:
        if any(change.topic is Topic.APP for change in changes):
            self._applied = asyncio.create_task(self.gateway.apply(self._protected_apps()))

    def _keys_changed(self, keys: SigningKeys | None) -> None:
        if keys is not None:
            self._signing_keys = keys

    def _assertion_key(self) -> SigningKey:
        return self._signing_keys.newest(KeyPurpose.ASSERTION)

    def _jwks(self) -> bytes:
        return msgspec.json.encode(self._signing_keys.jwks(KeyPurpose.ASSERTION))

    async def owner_link(self) -> str | None:
        """The one-time link that makes the owner, or None when there is somebody who can administer."""
        return await FirstOwner(self.premises).link()

    def _spawn(self, job: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(job)

        async def end() -> None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self._stack.push_async_callback(end)

    async def _record(self, kind: EventType) -> None:
        event = occurrence(kind, at=self.clock.now(), actor=Actor.system(), about=About())
        await self.store.write(lambda transaction: self.premises.record(transaction, event))

    async def _say_stopped(self) -> None:
        await self.decision_log.flush()
        await self._record(SERVICE_STOPPED)
        await self.checkpointer.tick(now=True)

    async def _keep_seen(self) -> None:
        while True:
            await asyncio.sleep(SEEN_SECONDS)
            keep = partial(_housekeeping, seen=self.sessions.take_seen(), at=self.clock.now())
            try:
                await self.store.write(keep)
            except Exception:
                logger.exception("when sessions were last seen could not be written; it waits for the next time")

    async def _renew_certificates(self, keyring: Keyring) -> None:
        """Envoy watches the files: a new certificate is used without a restart."""
        while True:
            await asyncio.sleep(CERTIFICATE_SECONDS)
            try:
                self.certificates = await asyncio.to_thread(self._ensure_certificates, keyring)
            except Exception:
                logger.exception(
                    "the certificate could not be renewed; it is good until %s", self.certificates.not_after
                )

    async def _sign_checkpoints(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            try:
                await self.checkpointer.tick()
            except Exception:
                logger.exception("the log could not be signed")


def _signing_keys(transaction: Transaction, keyring: Keyring, clock: Clock) -> SigningKeys:
    """The signing keys, after making those of a purpose that has none."""
    keys = load_signing_keys(transaction, keyring)
    missing = [purpose for purpose in KeyPurpose if not keys.of(purpose)]
    for purpose in missing:
        rotate_signing_key(transaction, purpose, keyring, at=clock.now())
    return load_signing_keys(transaction, keyring) if missing else keys


def _touches_keys(changes: Sequence[Change]) -> bool:
    return any(change.topic is Topic.KEY for change in changes)


def _housekeeping(transaction: Transaction, seen: Mapping[SessionId, datetime], at: datetime) -> None:
    """Keep when sessions were last used, and forget what nobody can use any more."""
    sessions.seen(transaction, seen)
    tickets.sweep(transaction, at)
    challenges.remove_expired(transaction, at)
