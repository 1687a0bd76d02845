"""People, groups and apps as lists show them: a page of rows, each with what hangs on it, in a few queries."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import chain
from typing import Final

from msgspec.structs import replace

from assay.access import named
from assay.access.group_members import members_page
from assay.access.group_sizes import GroupSizes
from assay.access.named import Named
from assay.access.premises import Premises
from assay.access.signals import Signals
from assay.apps import App
from assay.apps.records import apps
from assay.events.records import sign_ins
from assay.governance.assignments import Holder, holders_of
from assay.governance.records import assignments, public_paths
from assay.identities.groups import Group
from assay.identities.methods.summary import MethodSummary
from assay.identities.records import groups, methods, users
from assay.identities.users import User
from assay.sessions.records import sessions
from assay.store import Reader
from assay.values import AppId, RoleId, Value
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Scalar, folded


class ListedPerson(Value, frozen=True, kw_only=True):
    """A person as a list shows them; roles are active now, through groups too."""

    user: User
    methods: MethodSummary
    open_sessions: int
    last_sign_in: datetime | None
    roles: tuple[RoleId, ...] = ()
    emergency_access: bool = False


class ListedGroup(Value, frozen=True, kw_only=True):
    """A group and how many people are in it, through groups too."""

    group: Group
    members: int


class ListedApp(Value, frozen=True, kw_only=True):
    """An app, its address, who may use it and what of it needs nobody."""

    app: App
    url: str
    assigned: tuple[Named, ...]
    public_paths: tuple[str, ...]


class GivenApp(Value, frozen=True, kw_only=True):
    """An app that somebody may use, and the person or group to whom it is given."""

    app: App
    holder: Named

    @property
    def id(self) -> str:
        """Of the two together."""
        return f"{self.app.id}:{self.holder.id}"


GROUP_FIELDS: Final[Mapping[str, Callable[[Group], Scalar]]] = {
    "id": lambda group: group.id,
    "name": lambda group: folded(group.name),
    "created_at": lambda group: group.created_at,
}
APP_FIELDS: Final[Mapping[str, Callable[[App], Scalar]]] = {
    "id": lambda app: app.id,
    "name": lambda app: app.name,
    "display_name": lambda app: folded(app.display_name),
    "created_at": lambda app: app.created_at,
}


class Directory:
    """The flow behind the lists of people, groups and apps."""

    def __init__(self, premises: Premises, signals: Signals) -> None:
        self._premises = premises
        self._signals = signals
        self._sizes = GroupSizes(signals)

    async def people(self, ask: Ask) -> Found[ListedPerson]:
        """A page of people."""

        def look(reader: Reader) -> Found[ListedPerson]:
            found = users.page(reader, ask)
            return Found(rows=self._people(reader, found.rows), next=found.next, count=found.count)

        found = await self._premises.store.read_list(look)
        return Found(rows=tuple(map(self._known, found.rows)), next=found.next, count=found.count)

    async def person(self, name: str) -> ListedPerson:
        """One person by id or user name; raises NotFoundError."""
        found = await self._premises.store.read(lambda reader: self._people(reader, (named.person(reader, name),)))
        return self._known(found[0])

    async def groups(self, ask: Ask) -> Found[ListedGroup]:
        """A page of groups."""

        def look(reader: Reader) -> Found[Group]:
            wanted = folded(ask.search)
            every = [group for group in groups.all_groups(reader) if wanted in folded(group.name)]
            return page_of(every, ask, GROUP_FIELDS, ("id",))

        found = await self._premises.store.read_list(look)
        return Found(rows=await self._sized(found.rows), next=found.next, count=found.count)

    async def group(self, name: str) -> ListedGroup:
        """One group by id or name; raises NotFoundError."""
        found = await self._premises.store.read(lambda reader: named.group(reader, name))
        return (await self._sized((found,)))[0]

    async def members(self, name: str, ask: Ask) -> Found[User | Group]:
        """A page of who is in a group directly: groups, then people, each by name; raises NotFoundError.

        The order is that of MEMBER_KEY, whatever `ask` says of it.
        """
        return await self._premises.store.read_list(
            lambda reader: members_page(reader, named.group(reader, name).id, ask)
        )

    async def groups_of(self, name: str, ask: Ask) -> Found[Group]:
        """A page of the groups that a person is in, through groups too; raises NotFoundError."""

        def look(reader: Reader) -> Found[Group]:
            inside = groups.effective_groups(reader, named.person(reader, name).id)
            found = (group for group in groups.all_groups(reader) if group.id in inside)
            return page_of(found, ask, GROUP_FIELDS, ("id",))

        return await self._premises.store.read_list(look)

    async def assignments_of(self, name: str, ask: Ask) -> Found[GivenApp]:
        """A page of the apps that a person may use, each with what gives it; raises NotFoundError."""

        def look(reader: Reader) -> Found[GivenApp]:
            user = named.person(reader, name)
            holders = holders_of(user.id, groups.effective_groups(reader, user.id))
            known, names = {app.id: app for app in apps.every(reader)}, named.names_of(reader, holders)
            given = (
                GivenApp(app=known[held.app_id], holder=names[held.holder])
                for held in assignments.app_assignments(reader)
                if held.holder in holders and held.app_id in known
            )
            return page_of(given, ask, {"id": lambda each: each.id}, ("id",))

        return await self._premises.store.read_list(look)

    async def apps(self, ask: Ask) -> Found[ListedApp]:
        """A page of apps."""

        def look(reader: Reader) -> Found[ListedApp]:
            wanted = folded(ask.search)
            every = [app for app in apps.every(reader) if wanted in folded(f"{app.name}\n{app.display_name}")]
            found = page_of(every, ask, APP_FIELDS, ("id",))
            return Found(rows=self._apps(reader, found.rows), next=found.next, count=found.count)

        return await self._premises.store.read_list(look)

    async def app(self, name: str) -> ListedApp:
        """One app by id or name; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: self._apps(reader, (named.app(reader, name),))[0])

    def _people(self, reader: Reader, found: tuple[User, ...]) -> tuple[ListedPerson, ...]:
        ids = [user.id for user in found]
        held, last = methods.summaries(reader, ids), sign_ins.last_succeeded(reader, ids)
        opened = sessions.count_open(reader, self._premises.now(), ids)
        return tuple(
            ListedPerson(
                user=user,
                methods=held[user.id],
                open_sessions=opened.get(user.id, 0),
                last_sign_in=last.get(user.id),
            )
            for user in found
        )

    async def _sized(self, found: tuple[Group, ...]) -> tuple[ListedGroup, ...]:
        sizes = await self._sizes.now()
        return tuple(ListedGroup(group=group, members=sizes.get(group.id, 0)) for group in found)

    def _known(self, listed: ListedPerson) -> ListedPerson:
        """With what decisions know of the person, which changes on the event loop and is read there."""
        subject = self._signals.subject(listed.user.id)
        if subject is None:
            return listed
        principal = subject.principal
        return replace(listed, roles=tuple(sorted(principal.roles)), emergency_access=principal.break_glass)

    def _apps(self, reader: Reader, found: tuple[App, ...]) -> tuple[ListedApp, ...]:
        given: dict[AppId, list[Holder]] = {app.id: [] for app in found}
        for held in assignments.app_assignments(reader):
            if held.app_id in given:
                given[held.app_id].append(held.holder)
        names = named.names_of(reader, chain.from_iterable(given.values()))
        addresses, at = self._premises.addresses, self._premises.now()
        public = [path for path in public_paths.every(reader) if path.in_force(at)]
        return tuple(
            ListedApp(
                app=app,
                url=f"{addresses.origin(app.host(addresses.base))}/",
                assigned=tuple(names[holder] for holder in given[app.id]),
                public_paths=tuple(path.path for path in public if path.app_id == app.id),
            )
            for app in found
        )
