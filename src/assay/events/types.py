"""Every type of event: its stable code and its place in OCSF 1.8; a new type is one line here."""

from typing import Final

from assay.values import Value

ACCOUNT_CHANGE: Final = 3001
AUTHENTICATION: Final = 3002
AUTHORIZE_SESSION: Final = 3003
ENTITY_MANAGEMENT: Final = 3004
USER_ACCESS_MANAGEMENT: Final = 3005
GROUP_MANAGEMENT: Final = 3006
APPLICATION_LIFECYCLE: Final = 6002

INFORMATIONAL, LOW, MEDIUM, HIGH = 1, 2, 3, 4
SUCCESS, FAILURE, OTHER = 1, 2, 99


class EventType(Value, frozen=True, kw_only=True):
    """One type: `code` is OCSF's metadata.event_code and what people search by."""

    code: str
    class_uid: int
    activity_id: int
    severity_id: int = INFORMATIONAL
    status_id: int = SUCCESS

    @property
    def category_uid(self) -> int:
        return self.class_uid // 1000

    @property
    def type_uid(self) -> int:
        return self.class_uid * 100 + self.activity_id


class ChangeType(EventType, frozen=True, kw_only=True):
    """A change of what is stored: its events say what was before and after, by whom and why."""


def _account(code: str, activity_id: int) -> ChangeType:
    return ChangeType(code=code, class_uid=ACCOUNT_CHANGE, activity_id=activity_id)


def _group(code: str, activity_id: int) -> ChangeType:
    return ChangeType(code=code, class_uid=GROUP_MANAGEMENT, activity_id=activity_id)


def _access(code: str, activity_id: int) -> ChangeType:
    return ChangeType(code=code, class_uid=USER_ACCESS_MANAGEMENT, activity_id=activity_id)


def _entity(code: str, activity_id: int, severity_id: int = INFORMATIONAL) -> ChangeType:
    return ChangeType(code=code, class_uid=ENTITY_MANAGEMENT, activity_id=activity_id, severity_id=severity_id)


USER_CREATED: Final = _account("user.created", 1)
USER_CHANGED: Final = _account("user.changed", OTHER)
USER_ENABLED: Final = _account("user.enabled", 2)
USER_DISABLED: Final = _account("user.disabled", 5)
USER_REMOVED: Final = _account("user.removed", 6)
PASSWORD_CHANGED: Final = _account("method.password-changed", 3)
METHOD_ADDED: Final = _account("method.added", 10)
METHOD_REMOVED: Final = _account("method.removed", 11)
# Too many failures in a row: from unknown devices it is not looked at until it is unlocked.
METHOD_LOCKED: Final = _account("method.locked", 9)
METHOD_UNLOCKED: Final = _account("method.unlocked", 12)
# A browser on which the person was known is a stranger's from now on.
DEVICE_FORGOTTEN: Final = _account("device.forgotten", OTHER)
ENROLMENT_LINK_ISSUED: Final = _account("enrolment-link.issued", OTHER)
ENROLMENT_LINK_USED: Final = _account("enrolment-link.used", OTHER)
METHOD_RESET_REQUESTED: Final = _account("method-reset.requested", OTHER)
METHOD_RESET_APPROVED: Final = _account("method-reset.approved", OTHER)
METHOD_RESET_CANCELLED: Final = _account("method-reset.cancelled", OTHER)
METHOD_RESET_COMPLETED: Final = _account("method-reset.completed", OTHER)
# Somebody tried a step of a reset that is not theirs to take.
METHOD_RESET_REFUSED: Final = EventType(
    code="method-reset.refused", class_uid=ACCOUNT_CHANGE, activity_id=OTHER, severity_id=LOW, status_id=FAILURE
)

GROUP_CREATED: Final = _group("group.created", 6)
GROUP_CHANGED: Final = _group("group.changed", OTHER)
GROUP_REMOVED: Final = _group("group.removed", 5)
GROUP_MEMBER_ADDED: Final = _group("group.member-added", 3)
GROUP_MEMBER_REMOVED: Final = _group("group.member-removed", 4)

