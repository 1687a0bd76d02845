"""The directory of a document: who is in which groups and roles, what apps and workload identities are."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from assay.policy.app_groups import APP_GROUPS
from assay.policy.graph_json import Json, MalformedError, Node, canonical_id
from assay.policy.offline.reading import identifier, identifiers, objects, required, word
from assay.policy.request import Attributes, GuestType
from assay.values import Value

TENANT_WIDE = "/"


class UserType(StrEnum):
    """Graph's userType."""

    MEMBER = "member"
    GUEST = "guest"


class Tenancy(StrEnum):
    """Whose a workload identity is; policies are about those of one tenant alone (D WL)."""

    SINGLE_TENANT = "singleTenant"
    MULTI_TENANT = "multiTenant"
    MANAGED_IDENTITY = "managedIdentity"


class AssignmentType(StrEnum):
    """Whether a role is held now, or may be activated; Graph has two words for who holds it now."""

    ACTIVE = "active"
    ELIGIBLE = "eligible"
    ASSIGNED = "Assigned"
    ACTIVATED = "Activated"


class DirectoryUser(Value, frozen=True, kw_only=True):
    """A person, or the account of an agent. `names`: what templates may have in place of the id."""

    type: UserType = UserType.MEMBER
    guest_type: GuestType | None = None
    tenant: str | None = None
    agent: bool = False
    names: tuple[str, ...] = ()


class DirectoryApp(Value, frozen=True, kw_only=True):
    """An app: its attributes, the groups of apps that it is in beside those that are known of it, and its name."""

    attributes: Attributes = ()
    groups: frozenset[str] = frozenset()


class ServicePrincipal(Value, frozen=True, kw_only=True):
    """A workload identity, or an agent's."""

    tenancy: Tenancy = Tenancy.SINGLE_TENANT
    agent: bool = False
    attributes: Attributes = ()


NO_NAMES: Final[Mapping[str, str]] = {}


class Directory(Value, frozen=True, kw_only=True):
    """Everything by id. `member_of`: direct membership; `roles`: what counts of each principal's own assignments.

    `group_names`: what one group alone is called, by its id; templates have it in place of an id.
    """

    users: Mapping[str, DirectoryUser]
    apps: Mapping[str, DirectoryApp]
    service_principals: Mapping[str, ServicePrincipal]
    member_of: Mapping[str, frozenset[str]]
    roles: Mapping[str, frozenset[str]]
    group_names: Mapping[str, str] = NO_NAMES

    def groups_of(self, principal: str) -> frozenset[str]:
        """Every group that holds the principal, through groups in groups; a circle of them ends where it began."""
        found: set[str] = set()
        left = list(self.member_of.get(principal, ()))
        while left:
            group = left.pop()
            if group not in found:
                found.add(group)
                left += self.member_of.get(group, ())
        return frozenset(found)

    def by_id_and_name(self, groups: frozenset[str]) -> frozenset[str]:
        """The words in a policy that mean one of the groups."""
        return groups.union(self.group_names[group] for group in groups if group in self.group_names)

    def roles_of(self, principal: str, groups: frozenset[str]) -> frozenset[str]:
        """The roles that count: the principal's own and those of the groups."""
        return frozenset(role for holder in (principal, *groups) for role in self.roles.get(holder, ()))


NO_DIRECTORY = Directory(users={}, apps={}, service_principals={}, member_of={}, roles={})


def read_directory(node: Node) -> Directory:
    """A directory; raises MalformedError with the place of what is wrong in it."""
    member_of: dict[str, set[str]] = {}
    users: dict[str, DirectoryUser] = {}
    called: dict[str, str] = {}
    by_login: dict[str, str] = {}
    for each in objects(node, "users"):
        name = required(each, "id")
        _once(each, users, name)
        member_of.setdefault(name, set()).update(identifiers(each, "memberOf"))
        called[name], by_login[name] = _name(each, "displayName"), _name(each, "userPrincipalName")
        users[name] = _user(each)
    apps: dict[str, DirectoryApp] = {}
    app_names: dict[str, str] = {}
    for each in objects(node, "applications"):
        name = required(each, "appId")
        _once(each, apps, name)
        app_names[name] = _name(each, "displayName")
        apps[name] = _app(each)
    workloads: dict[str, ServicePrincipal] = {}
    for each in objects(node, "servicePrincipals"):
        name = required(each, "id")
        _once(each, workloads, name)
        workloads[name] = _workload(each)
    names: dict[str, str] = {}
    for each in objects(node, "groups"):
        group = required(each, "id")
        names[group] = _name(each, "displayName")
        for member in identifiers(each, "members"):
            member_of.setdefault(member, set()).add(group)
        member_of.setdefault(group, set()).update(identifiers(each, "memberOf"))
        each.finish()
    roles = _roles(node)
    node.finish()
    return Directory(
        users=_with_names(users, _names(by_login), _names(called)),
        apps=_as_groups(apps, _names(app_names)),
        service_principals=workloads,
        member_of={name: frozenset(groups) for name, groups in member_of.items()},
        roles=roles,
        group_names=_names(names),
    )


