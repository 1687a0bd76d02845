"""Named tokens of the API, for scripts: a program with one directory role, never the one that owns everything."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from assay.access.app_credentials import (
    SCOPES_LIMIT,
    AppCredentials,
    NewCredential,
    RevokedCredential,
    SeenCredential,
    credential_lifetime,
    credential_name,
    location_named,
    seen_credential,
)
from assay.access.attempt import By
from assay.access.authorize import PERMISSIONS
from assay.access.built_in_apps import built_in_app
from assay.access.premises import Premises
from assay.access.revoke_sessions import Settled, nothing_open
from assay.apps.credentials import DEFAULT_LIFETIME, Credential, Restrictions
from assay.apps.records import credentials
from assay.governance.roles import GLOBAL_ADMINISTRATOR, Role, built_in_roles, find_role
from assay.policy.targets import API
from assay.store import Reader, Transaction
from assay.values import ConflictError, InvalidInputError, NotFoundError, SessionId

_APP: Final = built_in_app(API)


class ApiTokens:
    """The flow behind `assay tokens`."""

    def __init__(self, premises: Premises, *, settled: Settled = nothing_open) -> None:
        self._premises = premises
        self._credentials = AppCredentials(premises, settled=settled)
        self._settled = settled

    def now(self) -> datetime:
        """The instant that expiry is held against."""
        return self._premises.now()

    async def add(
        self,
        by: By,
        *,
        name: str,
        role: str,
        lifetime: timedelta = DEFAULT_LIFETIME,
        location_names: Sequence[str] = (),
    ) -> NewCredential:
        """A token with this role; raises InvalidInputError, ConflictError or NotFoundError."""
        label, until, granted = credential_name(name), credential_lifetime(lifetime), token_role(role)
        if len(location_names) > SCOPES_LIMIT:
            raise InvalidInputError(f"a token names at most {SCOPES_LIMIT} locations")

        def add(transaction: Transaction) -> NewCredential:
            found = tuple(location_named(transaction, each) for each in location_names)
            return self._credentials.issue(
                transaction,
                by,
                _APP,
                name=label,
                lifetime=until,
                restrictions=Restrictions(locations=found),
                role_id=granted.id,
            )

        return await self._premises.store.write(add)

    async def every(self) -> tuple[SeenCredential, ...]:
        """All tokens, those that died in the last weeks too; never their secrets."""
        return await self._premises.store.read(
            lambda reader: tuple(seen_credential(reader, each) for each in credentials.of_app(reader, API))
        )

    async def revoke(self, by: By, name: str) -> RevokedCredential:
        """Returns when the token is worth nothing and what was open by it is cut; raises NotFoundError."""

        def revoke(transaction: Transaction) -> Credential:
            return self._credentials.revoke_in(transaction, by, _APP, self._alive(transaction, name))

        revoked = await self._premises.store.write(revoke, urgent=True)
        return RevokedCredential(app=_APP, credential=revoked, cut=await self._settled((SessionId(revoked.id),)))

    def _alive(self, reader: Reader, name: str) -> Credential:
        at = self._premises.now()
        alive = [each for each in credentials.of_app(reader, API) if each.alive(at)]
        found = [each for each in alive if each.id == name.lower()] or [each for each in alive if each.name == name]
        if not found:
            raise NotFoundError(f"there is no token {name!r} that works", remedy="list them with: assay tokens list")
        if len(found) > 1:
            ids = ", ".join(each.id for each in found)
            raise ConflictError(f"{name!r} means several tokens", remedy=f"use an id: {ids}")
        return found[0]


def token_role(text: str) -> Role:
    """The role with this name or id, if a token may have it; raises InvalidInputError."""
    role = find_role(text)
    if role.id == GLOBAL_ADMINISTRATOR:
        raise InvalidInputError(
            "a token is never Global Administrator: whoever finds it would own everything",
            remedy=f"use the least of: {_possible()}",
        )
    if role.id not in PERMISSIONS:
        raise InvalidInputError(f"the API gives {role.display_name} nothing to do", remedy=f"use one of: {_possible()}")
    return role


def _possible() -> str:
    known = built_in_roles()
    return ", ".join(sorted(known[role].display_name for role in PERMISSIONS if role != GLOBAL_ADMINISTRATOR))
