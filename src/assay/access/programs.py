"""Requests that show a credential of their app: whether it may, and what the app is told of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from assay.access.assertion import Assertion, program_claims, sign_program_assertion
from assay.access.client import read_client
from assay.access.decide import Judgement, KeptEntry, entry_of, read_address, refusal
from assay.access.exchange import Allow, CheckRequest, Grant, Refuse
from assay.access.premises import Premises
from assay.access.refusals import refuse
from assay.access.signals import Signals
from assay.access.standing import RETRY, UNAVAILABLE
from assay.access.strangers import Strangers
from assay.apps import App
from assay.apps.credentials import SECRET, Credential, secret_hash
from assay.events import DecisionEntry, DecisionLog
from assay.events.decision import short_code
from assay.policy import AccessRequest, AppTarget, ClientApp, Outcome, Principal, decide
from assay.sealing import SigningKey
from assay.values import AppId, CredentialId, Reason, SessionId, UserId

# Whatever is wrong with a credential itself has one answer: who guesses, or found an old one, learns nothing.
INVALID: Final = frozenset(
    {
        "credentialUnknown",
        "credentialRevoked",
        "credentialExpired",
        "credentialOfAnotherApp",
    }
)
USES_KEPT: Final = 10_000


class _Use:
    """What was last made for a credential."""

    __slots__ = ("assertion", "entry", "principal")

    def __init__(self, credential: Credential) -> None:
        self.principal = Principal(id=UserId(credential.id), kind=None)
        self.entry: KeptEntry | None = None
        self.assertion: Assertion | None = None


class Programs:
    """Judges credentials as they are presented, and what is open by them."""

    def __init__(
        self,
        premises: Premises,
        *,
        signals: Signals,
        assertion_key: Callable[[], SigningKey],
        log: DecisionLog,
    ) -> None:
        self._premises = premises
        self._signals = signals
        self._assertion_key = assertion_key
        self._log = log
        self._strangers = Strangers()
        self._uses: dict[CredentialId, _Use] = {}
        self._used: dict[CredentialId, datetime] = {}

    def decide(self, request: CheckRequest, app: App, secret: str, cookie: str) -> Allow | Refuse:
        """Judge a request that presents this secret; `cookie`: the app's own cookies. The secret goes no further."""
        at = self._premises.now()
        known = self._signals.app_access.by_secret
        credential = known.get(secret_hash(secret)) if SECRET.fullmatch(secret) else None
        judgement = self._judge(credential, request, app, at)
        decision = judgement.decision
        decision_id = self._log.add(self._entry(credential, judgement), at)
        code = "" if decision_id is None else short_code(decision_id)
        if any(reason.code in UNAVAILABLE for reason in decision.reasons):
            return refuse(503, "unavailable", reasons=decision.reasons, decision=code, headers=RETRY)
        if credential is None or any(reason.code in INVALID for reason in decision.reasons):
            return _invalid(app.host(self._premises.addresses.base))
        if decision.outcome is not Outcome.ALLOW:
            return refuse(403, "accessDenied", reasons=decision.reasons, decision=code)
        if not decision.limits.permits(request.method, upgrade=bool(request.upgrade)):
            return refuse(403, "limitedByPolicy", reasons=(Reason.of("readOnly"),), decision=code)
        self._used[credential.id] = at
        return Allow(
            session_id=SessionId(credential.id),
            app_id=app.id,
            headers=(("Assay-Assertion", self._assertion(credential, app, at).token),),
            cookie=cookie or None,
            methods=decision.limits.methods,
            grant=Grant.of(decision.limits, request),
            without_authorization=True,
        )

    def judge_open(self, credential: Credential, app_id: AppId, address: str, grant: Grant, at: datetime) -> Judgement:
        """Judge what is open by a credential on the signals of now; its methods and paths were judged when it began."""
        return self._judged(credential, app_id, grant.forwarded_for or address, grant.user_agent, at)

    def take_used(self) -> dict[CredentialId, datetime]:
        """Which credentials were used since this was last asked; what cannot be stored is to be given back."""
        taken, self._used = self._used, {}
        return taken

    def give_back_used(self, taken: Mapping[CredentialId, datetime]) -> None:
        """These could not be stored: they are taken again next time."""
        self._used = {**taken, **self._used}

    def _judge(self, credential: Credential | None, request: CheckRequest, app: App, at: datetime) -> Judgement:
        address: str | None = request.connection.client_ip
        user_agent = request.user_agent
        if credential is None:
            address = self._strangers.address(request.connection.client_ip, at)
        judgement = self._judged(credential, app.id, address, user_agent, at)
        if credential is None or judgement.decision.outcome is not Outcome.ALLOW:
            return judgement
        beyond = credential.restrictions.refusal(
            method=request.method, path=request.path.partition("?")[0], upgrade=bool(request.upgrade)
        )
        if beyond is None:
            return judgement
        return Judgement(request=judgement.request, decision=refusal(self._signals, beyond))

    def _judged(
        self, credential: Credential | None, app_id: AppId, address: str | None, user_agent: str, at: datetime
    ) -> Judgement:
        """Everything but methods and paths."""
        signals = self._signals
        request = AccessRequest(
            principal=self._principal(credential),
            assigned=True,
            target=AppTarget(app_id=app_id),
            # Whatever it calls itself, it is no browser; nor a legacy client, which no control could be met by.
            client_app=ClientApp.MOBILE_APPS_AND_DESKTOP_CLIENTS,
            platform=read_client(user_agent).platform,
            address=None if address is None else read_address(address),
            proofs=(),
            at=at,
        )
        refused = self._refused(credential, request, app_id)
        known_at = signals.standing.known_at
        if refused is not None:
            return Judgement(request=request, decision=refusal(signals, refused), known_at=known_at)
        mask = signals.compiled.subject(request.principal)
        return Judgement(request=request, decision=decide(signals.compiled, mask, request), known_at=known_at)

    def _refused(self, credential: Credential | None, request: AccessRequest, app_id: AppId) -> Reason | None:
        """Why no policy needs to be asked."""
        signals = self._signals
        withheld = signals.withheld
        if withheld is not None:
            return withheld
        if credential is None:
            return Reason.of("credentialUnknown")
        if not credential.alive(request.at):
            return Reason.of("credentialExpired" if credential.revoked_at is None else "credentialRevoked")
        if credential.app_id != app_id:
            return Reason.of("credentialOfAnotherApp")
        locations = credential.restrictions.locations
        if locations:
            address = request.address
            holding = frozenset() if address is None else signals.compiled.locations.holding(address)
            if holding.isdisjoint(locations):
                return Reason.of("credentialLocation")
        return None

    def _principal(self, credential: Credential | None) -> Principal:
        return Principal(id=UserId(""), kind=None) if credential is None else self._use(credential).principal

    def _use(self, credential: Credential) -> _Use:
        found = self._uses.get(credential.id)
        if found is None:
            if len(self._uses) >= USES_KEPT:
                self._uses.clear()
            found = self._uses[credential.id] = _Use(credential)
        return found

    def _entry(self, credential: Credential | None, judgement: Judgement) -> DecisionEntry:
        if credential is None:
            return entry_of(judgement, None)
        use = self._use(credential)
        if use.entry is None or not use.entry.describes(judgement):
            use.entry = KeptEntry(entry_of(judgement, SessionId(credential.id)), judgement)
        return use.entry.entry

    def _assertion(self, credential: Credential, app: App, at: datetime) -> Assertion:
        use = self._use(credential)
        addresses = self._premises.addresses
        claims = program_claims(credential, app, addresses)
        made = use.assertion
        if made is None or made.claims != claims or not made.fresh(at):
            made = sign_program_assertion(self._assertion_key(), claims, addresses=addresses, at=at)
            use.assertion = made
        return made


def _invalid(host: str) -> Refuse:
    """RFC 6750 §3.1; the same to the byte whatever is wrong."""
    challenge = f'Bearer realm="{host}", error="invalid_token"'
    return refuse(401, "credentialInvalid", headers=(("www-authenticate", challenge),))
