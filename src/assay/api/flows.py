"""Everything that the admin API calls; made in the composition root."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

from assay.access.api_tokens import ApiTokens
from assay.access.app_credentials import AppCredentials
from assay.access.attempt import By
from assay.access.break_glass import BreakGlass
from assay.access.explain import Decisions
from assay.access.groups import Groups
from assay.access.mend import Mend
from assay.access.messages import Messages
from assay.access.methods import Methods
from assay.access.named_locations import NamedLocations
from assay.access.nodes import Nodes
from assay.access.note_backup import MadeBackup
from assay.access.people import People
from assay.access.policy_history import PolicyHistory
from assay.access.protect_app import Apps
from assay.access.proxies import Proxies
from assay.access.public_paths import PublicPaths
from assay.access.publish_policy import Policies
from assay.access.replay import Replays
from assay.access.resets import Resets
from assay.access.revoke_sessions import Sessions
from assay.access.roles import Roles
from assay.access.roll_out import RollOuts
from assay.access.rotate_keys import Keys
from assay.access.search_events import Log
from assay.access.survey import Survey
from assay.values import Value


class Installation(Value, frozen=True, kw_only=True):
    """What the running service knows of itself; None: not a file, or not written."""

    url: str
    port: int
    data: Path
    database: str
    master_key: Path | None
    certificate: Path
    checkpoints: Path | None
    checkpoint_key: Callable[[], str]
    started: datetime
    demo: bool = False
    configuration: Path | None = None
    # Where foreign proxies ask, "" where they cannot.
    forward_auth: str = ""
    listen: tuple[str, ...] = ()


class Condition(Value, frozen=True, kw_only=True):
    """How it is doing now: `cut_method` is socketReset, relay or none; `stale` "" while decisions are made.

    `certificate_problem`: why a newer certificate is not served, "" while all is well. `serving`: the gateway runs.
    """

    cut_method: str
    stale: str = ""
    certificate_problem: str = ""
    serving: bool = True
    # From when what decisions are made on is, where that is not now.
    known_at: datetime | None = None
    # Rows that could not be read, each in words: where it lies, and what is refused for it.
    damaged: tuple[str, ...] = ()


class AdminFlows(Value, frozen=True, kw_only=True):
    """The flows behind the API's nouns."""

    people: People
    break_glass: BreakGlass
    messages: Messages
    methods: Methods
    resets: Resets
    roles: Roles
    groups: Groups
    apps: Apps
    public_paths: PublicPaths
    app_credentials: AppCredentials
    proxies: Proxies
    api_tokens: ApiTokens
    sessions: Sessions
    policies: Policies
    policy_history: PolicyHistory
    roll_outs: RollOuts
    locations: NamedLocations
    replays: Replays
    decisions: Decisions
    log: Log
    survey: Survey
    nodes: Nodes
    mend: Mend
    keys: Keys
    # The sealed segments of everything, for whoever takes them, by content key and header.
    backup: Callable[[By, bytes, bytes], Awaitable[AsyncIterator[bytes]]]
    note_backup: Callable[[By, MadeBackup], Awaitable[None]]
    # What a rotation is followed by happens now rather than at the next round.
    keys_changed: Callable[[], None]
    installation: Installation
    condition: Callable[[], Awaitable[Condition]]
