"""Directory roles, as administrators give and take them."""

from assay.access import named
from assay.access.administrators import keeping_one
from assay.access.attempt import By, NotDone, attempt
from assay.access.break_glass_use import spare_break_glass
from assay.access.named import Named
from assay.access.premises import Premises
from assay.events import ChangeType, Entity, change
from assay.events.types import ROLE_ASSIGNED, ROLE_REMOVED
from assay.governance.assignments import Holder, HolderKind, RoleAssignment
from assay.governance.records import assignments
from assay.governance.roles import GLOBAL_ADMINISTRATOR, Role, built_in_roles, find_role
from assay.identities.records import users
from assay.store import Reader, Transaction
from assay.values import UserId, Value


class HeldRole(Value, frozen=True, kw_only=True):
    """One assignment of a role, with the names of both ends; `changed` False: it was so before."""

    role: Role
    holder: Named
    changed: bool = True


class Roles:
    """The flow behind `assay users roles`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def every(self) -> tuple[Role, ...]:
        """The built-in roles, by name."""
        return tuple(sorted(built_in_roles().values(), key=lambda role: role.display_name))

    async def held(self) -> tuple[HeldRole, ...]:
        """Who holds what."""
        return await self._premises.store.read(_held)

    async def assign(self, by: By, role_name: str, *, user: str | None = None, group: str | None = None) -> HeldRole:
        """Give a role to a person or a group; raises InvalidInputError or NotFoundError."""
        role = find_role(role_name)

        def give(transaction: Transaction) -> HeldRole:
            to = named.holder(transaction, user=user, group_name=group)
            assignment = RoleAssignment(role_id=role.id, holder=Holder(kind=to.kind, id=to.id))
            added = assignments.assign_role(transaction, assignment, self._premises.now())
            if added:
                self._record(transaction, ROLE_ASSIGNED, by, role, to, assignment)
            return HeldRole(role=role, holder=to, changed=added)

        return await self._premises.store.write(give)

    async def remove(
        self, by: By, role_name: str, *, user: str | None = None, group: str | None = None
    ) -> HeldRole | NotDone:
        """Take a role from a person or a group."""
        role = find_role(role_name)

        def take(transaction: Transaction) -> HeldRole:
            of = named.holder(transaction, user=user, group_name=group)
            assignment = RoleAssignment(role_id=role.id, holder=Holder(kind=of.kind, id=of.id))
            subject = users.get(transaction, UserId(of.id)) if of.kind is HolderKind.USER else None
            if subject is not None and role.id == GLOBAL_ADMINISTRATOR:
                spare_break_glass(transaction, subject)
            removed = keeping_one(transaction, lambda: assignments.unassign_role(transaction, assignment))
            if removed:
                self._record(transaction, ROLE_REMOVED, by, role, of, assignment)
            return HeldRole(role=role, holder=of, changed=removed)

        return await attempt(self._premises.store, take, urgent=True)

    def _record(
        self, transaction: Transaction, kind: ChangeType, by: By, role: Role, holder: Named, assignment: RoleAssignment
    ) -> None:
        added = kind is ROLE_ASSIGNED
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=named.about_holder(holder, Entity(uid=role.id, name=role.display_name, type="role")),
                before=None if added else assignment,
                after=assignment if added else None,
                reason=by.reason,
            ),
        )


def _held(reader: Reader) -> tuple[HeldRole, ...]:
    known = built_in_roles()
    held = [each for each in assignments.readable_role_assignments(reader) if each.role_id in known]
    names = named.names_of(reader, (each.holder for each in held))
    return tuple(HeldRole(role=known[each.role_id], holder=names[each.holder]) for each in held)
