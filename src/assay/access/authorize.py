"""Who may what over the API: directory roles to permissions, and the one question that every route asks.

A pure table. Roles come from memory at each request (`Signals`), so that a role that was taken opens nothing any more.
"""

from collections.abc import Collection
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from assay.governance.help_desk import HELPDESK_ADMINISTRATOR
from assay.governance.roles import GLOBAL_ADMINISTRATOR, built_in_roles
from assay.values import CredentialId, Reason, RoleId, SessionId, UserId, Value


class Permission(StrEnum):
    """What a route needs, named after Microsoft Graph's permissions; the last four are ours."""

    USER_READ = "User.Read"  # oneself: whoever may use the API at all
    USER_READ_ALL = "User.Read.All"
    USER_READ_WRITE_ALL = "User.ReadWrite.All"
    USER_REVOKE_SESSIONS_ALL = "User.RevokeSessions.All"
    GROUP_READ_ALL = "Group.Read.All"
    APPLICATION_READ_ALL = "Application.Read.All"
    AUDIT_LOG_READ_ALL = "AuditLog.Read.All"
    POLICY_READ_ALL = "Policy.Read.All"
    POLICY_READ_WRITE_CONDITIONAL_ACCESS = "Policy.ReadWrite.ConditionalAccess"
    ORGANIZATION_READ_ALL = "Organization.Read.All"
    SESSION_READ_ALL = "Session.Read.All"
    SESSION_REVOKE_ALL = "Session.Revoke.All"
    DECISION_READ_ALL = "Decision.Read.All"
    # The owner's invariants hold also whoever may write policies: they are not theirs to break.
    POLICY_OVERRIDE_INVARIANTS = "Policy.OverrideInvariants.All"

    @property
    def reads_only(self) -> bool:
        return self.value.split(".")[1] == "Read"


# Entra's template ids.
GLOBAL_READER: Final = RoleId("f2ef992c-3afb-46b9-b7cf-a126ee74c451")
SECURITY_ADMINISTRATOR: Final = RoleId("194ae4cb-b126-40b2-bd5b-6091b380977d")
SECURITY_READER: Final = RoleId("5d6b6bb7-de71-4623-b4af-96380a352509")
REPORTS_READER: Final = RoleId("4a5d8f65-41da-4de4-8968-e035b65339cf")
CONDITIONAL_ACCESS_ADMINISTRATOR: Final = RoleId("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9")
USER_ADMINISTRATOR: Final = RoleId("fe930be7-5e62-47db-91af-98c3a49a38b1")
APPLICATION_ADMINISTRATOR: Final = RoleId("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3")
DIRECTORY_READERS: Final = RoleId("88d8e3e3-8f55-4a1e-953a-9b9898b8876b")

_ALL: Final = frozenset(Permission)
_READS: Final = frozenset(permission for permission in Permission if permission.reads_only)
_DIRECTORY: Final = frozenset(
    {
        Permission.USER_READ_ALL,
        Permission.GROUP_READ_ALL,
        Permission.APPLICATION_READ_ALL,
    }
)
_REPORTS: Final = frozenset(
    {
        Permission.AUDIT_LOG_READ_ALL,
        Permission.DECISION_READ_ALL,
        Permission.ORGANIZATION_READ_ALL,
    }
)
_ONESELF: Final = frozenset({Permission.USER_READ})

# A role that is not named here opens nothing of the API; one with a permission to change reads the same as well.
PERMISSIONS: Final = MappingProxyType(
    {
        GLOBAL_ADMINISTRATOR: _ALL,
        GLOBAL_READER: _READS,
        SECURITY_ADMINISTRATOR: _READS
        | {
            Permission.POLICY_READ_WRITE_CONDITIONAL_ACCESS,
            Permission.SESSION_REVOKE_ALL,
            Permission.USER_REVOKE_SESSIONS_ALL,
        },
        SECURITY_READER: _READS,
        REPORTS_READER: _ONESELF | _REPORTS,
        CONDITIONAL_ACCESS_ADMINISTRATOR: _ONESELF
        | _DIRECTORY
        | _REPORTS
        | {
            Permission.POLICY_READ_ALL,
            Permission.POLICY_READ_WRITE_CONDITIONAL_ACCESS,
        },
        USER_ADMINISTRATOR: _ONESELF
        | {
            Permission.USER_READ_ALL,
            Permission.USER_READ_WRITE_ALL,
            Permission.USER_REVOKE_SESSIONS_ALL,
            Permission.GROUP_READ_ALL,
        },
        HELPDESK_ADMINISTRATOR: _ONESELF
        | {
            Permission.USER_READ_ALL,
            Permission.USER_REVOKE_SESSIONS_ALL,
        },
        APPLICATION_ADMINISTRATOR: _ONESELF | _DIRECTORY,
        DIRECTORY_READERS: _ONESELF | _DIRECTORY,
    }
)


class Caller(Value, frozen=True, kw_only=True):
    """Who asks, with the roles of this very moment: a person in a session, or a program with a named token.

    Exactly one of `user_id` and `token_id` is there. `name` is the user name or the token's name.
    """

    name: str
    display_name: str
    roles: frozenset[RoleId]
    user_id: UserId | None = None
    session_id: SessionId | None = None
    token_id: CredentialId | None = None


def administers(roles: Collection[RoleId]) -> bool:
    """Whether somebody with these roles has anything to do at the console or the API: nobody else gets that far."""
    return not PERMISSIONS.keys().isdisjoint(roles)


def permissions_of(roles: Collection[RoleId]) -> frozenset[Permission]:
    """Everything that these roles permit together."""
    return frozenset().union(*(PERMISSIONS.get(role, frozenset()) for role in roles))


def lost(granted: Collection[RoleId], held: Collection[RoleId]) -> bool:
    """Whether a role that opened something is held no more; one that opens nothing does not count.

    Roles and not what they permit together: whom one may change goes by the role (`authorize_change_of`).
    """
    return any(role in PERMISSIONS and role not in held for role in granted)


def authorize(caller: Caller, permission: Permission) -> Reason | None:
    """Why this caller may not use a route that needs this permission, or None.

    The choke point: every route of the API declares one permission, and is not called before this says None.
    """
    if permission in permissions_of(caller.roles):
        return None
    return Reason.of("permissionMissing", permission=permission.value)


def authorize_change_of(held: Collection[RoleId], subject: Collection[RoleId]) -> Reason | None:
    """Why who holds these roles may not change, or end sessions of, somebody who holds those of `subject`, or None.

    Beside the route's permission: whoever could disable or sign out somebody with more power could stop them from
    noticing. Both through groups too, read in the transaction that changes (`change_of.py`).
    """
    if GLOBAL_ADMINISTRATOR in held:
        return None
    known = built_in_roles()
    # A role that this release does not know may be any.
    privileged = any(role not in known or known[role].privileged for role in subject)
    return Reason.of("subjectPrivileged") if privileged else None
