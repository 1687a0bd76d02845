"""The admin API on a real unix socket, beside flows on a real store, in the event loop of the test."""

import tempfile
from functools import cached_property, partial
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.access.api_tokens import ApiTokens
from assay.access.app_credentials import AppCredentials
from assay.access.break_glass import BreakGlass
from assay.access.explain import Decisions
from assay.access.groups import Groups
from assay.access.mend import Mend
from assay.access.messages import Messages
from assay.access.methods import Methods
from assay.access.named_locations import NamedLocations
from assay.access.nodes import Nodes
from assay.access.note_backup import note_backup
from assay.access.policy_history import PolicyHistory
from assay.access.protect_app import Apps
from assay.access.proxies import Proxies
from assay.access.public_paths import PublicPaths
from assay.access.replay import Replays
from assay.access.resets import Resets
from assay.access.revoke_sessions import Sessions
from assay.access.roles import Roles
from assay.access.roll_out import RollOuts
from assay.access.search_events import Log
from assay.access.survey import Survey
from assay.api.flows import AdminFlows, Condition, Installation
from assay.events import Checkpointer, Verifier
from assay.gateway.reachability import reach_of
from assay.identities.methods.reset import ResetSettings
from assay.messages.settings import MailSettings
from assay.places import places
from assay.sealing import KeyFile
from assay.server.administration import admin_socket
from assay.server.backup import Backups
from assay.server.key_care import KeyCare
from assay.server.keys import OpenKeys, ServiceKeys
from assay.server.mail import compose_delivery
from assay.server.settings import ServiceSettings
from assay.server.unix_socket import UnixSocket
from tests.access.house import House

ORIGIN = "id.assay.localhost"


class AdminService:
    """One admin socket in a directory of its own, with the file of checkpoints beside it."""

    def __init__(self, house: House, directory: Path, *, uids: frozenset[int] | None = None) -> None:
        self.house = house
        self.data = directory / "data"
        self.data.mkdir(mode=0o700)
        self.checkpoints = directory / "checkpoints.txt"
        self.key = Ed25519PrivateKey.generate()
        self.verifier = Verifier(name=ORIGIN, public=self.key.public_key())
        self.checkpointer = Checkpointer(
            house.store, origin=ORIGIN, key=lambda: self.key, clock=house.clock, outside=self.checkpoints
        )
        self.master_key = directory / "master-key.json"
        self.certificate = directory / "certificate.pem"
        file = KeyFile(self.master_key, data_directory=self.data)
        file.restore(house.keyring.keys)
        found = OpenKeys(signing=house.keys, derivation=house.derivation)
        self.keys = keys = ServiceKeys(house.store, file, house.keyring, found, clock=house.clock, origin=ORIGIN)
        self.settings = ServiceSettings(
            places=places(self.data, master_key=self.master_key), base_domain=house.addresses.base, port=8443
        )
        self.key_care = KeyCare(house.premises, keys, self.settings, origin=ORIGIN, node="here")
        self.flows = self._flows()
        self._uids = uids

    @cached_property
    def server(self) -> UnixSocket:
        """Made where it is asked for: half a second for those who only need the flows behind it."""
        return admin_socket(self.flows, self.data / "run" / "admin.sock", uids=self._uids)

    def client(self) -> httpx.AsyncClient:
        """A client of the socket."""
        transport = httpx.AsyncHTTPTransport(uds=str(self.server.path), verify=False)
        return httpx.AsyncClient(transport=transport, base_url="http://assay/v1", timeout=60)

    def _flows(self) -> AdminFlows:
        premises = self.house.premises
        return AdminFlows(
            people=self.house.people,
            resets=Resets(premises, ResetSettings()),
            methods=Methods(premises),
            roles=Roles(premises),
            groups=Groups(premises),
            apps=Apps(premises, look=reach_of, is_ours=lambda _upstream: False),
            public_paths=PublicPaths(premises),
            proxies=Proxies(premises),
            app_credentials=AppCredentials(premises),
            api_tokens=ApiTokens(premises),
            sessions=Sessions(premises),
            policies=self.house.policies,
            policy_history=PolicyHistory(premises),
            roll_outs=RollOuts(premises, self.house.signals),
            locations=NamedLocations(premises),
            replays=Replays(premises),
            decisions=Decisions(premises),
            log=Log(premises, verifiers=lambda: (self.verifier,)),
            survey=Survey(premises),
            mend=Mend(premises),
            break_glass=BreakGlass(premises),
            messages=Messages(premises, compose_delivery(premises, MailSettings(), self.data)),
            nodes=Nodes(premises, name="here"),
            keys=self.key_care.flow,
            keys_changed=self.key_care.soon,
            backup=Backups(premises, self.settings, self.key_care.flow).stream,
            note_backup=partial(note_backup, premises),
            installation=Installation(
                url=self.house.addresses.id_origin,
                port=self.house.addresses.port,
                data=self.data,
                database="assay.db",
                master_key=self.master_key,
                certificate=self.certificate,
                checkpoints=self.checkpoints,
                checkpoint_key=lambda: str(self.verifier),
                started=self.house.clock.now(),
            ),
            condition=_in_order,
        )


async def _in_order() -> Condition:
    return Condition(cut_method="socketReset")


def short_directory() -> tempfile.TemporaryDirectory[str]:
    """A directory whose path leaves room for a socket's name (unix(7): 107 bytes)."""
    return tempfile.TemporaryDirectory(prefix="assay-")
