"""The last allowance of a session on an app, whole: nearly every request of a browser is answered as the one before."""

from datetime import datetime
from typing import Final

from assay.access.assertion import Assertion
from assay.access.decide import Judgement
from assay.access.exchange import Allow, CheckRequest
from assay.access.signals import Signals, Subject
from assay.apps import App
from assay.events import DecisionEntry
from assay.sessions.session import Session

# It is kept with every session on an app; a Cookie header may be 60 KiB long, and whoever sends it chooses.
LONGEST_KEPT_COOKIE: Final = 1_024


class KeptAllowance:
    """An answer, and everything that makes it the answer to another request.

    INVARIANT: whatever can change it is compared in `holds`. Of the judgement these are what `KeptJudgement.holds`
    compares, with the session in place of its proofs: a change of it, its end too, makes a new value. The roles in the
    grant and the claims in the assertion are of the subject and the app. Whoever finds that it does not hold asks each
    of its makers.
    """

    __slots__ = (
        "_app",
        "_client_ip",
        "_compiled",
        "_forwarded_for",
        "_session",
        "_since",
        "_subject",
        "_theirs",
        "_until",
        "_user_agent",
        "allow",
        "entry",
    )

    def __init__(
        self,
        allow: Allow,
        entry: DecisionEntry,
        *,
        signals: Signals,
        subject: Subject,
        session: Session,
        app: App,
        request: CheckRequest,
        since: datetime,
        until: datetime,
    ) -> None:
        self.allow = allow
        self.entry = entry
        self._compiled = signals.compiled
        self._subject = subject
        self._session = session
        self._app = app
        self._client_ip = request.connection.client_ip
        self._forwarded_for = request.connection.forwarded_for
        self._user_agent = request.user_agent
        self._theirs = allow.cookie or ""
        self._since = since
        self._until = until

    def holds(
        self,
        signals: Signals,
        session: Session,
        app: App,
        request: CheckRequest,
        *,
        theirs: str,
        last_seen: datetime,
        at: datetime,
    ) -> bool:
        """Whether judging now would let this request through with this very answer."""
        connection = request.connection
        return (
            self._session is session
            and self._app is app
            and self._compiled is signals.compiled
            and self._subject is signals.subject(session.user_id)
            and signals.present
            and self._since <= at < self._until
            and at - last_seen < session.idle
            and self._forwarded_for == connection.forwarded_for
            and self._client_ip == connection.client_ip
            and self._user_agent == request.user_agent
            and self._theirs == theirs
        )


def kept_allowance(
    allow: Allow,
    entry: DecisionEntry,
    judgement: Judgement,
    assertion: Assertion,
    *,
    signals: Signals,
    subject: Subject,
    session: Session,
    app: App,
    request: CheckRequest,
) -> KeptAllowance | None:
    """What can be kept of this answer; None where it is one to this method or this instant alone, or long."""
    limits, until = judgement.decision.limits, judgement.until
    long = len(allow.cookie or "") > LONGEST_KEPT_COOKIE
    if until is None or limits.read_only or limits.methods is not None or long:
        return None
    return KeptAllowance(
        allow,
        entry,
        signals=signals,
        subject=subject,
        session=session,
        app=app,
        request=request,
        since=max(judgement.request.at, assertion.made_at),
        until=min(until, assertion.renew_at, session.ends_at),
    )
