"""What the simulator knows of a company that has lived up to an instant, so that it can go on living from there."""

from datetime import datetime
from typing import Final

from assay.simulator.baseline import ImportReport
from assay.simulator.demo_info import DemoAttack
from assay.simulator.person import Knowledge
from assay.values import Value

FORMAT: Final = 1


class Past(Value, frozen=True, kw_only=True):
    """A company's past beside its database; `start` is its first instant, `until` the last that was lived.

    `people` by user name. Everything else follows from seed and size.
    """

    format: int = FORMAT
    seed: int
    people_count: int
    days: int
    start: datetime
    until: datetime
    people: dict[str, Knowledge]
    attacks: tuple[DemoAttack, ...]
    report: ImportReport
