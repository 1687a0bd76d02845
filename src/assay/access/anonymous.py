"""Requests that need nobody: a public path opens an app for them, and the log says so of every one."""

from typing import Final

from assay import __version__
from assay.access.client import read_client
from assay.access.decide import read_address
from assay.access.exchange import Allow, CheckRequest, Grant
from assay.access.premises import Premises
from assay.access.signals import Signals
from assay.access.snapshot import encode_snapshot
from assay.access.strangers import Strangers
from assay.apps import App
from assay.events import DecisionEntry, DecisionLog
from assay.governance.public_paths import PublicPath
from assay.policy import (
    AccessRequest,
    Account,
    AppTarget,
    Assignment,
    ConditionalAccessStatus,
    Decision,
    Outcome,
    Principal,
)
from assay.values import Reason, SessionId, UserId

_GRANT: Final = Grant()
ENTRIES_KEPT: Final = 4_096


class Anonymous:
    """Lets requests in by the public paths of their app."""

    def __init__(self, premises: Premises, *, signals: Signals, log: DecisionLog) -> None:
        self._premises = premises
        self._signals = signals
        self._log = log
        self._strangers = Strangers()
        self._entries: dict[tuple[SessionId, str | None, str], DecisionEntry] = {}

    def let_in(self, request: CheckRequest, app: App, cookie: str) -> Allow | None:
        """The request as nobody's: no assertion, none of our cookies; None where no public path covers it.

        `cookie`: the app's own cookies, which it may well have given to a visitor who never signed in.
        """
        found = self._signals.app_access.public_paths.get(app.id)
        if found is None or self._signals.withheld is not None:
            return None
        at = self._premises.now()
        path = request.path.partition("?")[0]
        for public in found:
            if public.opens(method=request.method, path=path, upgrade=bool(request.upgrade), at=at):
                address = self._strangers.address(request.connection.client_ip, at)
                self._log.add(self._entry(public, address, request.user_agent), at)
                return Allow(
                    session_id=public.opening, app_id=app.id, cookie=cookie or None, grant=_GRANT, nobodys=True
                )
        return None

    def _entry(self, public: PublicPath, address: str | None, user_agent: str) -> DecisionEntry:
        key = (public.opening, address, user_agent)
        found = self._entries.get(key)
        policy_set_hash = self._signals.compiled.hash
        if found is None or found.policy_set_hash != policy_set_hash:
            if len(self._entries) >= ENTRIES_KEPT:
                self._entries.clear()
            found = self._entries[key] = _entry(public, address, user_agent, policy_set_hash)
        return found


def _entry(public: PublicPath, address: str | None, user_agent: str, policy_set_hash: str) -> DecisionEntry:
    client = read_client(user_agent)
    asked = AccessRequest(
        principal=Principal(id=UserId(public.opening), kind=None),
        assigned=None,
        target=AppTarget(app_id=public.app_id),
        client_app=client.app,
        platform=client.platform,
        address=None if address is None else read_address(address),
        proofs=(),
        at=public.modified_at,
    )
    reason = Reason.of("publicPath", id=public.id, name=public.name, path=public.path, version=str(public.version))
    decision = Decision(
        outcome=Outcome.ALLOW,
        assignment=Assignment.NOT_EVALUATED,
        conditional_access=ConditionalAccessStatus.NOT_APPLIED,
        account=Account.of(reason),
        policy_set_hash=policy_set_hash,
    )
    return DecisionEntry.of(
        decision,
        session_id=None,
        user_id=None,
        app_id=public.app_id,
        snapshot=encode_snapshot(asked),
        engine_version=__version__,
    )
