"""Credentials of apps, as administrators make, list, rotate and revoke them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from assay.access import named
from assay.access.attempt import By
from assay.access.premises import Premises
from assay.access.revoke_sessions import Cut, Settled, nothing_open
from assay.apps import App
from assay.apps.credentials import (
    CREDENTIALS_LIMIT,
    DEFAULT_LIFETIME,
    LONGEST_LIFETIME,
    Credential,
    Restrictions,
    new_secret,
    secret_hash,
)
from assay.apps.records import credentials
from assay.events import About, ChangeType, Entity, change
from assay.events.types import CREDENTIAL_ADDED, CREDENTIAL_REVOKED
from assay.network.records import locations
from assay.store import Reader, Transaction
from assay.values import (
    AppId,
    ConflictError,
    CredentialId,
    InvalidInputError,
    LocationId,
    NotFoundError,
    RoleId,
    SessionId,
    Value,
)
from assay.values.http_methods import http_methods
from assay.values.naming import by_id_or_name
from assay.values.path_scope import path_scope

NAME_LENGTH = 64
SHORTEST_LIFETIME = timedelta(minutes=5)
SCOPES_LIMIT = 50


class StoredCredential(Value, frozen=True, kw_only=True):
    """What the log says of a credential: never its secret, nor the hash of it."""

    id: CredentialId
    app_id: AppId
    name: str
    restrictions: Restrictions
    role_id: RoleId | None
    expires_at: datetime
    revoked_at: datetime | None


class NewCredential(Value, frozen=True, kw_only=True):
    """A credential and its secret, which is nowhere else and shown once."""

    app: App
    credential: Credential
    secret: str


class SeenCredential(Value, frozen=True, kw_only=True):
    """A credential with the names of what it names."""

    credential: Credential
    locations: tuple[str, ...]


class RevokedCredential(Value, frozen=True, kw_only=True):
    """A credential that is dead, and what was cut with it."""

    app: App
    credential: Credential
    cut: Cut


class AppCredentials:
    """The flow behind `assay apps credentials`."""

    def __init__(self, premises: Premises, *, settled: Settled = nothing_open) -> None:
        self._premises = premises
        self._settled = settled

    def now(self) -> datetime:
        """The instant that expiry is held against."""
        return self._premises.now()

    async def add(
        self,
        by: By,
        app_name: str,
        *,
        name: str,
        lifetime: timedelta = DEFAULT_LIFETIME,
        methods: Sequence[str] = (),
        paths: Sequence[str] = (),
        location_names: Sequence[str] = (),
    ) -> NewCredential:
        """A credential of a service; raises InvalidInputError, ConflictError or NotFoundError."""
        label, until = credential_name(name), credential_lifetime(lifetime)
        if len(paths) > SCOPES_LIMIT or len(location_names) > SCOPES_LIMIT:
            raise InvalidInputError(f"a credential names at most {SCOPES_LIMIT} paths and as many locations")
        restrictions = Restrictions(
            methods=http_methods(methods) if methods else None,
            paths=tuple(dict.fromkeys(map(path_scope, paths))) if paths else None,
        )

        def add(transaction: Transaction) -> NewCredential:
            app = named.app(transaction, app_name)
            found = tuple(location_named(transaction, each) for each in location_names)
            return self.issue(
                transaction, by, app, name=label, lifetime=until, restrictions=replace(restrictions, locations=found)
            )

        return await self._premises.store.write(add)

    async def every(self, app_name: str) -> tuple[SeenCredential, ...]:
        """An app's credentials, dead ones of the last weeks too; raises NotFoundError."""

        def look(reader: Reader) -> tuple[SeenCredential, ...]:
            app = named.app(reader, app_name)
            return tuple(seen_credential(reader, credential) for credential in credentials.of_app(reader, app.id))

        return await self._premises.store.read(look)

    async def rotate(self, by: By, app_name: str, name: str, *, lifetime: timedelta) -> tuple[NewCredential, Cut]:
        """A new secret in the place of the old one, which is dead at once, with what is open by it."""
        until = credential_lifetime(lifetime)

        def rotate(transaction: Transaction) -> tuple[CredentialId, NewCredential]:
            app = named.app(transaction, app_name)
            old = self._alive(transaction, app, name)
            self.revoke_in(transaction, by, app, old)
            new = self.issue(
                transaction,
                by,
                app,
                name=old.name,
                lifetime=until,
                restrictions=old.restrictions,
            )
            return old.id, new

        old_id, new = await self._premises.store.write(rotate, urgent=True)
        return new, await self._settled((SessionId(old_id),))

    async def revoke(self, by: By, app_name: str, name: str) -> RevokedCredential:
        """Returns when the secret is worth nothing and what was open by it is cut; raises NotFoundError."""

        def revoke(transaction: Transaction) -> tuple[App, Credential]:
            app = named.app(transaction, app_name)
            return app, self.revoke_in(transaction, by, app, self._alive(transaction, app, name))

        app, revoked = await self._premises.store.write(revoke, urgent=True)
        return RevokedCredential(app=app, credential=revoked, cut=await self._settled((SessionId(revoked.id),)))

    def issue(
        self,
        transaction: Transaction,
        by: By,
        app: App,
        *,
        name: str,
        lifetime: timedelta,
        restrictions: Restrictions,
        role_id: RoleId | None = None,
    ) -> NewCredential:
        """Make and keep a credential, in the transaction of whoever may; raises ConflictError.

        `role_id`: see `Credential`.
        """
        at = self._premises.now()
        alive = [found for found in credentials.of_app(transaction, app.id) if found.alive(at)]
        if any(found.name == name for found in alive):
            raise ConflictError(
                f"{app.name} has a credential {name!r} already", remedy="rotate it, or choose another name"
            )
        if len(alive) >= CREDENTIALS_LIMIT:
            raise ConflictError(f"{app.name} has {len(alive)} credentials", remedy="revoke those that nobody needs")
        credential = Credential(
            id=CredentialId(self._premises.new_id()),
            app_id=app.id,
            name=name,
            restrictions=restrictions,
            role_id=role_id,
            created_at=at,
            expires_at=at + lifetime,
        )
        secret = new_secret(self._premises.random)
        credentials.insert_credential(transaction, credential, secret_hash(secret))
        self._record(transaction, CREDENTIAL_ADDED, by, app, before=None, after=credential)
        return NewCredential(app=app, credential=credential, secret=secret)

    def revoke_in(self, transaction: Transaction, by: By, app: App, credential: Credential) -> Credential:
        """Revoke, in the transaction that makes it worthless."""
        at = self._premises.now()
        revoked = replace(credential, revoked_at=at)
        credentials.revoke(transaction, credential, at)
        self._record(transaction, CREDENTIAL_REVOKED, by, app, before=credential, after=revoked)
        return revoked

    def _alive(self, reader: Reader, app: App, name: str) -> Credential:
        at = self._premises.now()
        alive = [found for found in credentials.of_app(reader, app.id) if found.alive(at)]
        found = [each for each in alive if each.id == name.lower()] or [each for each in alive if each.name == name]
        if not found:
            raise NotFoundError(
                f"{app.name} has no credential {name!r} that works",
                remedy=f"list them with: assay apps credentials list {app.name}",
            )
        if len(found) > 1:
            ids = ", ".join(each.id for each in found)
            raise ConflictError(f"{name!r} means several credentials of {app.name}", remedy=f"use an id: {ids}")
        return found[0]

    def _record(
        self,
        transaction: Transaction,
        kind: ChangeType,
        by: By,
        app: App,
        *,
        before: Credential | None,
        after: Credential,
    ) -> None:
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=About(
                    app_id=app.id,
                    app_name=app.display_name,
                    entity=Entity(uid=after.id, name=after.name, type="credential"),
                ),
                before=None if before is None else _stored(before),
                after=_stored(after),
                reason=by.reason,
            ),
        )


