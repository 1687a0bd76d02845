"""Who asks the API: the assertion that the check made, verified, and held against what is known at this instant."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from assay.access.authorize import Caller
from assay.access.live_sessions import LiveSessions
from assay.access.signals import Signals
from assay.policy.targets import API
from assay.sealing.signing import ALGORITHMS, KeyPurpose
from assay.values import CredentialId, SessionId, UserId, Value

_ALGORITHM: Final = ALGORITHMS[KeyPurpose.ASSERTION].value
# Longer than any that the check makes: a hundred groups with names of 256 characters, and the rest.
LONGEST: Final = 65_536


class _Said(Value, frozen=True, kw_only=True):
    """The claims that are read; `client_id` where a program asks."""

    iss: str
    aud: str
    sub: str
    sid: str
    iat: int
    exp: int
    client_id: str = ""


class Callers:
    """Reads assertions; every reason not to believe one is the same answer."""

    def __init__(
        self,
        *,
        signals: Signals,
        sessions: LiveSessions,
        issuer: str,
        keys: Callable[[], bytes],
        now: Callable[[], datetime],
    ) -> None:
        """`keys`: the JWK set (RFC 7517) of assertions, as apps fetch it. `issuer`: who signs them."""
        self._signals = signals
        self._sessions = sessions
        self._issuer = issuer
        self._keys = keys
        self._now = now
        self._imported: tuple[bytes, KeySet] | None = None

    def caller(self, assertion: str, audience: str) -> Caller | None:
        """Who this assertion, made for this origin, speaks of; None where it is not good, or not any more.

        An assertion lives for minutes and a session may end meanwhile: who asks is looked up anew for every request.
        """
        said = self._verified(assertion)
        at = self._now()
        if said is None or said.iss != self._issuer or said.aud != audience:
            return None
        if not datetime.fromtimestamp(said.iat, UTC) <= at < datetime.fromtimestamp(said.exp, UTC):
            return None
        if said.client_id:
            return self._program(CredentialId(said.client_id), at) if said.client_id == said.sub else None
        return self._person(SessionId(said.sid), UserId(said.sub), at)

    def again(self, caller: Caller) -> Caller | None:
        """Who asked before, as they are at this instant; None where they may ask nothing any more.

        For an answer that goes on: what opened it may have been taken since.
        """
        if caller.token_id is not None:
            return self._program(caller.token_id, self._now())
        assert caller.user_id is not None
        assert caller.session_id is not None
        return self._person(caller.session_id, caller.user_id, self._now())

    def _person(self, session_id: SessionId, user_id: UserId, at: datetime) -> Caller | None:
        live = self._sessions.of(session_id)
        if live is None or live.session.user_id != user_id or not live.alive(at):
            return None
        subject = self._signals.subject(live.session.user_id)
        if subject is None or not subject.user.enabled:
            return None
        return Caller(
            name=subject.user.user_name,
            display_name=subject.user.display_name,
            roles=subject.principal.roles,
            user_id=user_id,
            session_id=live.session.id,
        )

    def _program(self, token_id: CredentialId, at: datetime) -> Caller | None:
        token = self._signals.app_access.by_id.get(token_id)
        if token is None or token.app_id != API or not token.alive(at):
            return None
        roles = frozenset() if token.role_id is None else frozenset({token.role_id})
        return Caller(name=token.name, display_name=token.name, roles=roles, token_id=token.id)

    def _verified(self, assertion: str) -> _Said | None:
        """What is said in it, if we signed it (RFC 7515)."""
        if not assertion or len(assertion) > LONGEST:
            return None
        try:
            token = jwt.decode(assertion, self._key_set(), algorithms=[_ALGORITHM])
            return msgspec.convert(token.claims, _Said)
        except (JoseError, ValueError):
            # ValueError: not of the form of a token at all, or claims of another kind (msgspec's is one).
            return None

    def _key_set(self) -> KeySet:
        keys = self._keys()
        if self._imported is None or self._imported[0] != keys:
            self._imported = (keys, KeySet.import_key_set(msgspec.json.decode(keys)))
        return self._imported[1]
