"""Groups of people and of groups, as administrators make, fill and remove them."""

from typing import Final

from msgspec.structs import replace

from assay.access import named
from assay.access.administrators import keeping_one
from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.named import Named
from assay.access.premises import Premises
from assay.access.signals import read_policy_set
from assay.events import About, ChangeType, change
from assay.events.types import (
    GROUP_CHANGED,
    GROUP_CREATED,
    GROUP_MEMBER_ADDED,
    GROUP_MEMBER_REMOVED,
    GROUP_REMOVED,
)
from assay.governance.assignments import Holder, HolderKind
from assay.governance.records import assignments, rollouts
from assay.identities.groups import Group
from assay.identities.records import groups, users
from assay.identities.users import User
from assay.policy.references import ReferenceKind, named_ids
from assay.store import Reader, Transaction
from assay.values import AppId, GroupId, Reason, RoleId, UserId, Value

PEOPLE_KEPT: Final = 10_000  # in the event of a removal: 400 kB


class GroupDetails(Value, frozen=True, kw_only=True):
    """A group with who is in it: the people and groups directly, and how many people in all."""

    group: Group
    users: tuple[User, ...]
    groups: tuple[Group, ...]
    everybody: int


class Membership(Value, frozen=True, kw_only=True):
    """A person or group in a group; `changed` False: it was so before."""

    group: Group
    member: Named
    changed: bool


class RemovedGroup(Group, frozen=True, kw_only=True):
    """A group as it was when it was removed, by ids: the first `PEOPLE_KEPT` of the `everybody` directly in it."""

    people: tuple[UserId, ...]
    everybody: int
    groups: tuple[GroupId, ...]
    member_of: tuple[GroupId, ...]
    apps: tuple[AppId, ...]
    roles: tuple[RoleId, ...]


class Groups:
    """The flow behind `assay groups`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def every(self) -> tuple[Group, ...]:
        """All groups, by name."""
        return await self._premises.store.read(groups.all_groups)

    async def show(self, name: str) -> GroupDetails:
        """One group; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: _details(reader, named.group(reader, name)))

    async def add(self, by: By, *, name: str, description: str = "") -> Group:
        """Make a group; raises InvalidInputError or ConflictError."""
        group = Group(
            id=GroupId(self._premises.new_id()),
            name=name,
            description=description,
            created_at=self._premises.now(),
        )

        def make(transaction: Transaction) -> Group:
            groups.insert(transaction, group)
            self._record(transaction, GROUP_CREATED, by, before=None, after=group)
            return group

        return await self._premises.store.write(make)

    async def edit(self, by: By, group: str, *, name: str | None = None, description: str | None = None) -> Group:
        """Rename or describe; raises NotFoundError, InvalidInputError or ConflictError."""

        def alter(transaction: Transaction) -> Group:
            before = named.group(transaction, group)
            after = replace(
                before,
                name=before.name if name is None else name,
                description=before.description if description is None else description,
            )
            if after != before:
                groups.update(transaction, after)
                self._record(transaction, GROUP_CHANGED, by, before=before, after=after)
            return after

        return await self._premises.store.write(alter)

    async def remove(self, by: By, name: str) -> Group | NotDone:
        """Remove a group, with the apps and roles that it gave; the event says what to put back after a mistake.

        Refused while a policy names it: who is blocked by being in it would be let in, unseen.
        """

        def forget(transaction: Transaction) -> Group:
            group = named.group(transaction, name)
            policies = _policies_naming(transaction, group.id)
            if policies:
                raise UndoneError(Reason.of("groupInUse", policies=", ".join(policies)))
            lost = _lost_with(transaction, group)
            keeping_one(transaction, lambda: _delete(transaction, group))
            self._record(transaction, GROUP_REMOVED, by, before=lost, after=None)
            return group

        return await attempt(self._premises.store, forget, urgent=True)

    async def add_member(
        self, by: By, name: str, *, user: str | None = None, group: str | None = None
    ) -> Membership | NotDone:
        """Put a person or a group into a group; refused where that would close a cycle or go too deep."""

        def put(transaction: Transaction) -> Membership:
            into = named.group(transaction, name)
            member = named.holder(transaction, user=user, group_name=group)
            changed = _put(transaction, into, member)
            if changed:
                self._record_member(transaction, GROUP_MEMBER_ADDED, by, into, member)
            return Membership(group=into, member=member, changed=changed)

        return await attempt(self._premises.store, put)

    async def remove_member(
        self, by: By, name: str, *, user: str | None = None, group: str | None = None
    ) -> Membership | NotDone:
        """Take a person or a group out of a group."""

        def take(transaction: Transaction) -> Membership:
            out_of = named.group(transaction, name)
            member = named.holder(transaction, user=user, group_name=group)
            changed = keeping_one(transaction, lambda: _take(transaction, out_of, member))
            if changed:
                self._record_member(transaction, GROUP_MEMBER_REMOVED, by, out_of, member)
            return Membership(group=out_of, member=member, changed=changed)

        return await attempt(self._premises.store, take, urgent=True)

    def _record(
        self, transaction: Transaction, kind: ChangeType, by: By, *, before: Group | None, after: Group | None
    ) -> None:
        group = after or before
        assert group is not None
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=About(group_id=group.id, group_name=group.name),
                before=before,
                after=after,
                reason=by.reason,
            ),
        )

    def _record_member(self, transaction: Transaction, kind: ChangeType, by: By, group: Group, member: Named) -> None:
        is_user = member.kind is HolderKind.USER
        added = kind is GROUP_MEMBER_ADDED
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=About(
                    group_id=group.id,
                    group_name=group.name,
                    user_id=UserId(member.id) if is_user else None,
                    user_name=member.name if is_user else "",
                ),
                before=None if added else member,
                after=member if added else None,
                reason=by.reason,
            ),
        )


