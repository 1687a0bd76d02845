"""What a decision's or a sign-in's reason says to an administrator, who reads of somebody else."""

from typing import Final

from assay.values import Reason
from assay.values.text import _

SENTENCES: Final[dict[str, str]] = {
    # What was proved, or not
    "signInFailed": _("User name or password was wrong"),
    "passwordWrong": _("The password was wrong"),
    "totpWrong": _("The code of the authenticator app was wrong"),
    "totpReused": _("The code of the authenticator app had been used"),
    "recoveryCodeWrong": _("The recovery code was wrong or had been used"),
    "passkeyUnknown": _("The passkey is not registered here"),
    "passkeyWrongOwner": _("The passkey is another person's"),
    "passkeyWrongChallenge": _("The passkey's answer came too late, or twice"),
    "passkeyUserNotVerified": _("The passkey did not check who holds it"),
    "passkeyNotVerified": _("The passkey's answer could not be verified"),
    "clonedAuthenticator": _("The passkey seems to have been copied"),
    "userDisabled": _("The account is switched off"),
    "userUnknown": _("There is no such account any more"),
    "tooManyAttempts": _("Too many attempts had failed, so this one was not looked at"),
    "methodLocked": _("The method is locked, because too many attempts had failed"),
    # What the engine said
    "notAssigned": _("The person is not assigned to the app"),
    "blockedByPolicy": _("The policy “{name}” blocks"),
    "policyCannotBeEvaluated": _("The policy “{name}” could not be evaluated"),
    "conditionCannotBeEvaluated": _("The condition “{condition}” could not be evaluated"),
    "legacyClientCannotSatisfy": _("A program of this kind cannot meet the policy “{name}”"),
    "mfaRequired": _("A second factor is required by: {policies}"),
    "authenticationStrengthRequired": _("A stronger method is required by: {policies}"),
    "reauthenticationRequired": _("Signed in too long ago for: {policies}"),
    "compliantDeviceRequired": _("A compliant device is required by the policy “{name}”"),
    "domainJoinedDeviceRequired": _("A hybrid joined device is required by the policy “{name}”"),
    "approvedApplicationRequired": _("An approved client app is required by the policy “{name}”"),
    "compliantApplicationRequired": _("A protected client app is required by the policy “{name}”"),
    "passwordChangeRequired": _("A change of the password is required by the policy “{name}”"),
    "riskRemediationRequired": _("Remedy of the risk is required by the policy “{name}”"),
    "termsOfUseRequired": _("Acceptance of terms of use is required by the policy “{name}”"),
    "customAuthenticationFactorRequired": _("A factor of another provider is required by the policy “{name}”"),
    "sessionControlCannotBeEnforced": _("A session control cannot be enforced here: {controls} of the policy “{name}”"),
    "noSuitableMethod": _("No registered method meets what is required"),
    "breakGlassPasskeyOnly": _("An emergency access account signs in with a passkey alone"),
    "methodsNeedStrongSignIn": _("A password alone does not suffice to change sign-in methods"),
    "publicPath": _("The path is public: {name}"),
    "accessDenied": _("Access was refused"),
    # Programs
    "credentialUnknown": _("There is no such credential"),
    "credentialExpired": _("The credential has expired"),
    "credentialRevoked": _("The credential was revoked"),
    "credentialOfAnotherApp": _("The credential is for another app"),
    "credentialMethod": _("The credential does not allow this method"),
    "credentialPath": _("The credential does not allow this path"),
    "credentialLocation": _("The credential is not used from where it may be"),
    # While nothing could be known
    "signalsStale": _("What decisions rest on could not be read"),
    "databaseGone": _("The database did not answer"),
    "notInAnOutage": _("A policy forbids access while the database does not answer"),
    "nodeClock": _("The clock of the node was wrong"),
    "nodeReplaced": _("The node had been replaced"),
    "otherRelease": _("The node was of an earlier release than the others"),
    "historyLost": _("Part of what was stored was lost"),
}


def reason_sentence(reason: Reason) -> str:
    """The reason in words; a code that has none is named."""
    text = SENTENCES.get(reason.code, reason.code)
    for name, value in reason.parameters:
        text = text.replace(f"{{{name}}}", value)
    return text


def code_sentence(code: str) -> str:
    """The same without what differs from one decision to the next."""
    return reason_sentence(Reason.of(code, name="…", condition="…", policies="…", controls="…"))
