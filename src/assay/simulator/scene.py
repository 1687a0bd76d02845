"""Who and what there is while the company lives: what a chore of an administrator and an attacker both work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from assay.apps import App
from assay.simulator.clock import CompanyClock
from assay.simulator.company import Company
from assay.simulator.flows import Flows
from assay.simulator.person import Person


@dataclass(frozen=True, kw_only=True)
class Scene:
    """`people` by user name, `apps` by name; not a value, for people learn and apps are added."""

    company: Company
    flows: Flows
    clock: CompanyClock
    random: Callable[[int], bytes]
    people: dict[str, Person]
    apps: dict[str, App]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something that happens at an instant; of those at the same one the lowest `order` first."""

    at: datetime
    happens: Callable[[], Awaitable[None]]
    order: int = 0