ROLE_ASSIGNED: Final = _access("role.assigned", 1)
ROLE_REMOVED: Final = _access("role.removed", 2)
ASSIGNMENT_ADDED: Final = _access("assignment.added", 1)
ASSIGNMENT_REMOVED: Final = _access("assignment.removed", 2)

APP_ADDED: Final = _entity("app.added", 1)
APP_CHANGED: Final = _entity("app.changed", 3)
APP_REMOVED: Final = _entity("app.removed", 4)
PUBLIC_PATH_ADDED: Final = _entity("public-path.added", 1, MEDIUM)
PUBLIC_PATH_CHANGED: Final = _entity("public-path.changed", 3, MEDIUM)
PUBLIC_PATH_REMOVED: Final = _entity("public-path.removed", 4, LOW)
CREDENTIAL_ADDED: Final = _entity("credential.added", 1, LOW)
CREDENTIAL_REVOKED: Final = _entity("credential.revoked", 4, LOW)
PROXY_ADDED: Final = _entity("proxy.added", 1, MEDIUM)
PROXY_ROTATED: Final = _entity("proxy.rotated", 3, LOW)
PROXY_REMOVED: Final = _entity("proxy.removed", 4, LOW)
POLICY_IMPORTED: Final = _entity("policy.imported", 1)
POLICY_PUBLISHED: Final = _entity("policy.published", 10, LOW)
POLICY_CHANGED: Final = _entity("policy.changed", 3, LOW)
POLICY_REMOVED: Final = _entity("policy.removed", 4, LOW)
ROLLOUT_BEGUN: Final = _entity("rollout.begun", 1, LOW)
ROLLOUT_ADVANCED: Final = _entity("rollout.advanced", 3, LOW)
ROLLOUT_CONFIRMED: Final = _entity("rollout.confirmed", 3, LOW)
# What a step of a rollout had put in force is out of it again: by hand, or because nobody confirmed it.
ROLLOUT_WENT_BACK: Final = _entity("rollout.went-back", 3, MEDIUM)
# What was proved of a publication, once that is known.
POLICY_PROVED: Final = _entity("policy.proved", OTHER)
LOCATION_CHANGED: Final = _entity("location.changed", 3, LOW)
CONTEXT_CHANGED: Final = _entity("authentication-context.changed", 3)
KEY_ROTATED: Final = _entity("key.rotated", 3, LOW)
KEY_RETIRED: Final = _entity("key.retired", 4, LOW)
KEYS_RESEALED: Final = _entity("keys.resealed", 3, LOW)
# Everything left the service, sealed with a key that whoever asked for it has; made: it was written and read back.
BACKUP_BEGUN: Final = _entity("backup.begun", 99, MEDIUM)
BACKUP_MADE: Final = _entity("backup.made", 99, LOW)
BACKUP_RESTORED: Final = _entity("backup.restored", 99, HIGH)
# A row that could not be read any more, taken out by whoever runs the service.
ROW_REMOVED: Final = _entity("row.removed", 4, HIGH)
SCHEMA_ROLLED_BACK: Final = _entity("schema.rolled-back", 99, HIGH)
PRUNED: Final = _entity("log.pruned", 4, MEDIUM)
ERASED: Final = _entity("log.erased", 4, MEDIUM)

