"""From a decision to what the person is asked next: only what they hold, and only what would help."""

from collections.abc import Collection
from datetime import datetime

from assay.access.standing import UNAVAILABLE
from assay.access.steps import AskAgain, AskSecondFactor, Refused
from assay.identities.users import User
from assay.policy import Control, Decision, Method, Unmet
from assay.values import Reason

SUPPORTED = frozenset({Method.PASSWORD, Method.SOFTWARE_OATH, Method.FIDO2, Method.RECOVERY_CODE})


def next_step(
    decision: Decision,
    *,
    elsewhere: tuple[Reason, ...] = (),
    held: Collection[Method],
    user: User,
    app_name: str,
    short_code: str,
    at: datetime,
) -> AskSecondFactor | AskAgain | Refused:
    """The next step for a decision that did not allow; a control nobody can meet with what they hold is a refusal."""
    why = (*decision.reasons, *elsewhere)
    if not decision.unmet:
        return refused(why, user=user, app_name=app_name, short_code=short_code, at=at)
    demand = decision.unmet[0]
    wanted = next_methods(demand, held)
    if not wanted:
        reasons = (*why, Reason.of("noSuitableMethod"))
        return refused(reasons, user=user, app_name=app_name, short_code=short_code, at=at, remedies=(_remedy(demand),))
    if Method.PASSWORD in wanted or is_repetition(demand):
        return AskAgain(
            app_name=app_name,
            user_name=user.user_name,
            password=Method.PASSWORD in wanted,
            passkey=Method.FIDO2 in wanted,
            reasons=why,
        )
    return AskSecondFactor(
        app_name=app_name,
        totp=Method.SOFTWARE_OATH in wanted,
        passkey=Method.FIDO2 in wanted,
        recovery_code=Method.RECOVERY_CODE in wanted,
        reasons=why,
    )


def refused(
    reasons: tuple[Reason, ...],
    *,
    user: User,
    app_name: str,
    short_code: str,
    at: datetime,
    remedies: tuple[Reason, ...] = (),
) -> Refused:
    """A refusal, with what the person can do about it."""
    return Refused(
        app_name=app_name,
        reasons=reasons,
        remedies=remedies or tuple(dict.fromkeys(_remedy_of(reason) for reason in reasons)),
        short_code=short_code,
        at=at,
        user_name=user.user_name,
    )


def next_methods(demand: Unmet, held: Collection[Method]) -> frozenset[Method]:
    """The first method still missing in each combination that this person can complete."""
    usable = SUPPORTED & frozenset(held)
    return frozenset(option.missing[0] for option in demand.options if option.missing and usable >= set(option.missing))


def is_repetition(demand: Unmet) -> bool:
    """Whether the person proved this before and is asked again only because it grew old."""
    return all(alternative.control is Control.SIGN_IN_FREQUENCY for alternative in demand.alternatives)


def _remedy(demand: Unmet) -> Reason:
    wanted = {method for option in demand.options for method in option.missing}
    return Reason.of("registerPasskey" if wanted <= {Method.FIDO2, *(set(Method) - SUPPORTED)} else "registerMethod")


def _remedy_of(reason: Reason) -> Reason:
    return REMEDIES.get(reason.code, Reason.of("askHelpDesk"))


REMEDIES = {
    "notAssigned": Reason.of("askForAssignment"),
    "userDisabled": Reason.of("askHelpDesk"),
    **{code: Reason.of("tryLater") for code in UNAVAILABLE},
    "otherAddress": Reason.of("useOneNetwork"),
}
