"""/v1.0/assay/me: who asks, what they may do here, and what here is; and the API's own description."""

from typing import Final

from litestar import Request, get
from litestar.datastructures import State
from litestar.di import NamedDependency

from assay import __version__
from assay.access.authorize import Caller, Permission, permissions_of
from assay.api.graph.description import described
from assay.api.graph_flows import GraphFlows
from assay.governance.roles import role_name
from assay.values import Wire


class MyRole(Wire, frozen=True, kw_only=True):
    """A directory role of the caller, by its template id."""

    id: str
    display_name: str


class MyUser(Wire, frozen=True, kw_only=True):
    """The person who asks."""

    id: str
    user_principal_name: str
    display_name: str


class MyToken(Wire, frozen=True, kw_only=True):
    """The named token that asks (`assay tokens`)."""

    id: str
    display_name: str


class MyOrganization(Wire, frozen=True, kw_only=True):
    """Where this is."""

    id: str
    base_domain: str


class Me(Wire, frozen=True, kw_only=True):
    """Exactly one of `user` and `token` is there; `session` with a person."""

    user: MyUser | None
    token: MyToken | None
    session_id: str | None
    roles: tuple[MyRole, ...]
    permissions: tuple[str, ...]
    organization: MyOrganization
    version: str
    demo: bool


@get("/assay/me", opt={"permission": Permission.USER_READ})
async def show_me(caller: NamedDependency[Caller], graph: NamedDependency[GraphFlows]) -> Me:
    """Who asks, with roles and permissions of this moment."""
    names = {role: role_name(role) for role in caller.roles}
    return Me(
        user=None if caller.user_id is None else _user(caller),
        token=None if caller.token_id is None else MyToken(id=caller.token_id, display_name=caller.name),
        session_id=caller.session_id,
        roles=tuple(MyRole(id=role, display_name=name) for role, name in sorted(names.items(), key=lambda r: r[1])),
        permissions=tuple(sorted(permissions_of(caller.roles))),
        organization=MyOrganization(id=graph.organization_id, base_domain=graph.addresses.base),
        version=__version__,
        demo=graph.admin.installation.demo,
    )


@get("/openapi.json", opt={"permission": Permission.USER_READ}, include_in_schema=False)
async def describe(request: Request[None, None, State]) -> dict[str, object]:
    """This API in OpenAPI 3.1."""
    return described(request.app.openapi_schema.to_schema())


ROUTES: Final = (show_me, describe)


def _user(caller: Caller) -> MyUser:
    return MyUser(id=str(caller.user_id), user_principal_name=caller.name, display_name=caller.display_name)
