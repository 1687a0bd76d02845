"""Nodes, as the API shows them."""

from datetime import datetime

from assay.values import Wire


class NodeShape(Wire, frozen=True, kw_only=True):
    """One service process on the database. `state`: inRotation, out or missed; `reason` says why it is out.

    `behind`: how many commits it had not taken over when it last said so. `skew_milliseconds`: its clock ahead of
    the database's.
    """

    name: str
    version: str
    state: str
    reason: str
    behind: int
    skew_milliseconds: int
    started_date_time: datetime
    last_beat_date_time: datetime
    this: bool


class NodeList(Wire, frozen=True, kw_only=True):
    """All nodes, by name."""

    value: tuple[NodeShape, ...]
