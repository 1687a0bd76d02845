"""Every reason that a person can be told, as a sentence; the one place where codes become words."""

from gettext import NullTranslations
from typing import Final

from assay.values import Reason
from assay.values.text import _

# Signing in
_SIGN_IN: Final = {
    "signInFailed": _("The user name or the password is not right."),
    "passwordWrong": _("The password is not right."),
    "totpWrong": _("This code is not right. Codes change every 30 seconds: wait for the next one and enter it."),
    "totpReused": _("This code was used already. Wait for the next one."),
    "recoveryCodeWrong": _("This recovery code is not right, or it was used already."),
    "userDisabled": _("This account is switched off."),
    "userUnknown": _("This account does not exist any more."),
    "sessionEnded": _("Your session has ended. Please sign in again."),
    "ticketInvalid": _("The way to this app took too long or was used already. Open the app again."),
}

# Guessing; the same whether or not there is such an account
_GUESSING: Final = {
    "tooManyAttempts": _("Too many attempts failed. Nothing was looked at; please try again later."),
    "waitSeconds": _(
        "Too many attempts failed, so this one was not looked at. Try again in {seconds} seconds."
        " A passkey, or a device on which you signed in before, does not have to wait."
    ),
    "waitMinutes": _(
        "Too many attempts failed, so this one was not looked at. Try again in {minutes} minutes."
        " A passkey, or a device on which you signed in before, does not have to wait."
    ),
    "waitHours": _(
        "Too many attempts failed, so this one was not looked at. Try again in {hours} hours."
        " A passkey, or a device on which you signed in before, does not have to wait."
    ),
    "methodLocked": _(
        "Too many attempts failed, so this way to sign in is locked on devices that are new to us. Use a passkey, or"
        " a device on which you signed in before, or ask your administrator to unlock it."
    ),
}

# Passkeys
_PASSKEYS: Final = {
    "passkeyUnknown": _("This passkey is not registered here. Use another one, or sign in with your password."),
    "passkeyNotVerified": _("The passkey's answer could not be verified. Please try again."),
    "passkeyUserNotVerified": _("Your device did not check that it is you. Use its PIN, fingerprint or face."),
    "passkeyMalformed": _("The passkey's answer cannot be read. Please try again."),
    "passkeyWrongOwner": _("This passkey belongs to another account."),
    "passkeyWrongPurpose": _("This passkey's answer was meant for something else. Please try again."),
    "passkeyWrongChallenge": _("This took too long, or was answered already. Please try again."),
    "passkeyCrossOrigin": _("This passkey was used from inside another site, which is not allowed."),
    "passkeyBackupEligibilityChanged": _("This passkey has changed in a way that it cannot. Ask your administrator."),
    "passkeyName": _("Give the passkey a name of at most {maximum} characters."),
    "passkeyTooMany": _("You have as many passkeys as you can have. Remove one first."),
    "passkeyKnown": _("This passkey is registered already. You can sign in with it."),
    "clonedAuthenticator": _("This passkey seems to have been copied. Use another one, and tell your administrator."),
}

# Registering methods
_METHODS: Final = {
    "passInvalid": _("This link does not work: it was used already, has expired, or never existed."),
    "linksTooMany": _(
        "Many links that do not exist were tried from your network, so this one was not looked at."
        " Open it again in a moment."
    ),
    "passUsed": _("This link was used already."),
    "passExpired": _("This link has expired."),
    "passwordTooShort": _("Use at least {minimum} characters. Four unusual words are a good start."),
    "passwordTooLong": _("Use at most {maximum} characters."),
    "passwordRepeats": _("This password repeats a few characters again and again. Use more different ones."),
    "passwordSequence": _("This password follows the alphabet or the keyboard. Use words that do not belong together."),
    "passwordCommon": _(
        "This password is one of those that attackers try first. Use words that do not belong together."
    ),
    "passwordFromContext": _("This password is made of your name, your address or the name of this place."),
    "passwordsDiffer": _("The two passwords are not the same."),
    "methodsNeedStrongSignIn": _("To change your sign-in methods, sign in with a passkey or with two factors."),
    "breakGlassPasskeyOnly": _("An emergency access account signs in with a passkey, and no other way."),
    "totpNotPending": _("Setting up the authenticator app took too long. Please start again."),
}

# Resets by the help-desk
_RESETS: Final = {
    "resetNobody": _("There is nobody of this name whom you may reset."),
    "resetOwn": _("Nobody resets their own methods."),
    "resetReason": _("Say in at most {maximum} characters why, and how you made sure who it is."),
    "resetOpen": _("A reset of this person is open already. Approve it, or call it off first."),
    "resetOver": _("This reset is over, or its link is out already."),
    "resetApprovedAlready": _("You have approved this already."),
    "resetSecondPerson": _("Somebody else has to approve what you asked for."),
    "resetNotYours": _("The link is for those who asked or approved."),
    "resetRoleLost": _("Somebody who asked or approved may not do that any more. Call it off, and ask anew."),
    "resetNotApproved": _("Nobody has approved this yet."),
    "resetWaits": _("The person has until {until} to object. A second approval makes waiting unnecessary."),
    "resetUnderWay": _("Your methods are being reset by a link. Use that, or stop the reset on your own page."),
    "resetUnfinished": _("Set up your new sign-in methods first."),
    "resetFreshProof": _("Whoever works at the help-desk proves two factors every few minutes."),
    "resetAsked": _("The reset of {name} is asked for. Somebody else has to approve it."),
    "resetApproved": _("The reset of {name} is approved."),
    "resetCancelled": _("The reset is called off."),
}

