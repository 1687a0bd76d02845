"""Changes as Entra's directory audits call them: activity, category, service and kind of operation by our code."""

from collections.abc import Mapping
from typing import Final

from assay.values import Value


class Activity(Value, frozen=True, kw_only=True):
    """What a change is called; each has a name of its own, so that lists can be filtered by it."""

    name: str
    category: str
    service: str = "Core Directory"
    operation: str = "Update"
    target: str = "User"


def _user(name: str, operation: str = "Update") -> Activity:
    return Activity(name=name, category="UserManagement", operation=operation)


def _method(name: str, operation: str = "Update") -> Activity:
    return Activity(name=name, category="UserManagement", service="Authentication Methods", operation=operation)


def _group(name: str, operation: str = "Update") -> Activity:
    return Activity(name=name, category="GroupManagement", operation=operation, target="Group")


def _role(name: str, operation: str) -> Activity:
    return Activity(name=name, category="RoleManagement", operation=operation, target="Role")


def _app(name: str, operation: str = "Update") -> Activity:
    return Activity(name=name, category="ApplicationManagement", operation=operation, target="App")


def _policy(name: str, operation: str = "Update") -> Activity:
    return Activity(name=name, category="Policy", service="Conditional Access", operation=operation, target="Policy")


def _own(name: str, operation: str = "Update") -> Activity:
    return Activity(name=name, category="DirectoryManagement", service="Assay", operation=operation, target="Other")


ACTIVITIES: Final[Mapping[str, Activity]] = {
    "user.created": _user("Add user", "Add"),
    "user.changed": _user("Update user"),
    "user.enabled": _user("Enable account"),
    "user.disabled": _user("Disable account"),
    "user.removed": _user("Delete user", "Delete"),
    "method.password-changed": _method("Change user password"),
    "method.added": _method("User registered security info", "Add"),
    "method.removed": _method("User deleted security info", "Delete"),
    "method.locked": _method("Lock sign-in method"),
    "method.unlocked": _method("Unlock sign-in method"),
    "device.forgotten": _method("Forget known device", "Delete"),
    "enrolment-link.issued": _method("Issue enrolment link", "Add"),
    "enrolment-link.used": _method("Use enrolment link"),
    "method-reset.requested": _method("Request method reset", "Add"),
    "method-reset.approved": _method("Approve method reset"),
    "method-reset.cancelled": _method("Cancel method reset", "Delete"),
    "method-reset.completed": _method("Complete method reset"),
    "method-reset.refused": _method("Refuse method reset"),
    "group.created": _group("Add group", "Add"),
    "group.changed": _group("Update group"),
    "group.removed": _group("Delete group", "Delete"),
    "group.member-added": _group("Add member to group", "Assign"),
    "group.member-removed": _group("Remove member from group", "Unassign"),
    "role.assigned": _role("Add member to role", "Assign"),
    "role.removed": _role("Remove member from role", "Unassign"),
    "assignment.added": _app("Add app role assignment", "Assign"),
    "assignment.removed": _app("Remove app role assignment", "Unassign"),
    "app.added": _app("Add application", "Add"),
    "app.changed": _app("Update application"),
    "app.removed": _app("Delete application", "Delete"),
    "public-path.added": _app("Add public path", "Add"),
    "public-path.changed": _app("Update public path"),
    "public-path.removed": _app("Delete public path", "Delete"),
    "credential.added": _app("Add application credential", "Add"),
    "credential.revoked": _app("Remove application credential", "Delete"),
    "proxy.added": _app("Add proxy", "Add"),
    "proxy.rotated": _app("Rotate proxy secret"),
    "proxy.removed": _app("Delete proxy", "Delete"),
    "policy.imported": _policy("Add conditional access policy", "Add"),
    "policy.published": _policy("Enable conditional access policy"),
    "policy.changed": _policy("Update conditional access policy"),
    "policy.removed": _policy("Delete conditional access policy", "Delete"),
    "rollout.begun": _policy("Begin policy rollout", "Add"),
    "rollout.advanced": _policy("Advance policy rollout"),
    "rollout.confirmed": _policy("Confirm policy rollout"),
    "rollout.went-back": _policy("Roll policy back"),
    "policy.proved": _policy("Prove conditional access policies", "Other"),
    "location.changed": _policy("Update named location"),
    "authentication-context.changed": _policy("Update authentication context"),
    "key.rotated": _own("Rotate key"),
    "key.retired": _own("Retire key", "Delete"),
    "keys.resealed": _own("Reseal secrets"),
    "backup.begun": _own("Begin backup", "Other"),
    "backup.made": _own("Make backup", "Other"),
    "backup.restored": _own("Restore backup", "Other"),
    "row.removed": _own("Remove damaged row", "Delete"),
    "schema.rolled-back": _own("Roll schema back", "Other"),
    "log.pruned": _own("Prune decisions", "Delete"),
    "log.erased": _own("Erase log content", "Delete"),
}
CODES: Final = tuple(ACTIVITIES)
CODE_OF: Final[Mapping[str, str]] = {activity.name: code for code, activity in ACTIVITIES.items()}


def values_of(attribute: str) -> tuple[str, ...]:
    """Every category, service or operation there is, in order."""
    return tuple(sorted({str(getattr(activity, attribute)) for activity in ACTIVITIES.values()}))