def _put(transaction: Transaction, into: Group, member: Named) -> bool:
    if member.kind is HolderKind.USER:
        return groups.add_member(transaction, into.id, UserId(member.id))
    child = GroupId(member.id)
    if child in groups.child_groups(transaction, into.id):
        return False
    refusal = groups.nest(transaction, into.id, child)
    if refusal is not None:
        raise UndoneError(refusal)
    return True


def _take(transaction: Transaction, out_of: Group, member: Named) -> bool:
    if member.kind is HolderKind.USER:
        return groups.remove_member(transaction, out_of.id, UserId(member.id))
    return groups.unnest(transaction, out_of.id, GroupId(member.id))


def _delete(transaction: Transaction, group: Group) -> None:
    assignments.remove_holder(transaction, Holder.group(group.id))
    groups.delete(transaction, group.id)


def _policies_naming(reader: Reader, group: GroupId) -> tuple[str, ...]:
    """The names of the policies that are about the group, or would be where a rollout goes back."""
    found = (*read_policy_set(reader).policies, *rollouts.going_back_to(reader))
    return tuple(dict.fromkeys(each.display_name for each in found if group in named_ids((each,), ReferenceKind.GROUP)))


def _lost_with(reader: Reader, group: Group) -> RemovedGroup:
    people = sorted(groups.direct_members(reader, group.id))
    apps, roles = assignments.held_by(reader, Holder.group(group.id))
    return RemovedGroup(
        id=group.id,
        name=group.name,
        description=group.description,
        created_at=group.created_at,
        people=tuple(people[:PEOPLE_KEPT]),
        everybody=len(people),
        groups=tuple(sorted(groups.child_groups(reader, group.id))),
        member_of=tuple(sorted(groups.parents(reader).get(group.id, ()))),
        apps=apps,
        roles=roles,
    )


def _details(reader: Reader, group: Group) -> GroupDetails:
    people = (users.get(reader, user_id) for user_id in groups.direct_members(reader, group.id))
    inner = (groups.get(reader, group_id) for group_id in groups.child_groups(reader, group.id))
    return GroupDetails(
        group=group,
        users=tuple(sorted((user for user in people if user is not None), key=lambda user: user.key)),
        groups=tuple(sorted((child for child in inner if child is not None), key=lambda child: child.key)),
        everybody=len(groups.effective_members(reader, group.id)),
    )