# Command lines (`assay login`)
_COMMAND_LINES: Final = {
    "deviceCodeUnknown": _(
        "No command line waits with this code. Codes work once and for ten minutes: compare it letter by letter, or"
        " run assay login again."
    ),
    "commandLineFreshProof": _("Whoever lets a command line in proves two factors just before."),
}

# The own pages
_OWN: Final = {
    "sessionOver": _("This session has ended already."),
    "sessionThisOne": _("This is the session that you are using now. Sign out to end it."),
    "sessionsEnded": _("You are signed out everywhere else. Sessions ended: {count}."),
    "deviceUnknown": _("This device is not known any more."),
    "deviceForgotten": _("The device is forgotten."),
    "methodGone": _("You do not have this method any more."),
    "methodLast": _("Without this you could not sign in any more. Add another way to sign in first."),
    "methodKeysNeeded": _("This account needs {count} keys. Add another one first."),
}

# What the policies say
_POLICY: Final = {
    "notAssigned": _("You are not assigned to this app."),
    "blockedByPolicy": _("The policy “{name}” blocks this access."),
    "policyCannotBeEvaluated": _("The policy “{name}” cannot be evaluated at the moment, so access is refused."),
    "conditionCannotBeEvaluated": _("The condition “{condition}” cannot be evaluated, so access is refused."),
    "legacyClientCannotSatisfy": _("This kind of program cannot meet the policy “{name}”. Use a web browser."),
    "mfaRequired": _("A second proof that it is you is required by: {policies}."),
    "authenticationStrengthRequired": _("A stronger way to sign in is required by: {policies}."),
    "reauthenticationRequired": _("You signed in too long ago for: {policies}."),
    "compliantDeviceRequired": _("The policy “{name}” requires a device that the organisation has found in order."),
    "domainJoinedDeviceRequired": _("The policy “{name}” requires a device that is joined to the organisation."),
    "approvedApplicationRequired": _("The policy “{name}” requires an approved app instead of this program."),
    "compliantApplicationRequired": _("The policy “{name}” requires an app that the organisation protects."),
    "passwordChangeRequired": _("The policy “{name}” requires that you change your password first."),
    "riskRemediationRequired": _("The policy “{name}” requires that a risk to your account is remedied first."),
    "termsOfUseRequired": _("The policy “{name}” requires that you accept terms of use first."),
    "customAuthenticationFactorRequired": _("The policy “{name}” requires a further factor of another provider."),
    "sessionControlCannotBeEnforced": _("The policy “{name}” demands a protection that this server cannot give."),
    "noSuitableMethod": _("None of your sign-in methods meets what is required."),
    "signalsStale": _("What is needed to decide this cannot be read at the moment, so access is refused."),
    "otherAddress": _("The app sees that you come from {address}, which is not the address that this page sees."),
    "readOnly": _("You may read here, but not change anything."),
}

# What a person can do
_REMEDIES: Final = {
    "askForAssignment": _("Ask the owner of the app or your administrator to assign you to it."),
    "askHelpDesk": _("Ask your help-desk, and tell them the code below."),
    "registerPasskey": _("Add a passkey to your sign-in methods, and try again."),
    "useOneNetwork": _("Switch off VPNs and private relays for this site, or use another network, and try again."),
    "tryLater": _("Try again in a few minutes."),
    "useOtherNetwork": _("Try again from another network, such as one of your organisation."),
    "useBrowser": _("Use a web browser instead of this program."),
    "proveAgain": _("Sign in anew, with every method that you are asked for."),
    "registerMethod": _("Add a stronger sign-in method, such as a passkey, and try again."),
}

# Requests that no flow was asked about
_REQUESTS: Final = {
    "pageNotFound": _("There is nothing at this address."),
    "pageMethod": _("This address cannot be opened like this."),
    "pageTooLarge": _("What was sent is too large."),
    "pageMalformed": _("What was sent cannot be read. Go back and try again."),
    "pageForeignOrigin": _("This request came from another site, so nothing was done."),
    "pageWrongHost": _("This server is not responsible for this address."),
    "pagePeerUnknown": _("The gateway did not say where this request comes from."),
    "pageBusy": _("Too many people are signing in at this moment. Please try again in a few seconds."),
    "databaseGone": _("What is stored cannot be reached at this moment, so nothing is granted. Nothing was changed."),
    "notInAnOutage": _("What is stored cannot be reached at this moment, and a policy demands that it can."),
    "nodeClock": _("The clock of this server is wrong, so it grants nothing. Please try again in a moment."),
    "historyLost": _("What was stored was lost in part. You will have to sign in again in a moment."),
    "nodeReplaced": _("This server has been replaced by another one. Please try again in a moment."),
    "otherRelease": _("This server is of an earlier release than the others. Please try again in a moment."),
    "pageFailed": _("Something went wrong on our side. Nothing was changed that you did not see. Please try again."),
}

SENTENCES: Final = {
    **_SIGN_IN,
    **_GUESSING,
    **_PASSKEYS,
    **_METHODS,
    **_RESETS,
    **_COMMAND_LINES,
    **_OWN,
    **_POLICY,
    **_REMEDIES,
    **_REQUESTS,
}
UNKNOWN: Final = _("The reason is “{code}”. Your administrator can tell you more.")


class _Parameters(dict[str, str]):
    """The parameters of a sentence; one that is missing leaves a gap, because a page must never fail over it."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(reason: Reason, texts: NullTranslations) -> str:
    """The reason in words; a code without a sentence is named, so that the help-desk can look it up."""
    found = SENTENCES.get(reason.code)
    if found is None:
        return texts.gettext(UNKNOWN).format(code=reason.code)
    return texts.gettext(found).format_map(_Parameters(reason.parameters))
