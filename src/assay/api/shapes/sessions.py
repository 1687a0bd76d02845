"""Sessions and their revocation."""

from datetime import datetime

from assay.values import Wire


class SessionShape(Wire, frozen=True, kw_only=True):
    """A session that is alive; `methods` in Graph's names, in the order in which they were proved.

    `acr` and `amr` are what an app is told now. `kind`: `browser`, or `commandLine` (`assay login`).
    """

    id: str
    user_id: str
    user: str
    started_date_time: datetime
    last_seen_date_time: datetime
    ends_date_time: datetime
    address: str
    user_agent: str
    methods: tuple[str, ...]
    acr: str
    amr: tuple[str, ...]
    phishing_resistant: bool
    kind: str = "browser"


class SessionList(Wire, frozen=True, kw_only=True):
    """Sessions, newest first."""

    value: tuple[SessionShape, ...]


class Revoke(Wire, frozen=True, kw_only=True):
    """What to end: one session, all of one person, or all."""

    session: str | None = None
    user: str | None = None
    all: bool = False


class RevocationShape(Wire, frozen=True, kw_only=True):
    """How many sessions ended, how many connections were cut, how long that took after the commit."""

    sessions: int
    connections_cut: int
    connections_open: int
    milliseconds: float
