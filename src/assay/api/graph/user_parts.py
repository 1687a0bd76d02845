"""/v1.0/users/{id}/…: the groups that somebody is in, what they sign in with, and the apps that are theirs."""

from datetime import datetime
from typing import Final

import msgspec

from assay.access.authorize import Permission
from assay.access.directory import GivenApp
from assay.access.methods import HeldMethod
from assay.api.graph.groups import GROUPS, GroupShape, group_shape
from assay.api.graph.resource import Part, route_of_part
from assay.api.odata.properties import Collection, Kind, members_of
from assay.values import InvalidInputError, Wire
from assay.values.asking import Order


class MethodShape(Wire, frozen=True, kw_only=True):
    """Graph's authenticationMethod; `remaining` counts recovery codes."""

    odata_type: str = msgspec.field(name="@odata.type")
    id: str
    display_name: str
    created_date_time: datetime | None
    last_used_date_time: datetime | None
    remaining: int | None


class AppRoleAssignment(Wire, frozen=True, kw_only=True):
    """Graph's appRoleAssignment: what lets somebody use an app at all."""

    id: str
    principal_id: str
    principal_display_name: str
    principal_type: str
    resource_id: str
    resource_display_name: str


_METHOD_TYPES: Final = {
    "password": "#microsoft.graph.passwordAuthenticationMethod",
    "totp": "#microsoft.graph.softwareOathAuthenticationMethod",
    "passkey": "#microsoft.graph.fido2AuthenticationMethod",
    "recoveryCodes": "#assay.recoveryCodesAuthenticationMethod",
}


def _method(held: HeldMethod) -> MethodShape:
    kind = _METHOD_TYPES.get(held.kind)
    if kind is None:
        raise InvalidInputError(f"there is no name for the method {held.kind}")
    return MethodShape(
        odata_type=kind,
        id=held.id,
        display_name=held.name or held.kind,
        created_date_time=held.since,
        last_used_date_time=held.last_used_at,
        remaining=held.remaining,
    )


def _assignment(given: GivenApp) -> AppRoleAssignment:
    app, holder = given.app, given.holder
    return AppRoleAssignment(
        id=given.id,
        principal_id=holder.id,
        principal_display_name=holder.name,
        principal_type=holder.kind.value.capitalize(),
        resource_id=app.id,
        resource_display_name=app.display_name,
    )


MEMBER_OF: Final = Part(
    whole="/users",
    part="memberOf",
    permission=Permission.GROUP_READ_ALL,
    asked=msgspec.structs.replace(GROUPS.asked, selectable=members_of(GroupShape), searched=False),
    shape=GroupShape,
    words="The groups that somebody is in, through groups too.",
    find=lambda graph, name, ask: graph.reading.directory.groups_of(name, ask),
    show=group_shape,
)
AUTHENTICATION_METHODS: Final = Part(
    whole="/users",
    part="authentication/methods",
    permission=Permission.USER_READ_ALL,
    asked=Collection(
        name="methods",
        properties=(),
        selectable=members_of(MethodShape),
        order=Order(field="id"),
        key=(("id", Kind.TEXT),),
    ),
    shape=MethodShape,
    words="What somebody has registered to sign in with.",
    find=lambda graph, name, ask: graph.admin.methods.page(name, ask),
    show=_method,
    context="users('{name}')/authentication/methods",
)
APP_ROLE_ASSIGNMENTS: Final = Part(
    whole="/users",
    part="appRoleAssignments",
    permission=Permission.USER_READ_ALL,
    asked=Collection(
        name="appRoleAssignments",
        properties=(),
        selectable=members_of(AppRoleAssignment),
        order=Order(field="id"),
        key=(("id", Kind.TEXT),),
    ),
    shape=AppRoleAssignment,
    words="The apps that somebody may use, each with the person or group to whom it is given.",
    find=lambda graph, name, ask: graph.reading.directory.assignments_of(name, ask),
    show=_assignment,
    context="users('{name}')/appRoleAssignments",
)
ROUTES: Final = (
    route_of_part(MEMBER_OF),
    route_of_part(AUTHENTICATION_METHODS),
    route_of_part(APP_ROLE_ASSIGNMENTS),
)
