"""The judgement of one request to an app: who, whether they may, what the app is told.

Everything comes from memory; only a session that was not seen since the start is read from the database.
"""

import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Final
from urllib.parse import quote

from assay.access.anonymous import Anonymous
from assay.access.assertion import Assertion, claims_of, sign_assertion
from assay.access.built_in_apps import BUILT_IN
from assay.access.cookies import STATE_COOKIE, Cookies, read_cookies, set_cookie
from assay.access.cross_origin import answer_preflight, is_preflight, readable_by_allowed
from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Redirect, Refuse
from assay.access.graph_errors import in_graphs_words, missing_token
from assay.access.kept_allowance import kept_allowance
from assay.access.kept_answers import entry_for, grant_for, judgement_for
from assay.access.live_sessions import LiveAppSession, LiveSessions
from assay.access.open_access import OpenAccess
from assay.access.premises import Premises
from assay.access.presented_cookies import presented_by
from assay.access.programs import Programs
from assay.access.refusals import refuse
from assay.access.signals import Signals, Subject
from assay.access.standing import RETRY, UNAVAILABLE
from assay.access.visitor import STATE, can_be_returned_to
from assay.apps import App
from assay.apps.credentials import SECRET, presented
from assay.events import DecisionLog
from assay.events.decision import DecisionId, short_code
from assay.policy import Decision, Outcome
from assay.policy.targets import API
from assay.sealing import SigningKey
from assay.sessions.secret import SECRET_BYTES, new_secret, secret_hash
from assay.store import StoreUnavailableError
from assay.values import ProxyId, Reason

logger = logging.getLogger("assay.access.check")
ASSERTION_HEADER: Final = "Assay-Assertion"
STATE_SECONDS: Final = 900
_NO_COOKIES: Final = Cookies(ours={}, theirs="")


