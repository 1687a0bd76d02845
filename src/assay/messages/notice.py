"""What people are told of without having asked."""

from enum import StrEnum


class Notice(StrEnum):
    """One kind of notice; `wording.py` has its words."""

    METHOD_ADDED = "methodAdded"
    PASSWORD_CHANGED = "passwordChanged"  # noqa: S105  a kind of notice
    METHOD_REMOVED = "methodRemoved"
    NEW_DEVICE = "newDevice"
    COMMAND_LINE = "commandLine"
    RECOVERY_CODE_USED = "recoveryCodeUsed"
    RECOVERY_REQUESTED = "recoveryRequested"
    RECOVERY_APPROVED = "recoveryApproved"
    RECOVERY_LINK_USED = "recoveryLinkUsed"
    RECOVERY_COMPLETED = "recoveryCompleted"
    ACCOUNT_DISABLED = "accountDisabled"
    ACCOUNT_ENABLED = "accountEnabled"
    EMAIL_CHANGED = "emailChanged"
    SESSION_REPORTED = "sessionReported"
    SIGN_IN_THROTTLED = "signInThrottled"
    BREAK_GLASS_USED = "breakGlassUsed"
    POLICY_WENT_BACK = "policyWentBack"
    TEST = "test"


# Told even when the outbox is full: nobody may silence an alarm by filling it.
ALARMS = frozenset({Notice.BREAK_GLASS_USED})