def _name(node: Node, key: str) -> str:
    return canonical_id(node.text(key) or "")


def _with_names(users: Mapping[str, DirectoryUser], *tables: Mapping[str, str]) -> Mapping[str, DirectoryUser]:
    return {
        name: replace(user, names=tuple(table[name] for table in tables if name in table))
        for name, user in users.items()
    }


def _as_groups(apps: Mapping[str, DirectoryApp], names: Mapping[str, str]) -> Mapping[str, DirectoryApp]:
    """An app's name in a policy means as much as a group of apps with one app in it."""
    return {
        app: replace(found, groups=found.groups | {names[app]}) if app in names else found
        for app, found in apps.items()
    }


def _names(called: Mapping[str, str]) -> Mapping[str, str]:
    """A name that two groups have, or that is another's id, means neither."""
    count = Counter(called.values())
    return {group: name for group, name in called.items() if name and count[name] == 1 and name not in called}


def read_directory_file(value: Json) -> Directory:
    """The directory of a file of its own; null is none."""
    return NO_DIRECTORY if value is None else read_directory(Node(value, (), []))


def _once(node: Node, known: Mapping[str, object], name: str) -> None:
    if name in known:
        raise MalformedError((*node.path, "id"), "duplicateId", id=name)


def _user(node: Node) -> DirectoryUser:
    found = DirectoryUser(
        type=word(node, "userType", UserType) or UserType.MEMBER,
        guest_type=word(node, "externalUserType", GuestType),
        tenant=identifier(node, "homeTenantId"),
        agent=node.boolean("isAgent") or False,
    )
    node.finish()
    return found


def _app(node: Node) -> DirectoryApp:
    groups = set()
    spelling = {name.lower(): name for name in APP_GROUPS}
    for name in node.texts("appGroups"):
        if name.lower() not in spelling:
            raise MalformedError((*node.path, "appGroups"), "unknownWord", value=name, known=", ".join(APP_GROUPS))
        groups.add(spelling[name.lower()])
    found = DirectoryApp(attributes=_attributes(node), groups=frozenset(groups))
    node.finish()
    return found


def _workload(node: Node) -> ServicePrincipal:
    found = ServicePrincipal(
        tenancy=word(node, "tenancy", Tenancy) or Tenancy.SINGLE_TENANT,
        agent=node.boolean("isAgent") or False,
        attributes=_attributes(node),
    )
    node.ignore("displayName", "appId")
    node.finish()
    return found


def _attributes(node: Node) -> Attributes:
    """Graph's customSecurityAttributes: sets of attributes; filters read texts and lists of texts only (D AFIL)."""
    path = (*node.path, "customSecurityAttributes")
    value = node.take("customSecurityAttributes")
    found: list[tuple[str, str | tuple[str, ...]]] = []
    for name, attributes in _members(value, path).items():
        for attribute, held in _members(attributes, (*path, name)).items():
            if "@" not in attribute:
                found.append((f"{name}_{attribute}", _held(held, (*path, name, attribute))))
    return tuple(found)


def _members(value: Json, path: tuple[str, ...]) -> dict[str, Json]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedError(path, "notAnObject")
    return value


def _held(value: Json, path: tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = tuple(item for item in value if isinstance(item, str))
        if len(texts) == len(value):
            return texts
    raise MalformedError(path, "notAnAttribute")


def _roles(node: Node) -> Mapping[str, frozenset[str]]:
    """Only tenant-wide, built-in and active assignments count (D USERS, PIM1)."""
    found: dict[str, set[str]] = {}
    for each in objects(node, "roleAssignments"):
        principal, role = required(each, "principalId"), required(each, "roleDefinitionId")
        scope = each.text("directoryScopeId")
        built_in = each.boolean("isBuiltIn")
        kind = word(each, "assignmentType", AssignmentType)
        each.finish()
        if scope in (None, "", TENANT_WIDE) and built_in is not False and kind is not AssignmentType.ELIGIBLE:
            found.setdefault(principal, set()).add(role)
    return {principal: frozenset(roles) for principal, roles in found.items()}