SIGN_IN_SUCCEEDED: Final = EventType(code="sign-in.succeeded", class_uid=AUTHENTICATION, activity_id=1)
SIGN_IN_FAILED: Final = EventType(
    code="sign-in.failed", class_uid=AUTHENTICATION, activity_id=1, severity_id=LOW, status_id=FAILURE
)
# Attempts that were not looked at, because too many failed before.
SIGN_IN_THROTTLED: Final = EventType(
    code="sign-in.throttled", class_uid=AUTHENTICATION, activity_id=1, severity_id=MEDIUM, status_id=FAILURE
)
# Neither in nor refused yet: a control is unmet and asked for.
SIGN_IN_INTERRUPTED: Final = EventType(
    code="sign-in.interrupted", class_uid=AUTHENTICATION, activity_id=1, status_id=OTHER
)
# A link or ticket that we made, in hands or at a moment in which it opens nothing: what a thief's attempt looks like.
ENROLMENT_LINK_REFUSED: Final = EventType(
    code="enrolment-link.refused", class_uid=AUTHENTICATION, activity_id=1, severity_id=LOW, status_id=FAILURE
)
TICKET_REFUSED: Final = EventType(
    code="ticket.refused", class_uid=AUTHENTICATION, activity_id=1, severity_id=LOW, status_id=FAILURE
)
# A person answered a command line that asks to be let in; the code that nobody waits with is a slip or a guess.
COMMAND_LINE_ALLOWED: Final = EventType(
    code="command-line.allowed", class_uid=AUTHENTICATION, activity_id=OTHER, severity_id=LOW
)
COMMAND_LINE_DENIED: Final = EventType(
    code="command-line.denied", class_uid=AUTHENTICATION, activity_id=OTHER, severity_id=MEDIUM, status_id=FAILURE
)
COMMAND_LINE_REFUSED: Final = EventType(
    code="command-line.refused", class_uid=AUTHENTICATION, activity_id=OTHER, severity_id=LOW, status_id=FAILURE
)
SESSION_STARTED: Final = EventType(code="session.started", class_uid=AUTHENTICATION, activity_id=3)
SESSION_ENDED: Final = EventType(code="session.ended", class_uid=AUTHENTICATION, activity_id=2)
SESSION_REVOKED: Final = EventType(code="session.revoked", class_uid=AUTHENTICATION, activity_id=2, severity_id=LOW)
# Its own person says that they never began it.
SESSION_REPORTED: Final = EventType(
    code="session.reported", class_uid=AUTHENTICATION, activity_id=OTHER, severity_id=HIGH
)
DECISION: Final = EventType(code="decision", class_uid=AUTHORIZE_SESSION, activity_id=OTHER)
DECISIONS_LOST: Final = EventType(
    code="decisions.lost", class_uid=AUTHORIZE_SESSION, activity_id=OTHER, severity_id=HIGH, status_id=FAILURE
)
# What a session had open on apps when its access was withdrawn, reset by the gateway.
CONNECTIONS_CUT: Final = EventType(
    code="connections.cut", class_uid=AUTHORIZE_SESSION, activity_id=OTHER, severity_id=LOW
)
# An emergency access account signed in; a drill is the same, announced.
BREAK_GLASS_USED: Final = EventType(code="break-glass.used", class_uid=AUTHENTICATION, activity_id=1, severity_id=HIGH)
BREAK_GLASS_DRILLED: Final = EventType(
    code="break-glass.drilled", class_uid=AUTHENTICATION, activity_id=1, severity_id=MEDIUM
)
BREAK_GLASS_DRILL_STARTED: Final = EventType(
    code="break-glass.drill-started", class_uid=AUTHENTICATION, activity_id=OTHER, severity_id=MEDIUM
)
BREAK_GLASS_REVIEWED: Final = EventType(
    code="break-glass.reviewed", class_uid=AUTHENTICATION, activity_id=OTHER, severity_id=MEDIUM
)
# A notice that found the outbox full: what it told of is in the log all the same.
MESSAGE_DROPPED: Final = EventType(
    code="message.dropped", class_uid=ACCOUNT_CHANGE, activity_id=OTHER, severity_id=MEDIUM, status_id=FAILURE
)
MESSAGE_SENT: Final = EventType(code="message.sent", class_uid=ACCOUNT_CHANGE, activity_id=OTHER)
MESSAGE_TESTED: Final = EventType(code="message.tested", class_uid=ACCOUNT_CHANGE, activity_id=OTHER)
MESSAGE_RETRIED: Final = EventType(code="message.retried", class_uid=ACCOUNT_CHANGE, activity_id=OTHER)
MESSAGE_GIVEN_UP: Final = EventType(
    code="message.given-up", class_uid=ACCOUNT_CHANGE, activity_id=OTHER, severity_id=MEDIUM, status_id=FAILURE
)
SERVICE_STARTED: Final = EventType(code="service.started", class_uid=APPLICATION_LIFECYCLE, activity_id=3)
SERVICE_STOPPED: Final = EventType(code="service.stopped", class_uid=APPLICATION_LIFECYCLE, activity_id=4)

