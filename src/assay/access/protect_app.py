"""Put an app behind the gateway: default deny, the owner assigned; and say whether it can be reached around it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from assay.access import named
from assay.access.administrators import administrators
from assay.access.attempt import By
from assay.access.named import Named
from assay.access.premises import Premises
from assay.access.protected_app import ProtectedApp, refuse_of_proxied, stored
from assay.access.proxies import known_proxy
from assay.apps import App, Upstream, app_name, typed_upstream
from assay.apps.origins import changed_origins
from assay.apps.proxies import Proxy
from assay.apps.reachability import Reach
from assay.apps.records import apps, credentials, proxies
from assay.events import About, ChangeType, change
from assay.events.types import APP_ADDED, APP_CHANGED, APP_REMOVED, ASSIGNMENT_ADDED, ASSIGNMENT_REMOVED
from assay.governance.assignments import AppAssignment, Holder
from assay.governance.records import assignments, public_paths
from assay.identities.users import User, display_name_refusal
from assay.store import Reader, Transaction
from assay.values import AppId, ConflictError, InvalidInputError, UserId, Value

Look = Callable[[Upstream], Reach]  # reads the kernel's tables and the file system
IsOurs = Callable[[Upstream], bool]  # whether the service itself listens there; may resolve names and links


class AssignedApp(Value, frozen=True, kw_only=True):
    """An assignment that was made or taken; `changed` False: it was so before."""

    app: App
    holder: Named
    changed: bool


async def _at_once() -> None:
    """Without a gateway there is nothing to wait for."""


class Apps:
    """The flow behind `assay apps`; `served` returns when the gateway serves what is stored."""

    def __init__(
        self, premises: Premises, *, look: Look, is_ours: IsOurs, served: Callable[[], Awaitable[None]] = _at_once
    ) -> None:
        self._premises = premises
        self._look = look
        self._is_ours = is_ours
        self._served = served

    async def protect(
        self,
        by: By,
        upstream: str,
        *,
        name: str,
        display_name: str = "",
        owner: str | None = None,
        proxy: str | None = None,
    ) -> ProtectedApp:
        """Protect what listens at `upstream`, or what stands behind this foreign proxy, under this name.

        Returns when the gateway serves it, or when the proxy may ask about it.

        Without an owner, everybody who administers is assigned. Raises InvalidInputError, ConflictError, NotFoundError.
        """
        new = App(
            id=AppId(self._premises.new_id()),
            name=app_name(name),
            display_name=_title(display_name) if display_name else name.strip(),
            upstream=await self._upstream(upstream) if proxy is None else None,
            created_at=self._premises.now(),
        )
        if proxy is not None and upstream:
            raise InvalidInputError("an app behind a proxy has no upstream here", remedy="its proxy says where it is")

        def protect(transaction: Transaction) -> tuple[App, tuple[Named, ...]]:
            if apps.by_name(transaction, new.name) is not None:
                raise ConflictError(f"an app is protected as {new.name!r} already", remedy="choose another name")
            app = new if proxy is None else replace(new, proxy_id=known_proxy(transaction, proxy).id)
            apps.add(transaction, app)
            self._record(transaction, APP_ADDED, by, before=None, after=app)
            owners = (named.person(transaction, owner),) if owner is not None else administrators(transaction)
            for user in owners:
                self._assign(transaction, by, app, _as_holder(user))
            return app, _assigned(transaction, app.id)

        protected = await self._premises.store.write(protect)
        await self._served()
        return await self._seen(*protected)

    async def every(self) -> tuple[ProtectedApp, ...]:
        """All apps, by name."""
        found = await self._premises.store.read(
            lambda reader: tuple((app, _assigned(reader, app.id)) for app in apps.every(reader))
        )
        return tuple([await self._seen(app, assigned) for app, assigned in found])

    async def show(self, name: str) -> ProtectedApp:
        """One app; raises NotFoundError."""

        def look(reader: Reader) -> tuple[App, tuple[Named, ...]]:
            app = named.app(reader, name)
            return app, _assigned(reader, app.id)

        return await self._seen(*await self._premises.store.read(look))

    async def edit(
        self,
        by: By,
        name: str,
        *,
        upstream: str | None = None,
        display_name: str | None = None,
        allow: Sequence[str] = (),
        disallow: Sequence[str] = (),
    ) -> ProtectedApp:
        """Move an app to another upstream, give it another title, or allow and disallow origins; its URL stays."""
        moved_to = None if upstream is None else await self._upstream(upstream)

        def alter(transaction: Transaction) -> tuple[App, tuple[Named, ...]]:
            before = named.app(transaction, name)
            if before.proxy_id is not None:
                refuse_of_proxied(before, moved=moved_to is not None, allowed=bool(allow))
            after = replace(
                before,
                upstream=moved_to or before.upstream,
                display_name=before.display_name if display_name is None else _title(display_name),
                allowed_origins=changed_origins(before.allowed_origins, allow=allow, disallow=disallow),
            )
            if after != before:
                apps.remove(transaction, before.id)
                apps.add(transaction, after)
                self._record(transaction, APP_CHANGED, by, before=before, after=after)
            return after, _assigned(transaction, after.id)

        altered = await self._premises.store.write(alter)
        await self._served()
        return await self._seen(*altered)

    async def remove(self, by: By, name: str) -> App:
        """Take an app from behind the gateway, with every assignment to it."""

        def remove(transaction: Transaction) -> App:
            app = named.app(transaction, name)
            for holder in _assigned(transaction, app.id):
                self._unassign(transaction, by, app, holder)
            public_paths.remove_app(transaction, app.id, self._premises.now())
            credentials.remove_app(transaction, app.id)
            apps.remove(transaction, app.id)
            self._record(transaction, APP_REMOVED, by, before=app, after=None)
            return app

        removed = await self._premises.store.write(remove, urgent=True)
        await self._served()
        return removed

    async def assign(self, by: By, name: str, *, user: str | None = None, group: str | None = None) -> AssignedApp:
        """Let a person or a group use an app, on the conditions that policies set."""

        def assign(transaction: Transaction) -> AssignedApp:
            app = named.app(transaction, name)
            holder = named.holder(transaction, user=user, group_name=group)
            return AssignedApp(app=app, holder=holder, changed=self._assign(transaction, by, app, holder))

        return await self._premises.store.write(assign)

    async def unassign(self, by: By, name: str, *, user: str | None = None, group: str | None = None) -> AssignedApp:
        """Take an app from a person or a group; what is open is cut."""

        def unassign(transaction: Transaction) -> AssignedApp:
            app = named.app(transaction, name)
            holder = named.holder(transaction, user=user, group_name=group)
            return AssignedApp(app=app, holder=holder, changed=self._unassign(transaction, by, app, holder))

        return await self._premises.store.write(unassign, urgent=True)

    async def _upstream(self, text: str) -> Upstream:
        """Where an app listens; raises InvalidInputError where we do.

        Envoy is the same user of the host as we are: whoever were assigned to such an app would administer.
        """
        upstream = typed_upstream(text)
        if await asyncio.to_thread(self._is_ours, upstream):
            raise InvalidInputError(f"{text!r} is Assay itself", remedy="name the address that the app listens on")
        return upstream

    async def _seen(self, app: App, assigned: tuple[Named, ...]) -> ProtectedApp:
        addresses = self._premises.addresses
        return ProtectedApp(
            app=app,
            url=f"{addresses.origin(app.host(addresses.base))}/",
            assigned=assigned,
            reach=Reach.BEHIND_PROXY if app.upstream is None else await asyncio.to_thread(self._look, app.upstream),
            proxy=await self._proxy(app),
        )

    async def _proxy(self, app: App) -> Proxy | None:
        if app.proxy_id is None:
            return None
        proxy_id = app.proxy_id
        return await self._premises.store.read(lambda reader: proxies.named(reader, proxy_id))

    def _assign(self, transaction: Transaction, by: By, app: App, holder: Named) -> bool:
        assignment = AppAssignment(app_id=app.id, holder=Holder(kind=holder.kind, id=holder.id))
        added = assignments.assign_app(transaction, assignment, self._premises.now())
        if added:
            self._record_assignment(transaction, ASSIGNMENT_ADDED, by, app, holder, before=None, after=assignment)
        return added

    def _unassign(self, transaction: Transaction, by: By, app: App, holder: Named) -> bool:
        assignment = AppAssignment(app_id=app.id, holder=Holder(kind=holder.kind, id=holder.id))
        removed = assignments.unassign_app(transaction, assignment)
        if removed:
            self._record_assignment(transaction, ASSIGNMENT_REMOVED, by, app, holder, before=assignment, after=None)
        return removed

    def _record(
        self, transaction: Transaction, kind: ChangeType, by: By, *, before: App | None, after: App | None
    ) -> None:
        app = after or before
        assert app is not None
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=About(app_id=app.id, app_name=app.display_name),
                before=stored(before),
                after=stored(after),
                reason=by.reason,
            ),
        )

    def _record_assignment(
        self,
        transaction: Transaction,
        kind: ChangeType,
        by: By,
        app: App,
        holder: Named,
        *,
        before: AppAssignment | None,
        after: AppAssignment | None,
    ) -> None:
        about = named.about_holder(holder, None)
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=replace(about, app_id=app.id, app_name=app.display_name),
                before=before,
                after=after,
                reason=by.reason,
            ),
        )


def _title(text: str) -> str:
    title = text.strip()
    refusal = display_name_refusal(title)
    if refusal is not None:
        raise InvalidInputError(f"{text!r} cannot be an app's title: {refusal.code}", remedy="choose another title")
    return title


def _as_holder(user: User) -> Named:
    holder = Holder.user(UserId(user.id))
    return Named(kind=holder.kind, id=holder.id, name=user.user_name)


def _assigned(reader: Reader, app_id: AppId) -> tuple[Named, ...]:
    given = [each.holder for each in assignments.app_assignments(reader) if each.app_id == app_id]
    return tuple(named.names_of(reader, given).values())