def credential_name(text: str) -> str:
    """A name as typed; raises InvalidInputError."""
    name = text.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise InvalidInputError(f"a name has 1 to {NAME_LENGTH} printable characters", remedy="such as --name ci")
    return name


def credential_lifetime(lifetime: timedelta) -> timedelta:
    """How long a credential may live; raises InvalidInputError."""
    if not SHORTEST_LIFETIME <= lifetime <= LONGEST_LIFETIME:
        raise InvalidInputError(
            "a credential lives 5 minutes to 366 days", remedy="such as --expires 90d; rotate it before it ends"
        )
    return lifetime


def location_named(reader: Reader, name: str) -> LocationId:
    """The location with this name or id; raises NotFoundError."""
    every = locations.every(reader)
    found = by_id_or_name(every, name, id_of=lambda each: each.id, name_of=lambda each: each.display_name)
    if found is not None:
        return found.id
    raise NotFoundError(f"there is no location {name!r}", remedy="list locations with: assay locations list")


def seen_credential(reader: Reader, credential: Credential) -> SeenCredential:
    """A credential with the names of its locations."""
    names = {location.id: location.display_name for location in locations.every(reader)}
    return SeenCredential(
        credential=credential,
        locations=tuple(names.get(each, each) for each in credential.restrictions.locations),
    )


def _stored(credential: Credential) -> StoredCredential:
    return StoredCredential(
        id=credential.id,
        app_id=credential.app_id,
        name=credential.name,
        restrictions=credential.restrictions,
        role_id=credential.role_id,
        expires_at=credential.expires_at,
        revoked_at=credential.revoked_at,
    )
