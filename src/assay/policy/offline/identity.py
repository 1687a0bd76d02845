"""Whose sign-in it is: Graph's userSignIn or servicePrincipalSignIn, and what the directory says of them."""

from assay.policy.graph_json import MalformedError, Node
from assay.policy.offline.directory import Directory, DirectoryUser, ServicePrincipal, Tenancy, UserType
from assay.policy.offline.reading import identifier, word
from assay.policy.request import GuestType, Principal, UserKind
from assay.values import GroupId, RoleId, UserId, Value


class Identity(Value, frozen=True, kw_only=True):
    """What the document says of it."""

    id: str
    workload: bool
    tenant: str | None = None
    guest_type: GuestType | None = None


def read_identity(node: Node) -> Identity:
    """A person or a workload identity, by id."""
    user, workload = identifier(node, "userId"), identifier(node, "servicePrincipalId")
    tenant = identifier(node, "externalTenantId")
    guest_type = word(node, "externalUserType", GuestType)
    node.finish()
    found = user or workload
    if not found or (user and workload):
        raise MalformedError(node.path, "oneIdentity")
    if workload and (tenant or guest_type):
        raise MalformedError(node.path, "workloadIsNoGuest")
    return Identity(id=found, workload=not user, tenant=tenant, guest_type=guest_type)


def principal_of(identity: Identity, directory: Directory) -> tuple[Principal, tuple[str, ...]]:
    """Who signs in, and what was assumed of them."""
    if identity.workload:
        return _workload(identity, directory.service_principals.get(identity.id))
    known = directory.users.get(identity.id)
    groups = directory.groups_of(identity.id)
    roles = directory.roles_of(identity.id, groups)
    user = known or DirectoryUser()
    tenant = identity.tenant or user.tenant
    guest_type = identity.guest_type or user.guest_type or (None if tenant is None else _from_elsewhere(known))
    notes = () if known or groups or roles else (_unknown_user(identity.id, guest_type),)
    return (
        Principal(
            id=UserId(identity.id),
            kind=_kind(user, guest_type),
            groups=frozenset(map(GroupId, directory.by_id_and_name(groups))),
            roles=frozenset(map(RoleId, roles)),
            guest_type=guest_type,
            tenant=tenant,
            names=user.names,
            agent=user.agent,
        ),
        notes,
    )


def _from_elsewhere(known: DirectoryUser | None) -> GuestType:
    """Whoever has a home elsewhere collaborates: as a guest, as most do, or as the member that the directory has."""
    is_member = known is not None and known.type is UserType.MEMBER
    return GuestType.B2B_COLLABORATION_MEMBER if is_member else GuestType.B2B_COLLABORATION_GUEST


def _kind(user: DirectoryUser, guest_type: GuestType | None) -> UserKind:
    """A member of another organisation is a member here (D EXT); every other external type is a guest."""
    if guest_type is None:
        return UserKind.GUEST if user.type is UserType.GUEST else UserKind.MEMBER
    return UserKind.MEMBER if guest_type is GuestType.B2B_COLLABORATION_MEMBER else UserKind.GUEST


def _unknown_user(name: str, guest_type: GuestType | None) -> str:
    kind = "a member" if guest_type is None else f"an external user ({guest_type.value})"
    return f"user {name} is not in the directory: taken as {kind} without groups and roles"


def _workload(identity: Identity, known: ServicePrincipal | None) -> tuple[Principal, tuple[str, ...]]:
    found = known or ServicePrincipal()
    principal = Principal(
        id=UserId(identity.id),
        kind=None,
        agent=found.agent,
        foreign=found.tenancy is not Tenancy.SINGLE_TENANT,
        attributes=found.attributes,
    )
    if known is not None:
        return principal, ()
    return principal, (
        f"service principal {identity.id} is not in the directory: taken as one of this tenant, without attributes",
    )
