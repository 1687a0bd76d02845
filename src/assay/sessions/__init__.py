"""What is granted right now: sessions, their copies on app hosts, and the tickets that carry them there."""

from assay.sessions.secret import new_secret, secret_hash
from assay.sessions.session import AppSession, EndReason, Session, SessionKind, SessionLimits, Ticket

__all__ = [
    "AppSession",
    "EndReason",
    "Session",
    "SessionKind",
    "SessionLimits",
    "Ticket",
    "new_secret",
    "secret_hash",
]
