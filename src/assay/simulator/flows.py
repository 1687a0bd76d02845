"""The flows that make the company: the same that pages, gateway and administrators call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assay.access.check import Check
from assay.access.enrol import Enrol
from assay.access.groups import Groups
from assay.access.named_locations import NamedLocations
from assay.access.people import People
from assay.access.premises import Addresses
from assay.access.protect_app import Apps
from assay.access.publish_policy import Policies
from assay.access.roles import Roles
from assay.access.search_events import Log
from assay.access.sign_in import SignIn
from assay.access.tickets import Tickets


@dataclass(frozen=True, kw_only=True)
class Flows:
    """What a person can do, and what administrators can do; not a value, for flows hold connections."""

    addresses: Addresses
    sign_in: SignIn
    enrol: Enrol
    tickets: Tickets
    check: Check
    people: People
    groups: Groups
    roles: Roles
    apps: Apps
    policies: Policies
    locations: NamedLocations
    log: Log
    # Writes the gateway's decisions that wait, as the service does every tenth of a second.
    kept: Callable[[], Awaitable[None]]
