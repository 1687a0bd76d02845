"""What the service is told at its start."""

from datetime import timedelta

from assay.places import Places
from assay.sessions.session import SessionLimits
from assay.values import Value


class ServiceSettings(Value, frozen=True, kw_only=True):
    """`database` "" is SQLite in the data directory; `port` is where people reach the gateway."""

    places: Places
    base_domain: str
    port: int
    database: str = ""
    demo: bool = False
    session_limits: SessionLimits = SessionLimits()
    # How long one key signs assertions before the next takes over.
    assertion_keys_for: timedelta = timedelta(days=90)