class Check:
    """Answers the gateway, for every request to every app."""

    def __init__(
        self,
        premises: Premises,
        *,
        signals: Signals,
        sessions: LiveSessions,
        assertion_key: Callable[[], SigningKey],
        log: DecisionLog,
    ) -> None:
        self._premises = premises
        self._signals = signals
        self._sessions = sessions
        self._assertion_key = assertion_key
        self._log = log
        self.programs = Programs(premises, signals=signals, assertion_key=assertion_key, log=log)
        self._anonymous = Anonymous(premises, signals=signals, log=log)
        self.open_access = OpenAccess(premises, signals=signals, sessions=sessions, programs=self.programs, log=log)
        self._suffix = f".{premises.addresses.base}"

    def decide(
        self, request: CheckRequest, proxy: ProxyId | None = None
    ) -> CheckAnswer | Coroutine[None, None, CheckAnswer]:
        """Judge one request; a coroutine when the session has to be read first.

        `proxy`: the foreign proxy that asks, None for our own gateway. Each may ask about what stands behind it.
        """
        app = self._app(request.host)
        if app is None or app.proxy_id != proxy:
            return refuse(421, "unknownHost")
        if is_preflight(request):
            return answer_preflight(request, app)
        answer = self._decide(request, app)
        if not app.allowed_origins and app.id not in BUILT_IN:
            return answer
        if isinstance(answer, Coroutine):
            return self._worded_later(answer, request, app)
        return self._worded(answer, request, app)

    async def _worded_later(
        self, answer: Coroutine[None, None, CheckAnswer], request: CheckRequest, app: App
    ) -> CheckAnswer:
        return self._worded(await answer, request, app)

    def _worded(self, answer: CheckAnswer, request: CheckRequest, app: App) -> CheckAnswer:
        """The same answer as this app's clients read it."""
        if app.id not in BUILT_IN:
            return readable_by_allowed(answer, request, app)
        if not isinstance(answer, Refuse):
            return answer
        return in_graphs_words(answer, request, at=self._premises.now(), request_id=self._premises.new_id())

    def _decide(self, request: CheckRequest, app: App) -> CheckAnswer | Coroutine[None, None, CheckAnswer]:
        cookies, key = presented_by(request.cookie)
        if cookies.ambiguous:
            # Two cookies of one name: one of them was tossed in from elsewhere, and we cannot tell which.
            return refuse(400, "ambiguousCookie")
        credential = presented(request.authorization) if request.authorization else None
        if app.id == API:
            return self._by_token(request.as_program, app, credential)
        if credential is not None:
            # Who shows a credential is judged by it and by nothing else: no session and no public path helps.
            return self.programs.decide(request, app, credential, cookies.theirs)
        if key is None:
            return self._without_session(request, app, cookies)
        found = self._sessions.find(key)
        if found is None:
            return self._decide_later(request, app, cookies, key)
        return self._judge(request, app, cookies, found)

    def _by_token(
        self, request: CheckRequest, app: App, token: str | None
    ) -> CheckAnswer | Coroutine[None, None, CheckAnswer]:
        """At the API no cookie helps: a script's named token, or that of a person's session at the command line."""
        if token is None or not request.authorization.lower().startswith("bearer "):
            # A password that a browser keeps for this host would be as good as a cookie.
            return missing_token(request.host)
        key = secret_hash(token)
        if not SECRET.fullmatch(token) or key in self._signals.app_access.by_secret:
            return self.programs.decide(request, app, token, "")
        found = self._sessions.find(key)
        if found is None:
            return self._decide_later(request, app, _NO_COOKIES, key)
        return self._judge(request, app, _NO_COOKIES, found)

    async def _decide_later(self, request: CheckRequest, app: App, cookies: Cookies, key: bytes) -> CheckAnswer:
        try:
            found = await self._sessions.load(key)
        except StoreUnavailableError:
            # A session that is not in memory is new trust: without the database nobody knows whether it was revoked.
            return self._unavailable(request, app, Reason.of("databaseGone"))
        if found is None:
            return self._without_session(request, app, cookies)
        answer = self._judge(request, app, cookies, found)
        return await answer if isinstance(answer, Coroutine) else answer

    async def _judge_refreshed(
        self, request: CheckRequest, app: App, cookies: Cookies, found: LiveAppSession
    ) -> CheckAnswer:
        """Idle here, and perhaps in use on another node."""
        try:
            await self._sessions.refresh(found.live)
        except StoreUnavailableError:
            return self._unavailable(request, app, Reason.of("databaseGone"))
        answer = self._judge(request, app, cookies, found, refreshed=True)
        return await answer if isinstance(answer, Coroutine) else answer

    def _judge(
        self, request: CheckRequest, app: App, cookies: Cookies, found: LiveAppSession, *, refreshed: bool = False
    ) -> CheckAnswer | Coroutine[None, None, CheckAnswer]:
        at = self._premises.now()
        session, kept = found.live.session, found.allowance
        if kept is not None and kept.holds(
            self._signals, session, app, request, theirs=cookies.theirs, last_seen=found.live.last_seen, at=at
        ):
            self._log.add(kept.entry, at)
            found.live.last_seen = max(found.live.last_seen, at)
            return kept.allow
        subject = self._signals.subject(session.user_id)
        alive = found.live.alive(at)
        if not alive and not refreshed and found.live.only_idle(at):
            return self._judge_refreshed(request, app, cookies, found)
        if subject is None or found.app_id != app.id or not alive:
            return self._without_session(request, app, cookies)
        judgement = judgement_for(found, self._signals, subject, request, at)
        entry = entry_for(found, judgement)
        decision_id = self._log.add(entry, at)
        decision = judgement.decision
        permitted = decision.limits.permits(request.method, upgrade=bool(request.upgrade))
        if decision.outcome is not Outcome.ALLOW or not permitted:
            # What anybody may have is not kept from somebody who is signed in; the app learns of nobody then.
            anonymous = self._anonymous.let_in(request, app, cookies.theirs)
            if anonymous is not None:
                return anonymous
        if decision.outcome is not Outcome.ALLOW:
            return self._not_allowed(request, app, decision, _code(decision_id))
        if not permitted:
            return refuse(403, "limitedByPolicy", reasons=(Reason.of("readOnly"),), decision=_code(decision_id))
        found.live.last_seen = max(found.live.last_seen, at)
        assertion = self._assertion(found, subject, app, at)
        allow = Allow(
            session_id=session.id,
            app_id=app.id,
            headers=((ASSERTION_HEADER, assertion.token),),
            cookie=cookies.theirs or None,
            methods=decision.limits.methods,
            grant=grant_for(found, decision, request, subject.principal.roles if app.id in BUILT_IN else frozenset()),
            without_authorization=app.id == API,
        )
        found.allowance = kept_allowance(
            allow,
            entry,
            judgement,
            assertion,
            signals=self._signals,
            subject=subject,
            session=session,
            app=app,
            request=request,
        )
        return allow

    def _assertion(self, found: LiveAppSession, subject: Subject, app: App, at: datetime) -> Assertion:
        made = found.assertion
        if made is not None and found.assertion_of is subject and made.fresh(at):
            return made
        addresses = self._premises.addresses
        # The subject is a new object after any change of the signals; most change nothing of what the app is told.
        claims = claims_of(subject, app, addresses, self._signals.group_names)
        if made is None or made.claims != claims or not made.fresh(at):
            session = found.live.session
            made = sign_assertion(self._assertion_key(), claims, session=session, addresses=addresses, at=at)
            found.assertion = made
        found.assertion_of = subject
        return made

    def _app(self, host: str) -> App | None:
        if not host.endswith(self._suffix):
            return None
        return self._signals.apps_by_name.get(host[: -len(self._suffix)])

    def _not_allowed(
        self, request: CheckRequest, app: App, decision: Decision, code: str
    ) -> CheckAnswer | Coroutine[None, None, CheckAnswer]:
        why = decision.reasons[0] if decision.reasons else None
        if why is not None and why.code in UNAVAILABLE:
            return self._unavailable(request, app, why, code)
        if request.is_navigation:
            return self._explain_there(request, app, code)
        if decision.outcome is Outcome.STEP_UP:
            return refuse(401, "stepUpRequired", reasons=decision.reasons, decision=code, sign_in=self._page(app))
        return refuse(403, "accessDenied", reasons=decision.reasons, decision=code)

    def _unavailable(self, request: CheckRequest, app: App, why: Reason, code: str = "") -> CheckAnswer:
        """Refused for this node's own sake: a program may try again; a person's own pages say what is the matter."""
        if request.is_navigation:
            return self._redirect(request, app)
        return refuse(503, "unavailable", reasons=(why,), decision=code, headers=RETRY)

    async def _explain_there(self, request: CheckRequest, app: App, code: str) -> CheckAnswer:
        """The person's own pages ask the engine again and show the next step or the refusal, with its remedy.

        They may be reached from another address (IPv6 here, IPv4 there) and be told to allow: the decision's code goes
        along, so that they ask about what was seen here too, and nobody is sent in circles. It is written first.
        """
        try:
            await self._log.flush()
        except Exception:
            logger.exception("a refusal could not be written before it was told")
            return refuse(503, "unavailable", decision=code, headers=RETRY)
        if not code:
            # Too many decisions wait: without its code their pages could not say what was refused here.
            return refuse(403, "accessDenied")
        return self._redirect(request, app, refused=code)

    def _without_session(self, request: CheckRequest, app: App, cookies: Cookies) -> CheckAnswer:
        if app.id == API:
            # Nobody's token, or one that is over: the answer, and the entry in the log, of any unknown credential.
            return self.programs.decide(request, app, presented(request.authorization) or "", "")
        return self._anonymous.let_in(request, app, cookies.theirs) or self._sign_in(request, app)

    def _sign_in(self, request: CheckRequest, app: App) -> CheckAnswer:
        if request.is_navigation:
            return self._redirect(request, app)
        return refuse(401, "signInRequired", sign_in=self._page(app))

    def _page(self, app: App) -> str:
        if app.id == API:
            return f"{self._premises.addresses.id_origin}/device"
        return f"{self._premises.addresses.origin(app.host(self._premises.addresses.base))}/"

    def _redirect(self, request: CheckRequest, app: App, *, refused: str = "") -> CheckAnswer:
        """To the person's own pages; the state cookie binds the ticket that comes back to this browser."""
        # A state that is there already serves another tab of the same browser.
        state = read_cookies(request.cookie).ours.get(STATE_COOKIE, "")
        if not STATE.fullmatch(state):
            state = new_secret(self._premises.random(SECRET_BYTES))
        path = request.path if can_be_returned_to(request.path) else "/"
        query = f"app={app.id}&path={quote(path, safe='')}&state={state}"
        if refused:
            query += f"&refused={refused}"
        return Redirect(
            location=f"{self._premises.addresses.id_origin}/continue?{query}",
            set_cookies=(set_cookie(STATE_COOKIE, state, max_age=STATE_SECONDS),),
        )


def _code(decision_id: DecisionId | None) -> str:
    return "" if decision_id is None else short_code(decision_id)
