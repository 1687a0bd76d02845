"""/v1/directoryRoles: the built-in roles and who holds them."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from assay.access.attempt import By
from assay.access.named import Named
from assay.access.roles import HeldRole, Roles
from assay.api.errors import done
from assay.api.shapes.people import HeldRoleList, HeldRoleShape, HolderShape, RoleChange, RoleList, RoleShape
from assay.governance.roles import Role


@get("/directoryRoles")
async def list_roles(roles: NamedDependency[Roles]) -> RoleList:
    """Every built-in role."""
    return RoleList(value=tuple(map(_role, roles.every())))


@get("/roleAssignments")
async def list_held_roles(roles: NamedDependency[Roles]) -> HeldRoleList:
    """Who holds what."""
    return HeldRoleList(value=tuple(map(_held, await roles.held())))


@post("/roleAssignments", status_code=200)
async def assign_role(
    data: JSONBody[RoleChange], roles: NamedDependency[Roles], by: NamedDependency[By]
) -> HeldRoleShape:
    """Give a role."""
    return _held(await roles.assign(by, data.role, user=data.user, group=data.group))


@post("/roleAssignments/remove", status_code=200)
async def remove_role(
    data: JSONBody[RoleChange], roles: NamedDependency[Roles], by: NamedDependency[By]
) -> HeldRoleShape:
    """Take a role."""
    return _held(done(await roles.remove(by, data.role, user=data.user, group=data.group)))


ROUTES: Final = (list_roles, list_held_roles, assign_role, remove_role)


def holder_shape(holder: Named) -> HolderShape:
    """A person or group by kind, id and name."""
    return HolderShape(kind=holder.kind.value, id=holder.id, name=holder.name)


def _role(role: Role) -> RoleShape:
    return RoleShape(id=role.id, display_name=role.display_name, is_privileged=role.privileged)


def _held(held: HeldRole) -> HeldRoleShape:
    return HeldRoleShape(role=_role(held.role), holder=holder_shape(held.holder), changed=held.changed)
