"""The administrators' flows, composed for the admin API."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from assay.access.api_tokens import ApiTokens
from assay.access.app_credentials import AppCredentials
from assay.access.attempt import By
from assay.access.break_glass import BreakGlass
from assay.access.explain import Decisions
from assay.access.groups import Groups
from assay.access.guessing import Guessing
from assay.access.mend import Mend
from assay.access.messages import Messages
from assay.access.methods import Methods
from assay.access.named_locations import NamedLocations
from assay.access.nodes import Nodes
from assay.access.note_backup import note_backup
from assay.access.people import People
from assay.access.policy_history import PolicyHistory
from assay.access.premises import Premises
from assay.access.protect_app import Apps
from assay.access.proxies import Proxies
from assay.access.public_paths import PublicPaths
from assay.access.publish_policy import Policies
from assay.access.replay import Replays
from assay.access.resets import Resets
from assay.access.revoke_sessions import Cut, Sessions
from assay.access.roles import Roles
from assay.access.roll_out import RollOuts
from assay.access.rotate_keys import Keys
from assay.access.search_events import Log
from assay.access.signals import Signals
from assay.access.survey import Survey
from assay.api.admin_api import create_admin_api
from assay.api.flows import AdminFlows, Condition, Installation
from assay.api.peer import ROOT, PeerGate, PeerProtocol
from assay.apps import Upstream
from assay.events.note import Verifier
from assay.gateway.enforcement import Enforcement
from assay.gateway.reachability import reach_of
from assay.gateway.settings import loopback_addresses
from assay.messages.deliver import Delivery
from assay.server.settings import ServiceSettings
from assay.server.unix_socket import UnixSocket
from assay.store.database_url import shown
from assay.values import SessionId

# An `events tail --follow` ends when the service does.
GRACE_SECONDS: Final = 1


def compose_administration(
    premises: Premises,
    *,
    signals: Signals,
    node: str,
    guessing: Guessing,
    resets: Resets,
    enforcement: Enforcement,
    is_ours: Callable[[Upstream], bool],
    apps_served: Callable[[], Awaitable[None]],
    delivery: Delivery,
    verifiers: Callable[[], tuple[Verifier, ...]],
    keys: Keys,
    keys_changed: Callable[[], None],
    backup: Callable[[By, bytes, bytes], Awaitable[AsyncIterator[bytes]]],
    installation: Installation,
    condition: Callable[[], Awaitable[Condition]],
) -> AdminFlows:
    """Every flow that the admin API calls."""
    return AdminFlows(
        people=People(premises, guessing),
        break_glass=BreakGlass(premises),
        messages=Messages(premises, delivery),
        methods=Methods(premises),
        resets=resets,
        roles=Roles(premises),
        groups=Groups(premises),
        apps=Apps(premises, look=reach_of, is_ours=is_ours, served=apps_served),
        public_paths=PublicPaths(premises, settled=LastCuts(enforcement).settled),
        proxies=Proxies(premises),
        app_credentials=AppCredentials(premises, settled=LastCuts(enforcement).settled),
        api_tokens=ApiTokens(premises, settled=LastCuts(enforcement).settled),
        sessions=Sessions(premises, settled=LastCuts(enforcement).settled),
        policies=Policies(premises),
        policy_history=PolicyHistory(premises),
        roll_outs=RollOuts(premises, signals),
        locations=NamedLocations(premises),
        replays=Replays(premises),
        decisions=Decisions(premises),
        log=Log(premises, verifiers=verifiers),
        survey=Survey(premises),
        mend=Mend(premises),
        nodes=Nodes(premises, name=node),
        keys=keys,
        backup=backup,
        note_backup=partial(note_backup, premises),
        keys_changed=keys_changed,
        installation=installation,
        condition=condition,
    )


def admin_socket(
    flows: AdminFlows,
    path: Path,
    *,
    uids: frozenset[int] | None = None,
    never: Callable[[], int | None] = lambda: None,
) -> UnixSocket:
    """The admin API for these users of the host; None: for the service's own and root. `never`: see `PeerGate`."""
    allowed = frozenset({ROOT, os.getuid()}) if uids is None else uids
    gate = PeerGate(create_admin_api(flows), uids=allowed, never=never)
    return UnixSocket(gate, path, http=PeerProtocol, grace_seconds=GRACE_SECONDS)


class LastCuts:
    """What was cut for sessions that just ended: the cut is done before whoever ended them is answered."""

    def __init__(self, enforcement: Enforcement) -> None:
        self._enforcement = enforcement

    async def settled(self, ended: Collection[SessionId]) -> Cut:
        """The cuts made for these sessions."""
        reports = [self._enforcement.take_report(session_id) for session_id in ended]
        return Cut(
            connections=sum(report.count for report in reports),
            still_open=sum(len(report.failures) for report in reports),
            milliseconds=sum(sum(report.microseconds) for report in reports) / 1_000,
        )


def installation_of(
    settings: ServiceSettings, *, url: str, certificate: Path, checkpoint_key: Callable[[], str], started: datetime
) -> Installation:
    """What `assay status` says of this installation."""
    places = settings.places
    return Installation(
        url=url,
        port=settings.port,
        data=places.data,
        database=shown(settings.database) or str(places.database),
        configuration=settings.configuration,
        forward_auth="" if settings.forward_auth is None else str(settings.forward_auth),
        listen=settings.listen or loopback_addresses(),
        master_key=places.master_key,
        certificate=certificate,
        checkpoints=places.checkpoints,
        checkpoint_key=checkpoint_key,
        started=started,
        demo=settings.demo,
    )
