"""The words of each notice, marked for the catalogues; `{name}` are parameters of the notice."""

from typing import Final

from assay.messages.notice import Notice
from assay.values import Value
from assay.values.text import _


class Wording(Value, frozen=True, kw_only=True):
    """What a notice says: its subject, what happened, and what to do about it."""

    subject: str
    happened: str
    advice: str = ""


_NOT_YOU: Final = _("If this was not you, tell your administrator at once, and look at your sign-in methods here:")
_SEE: Final = _("You can see your sign-in methods here:")

WORDING: Final[dict[Notice, Wording]] = {
    Notice.METHOD_ADDED: Wording(
        subject=_("A sign-in method was added to your account"),
        happened=_("A sign-in method was added to your account. It can be used to sign in as you from now on."),
        advice=_NOT_YOU,
    ),
    Notice.PASSWORD_CHANGED: Wording(
        subject=_("The password of your account was changed"),
        happened=_("The password of your account was changed. The one before does not work any more."),
        advice=_NOT_YOU,
    ),
    Notice.METHOD_REMOVED: Wording(
        subject=_("A sign-in method was removed from your account"),
        happened=_("A sign-in method was removed from your account. It cannot be used to sign in any more."),
        advice=_NOT_YOU,
    ),
    Notice.NEW_DEVICE: Wording(
        subject=_("Your account was used on a new device"),
        happened=_("Somebody signed in to your account with a browser that was not used for it before."),
        advice=_NOT_YOU,
    ),
    Notice.COMMAND_LINE: Wording(
        subject=_("A command line was let in with your account"),
        happened=_(
            "Somebody who was signed in as you confirmed a code, so that a command line can use the API in your name "
            "for up to 12 hours."
        ),
        advice=_NOT_YOU,
    ),
    Notice.RECOVERY_CODE_USED: Wording(
        subject=_("A recovery code of your account was used"),
        happened=_("One of your recovery codes was used to sign in. Each code works once."),
        advice=_NOT_YOU,
    ),
    Notice.RECOVERY_REQUESTED: Wording(
        subject=_("The recovery of your account was requested"),
        happened=_("Somebody asked for new sign-in methods for your account. Nothing has changed yet."),
        advice=_NOT_YOU,
    ),
    Notice.RECOVERY_APPROVED: Wording(
        subject=_("The recovery of your account was approved"),
        happened=_("A second person agreed to new sign-in methods for your account. Nothing has changed yet."),
        advice=_NOT_YOU,
    ),
    Notice.RECOVERY_LINK_USED: Wording(
        subject=_("A recovery link of your account was used"),
        happened=_("Somebody opened the one-time link with which new sign-in methods can be registered for you."),
        advice=_NOT_YOU,
    ),
    Notice.RECOVERY_COMPLETED: Wording(
        subject=_("Your account was recovered"),
        happened=_("New sign-in methods were registered for your account by a recovery."),
        advice=_NOT_YOU,
    ),
    Notice.ACCOUNT_DISABLED: Wording(
        subject=_("Your account was disabled"),
        happened=_("An administrator disabled your account. Every session has ended, and you cannot sign in."),
        advice=_("Ask your administrator if you do not know why. The sign-in page is here:"),
    ),
    Notice.ACCOUNT_ENABLED: Wording(
        subject=_("Your account was enabled"),
        happened=_("An administrator enabled your account again. You can sign in."),
        advice=_SEE,
    ),
    Notice.EMAIL_CHANGED: Wording(
        subject=_("The mail address of your account was changed"),
        happened=_(
            "Your account has another mail address now, or none. What happens to the account is not told to this "
            "address any more."
        ),
        advice=_NOT_YOU,
    ),
    Notice.SESSION_REPORTED: Wording(
        subject=_("You ended a session of your account that was not yours"),
        happened=_(
            "From your own pages a session was reported as not yours. It has ended, with everything that it had open."
        ),
        advice=_(
            "Change your password and remove sign-in methods that you do not know. If you did not report this, tell "
            "your administrator at once. Your own pages are here:"
        ),
    ),
    Notice.SIGN_IN_THROTTLED: Wording(
        subject=_("Many failed attempts to sign in as you"),
        happened=_("There were many failed attempts to sign in to your account, so further ones are slowed down."),
        advice=_("If this was not you, nothing else is known about your password. You can see your methods here:"),
    ),
    Notice.BREAK_GLASS_USED: Wording(
        subject=_("ALARM: the emergency access account {account} was used"),
        happened=_(
            "The emergency access account {account} signed in. This is only right in an emergency that you know of, "
            "or in a drill. Its use must be reviewed and its credentials changed."
        ),
        advice=_("If you know of no emergency, end its sessions now and call the other administrators. Sign in here:"),
    ),
    Notice.POLICY_WENT_BACK: Wording(
        subject=_("A policy went back, because nobody confirmed its change"),
        happened=_(
            "A step in the rollout of a policy was not confirmed in time. What stood before it is in force again."
        ),
        advice=_(
            "Look at what the step did before you take it again: assay policy versions NAME, assay policy roll-out "
            "list. The sign-in page is here:"
        ),
    ),
    Notice.TEST: Wording(
        subject=_("A test message"),
        happened=_("An administrator sent this message to see whether messages arrive. There is nothing to do."),
        advice=_("The sign-in page is here:"),
    ),
}

# Parameters that are shown below the words, in this order, where a notice has them.
DETAILS: Final[dict[str, str]] = {
    "method": _("Method"),
    "name": _("Name"),
    "device": _("Device"),
    "browser": _("Browser"),
    "platform": _("Platform"),
    "app": _("App"),
    "address": _("Address"),
    "by": _("By"),
    "purpose": _("Purpose"),
}

METHODS: Final[dict[str, str]] = {
    "password": _("Password"),
    "softwareOath": _("Authenticator app"),
    "hardwareOath": _("Authenticator token"),
    "totp": _("Authenticator app"),
    "fido2": _("Passkey"),
    "passkey": _("Passkey"),
    "recoveryCode": _("Recovery codes"),
    "recoveryCodes": _("Recovery codes"),
}
