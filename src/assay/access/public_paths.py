"""Public paths, as administrators open, change, list and close them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from assay.access import named
from assay.access.attempt import By
from assay.access.premises import Premises
from assay.access.revoke_sessions import Cut, Settled, nothing_open
from assay.apps import App
from assay.events import About, ChangeType, Entity, change
from assay.events.types import PUBLIC_PATH_ADDED, PUBLIC_PATH_CHANGED, PUBLIC_PATH_REMOVED
from assay.governance.public_paths import DEFAULT_METHODS, PUBLIC_PATHS_LIMIT, PublicPath
from assay.governance.records import public_paths
from assay.store import Reader, Transaction
from assay.values import ConflictError, InvalidInputError, NotFoundError, PublicPathId, Value
from assay.values.http_methods import NAMING_OTHER_PATHS, http_methods
from assay.values.naming import by_id_or_name
from assay.values.path_scope import path_scope

NAME_LENGTH: Final = 64
REASON_LENGTH: Final = 500
SHORTEST_LIFETIME: Final = timedelta(minutes=1)


class ClosedPath(Value, frozen=True, kw_only=True):
    """A path that is public no more, and what was cut with it."""

    path: PublicPath
    cut: Cut


class PublicPaths:
    """The flow behind `assay apps public-paths`."""

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
        path: str,
        *,
        name: str,
        reason: str,
        methods: Sequence[str] = (),
        lifetime: timedelta | None = None,
    ) -> PublicPath:
        """Open a path to everybody; raises InvalidInputError, ConflictError or NotFoundError."""
        label, scope, asked, why = _name(name), path_scope(path), _methods(methods or DEFAULT_METHODS), _reason(reason)
        until = self._until(lifetime)

        def add(transaction: Transaction) -> PublicPath:
            app = named.app(transaction, app_name)
            there = public_paths.of_app(transaction, app.id)
            if any(each.name.casefold() == label.casefold() for each in there):
                raise ConflictError(
                    f"{app.name} has a public path {label!r} already", remedy="change it, or name another"
                )
            if len(there) >= PUBLIC_PATHS_LIMIT:
                raise ConflictError(f"{app.name} has {len(there)} public paths", remedy="use a prefix for several")
            opened = PublicPath(
                id=PublicPathId(self._premises.new_id()),
                app_id=app.id,
                name=label,
                version=1,
                path=scope,
                methods=asked,
                reason=why,
                modified_by=by.actor.user.name or "",
                modified_at=self._premises.now(),
                expires_at=until,
            )
            public_paths.put(transaction, opened)
            self._record(transaction, PUBLIC_PATH_ADDED, by, app, before=None, after=opened)
            return opened

        return await self._premises.store.write(add)

    async def every(self, app_name: str) -> tuple[PublicPath, ...]:
        """An app's public paths, expired ones too, by name; raises NotFoundError."""
        return await self._premises.store.read(
            lambda reader: public_paths.of_app(reader, named.app(reader, app_name).id)
        )

    async def edit(
        self,
        by: By,
        app_name: str,
        name: str,
        *,
        reason: str,
        path: str | None = None,
        methods: Sequence[str] = (),
        lifetime: timedelta | None = None,
    ) -> PublicPath:
        """A new version of a public path, with its own reason; what is open under the old one is cut."""
        why = _reason(reason)
        scope = None if path is None else path_scope(path)
        asked = _methods(methods) if methods else None
        until = self._until(lifetime)

        def alter(transaction: Transaction) -> tuple[PublicPath, PublicPath]:
            app = named.app(transaction, app_name)
            before = _named(transaction, app, name)
            after = replace(
                before,
                version=before.version + 1,
                path=before.path if scope is None else scope,
                methods=before.methods if asked is None else asked,
                reason=why,
                modified_by=by.actor.user.name or "",
                modified_at=self._premises.now(),
                expires_at=before.expires_at if until is None else until,
            )
            public_paths.put(transaction, after)
            self._record(transaction, PUBLIC_PATH_CHANGED, by, app, before=before, after=after)
            return before, after

        before, after = await self._premises.store.write(alter)
        await self._settled((before.opening,))
        return after

    async def remove(self, by: By, app_name: str, name: str) -> ClosedPath:
        """Returns when the path needs somebody again and what was open by it is cut; raises NotFoundError."""

        def remove(transaction: Transaction) -> PublicPath:
            app = named.app(transaction, app_name)
            path = _named(transaction, app, name)
            self.remove_in(transaction, by, app, path)
            return path

        closed = await self._premises.store.write(remove, urgent=True)
        return ClosedPath(path=closed, cut=await self._settled((closed.opening,)))

    def remove_in(self, transaction: Transaction, by: By, app: App, path: PublicPath) -> None:
        """Close a path, in the transaction that closes it."""
        public_paths.remove(transaction, path, self._premises.now())
        self._record(transaction, PUBLIC_PATH_REMOVED, by, app, before=path, after=None)

    def _until(self, lifetime: timedelta | None) -> datetime | None:
        if lifetime is not None and lifetime < SHORTEST_LIFETIME:
            raise InvalidInputError("a path is public for a minute at least", remedy="such as --expires 7d")
        return None if lifetime is None else self._premises.now() + lifetime

    def _record(
        self,
        transaction: Transaction,
        kind: ChangeType,
        by: By,
        app: App,
        *,
        before: PublicPath | None,
        after: PublicPath | None,
    ) -> None:
        path = after or before
        assert path is not None
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=About(
                    app_id=app.id,
                    app_name=app.display_name,
                    entity=Entity(uid=path.id, name=path.name, type="publicPath"),
                ),
                before=before,
                after=after,
                reason=by.reason,
            ),
        )


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise InvalidInputError(f"a name has 1 to {NAME_LENGTH} printable characters", remedy="such as --name assets")
    return name


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason or len(reason) > REASON_LENGTH or not reason.isprintable():
        raise InvalidInputError(
            f"why it is public is said in 1 to {REASON_LENGTH} printable characters", remedy="use --reason TEXT"
        )
    return reason


def _methods(names: Sequence[str]) -> tuple[str, ...]:
    methods = http_methods(names)
    for method in methods:
        if method in NAMING_OTHER_PATHS:
            raise InvalidInputError(
                f"{method} names other paths than its own: it cannot be public", remedy="leave it out"
            )
    return methods


def _named(reader: Reader, app: App, name: str) -> PublicPath:
    every = public_paths.of_app(reader, app.id)
    found = by_id_or_name(every, name, id_of=lambda each: each.id, name_of=lambda each: each.name)
    if found is not None:
        return found
    raise NotFoundError(
        f"{app.name} has no public path {name!r}", remedy=f"list them with: assay apps public-paths list {app.name}"
    )