EVENT_TYPES: Final[tuple[EventType, ...]] = (
    USER_CREATED,
    USER_CHANGED,
    USER_ENABLED,
    USER_DISABLED,
    USER_REMOVED,
    PASSWORD_CHANGED,
    METHOD_ADDED,
    METHOD_REMOVED,
    METHOD_LOCKED,
    METHOD_UNLOCKED,
    DEVICE_FORGOTTEN,
    ENROLMENT_LINK_ISSUED,
    ENROLMENT_LINK_USED,
    METHOD_RESET_REQUESTED,
    METHOD_RESET_APPROVED,
    METHOD_RESET_CANCELLED,
    METHOD_RESET_COMPLETED,
    METHOD_RESET_REFUSED,
    GROUP_CREATED,
    GROUP_CHANGED,
    GROUP_REMOVED,
    GROUP_MEMBER_ADDED,
    GROUP_MEMBER_REMOVED,
    ROLE_ASSIGNED,
    ROLE_REMOVED,
    ASSIGNMENT_ADDED,
    ASSIGNMENT_REMOVED,
    APP_ADDED,
    APP_CHANGED,
    APP_REMOVED,
    PUBLIC_PATH_ADDED,
    PUBLIC_PATH_CHANGED,
    PUBLIC_PATH_REMOVED,
    CREDENTIAL_ADDED,
    CREDENTIAL_REVOKED,
    PROXY_ADDED,
    PROXY_ROTATED,
    PROXY_REMOVED,
    POLICY_IMPORTED,
    POLICY_PUBLISHED,
    POLICY_CHANGED,
    POLICY_REMOVED,
    ROLLOUT_BEGUN,
    ROLLOUT_ADVANCED,
    ROLLOUT_CONFIRMED,
    ROLLOUT_WENT_BACK,
    POLICY_PROVED,
    LOCATION_CHANGED,
    CONTEXT_CHANGED,
    KEY_ROTATED,
    KEY_RETIRED,
    KEYS_RESEALED,
    BACKUP_BEGUN,
    BACKUP_MADE,
    BACKUP_RESTORED,
    ROW_REMOVED,
    SCHEMA_ROLLED_BACK,
    PRUNED,
    ERASED,
    SIGN_IN_SUCCEEDED,
    SIGN_IN_FAILED,
    SIGN_IN_THROTTLED,
    SIGN_IN_INTERRUPTED,
    ENROLMENT_LINK_REFUSED,
    TICKET_REFUSED,
    COMMAND_LINE_ALLOWED,
    COMMAND_LINE_DENIED,
    COMMAND_LINE_REFUSED,
    SESSION_STARTED,
    SESSION_ENDED,
    SESSION_REVOKED,
    SESSION_REPORTED,
    DECISION,
    DECISIONS_LOST,
    CONNECTIONS_CUT,
    BREAK_GLASS_USED,
    BREAK_GLASS_DRILLED,
    BREAK_GLASS_DRILL_STARTED,
    BREAK_GLASS_REVIEWED,
    MESSAGE_DROPPED,
    MESSAGE_GIVEN_UP,
    MESSAGE_RETRIED,
    MESSAGE_TESTED,
    MESSAGE_SENT,
    SERVICE_STARTED,
    SERVICE_STOPPED,
)
