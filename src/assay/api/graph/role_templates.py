"""/v1.0/directoryRoleTemplates: the directory roles that there are, and what each opens here."""

from collections.abc import Callable, Mapping
from typing import Final

from assay.access.authorize import Permission, permissions_of
from assay.api.graph.resource import Resource
from assay.api.graph_flows import GraphFlows
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import Collection, Kind, Property, members_of
from assay.governance.roles import Role, built_in_roles, find_role
from assay.values import InvalidInputError, NotFoundError, Wire
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Order, Scalar, folded


class RoleExtras(Wire, frozen=True, kw_only=True):
    """What a role opens of this API. Whoever holds a `privileged` one is changed by a Global Administrator alone."""

    privileged: bool
    permissions: tuple[str, ...]


class RoleTemplateShape(Wire, frozen=True, kw_only=True):
    """Graph's directoryRoleTemplate."""

    id: str
    display_name: str
    assay: RoleExtras


FIELDS: Final[Mapping[str, Callable[[Role], Scalar]]] = {
    "id": lambda role: role.id,
    "name": lambda role: folded(role.display_name),
    "privileged": lambda role: role.privileged,
}


async def _find(_: GraphFlows, ask: Ask) -> Found[Role]:
    return page_of(built_in_roles().values(), ask, FIELDS, ("id",))


async def _one(_: GraphFlows, name: str) -> Role:
    try:
        return find_role(name)
    except InvalidInputError as error:
        raise NotFoundError(error.message, remedy="list them: /v1.0/directoryRoleTemplates") from error


def _shape(role: Role) -> RoleTemplateShape:
    return RoleTemplateShape(
        id=role.id,
        display_name=role.display_name,
        assay=RoleExtras(privileged=role.privileged, permissions=tuple(sorted(permissions_of((role.id,))))),
    )


ROLE_TEMPLATES: Final = Resource(
    path="/directoryRoleTemplates",
    # A list that Microsoft publishes: it says nothing about anybody here.
    permission=Permission.USER_READ,
    asked=Collection(
        name="directoryRoleTemplates",
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            Property(path="assay/privileged", field="privileged", kind=Kind.FLAG),
        ),
        selectable=members_of(RoleTemplateShape),
        order=Order(field="name"),
        key=(("id", Kind.TEXT),),
        top=TOP_LIMIT,
        whole=True,
    ),
    shape=RoleTemplateShape,
    words="The directory roles that there are, by name.",
    find=_find,
    show=_shape,
    one=_one,
    one_words="One directory role, by template id or name.",
)
