"""Every role against every permission, written out; nested groups; a role that is taken opens nothing any more."""

import pytest

from assay.access.authorize import (
    PERMISSIONS,
    Caller,
    Permission,
    administers,
    authorize,
    authorize_change_of,
    permissions_of,
)
from assay.access.groups import Groups
from assay.governance.roles import built_in_roles, find_role
from assay.values import Reason, RoleId, UserId
from tests.access.house import BY, House

COLUMNS = (
    "User.Read",
    "User.Read.All",
    "User.ReadWrite.All",
    "User.RevokeSessions.All",
    "Group.Read.All",
    "Application.Read.All",
    "AuditLog.Read.All",
    "Policy.Read.All",
    "Policy.ReadWrite.ConditionalAccess",
    "Organization.Read.All",
    "Session.Read.All",
    "Session.Revoke.All",
    "Decision.Read.All",
    "Policy.OverrideInvariants.All",
)
TABLE = {
    "Global Administrator": "x x x x x x x x x x x x x x",
    "Global Reader": "x x . . x x x x . x x . x .",
    "Security Administrator": "x x . x x x x x x x x x x .",
    "Security Reader": "x x . . x x x x . x x . x .",
    "Reports Reader": "x . . . . . x . . x . . x .",
    "Conditional Access Administrator": "x x . . x x x x x x . . x .",
    "User Administrator": "x x x x x . . . . . . . . .",
    "Helpdesk Administrator": "x x . x . . . . . . . . . .",
    "Application Administrator": "x x . . x x . . . . . . . .",
    "Directory Readers": "x x . . x x . . . . . . . .",
}
CELLS = [
    (role, permission, mark == "x")
    for role, row in TABLE.items()
    for permission, mark in zip(COLUMNS, row.split(), strict=True)
]


def caller(*roles: str) -> Caller:
    return Caller(
        name="mia",
        display_name="Mia",
        roles=frozenset(find_role(role).id for role in roles),
        user_id=UserId("11111111-1111-4111-8111-111111111111"),
    )


@pytest.mark.parametrize(("role", "permission", "granted"), CELLS, ids=[f"{r}-{p}" for r, p, _ in CELLS])
def test_each_role_permits_exactly_this(role: str, permission: str, granted: bool) -> None:
    refused = authorize(caller(role), Permission(permission))
    assert refused == (None if granted else Reason.of("permissionMissing", permission=permission))


def test_the_table_names_every_role_and_every_permission() -> None:
    assert {find_role(role).id for role in TABLE} == set(PERMISSIONS)
    assert set(COLUMNS) == {permission.value for permission in Permission}


def test_every_other_directory_role_opens_nothing() -> None:
    others = set(built_in_roles()) - set(PERMISSIONS)
    assert len(others) > 100
    for role in others:
        assert not administers({role})
        assert not permissions_of({role})


def test_no_role_at_all_opens_nothing() -> None:
    assert not administers(())
    assert all(authorize(caller(), permission) is not None for permission in Permission)


def test_roles_add_up() -> None:
    both = permissions_of(caller("Reports Reader", "Helpdesk Administrator").roles)
    assert both == permissions_of(caller("Reports Reader").roles) | permissions_of(
        caller("Helpdesk Administrator").roles
    )


@pytest.mark.parametrize(
    ("actor", "subject", "refused"),
    [
        ("User Administrator", (), False),
        ("User Administrator", ("Reports Reader",), False),
        ("User Administrator", ("Helpdesk Administrator",), True),
        ("User Administrator", ("Reports Reader", "Global Administrator"), True),
        ("Security Administrator", ("Global Administrator",), True),
        ("Helpdesk Administrator", ("Global Reader",), True),
        ("Global Administrator", ("Global Administrator",), False),
    ],
)
def test_whoever_holds_a_privileged_role_is_changed_by_global_administrators_alone(
    actor: str, subject: tuple[str, ...], refused: bool
) -> None:
    held = {find_role(role).id for role in subject}
    assert authorize_change_of(caller(actor).roles, held) == (Reason.of("subjectPrivileged") if refused else None)


def test_an_unknown_role_counts_as_privileged() -> None:
    unknown = RoleId("99999999-9999-4999-8999-999999999999")
    assert authorize_change_of(caller("User Administrator").roles, {unknown}) is not None


async def test_a_role_through_nested_groups_counts_and_is_gone_at_once(house: House) -> None:
    mia = await house.person("mia")
    await mia.sign_in()
    user_id = await mia.user_id()
    groups = Groups(house.premises)
    await groups.add(BY, name="desk")
    await groups.add(BY, name="night-desk")
    await groups.add_member(BY, "desk", group="night-desk")
    await groups.add_member(BY, "night-desk", user="mia")

    def roles() -> frozenset[RoleId]:
        subject = house.signals.subject(user_id)
        assert subject is not None
        return subject.principal.roles

    assert not administers(roles())
    await house.roles.assign(BY, "Reports Reader", group="desk")
    assert administers(roles())
    assert Permission.AUDIT_LOG_READ_ALL in permissions_of(roles())
    await house.roles.remove(BY, "Reports Reader", group="desk")
    assert not administers(roles())
