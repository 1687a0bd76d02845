"""/v1/groups."""

from typing import Final

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.groups import GroupDetails, Groups, Membership
from assay.api.errors import done
from assay.api.routes.roles import holder_shape
from assay.api.shapes.groups import (
    GroupChange,
    GroupDetailsShape,
    GroupList,
    GroupShape,
    MembershipShape,
    NewGroup,
)
from assay.api.shapes.people import NamedShape, NameHolder
from assay.identities.groups import Group


@get("/groups")
async def list_groups(groups: NamedDependency[Groups]) -> GroupList:
    """Every group."""
    return GroupList(value=tuple(map(_group, await groups.every())))


@post("/groups", status_code=201)
async def add_group(data: JSONBody[NewGroup], groups: NamedDependency[Groups], by: NamedDependency[By]) -> GroupShape:
    """Make a group."""
    return _group(await groups.add(by, name=data.display_name, description=data.description))


@get("/groups/{name:str}")
async def show_group(name: FromPath[str], groups: NamedDependency[Groups]) -> GroupDetailsShape:
    """One group with who is in it."""
    return _details(await groups.show(name))


@patch("/groups/{name:str}")
async def edit_group(
    name: FromPath[str], data: JSONBody[GroupChange], groups: NamedDependency[Groups], by: NamedDependency[By]
) -> GroupShape:
    """Rename or describe a group."""
    return _group(await groups.edit(by, name, name=data.display_name, description=data.description))


@delete("/groups/{name:str}", status_code=200)
async def remove_group(name: FromPath[str], groups: NamedDependency[Groups], by: NamedDependency[By]) -> GroupShape:
    """Remove a group."""
    return _group(done(await groups.remove(by, name)))


@post("/groups/{name:str}/members", status_code=200)
async def add_member(
    name: FromPath[str], data: JSONBody[NameHolder], groups: NamedDependency[Groups], by: NamedDependency[By]
) -> MembershipShape:
    """Put a person or a group into a group."""
    return _membership(done(await groups.add_member(by, name, user=data.user, group=data.group)))


@post("/groups/{name:str}/members/remove", status_code=200)
async def remove_member(
    name: FromPath[str], data: JSONBody[NameHolder], groups: NamedDependency[Groups], by: NamedDependency[By]
) -> MembershipShape:
    """Take a person or a group out of a group."""
    return _membership(done(await groups.remove_member(by, name, user=data.user, group=data.group)))


ROUTES: Final = (list_groups, add_group, show_group, edit_group, remove_group, add_member, remove_member)


def _group(group: Group) -> GroupShape:
    return GroupShape(
        id=group.id, display_name=group.name, description=group.description, created_date_time=group.created_at
    )


def _details(details: GroupDetails) -> GroupDetailsShape:
    return GroupDetailsShape(
        group=_group(details.group),
        users=tuple(NamedShape(id=user.id, name=user.user_name) for user in details.users),
        groups=tuple(NamedShape(id=group.id, name=group.name) for group in details.groups),
        people=details.everybody,
    )


def _membership(membership: Membership) -> MembershipShape:
    return MembershipShape(
        group=_group(membership.group), member=holder_shape(membership.member), changed=membership.changed
    )
