"""What `issue.py` hands out: the thing itself, and the secret that its holder is given once."""

from assay.sessions.session import AppSession, Session
from assay.values import Value


class Issued(Value, frozen=True, kw_only=True):
    """A session and the secret that its browser is given once."""

    session: Session
    secret: str


class Redeemed(Value, frozen=True, kw_only=True):
    """An app session, the secret for its cookie, and where the person wanted to go."""

    app_session: AppSession
    secret: str
    path: str
