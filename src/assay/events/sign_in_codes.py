"""The error codes of sign-ins, as Entra numbers them (its AADSTS codes), by the reason that we keep."""

from collections.abc import Mapping
from typing import Final

NO_ERROR: Final = 0
BLOCKED: Final = 53003
BAD_CREDENTIAL: Final = 50126
SECOND_FACTOR_FAILED: Final = 500121
LOCKED: Final = 50053
NOT_AVAILABLE: Final = 90033

ERROR_CODES: Final[Mapping[str, int]] = {
    "userDisabled": 50057,
    "userUnknown": 50034,
    "sessionEnded": 50173,
    "tooManyAttempts": LOCKED,
    "methodLocked": LOCKED,
    "totpWrong": SECOND_FACTOR_FAILED,
    "totpReused": SECOND_FACTOR_FAILED,
    "recoveryCodeWrong": SECOND_FACTOR_FAILED,
    "passkeyWrongOwner": SECOND_FACTOR_FAILED,
    "mfaRequired": 50074,
    "authenticationStrengthRequired": 50076,
    "reauthenticationRequired": 70043,
    "noSuitableMethod": 50079,
    "notAssigned": 50105,
    "blockedByPolicy": BLOCKED,
    "policyCannotBeEvaluated": BLOCKED,
    "conditionCannotBeEvaluated": BLOCKED,
    "legacyClientCannotSatisfy": BLOCKED,
    "compliantDeviceRequired": 53000,
    "domainJoinedDeviceRequired": 53001,
    "approvedApplicationRequired": 53002,
    "compliantApplicationRequired": 53009,
    "passwordChangeRequired": 50135,
    "riskRemediationRequired": 53004,
    "termsOfUseRequired": 50158,
    "customAuthenticationFactorRequired": 50158,
    "sessionControlCannotBeEnforced": BLOCKED,
    "signalsStale": NOT_AVAILABLE,
    "databaseGone": NOT_AVAILABLE,
    "notInAnOutage": NOT_AVAILABLE,
    "nodeClock": NOT_AVAILABLE,
    "nodeReplaced": NOT_AVAILABLE,
    "historyLost": NOT_AVAILABLE,
}


def error_code(reason: str, *, decided: bool) -> int:
    """The number for a sign-in that did not succeed; `decided`: the engine was asked, so nothing was mistyped."""
    return ERROR_CODES.get(reason, BLOCKED if decided else BAD_CREDENTIAL)
